/** A company that runs group-buys and bargains: who calls, campaigns that run, a shop that is told, and the workers' own jobs. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Problem } from '@zhanggui/shared/contract/errors.ts';
import type { JobName, JobPayload } from '@zhanggui/shared/contract/jobs.ts';
import { createLog } from '@zhanggui/shared/platform/log.ts';
import { checksOf } from '@zhanggui/server/src/cli/verify/checks.ts';
import type { Handler } from '@zhanggui/workers/src/job.ts';
import sendDelivery from '@zhanggui/workers/src/jobs/send-delivery.ts';
import { brokenRules, event, TIME_ZONE } from './books.ts';
import { call, machine, person, startServer, type Credentials, type TestServer } from './running-server.ts';

export type Group = {
  id: string;
  state: string;
  because: string | null;
  size: number;
  members: number;
  virtual: number;
  leader: string | null;
  bonus: number;
  flags: string[];
  source: string;
  seats: {
    memberId: string;
    orderId: string | null;
    leftAt: string | null;
    refund: { amount: number } | null;
  }[];
};
export type Bargain = {
  id: string;
  state: string;
  price: number | null;
  helps: number;
  cut: number;
  lastCut: number;
  boughtPrice: number | null;
  orderId: string | null;
  flags: string[];
  source: string;
  help: { nth: number; memberId: string; cut: number }[];
};
export type Refund = {
  id: string;
  state: string;
  orderId: string;
  amount: number;
  reason: string;
  confirmedBy: string | null;
  reminders: number;
};
/** What a webhook was told. */
export type Told<Data> = { to: string; id: string; type: string; data: Data };

const HOUR = 3_600_000;
const kinds = {
  group: { title: '三人团', goods: [{ sku: 'A' }], price: 990, size: 3, hours: 24 },
  bargain: {
    title: '砍一刀',
    goods: [{ sku: 'A' }],
    startPrice: 10_000,
    floorPrice: 1_990,
    helpers: 8,
    hours: 24,
  },
};
const limits = { group: { perMember: 15 }, bargain: { budget: 100_000 } };

