import { beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '@zhanggui/shared/contract/words.ts';
import { allRoutes } from '@zhanggui/server/src/routes/all.ts';
import { until } from '../support/company.ts';
import {
  call,
  machine,
  person,
  startServer,
  wall,
  type Credentials,
  type TestServer,
} from '../support/running-server.ts';

const callers = [
  'anonymous',
  'viewer',
  'manager',
  'marketer',
  'admin',
  'key:ingest',
  'key:read',
  'key:command',
  'wall',
] as const;
type Caller = (typeof callers)[number];

const people: Caller[] = ['viewer', 'manager', 'marketer', 'admin'];
const readers: Caller[] = [...people, 'key:read'];

/**
 * Who may call what, written down a second time on purpose: a slip in the permission table must meet somebody who says
 * otherwise. A route that is missing here fails the test, so that a new route's access is a decision.
 */
const expected: Record<string, readonly Caller[]> = {
  'get /healthz': callers,
  'get /readyz': callers,
  'get /metrics': ['admin', 'key:read'],
  'get /api/v1/company': [...people, 'key:ingest', 'key:read', 'key:command', 'wall'],

  'post /api/v1/session': callers,
  'post /api/v1/session/link': callers,
  'get /api/v1/session': people,
  'delete /api/v1/session': people,
  'put /api/v1/session/password': people,

  'get /api/v1/users': ['admin'],
  'post /api/v1/users': ['admin'],
  'patch /api/v1/users/:id': ['admin'],
  'post /api/v1/users/:id/link': ['admin'],
  'get /api/v1/keys': ['admin'],
  'post /api/v1/keys': ['admin'],
  'delete /api/v1/keys/:id': ['admin'],
  'post /api/v1/wall-pairings': callers,
  'get /api/v1/wall-pairings/:id': callers,
  'get /api/v1/walls': ['admin'],
  'post /api/v1/walls': ['admin'],
  'get /api/v1/walls/:id': ['admin'],
  'patch /api/v1/walls/:id': ['admin'],
  'delete /api/v1/walls/:id': ['admin'],
  'get /api/v1/audit': ['admin'],

  'post /api/v1/events': ['key:ingest'],
  'get /api/v1/sources': readers,
  'get /api/v1/events/rejected': ['admin', 'key:command'],
  'post /api/v1/events/rejected/:no/replay': ['admin', 'key:command'],
  'post /api/v1/events/rejected/:no/discard': ['admin', 'key:command'],

  ...Object.fromEntries(
    ['skus', 'locations', 'suppliers', 'regions', 'categories'].flatMap((book) => [
      [`put /api/v1/catalog/${book}`, ['admin', 'key:command']],
      [`get /api/v1/catalog/${book}`, readers],
      [`get /api/v1/catalog/${book}/:code`, readers],
    ]),
  ),

  'put /api/v1/members': ['admin', 'key:command'],
  'get /api/v1/members': ['manager', 'marketer', 'admin', 'key:read', 'key:command'],
  'get /api/v1/members/export': ['admin'],
  'get /api/v1/members/:id': ['manager', 'marketer', 'admin', 'key:read', 'key:command'],
  'put /api/v1/members/:id/tags': ['manager', 'marketer', 'admin', 'key:command'],
  'put /api/v1/members/:id/consents': ['manager', 'marketer', 'admin', 'key:command'],
  'post /api/v1/members/:id/forget': ['admin', 'key:command'],
  'get /api/v1/members/:id/points': ['manager', 'marketer', 'admin', 'key:read', 'key:command'],
  'post /api/v1/members/:id/points/spend': ['manager', 'admin', 'key:command'],
  'post /api/v1/members/:id/points/give': ['admin', 'key:command'],
  'get /api/v1/point-rates': ['manager', 'marketer', 'admin', 'key:read', 'key:command'],
  'post /api/v1/point-rates': ['admin', 'key:command'],
  'post /api/v1/segments/count': ['marketer', 'admin', 'key:read', 'key:command'],
  'get /api/v1/segments': ['marketer', 'admin', 'key:read', 'key:command'],
  'post /api/v1/segments': ['marketer', 'admin', 'key:command'],
  'get /api/v1/segments/values': ['marketer', 'admin', 'key:read', 'key:command'],
  'get /api/v1/segments/:id': ['marketer', 'admin', 'key:read', 'key:command'],
  'put /api/v1/segments/:id': ['marketer', 'admin', 'key:command'],
  'delete /api/v1/segments/:id': ['marketer', 'admin', 'key:command'],
  'get /api/v1/tag-rules': ['manager', 'marketer', 'admin', 'key:read', 'key:command'],
  'put /api/v1/tag-rules/:tag': ['marketer', 'admin', 'key:command'],
  'delete /api/v1/tag-rules/:tag': ['marketer', 'admin', 'key:command'],

  'get /api/v1/sales/summary': readers,
  'get /api/v1/sales/compare': readers,
  'get /api/v1/promotions': [...readers, 'key:command'],
  'put /api/v1/promotions': ['marketer', 'admin', 'key:command'],
  'delete /api/v1/promotions/:id': ['marketer', 'admin', 'key:command'],
  'get /api/v1/targets': readers,
  'put /api/v1/targets': ['admin', 'key:command'],
  'get /api/v1/live/sessions': ['viewer', 'marketer', 'admin', 'key:read'],
  'get /api/v1/live/sessions/:id': ['viewer', 'marketer', 'admin', 'key:read'],
  'post /api/v1/live/sessions': ['marketer', 'admin', 'key:command'],
  'put /api/v1/live/sessions/:id/plan': ['marketer', 'admin', 'key:command'],
  'post /api/v1/live/sessions/:id/requests': ['marketer', 'admin', 'key:command'],
  'post /api/v1/live/sessions/:id/requests/:request/seen': ['marketer', 'admin', 'key:command'],
  'get /api/v1/live/sessions/:id/moves': ['viewer', 'marketer', 'admin', 'key:read'],
  'post /api/v1/live/sessions/:id/moves': ['marketer', 'admin', 'key:command'],
  'get /api/v1/stock': readers,
  'get /api/v1/stock/:sku': readers,
  'get /api/v1/stock/:sku/movements': readers,
  'get /api/v1/alerts': [...readers, 'key:command'],
  'get /api/v1/alerts/summary': [...readers, 'key:command'],
  'get /api/v1/alerts/:id': [...readers, 'key:command'],
  'get /api/v1/alerts/:id/answerers': ['manager', 'admin', 'key:command'],
  ...Object.fromEntries(
    ['acknowledge', 'unacknowledge', 'snooze', 'assign', 'resolve'].map((verb) => [
      `post /api/v1/alerts/:id/${verb}`,
      ['manager', 'admin', 'key:command'],
    ]),
  ),
  'get /api/v1/alert-silences': ['admin', 'key:command'],
  'post /api/v1/alert-silences': ['admin', 'key:command'],
  'delete /api/v1/alert-silences/:id': ['admin', 'key:command'],
  'get /api/v1/availability': [...readers, 'key:command'],
  'get /api/v1/stock-buffers': [...readers, 'key:command'],
  'put /api/v1/stock-buffers': ['manager', 'admin', 'key:command'],
  'get /api/v1/reservations': [...readers, 'key:command'],
  'post /api/v1/reservations': ['manager', 'admin', 'key:command'],
  'get /api/v1/reservations/:id': [...readers, 'key:command'],
  ...Object.fromEntries(
    ['extend', 'release', 'fulfil'].map((verb) => [
      `post /api/v1/reservations/:id/${verb}`,
      ['manager', 'admin', 'key:command'],
    ]),
  ),
  'post /api/v1/lookups': ['manager', 'admin', 'key:command'],
  'get /api/v1/lookups/summary': [...readers, 'key:command'],
  'get /api/v1/delivery-endpoints': ['admin'],
  'post /api/v1/delivery-endpoints': ['admin'],
  'patch /api/v1/delivery-endpoints/:id': ['admin'],
  'delete /api/v1/delivery-endpoints/:id': ['admin'],
  'post /api/v1/delivery-endpoints/:id/test': ['admin'],
  'get /api/v1/deliveries': ['admin'],
  'post /api/v1/deliveries/:id/retry': ['admin'],
  'get /api/v1/plans': [...readers, 'key:command'],
  'post /api/v1/plans': ['admin', 'key:command'],
  'get /api/v1/policies': [...readers, 'key:command'],
  'put /api/v1/policies': ['manager', 'admin', 'key:command'],
  'get /api/v1/forecasts/:sku': readers,
  'get /api/v1/counts': [...readers, 'key:command'],
  'get /api/v1/counts/:id': [...readers, 'key:command'],
  'post /api/v1/counts': ['manager', 'admin', 'key:command'],
  'post /api/v1/counts/:id/book': ['manager', 'admin', 'key:command'],
  'post /api/v1/counts/:id/discard': ['manager', 'admin', 'key:command'],
  'get /api/v1/slow-movers': [...readers, 'key:command'],
  'get /api/v1/slow-movers/summary': [...readers, 'key:command'],
  'post /api/v1/slow-movers/accept': ['manager', 'admin', 'key:command'],
  'get /api/v1/proposals': [...readers, 'key:command'],
  ...Object.fromEntries(
    [':id/approve', ':id/reject', ':id/reopen', 'approve', 'reject'].map((what) => [
      `post /api/v1/proposals/${what}`,
      ['manager', 'admin', 'key:command'],
    ]),
  ),
  'get /api/v1/approval-rules': [...readers, 'key:command'],
  'get /api/v1/proposals/:id/sources': [...readers, 'key:command'],
  'put /api/v1/approval-rules': ['admin', 'key:command'],
  'get /api/v1/restock/summary': [...readers, 'key:command'],
  'get /api/v1/supply-orders': [...readers, 'key:command'],
  'get /api/v1/supply-orders/:code.csv': [...readers, 'key:command'],
  'get /api/v1/supply-orders/:code': [...readers, 'key:command'],
  'post /api/v1/supply-orders': ['manager', 'admin', 'key:command'],
  ...Object.fromEntries(
    ['send', 'ship', 'receive', 'cancel'].map((what) => [
      `post /api/v1/supply-orders/:code/${what}`,
      ['manager', 'admin', 'key:command'],
    ]),
  ),
  'get /api/v1/groups': [...readers, 'key:command'],
  'get /api/v1/groups/:id': [...readers, 'key:command'],
  'post /api/v1/groups': ['marketer', 'admin', 'key:command'],
  'post /api/v1/groups/:id/joins': ['marketer', 'admin', 'key:command'],
  'post /api/v1/groups/:id/leaves': ['marketer', 'admin', 'key:command'],
  'get /api/v1/refund-requests': [...readers, 'key:command'],
  'post /api/v1/refund-requests/:id/confirm': ['marketer', 'admin', 'key:command'],
  'get /api/v1/bargains': [...readers, 'key:command'],
  'get /api/v1/bargains/:id': [...readers, 'key:command'],
  'post /api/v1/bargains': ['marketer', 'admin', 'key:command'],
  'post /api/v1/bargains/:id/helps': ['marketer', 'admin', 'key:command'],
  'post /api/v1/bargains/:id/buy': ['marketer', 'admin', 'key:command'],
  'get /api/v1/campaigns': [...readers, 'key:command'],
  'post /api/v1/campaigns': ['marketer', 'admin', 'key:command'],
  'post /api/v1/campaigns/preview': ['marketer', 'admin', 'key:command'],
  'get /api/v1/campaigns/:id': [...readers, 'key:command'],
  'put /api/v1/campaigns/:id': ['marketer', 'admin', 'key:command'],
  ...Object.fromEntries(
    ['approve', 'launch', 'pause', 'resume', 'finish', 'cancel', 'claims', 'retry', 'messages/retry'].map(
      (what) => [`post /api/v1/campaigns/:id/${what}`, ['marketer', 'admin', 'key:command']],
    ),
  ),
  'get /api/v1/campaigns/:id/audience': ['marketer', 'admin', 'key:command'],
  'get /api/v1/campaigns/:id/minutes': [...readers, 'key:command'],
  'get /api/v1/campaigns/:id/preflight': [...readers, 'key:command'],
  'get /api/v1/campaigns/:id/report': [...readers, 'key:command'],
  'get /api/v1/campaign-reports': [...readers, 'key:command'],
  'get /api/v1/campaigns/:id/key': ['admin', 'key:command'],
  'put /api/v1/past-campaigns': ['marketer', 'admin', 'key:command'],
  'get /api/v1/past-campaigns': [...readers, 'key:command'],
  'get /api/v1/past-campaigns/:id/coupons': [...readers, 'key:command'],
  'get /api/v1/past-campaigns/:id/coupons/:code/skus': [...readers, 'key:command'],
  'get /api/v1/campaign-rules': [...readers, 'key:command'],
  'put /api/v1/campaign-rules': ['admin'],
  'get /api/v1/automations': [...readers, 'key:command'],
  'post /api/v1/automations': ['marketer', 'admin', 'key:command'],
  'get /api/v1/automations/:id': [...readers, 'key:command'],
  'put /api/v1/automations/:id': ['marketer', 'admin', 'key:command'],
  'delete /api/v1/automations/:id': ['marketer', 'admin', 'key:command'],
  'post /api/v1/automations/:id/on': ['marketer', 'admin', 'key:command'],
  'post /api/v1/automations/:id/off': ['marketer', 'admin', 'key:command'],
  'get /api/v1/automations/:id/report': [...readers, 'key:command'],
  'get /api/v1/automation-rules': [...readers, 'key:command'],
  'put /api/v1/automation-rules': ['admin'],
  'post /api/v1/coupons/quote': ['marketer', 'admin', 'key:command'],
  'get /api/v1/coupons': ['marketer', 'admin', 'key:command'],
  'get /api/v1/coupons/conflicts': [...readers, 'key:command'],
  'get /api/v1/coupons/:code': ['marketer', 'admin', 'key:command'],
  'post /api/v1/coupons/:code/redeem': ['marketer', 'admin', 'key:command'],
  'get /api/v1/board/:topic': [...readers, 'wall'],
};

describe('every route, with everyone', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
    // One that has just begun says 503 of itself.
    await until(async () => (await fetch(`${server.url}/readyz`)).ok || undefined, 20_000);
  });
  /** Somebody new each time: a call may sign out, disable or revoke whoever made it. */
  async function newCaller(caller: Caller): Promise<Credentials> {
    switch (caller) {
      case 'anonymous':
        return {};
      case 'key:ingest':
        return machine(server.sql, 'ingest');
      case 'key:read':
        return machine(server.sql, 'read');
      case 'key:command':
        return machine(server.sql, 'command');
      case 'wall':
        return wall(server.sql);
      default:
        return person(server.sql, caller satisfies Role);
    }
  }

  it('has an expectation, and each expectation a route', () => {
    const names = allRoutes(server.server.parts).map(({ method, path }) => `${method} ${path}`);
    expect(names.sort()).toEqual(Object.keys(expected).sort());
  });

  it.for(Object.entries(expected))('%s', async ([name, allowed]) => {
    const [method = '', pattern = ''] = name.split(' ');
    const path = pattern
      .replace(':id', '00000000-0000-7000-8000-000000000000')
      .replace(':no', '999999999')
      .replace(/:\w+/, 'nothing');
    for (const caller of callers) {
      const body = ['post', 'put', 'patch'].includes(method) ? {} : undefined;
      const answer = await call(server, method.toUpperCase(), path, { as: await newCaller(caller), body });
      const refused = answer.body?.code === 'unauthenticated' || answer.body?.code === 'forbidden';
      expect({ caller, refused, status: answer.status }).toEqual({
        caller,
        refused: !allowed.includes(caller),
        status: allowed.includes(caller)
          ? expect.not.toBeOneOf([401, 403])
          : caller === 'anonymous'
            ? 401
            : 403,
      });
      expect(answer.status).toBeLessThan(500);
    }
  });
});
