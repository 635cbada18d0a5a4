/** Bargains: over HTTP, with the workers' own jobs, on real Postgres. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { CampaignReport } from '@zhanggui/shared/campaigns/report.ts';
import type { Problem } from '@zhanggui/shared/contract/errors.ts';
import { createLog } from '@zhanggui/shared/platform/log.ts';
import { checksOf } from '@zhanggui/server/src/cli/verify/checks.ts';
import expireGroups from '@zhanggui/workers/src/jobs/expire-groups.ts';
import foldGroups from '@zhanggui/workers/src/jobs/fold-groups.ts';
import { brokenRules, event } from '../support/books.ts';
import type { Bargain } from '../support/groups.ts';
import {
  call,
  machine,
  person,
  startServer,
  type Credentials,
  type TestServer,
} from '../support/running-server.ts';

const HOUR = 3_600_000;
let server: TestServer;
let other: TestServer;
let shop: Credentials;
let admin: Credentials;
let count = 0;

beforeAll(async () => {
  server = await startServer();
  other = await server.another();
  shop = await machine(server.sql, 'command', 'read');
  admin = await person(server.sql, 'admin');
  await call(server, 'PUT', '/api/v1/catalog/locations', {
    as: admin,
    body: { rows: [{ code: 'W01', nameZh: '线上仓', kind: 'online_warehouse' }] },
  });
  return () => other.close();
});

const post = <T = Bargain>(path: string, body?: unknown, on = server, key?: string) =>
  call<T & Problem>(on, 'POST', `/api/v1${path}`, {
    as: shop,
    ...(body !== undefined && { body }),
    headers: key ? { 'idempotency-key': key } : {},
  });
const get = async <T = Bargain>(path: string): Promise<T> =>
  (await call<T>(server, 'GET', `/api/v1${path}`, { as: shop })).body;
const member = () => `b${(count += 1)}`;

async function campaign(template: object = {}, limits: object = {}): Promise<string> {
  const { status, body } = await post<{ id: string }>('/campaigns', {
    kind: 'bargain',
    name: `砍价${(count += 1)}`,
    template: {
      title: '砍一刀',
      goods: [{ sku: 'A' }],
      startPrice: 10_000,
      floorPrice: 1_990,
      helpers: 8,
      hours: 24,
      ...template,
    },
    limits: { budget: 100_000, ...limits },
  });
  expect(status, JSON.stringify(body)).toBe(201);
  // Nobody knows what its goods are worth, so somebody else approves it.
  expect((await call(server, 'POST', `/api/v1/campaigns/${body.id}/approve`, { as: admin })).status).toBe(
    200,
  );
  expect((await post(`/campaigns/${body.id}/launch`)).status).toBe(200);
  return body.id;
}
async function opened(campaignId: string, memberId = member()): Promise<Bargain> {
  const { status, body } = await post('/bargains', { campaignId, memberId });
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
}
const helps = (id: string, memberId = member(), on = server) =>
  post(`/bargains/${id}/helps`, { memberId }, on);
const context = (hours = 0) => {
  const { sql, hints, settings } = server.server.parts;
  const now = new Date(Date.now() + hours * HOUR);
  return {
    sql,
    hints,
    settings,
    log: createLog('test', 'silent'),
    queues: { add: () => Promise.resolve() },
    now,
  };
};
const tally = (list: { status: number; body: Problem }[]) => {
  const seen: Record<string, number> = {};
  for (const { status, body } of list) {
    const name = status < 300 ? 'done' : body.code;
    seen[name] = (seen[name] ?? 0) + 1;
  }
  return seen;
};

async function verified(): Promise<void> {
  for (const check of checksOf({ ledgerIsWhole: true }).filter(({ promise }) => promise === 5)) {
    const found = await server.sql.begin((tx) => check.run(tx, { timeZone: 'Asia/Shanghai', limit: 5 }));
    expect([check.name, found]).toEqual([check.name, { total: 0, first: [] }]);
  }
  expect(await brokenRules(server.sql)).toMatchObject({ reserved: [] });
}

describe('a bargain', () => {
  it('is at its floor with the last helper exactly, however many help at once', async () => {
    const { id } = await opened(await campaign());
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => helps(id, member(), i % 2 ? other : server)),
    );
    expect(tally(answers)).toEqual({ done: 8, at_floor: 12 });
    const after = await get(`/bargains/${id}`);
    expect(after).toMatchObject({ state: 'open', price: 1_990, helps: 8, cut: 8_010 });
    expect(Math.min(...after.help.map(({ cut }) => cut))).toBeGreaterThanOrEqual(1);
    await verified();
  });

  it('is helped by each member once, and not by whose it is', async () => {
    const owner = member();
    const { id } = await opened(await campaign(), owner);
    const friend = member();
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) => helps(id, friend, i % 2 ? other : server)),
    );
    expect(tally(answers)).toEqual({ done: 1, already_helped: 5 });
    expect((await helps(id, owner)).body.code).toBe('not_eligible');
    const again = await Promise.all(
      [1, 2].map(() => post(`/bargains/${id}/helps`, { memberId: `${friend}x` }, server, 'help-1')),
    );
    expect(again[1]!.body).toEqual(again[0]!.body);
    expect(await get(`/bargains/${id}`)).toMatchObject({ helps: 2, price: 10_000 - again[0]!.body.cut });
  });

  it('is bought once at the price it has, and its budget is what was really taken off', async () => {
    const id = await campaign();
    const one = await opened(id);
    await helps(one.id);
    const { price } = await get(`/bargains/${one.id}`);
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        post(`/bargains/${one.id}/buy`, { orderId: `bo-${i % 2}` }, i % 2 ? other : server),
      ),
    );
    const won = answers.find(({ status }) => status === 200)!.body;
    expect(won).toMatchObject({ state: 'bought', boughtPrice: price });
    // The same order asks again and is answered; the other one is too late.
    expect(tally(answers)).toEqual({ done: 3, bargain_over: 3 });
    expect((await helps(one.id)).body.code).toBe('bargain_over');
    expect(await get(`/campaigns/${id}`)).toMatchObject({
      issued: 1,
      redeemed: 1,
      spent: 10_000 - price!,
      reserved: 0,
    });
    await verified();
  });

  it('holds its pieces when it is bought, until its order takes them', async () => {
    const { committer } = server.server.parts;
    await committer.submit([
      event('in B', 'stock.received', Date.now(), {
        location: 'W01',
        ref: 'r',
        lines: [{ sku: 'B', qty: 1 }],
      }),
    ]);
    const id = await campaign(
      { location: 'W01', goods: [{ sku: 'B' }], buyAnytime: false, helpers: 1 },
      { perMember: 2 },
    );
    const [one, two] = [await opened(id), await opened(id)];
    expect((await post(`/bargains/${one.id}/buy`)).body.code).toBe('not_at_floor');
    await Promise.all([helps(one.id), helps(two.id)]);
    const answers = await Promise.all(
      [one, two].map((each, i) => post(`/bargains/${each.id}/buy`, undefined, i ? other : server)),
    );
    expect(tally(answers)).toEqual({ done: 1, insufficient_stock: 1 });
    const bought = answers.find(({ status }) => status === 200)!.body;
    await verified();
    await committer.submit([
      event('placed bb', 'order.placed', Date.now(), {
        orderId: 'bb', channel: 'miniapp', bargainId: bought.id, lines: [{ sku: 'B', qty: 1, unitPrice: 1_990 }], total: 1_990,
        fulfilment: { method: 'ship', location: 'W01' },
      }),
    ]); // prettier-ignore
    await foldGroups.run(context(), {});
    expect(await get(`/bargains/${bought.id}`)).toMatchObject({ orderId: 'bb' });
    const [{ reserved }] = await server.sql<
      [{ reserved: number }]
    >`select reserved from stock join sku on no = sku_no where code = 'B'`;
    expect(reserved).toBe(1);
    await verified();
  });

  it('ends when its time is up, gives its budget back, and is for whom its campaign is for', async () => {
    const id = await campaign({}, { budget: 16_000, perMember: 1 });
    const owner = member();
    const { id: bargainId } = await opened(id, owner);
    expect((await post('/bargains', { campaignId: id, memberId: owner })).body.code).toBe('limit_reached');
    expect((await post('/bargains', { campaignId: id, memberId: member() })).body.code).toBe('sold_out');
    await Promise.all([expireGroups.run(context(24.1), {}), expireGroups.run(context(24.1), {})]);
    expect(await get(`/bargains/${bargainId}`)).toMatchObject({ state: 'expired', price: 10_000 });
    expect((await post(`/bargains/${bargainId}/buy`)).body.code).toBe('bargain_over');
    expect((await helps(bargainId)).body.code).toBe('bargain_over');
    expect(await get(`/campaigns/${id}`)).toMatchObject({ issued: 0, reserved: 0 });
    expect((await post('/bargains', { campaignId: id, memberId: owner })).status).toBe(201);
    await verified();
  });

  it('is in the report of its campaign with what was taken off and what is left', async () => {
    const id = await campaign({ helpers: 1, goods: [{ sku: 'R' }] });
    const [bought, left] = [await opened(id), await opened(id)];
    await helps(bought.id);
    expect((await post(`/bargains/${bought.id}/buy`, { orderId: 'rb' })).status).toBe(200);
    await server.server.parts.committer.submit([
      event('placed rb', 'order.placed', Date.now(), {
        orderId: 'rb', channel: 'miniapp', bargainId: bought.id, lines: [{ sku: 'R', qty: 1, unitPrice: 1_990 }], total: 1_990,
        fulfilment: { method: 'ship', location: 'W01' },
      }),
    ]); // prettier-ignore
    await server.sql`update sku set cost = 700 where code = 'R'`;
    await expireGroups.run(context(24.1), {});
    const report = () => get<CampaignReport>(`/campaigns/${id}/report`);
    // Nobody paid yet.
    expect(await report()).toMatchObject({
      reach: { taken: 1, used: 1 },
      group: null,
      bargain: { opened: 2, bought: 1, expired: 1, helps: 1 },
      sales: { orders: 0, net: 0, discount: 8_010, margin: 0 },
    });
    expect(await get(`/bargains/${left.id}`)).toMatchObject({ state: 'expired' });
    await server.server.parts.committer.submit([
      event('paid rb', 'order.paid', Date.now(), { orderId: 'rb' }),
    ]);
    await server.sql`update campaign_report set made_at = made_at - interval '1 hour'`;
    expect(await report()).toMatchObject({
      sales: { orders: 1, net: 1_990, refunded: 0, discount: 8_010, cost: 700, margin: 1_290 },
    });
  });

  it('of a shop that runs its own is told by facts, in any order, and what differs is shown', async () => {
    const id = await campaign({ startPrice: 100, floorPrice: 60, helpers: 2 });
    const at = Date.now() - HOUR;
    const fact = (
      name: string,
      type: string,
      bargainId: string,
      memberId: string,
      later: number,
      cut?: number,
    ) =>
      event(
        name,
        `bargain.${type}`,
        at + later,
        { campaignId: id, bargainId, memberId, ...(cut !== undefined && { cut }) },
        'shop',
      );
    const facts = (ref: string) => [
      fact(`${ref}1`, 'opened', ref, 'xa', 0),
      fact(`${ref}2`, 'helped', ref, 'xb', 1_000, 30),
      fact(`${ref}3`, 'helped', ref, 'xb', 2_000, 5),
      fact(`${ref}4`, 'helped', ref, 'xc', 3_000, 20),
    ];
    const { committer } = server.server.parts;
    await committer.submit([
      event('placed xo', 'order.placed', Date.now(), {
        orderId: 'xo', channel: 'miniapp', bargainId: 'TB2', lines: [{ sku: 'A', qty: 1, unitPrice: 50 }], total: 50,
        fulfilment: { method: 'ship', location: 'W01' },
      }),
    ]); // prettier-ignore
    await foldGroups.run(context(), {});
    for (const one of facts('TB1')) {
      await committer.submit([one]);
      await foldGroups.run(context(), {});
    }
    await committer.submit([...facts('TB2').reverse(), ...facts('TB2')]);
    await foldGroups.run(context(), {});
    const [first, second] = [await get('/bargains/TB1'), await get('/bargains/TB2')];
    expect(first).toMatchObject({
      source: 'theirs',
      state: 'open',
      helps: 2,
      cut: 50,
      price: 50,
      flags: ['below_floor', 'helped_twice'],
    });
    expect(second.help).toEqual(first.help);
    // Its order came before anything else was told of it.
    expect(second).toMatchObject({ state: 'bought', boughtPrice: 50, orderId: 'xo', flags: first.flags });
    expect((await helps('TB1')).body.code).toBe('conflict');
  });
});