/** Starts a server for the tests of a file. What `at` holds is there as soon as they run. */
export function groupCompany() {
  const at = {} as Record<'shop' | 'boss', Credentials> & { server: TestServer };
  const told: Told<Record<string, unknown>>[] = [];
  let hook: Server;
  let count = 0;
  const member = () => `m${(count += 1)}`;

  beforeAll(async () => {
    hook = createServer((req, res) => {
      let text = '';
      req.on('data', (chunk: Buffer) => (text += chunk.toString()));
      req.on('end', () => {
        const { type, data } = JSON.parse(text) as { type: string; data: Record<string, unknown> };
        told.push({ to: req.url!.slice(1), id: String(req.headers['webhook-id']), type, data });
        res.end();
      });
    }).listen(0, '127.0.0.1');
    await once(hook, 'listening');
    at.server = await startServer({ env: { DELIVERY_LOCAL: 'on' } });
    at.shop = await machine(at.server.sql, 'command', 'read');
    at.boss = await person(at.server.sql, 'admin');
    await call(at.server, 'PUT', '/api/v1/catalog/locations', {
      as: at.boss,
      body: { rows: [{ code: 'W01', nameZh: '线上仓', kind: 'online_warehouse' }] },
    });
  });
  afterAll(() => {
    hook.close();
  });

  const post = <T = Group>(path: string, body?: unknown, as = at.shop) =>
    call<T & Problem>(at.server, 'POST', `/api/v1${path}`, { as, body });
  const get = async <T = Group>(path: string): Promise<T> =>
    (await call<T>(at.server, 'GET', `/api/v1${path}`, { as: at.shop })).body;

  /** A webhook that takes these events. Answers its id. */
  async function endpoint(name: string, ...events: string[]): Promise<string> {
    const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/${name}`;
    const [row] = await at.server.sql<[{ id: string }]>`
      insert into delivery_endpoint (name, kind, url, secret, events, locale, per_minute)
      values (${name}, 'webhook', ${url}, 'whsec_c2VjcmV0', ${events}, 'en', 600) returning id`;
    return row.id;
  }

  /** A campaign that runs: of groups of three, or of bargains of eight helpers, unless said otherwise. */
  async function running(
    kind: 'group' | 'bargain',
    template: object = {},
    more: object = {},
  ): Promise<string> {
    const { status, body, text } = await post<{ id: string }>('/campaigns', {
      kind,
      name: `${kind} ${(count += 1)}`,
      template: { ...kinds[kind], ...template },
      limits: { ...limits[kind], ...more },
    });
    expect(status, text).toBe(201);
    for (const [step, as] of [
      ['approve', at.boss],
      ['launch', at.shop],
    ] as const) {
      const answer = await post(`/campaigns/${body.id}/${step}`, undefined, as);
      expect(answer.status, answer.text).toBe(200);
    }
    return body.id;
  }
  /** A group of ours that is open. */
  async function opened(campaignId: string, memberId = member(), more: object = {}): Promise<Group> {
    const { status, body, text } = await post('/groups', { campaignId, memberId, ...more });
    expect(status, text).toBe(201);
    return body;
  }
  const joins = (id: string, memberId = member(), more: object = {}) =>
    post(`/groups/${id}/joins`, { memberId, ...more });
  const leaves = (id: string, memberId: string) => post(`/groups/${id}/leaves`, { memberId });

  const tell = async (...events: object[]): Promise<void> => {
    expect((await at.server.server.parts.committer.submit(events)).rejected).toEqual([]);
  };
  const order = (id: string, memberId: string, names: object = {}, total = 990) =>
    event(`placed ${id}`, 'order.placed', Date.now(), {
      orderId: id,
      channel: 'group',
      memberId,
      lines: [{ sku: 'A', qty: 1, unitPrice: total }],
      total,
      fulfilment: { method: 'ship', location: 'W01' },
      ...names,
    });
  const step = (id: string, type: string, more: object = {}) =>
    event(`${type} ${id} ${JSON.stringify(more)}`, `order.${type}`, Date.now(), { orderId: id, ...more });
  /** Facts of an order that names a group and is paid. */
  const bought = (id: string, memberId: string, groupId: string, total?: number) => [
    order(id, memberId, { groupId }, total),
    step(id, 'paid'),
  ];

  /** Does a job as it is done so many hours from now. */
  async function work<N extends JobName>(handler: Handler<N>, hours = 0): Promise<void> {
    const { sql, hints, settings } = at.server.server.parts;
    const context = {
      sql,
      hints,
      settings,
      log: createLog('test', 'silent'),
      queues: { add: () => Promise.resolve() },
    };
    await handler.run({ ...context, now: new Date(Date.now() + hours * HOUR) }, {} as JobPayload<N>);
  }
  /** Sends what is to be sent. */
  async function deliver(): Promise<void> {
    const { sql, hints, settings } = at.server.server.parts;
    const context = {
      sql,
      hints,
      settings,
      log: createLog('test', 'silent'),
      queues: { add: () => Promise.resolve() },
    };
    // One that its receiver's rate puts off is tried when its time has come.
    for (let tries = 0; tries < 5; tries++)
      for (const { id, nextAt } of await sql<{ id: string; nextAt: Date }[]>`
        select id, next_at as "nextAt" from delivery where status = 'waiting' order by id`)
        await sendDelivery.run({ ...context, now: nextAt }, { id });
  }

  /** Promise 5, and the books of the stock that is held. */
  async function expectSound(): Promise<void> {
    for (const { name, promise, run } of checksOf({ ledgerIsWhole: true }))
      if (promise === 5)
        expect({
          name,
          ...(await at.server.sql.begin((tx) => run(tx, { timeZone: TIME_ZONE, limit: 5 }))),
        }).toEqual({
          name,
          total: 0,
          first: [],
        });
    expect(await brokenRules(at.server.sql)).toMatchObject({ reserved: [] });
  }

  return {
    at,
    told,
    member,
    post,
    get,
    endpoint,
    running,
    opened,
    joins,
    leaves,
    tell,
    order,
    step,
    bought,
    work,
    deliver,
    expectSound,
  };
}
