/** Group-buys and their refunds: over HTTP, with the workers' own jobs, on real Postgres. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CampaignReport } from '@zhanggui/shared/campaigns/report.ts';
import type { Problem } from '@zhanggui/shared/contract/errors.ts';
import { createLog } from '@zhanggui/shared/platform/log.ts';
import { checksOf } from '@zhanggui/server/src/cli/verify/checks.ts';
import chaseRefunds from '@zhanggui/workers/src/jobs/chase-refunds.ts';
import expireGroups from '@zhanggui/workers/src/jobs/expire-groups.ts';
import foldGroups from '@zhanggui/workers/src/jobs/fold-groups.ts';
import sendDelivery from '@zhanggui/workers/src/jobs/send-delivery.ts';
import { brokenRules, event } from '../support/books.ts';
import type { Group, Refund } from '../support/groups.ts';
import {
  call,
  machine,
  person,
  startServer,
  type Answer,
  type Credentials,
  type TestServer,
} from '../support/running-server.ts';

const HOUR = 3_600_000;
let server: TestServer;
let other: TestServer;
let shop: Credentials;
let admin: Credentials;
let count = 0;
/** What the shop's webhook was told. */
const told: { id: string; type: string; refunds: { id: string; orderId: string; amount: number }[] }[] = [];
let hook: Server;

beforeAll(async () => {
  hook = createServer((req, res) => {
    let text = '';
    req.on('data', (chunk: Buffer) => (text += chunk.toString()));
    req.on('end', () => {
      const body = JSON.parse(text) as { type: string; data: { refunds: (typeof told)[number]['refunds'] } };
      told.push({ id: String(req.headers['webhook-id']), type: body.type, refunds: body.data.refunds });
      res.end();
    });
  }).listen(0, '127.0.0.1');
  await once(hook, 'listening');
  server = await startServer({ env: { DELIVERY_LOCAL: 'on' } });
  other = await server.another();
  shop = await machine(server.sql, 'command', 'read');
  admin = await person(server.sql, 'admin');
  await server.sql`
    insert into delivery_endpoint (name, kind, url, secret, events, locale, per_minute) values ('shop', 'webhook',
      ${`http://127.0.0.1:${(hook.address() as AddressInfo).port}`}, 'whsec_c2VjcmV0', '{refund.asked,refund.reminded}', 'en', 600)`;
  await call(server, 'PUT', '/api/v1/catalog/locations', {
    as: admin,
    body: { rows: [{ code: 'W01', nameZh: '线上仓', kind: 'online_warehouse' }] },
  });
});
afterAll(async () => {
  await other.close();
  hook.close();
});

const post = <T = Group>(path: string, body?: unknown, on = server, key?: string) =>
  call<T & Problem>(on, 'POST', `/api/v1${path}`, {
    as: shop,
    body,
    headers: key ? { 'idempotency-key': key } : {},
  });
const get = async <T = Group>(path: string): Promise<T> =>
  (await call<T>(server, 'GET', `/api/v1${path}`, { as: shop })).body;
const tell = async (...events: object[]): Promise<void> => {
  expect((await server.server.parts.committer.submit(events)).rejected).toEqual([]);
};

type Template = {
  size?: number;
  hours?: number;
  virtualFrom?: number;
  location?: string;
  leaderBonus?: number;
  newcomersOnly?: boolean;
  goods?: object[];
};

/** A campaign of groups of three that runs. */
async function campaign(template: Template = {}, limits: object = {}): Promise<string> {
  const made = await post<{ id: string }>('/campaigns', {
    kind: 'group',
    name: `拼团${(count += 1)}`,
    template: { title: '三人团', goods: [{ sku: 'A' }], price: 990, size: 3, hours: 24, ...template },
    limits: { perMember: 15, ...limits },
  });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  // Nobody knows what its goods are worth, so somebody else approves it.
  expect(
    (await call(server, 'POST', `/api/v1/campaigns/${made.body.id}/approve`, { as: admin })).status,
  ).toBe(200);
  expect((await post(`/campaigns/${made.body.id}/launch`)).status).toBe(200);
  return made.body.id;
}

const member = () => `m${(count += 1)}`;
async function opened(campaignId: string, memberId = member(), more: object = {}): Promise<Group> {
  const { status, body } = await post('/groups', { campaignId, memberId, ...more });
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
}
const joins = (id: string, memberId = member(), more: object = {}, on = server) =>
  post(`/groups/${id}/joins`, { memberId, ...more }, on);

const context = (now = new Date()) => {
  const { sql, hints, settings } = server.server.parts;
  return {
    sql,
    hints,
    settings,
    log: createLog('test', 'silent'),
    queues: { add: () => Promise.resolve() },
    now,
  };
};
const later = (hours: number) => new Date(Date.now() + hours * HOUR);
const deliver = async (now = new Date()) => {
  for (const { id } of await server.sql<
    { id: string }[]
  >`select id from delivery where status = 'waiting' order by id`)
    await sendDelivery.run(context(now), { id });
};

const order = (id: string, memberId: string, groupId: string | null, total = 990) =>
  event(`placed ${id}`, 'order.placed', Date.now(), {
    orderId: id,
    channel: 'group',
    memberId,
    lines: [{ sku: 'A', qty: 1, unitPrice: total }],
    total,
    fulfilment: { method: 'ship', location: 'W01' },
    ...(groupId !== null && { groupId }),
  });
const step = (id: string, type: string, more: object = {}) =>
  event(`${type} ${id}`, `order.${type}`, Date.now(), { orderId: id, ...more });

const codes = (answers: Answer<Problem>[]) => {
  const seen: Record<string, number> = {};
  for (const { status, body } of answers) {
    const name = status < 300 ? 'done' : body.code;
    seen[name] = (seen[name] ?? 0) + 1;
  }
  return seen;
};

/** Promise 5, and the books of the stock that is held. */
async function verified(): Promise<void> {
  for (const check of checksOf({ ledgerIsWhole: true }).filter(({ promise }) => promise === 5)) {
    const found = await server.sql.begin((tx) => check.run(tx, { timeZone: 'Asia/Shanghai', limit: 5 }));
    expect([check.name, found]).toEqual([check.name, { total: 0, first: [] }]);
  }
  expect(await brokenRules(server.sql)).toMatchObject({ reserved: [] });
}

describe('a rush', () => {
  it('for the last seats, through two servers, fills each group exactly and forms it once', async () => {
    const id = await campaign();
    const groups = await Promise.all(Array.from({ length: 20 }, () => opened(id)));
    const answers = await Promise.all(
      groups.flatMap((group) =>
        Array.from({ length: 6 }, (_, i) => joins(group.id, member(), {}, i % 2 ? other : server)),
      ),
    );
    expect(codes(answers)).toEqual({ done: 40, group_full: 80 });
    const after = await Promise.all(groups.map((group) => get(`/groups/${group.id}`)));
    expect(new Set(after.map(({ state, members }) => `${state} ${members}`))).toEqual(new Set(['formed 3']));
    expect(await get(`/campaigns/${id}`)).toMatchObject({ issued: 60, redeemed: 60 });
    await verified();
  });

  it('of one member for many groups gets what the campaign allows one member, and all of them what it has', async () => {
    const id = await campaign({ size: 50 }, { perMember: 2, total: 12 });
    const groups = await Promise.all(Array.from({ length: 6 }, () => opened(id)));
    const greedy = member();
    const answers = await Promise.all(
      groups.map((group, i) => joins(group.id, greedy, {}, i % 2 ? other : server)),
    );
    expect(codes(answers)).toEqual({ done: 2, limit_reached: 4 });
    const more = await Promise.all(
      Array.from({ length: 8 }, (_, i) => joins(groups[0]!.id, member(), {}, i % 2 ? other : server)),
    );
    expect(codes(more)).toEqual({ done: 4, sold_out: 4 });
    await verified();
  });

  it('of joining, leaving and the deadline at once ends in one state that adds up', async () => {
    const id = await campaign({ size: 4 });
    const made = await Promise.all(Array.from({ length: 15 }, async () => ({ leader: member(), id: '' })));
    for (const one of made) one.id = (await opened(id, one.leader)).id;
    await server.sql`update group_buy set expires_at = now() + interval '150 milliseconds' where id = any(${made.map((one) => one.id)})`;
    await Promise.all([
      ...made.flatMap((one) =>
        Array.from({ length: 4 }, (_, i) => joins(one.id, member(), {}, i % 2 ? other : server)),
      ),
      ...made.map((one) => post(`/groups/${one.id}/leaves`, { memberId: one.leader }, other)),
      ...[0, 100, 200, 200, 300].map(async (wait) => {
        await new Promise((resolve) => setTimeout(resolve, wait));
        await expireGroups.run(context(), {});
      }),
    ]);
    await expireGroups.run(context(later(1)), {});
    const after = await Promise.all(made.map((one) => get(`/groups/${one.id}`)));
    for (const group of after) {
      const isIn = group.seats.filter(({ leftAt }) => leftAt === null);
      expect(group.members).toBe(isIn.length);
      expect(group.leader).toBe(isIn[0]?.memberId ?? null);
      expect(group.state === 'formed').toBe(isIn.length === 4);
    }
    await verified();
  });
});

describe('a group', () => {
  it('answers its state, and the same command with its key once', async () => {
    const id = await campaign({ leaderBonus: 200 }, { budget: 400 });
    const leader = member();
    const first = await post('/groups', { campaignId: id, memberId: leader }, server, 'open-1');
    const again = await post('/groups', { campaignId: id, memberId: leader }, other, 'open-1');
    expect(again.body).toEqual(first.body);
    expect(first.body).toMatchObject({ state: 'open', size: 3, members: 1, virtual: 0, leader });
    const groupId = first.body.id;
    const two = member();
    const both = await Promise.all(
      [0, 1].map((i) => post(`/groups/${groupId}/joins`, { memberId: two }, i ? other : server, 'join-1')),
    );
    expect(both[1]!.body).toEqual(both[0]!.body);
    expect((await joins(groupId, two)).body.code).toBe('already_joined');
    expect((await joins(groupId)).body).toMatchObject({ state: 'formed', because: 'full', members: 3 });
    expect((await joins(groupId)).body.code).toBe('group_full');
    expect((await post(`/groups/${groupId}/leaves`, { memberId: two })).body.code).toBe('group_full');
    // One bonus is spent, and one more group has money; a third has none.
    await opened(id);
    expect((await post('/groups', { campaignId: id, memberId: member() })).body.code).toBe('sold_out');
    expect(await get(`/campaigns/${id}`)).toMatchObject({ spent: 200, reserved: 200 });
    expect((await joins('nothing')).body.code).toBe('not_found');
  });

  it('lets in only newcomers, members of its audience, and while its campaign runs', async () => {
    const id = await campaign({ newcomersOnly: true });
    const group = await opened(id);
    await server.sql`insert into member (id, orders) values ('regular', 3)`;
    expect((await joins(group.id, 'regular')).body.code).toBe('not_eligible');
    expect((await joins(group.id)).status).toBe(201);
    await post(`/campaigns/${id}/pause`);
    expect((await joins(group.id)).body.code).toBe('campaign_not_running');
    expect((await post('/groups', { campaignId: id, memberId: member() })).body.code).toBe(
      'campaign_not_running',
    );
  });

  it('holds pieces for each seat, and frees them when it is left or over', async () => {
    await tell(
      event('in H', 'stock.received', Date.now(), {
        location: 'W01',
        ref: 'r',
        lines: [{ sku: 'H', qty: 7 }],
      }),
    );
    const reserved = async () =>
      (
        await server.sql<
          [{ reserved: number }]
        >`select reserved from stock join sku on no = sku_no where code = 'H'`
      )[0].reserved;
    const id = await campaign({ location: 'W01', goods: [{ sku: 'H', qty: 2 }], size: 5 });
    const leader = member();
    const group = await opened(id, leader);
    const answers = await Promise.all(
      Array.from({ length: 4 }, (_, i) => joins(group.id, member(), {}, i % 2 ? other : server)),
    );
    expect(codes(answers)).toEqual({ done: 2, insufficient_stock: 2 });
    expect(answers.find(({ status }) => status === 409)?.body.available).toEqual([
      { sku: 'H', location: 'W01', available: 1 },
    ]);
    expect(await reserved()).toBe(6);
    await post(`/groups/${group.id}/leaves`, { memberId: leader });
    expect(await reserved()).toBe(4);
    // The order takes over what its seat held.
    const buyer = (await get(`/groups/${group.id}`)).seats.find(({ leftAt }) => leftAt === null)!.memberId;
    const placed = order(`oh ${buyer}`, buyer, group.id);
    Object.assign(placed.data, { lines: [{ sku: 'H', qty: 2, unitPrice: 495 }] });
    await tell(placed);
    await foldGroups.run(context(), {});
    expect(await reserved()).toBe(4);
    await expireGroups.run(context(later(25)), {});
    expect(await reserved()).toBe(2);
    await verified();
  });
});

describe('a deadline', () => {
  it('fills up where that is switched on, and says so; else it expires', async () => {
    const filling = await campaign({ virtualFrom: 2, size: 5 });
    const [enough, few] = [await opened(filling), await opened(filling)];
    await joins(enough.id);
    const plain = await opened(await campaign());
    await expireGroups.run(context(later(23)), {});
    expect(await get(`/groups/${enough.id}`)).toMatchObject({ state: 'open' });
    await Promise.all([
      expireGroups.run(context(later(24.1)), {}),
      expireGroups.run(context(later(24.1)), {}),
    ]);
    expect(await get(`/groups/${enough.id}`)).toMatchObject({
      state: 'formed',
      because: 'filled',
      members: 2,
      virtual: 3,
    });
    expect(await get(`/groups/${few.id}`)).toMatchObject({ state: 'expired', because: 'time', virtual: 0 });
    expect(await get(`/groups/${plain.id}`)).toMatchObject({ state: 'expired', members: 1 });
    expect((await joins(plain.id)).body.code).toBe('group_over');
    await verified();
  });

  it('asks for the refund of each paid seat once, however often and beside itself it is worked on', async () => {
    const id = await campaign();
    const people = Array.from({ length: 120 }, () => ({ leader: member(), mate: member() }));
    const groups = await Promise.all(
      people.map(async ({ leader, mate }, i) => {
        const group = await opened(id, leader, { orderId: `r${i}` });
        await joins(group.id, mate);
        return group;
      }),
    );
    // Leaders' orders by the id they gave, paid but for the first; mates' by the group that they name.
    await tell(
      ...people.flatMap(({ leader, mate }, i) => [
        order(`r${i}`, leader, null),
        order(`s${i}`, mate, groups[i]!.id, 880),
        ...(i > 0 ? [step(`r${i}`, 'paid')] : []),
        step(`s${i}`, 'paid'),
      ]),
    );
    // One left while it was open, and is paid back too.
    await post(`/groups/${groups[5]!.id}/leaves`, { memberId: people[5]!.mate });
    const run = () =>
      Promise.all([
        expireGroups.run(context(later(25)), {}),
        chaseRefunds.run(context(), {}),
        foldGroups.run(context(), {}),
      ]);
    await Promise.all([run(), run(), run()]);
    await run();
    await chaseRefunds.run(context(later(25)), {});
    await deliver(later(26));
    const asked = told.filter(({ type }) => type === 'refund.asked').flatMap(({ refunds }) => refunds);
    const mine = asked.filter(({ orderId }) => /^[rs]\d+$/.test(orderId));
    expect(mine).toHaveLength(239);
    expect(new Set(mine.map(({ orderId }) => orderId)).size).toBe(239);
    expect(mine.filter(({ orderId }) => orderId.startsWith('s')).every(({ amount }) => amount === 880)).toBe(
      true,
    );
    expect(told.length).toBeLessThan(12);
    // The payment that came late.
    await tell(step('r0', 'paid'));
    await chaseRefunds.run(context(), {});
    await deliver(later(26));
    expect(told.flatMap(({ refunds }) => refunds).filter(({ orderId }) => orderId === 'r0')).toHaveLength(1);
    await verified();
  });

  it('follows refunds: a fact or a command confirms them, and who is late is asked again under the same id', async () => {
    const id = await campaign();
    const [one, two] = [member(), member()];
    const group = await opened(id, one, { orderId: 'f1' });
    await joins(group.id, two, { orderId: 'f2' });
    await tell(order('f1', one, null), step('f1', 'paid'), order('f2', two, null), step('f2', 'paid'));
    await post(`/campaigns/${id}/cancel`);
    await expireGroups.run(context(), {});
    await deliver();
    const list = async () => (await get<{ rows: Refund[] }>(`/refund-requests?groupId=${group.id}`)).rows;
    expect(await get(`/groups/${group.id}`)).toMatchObject({ state: 'expired', because: 'cancelled' });
    expect((await list()).map(({ orderId, reason, state }) => [orderId, reason, state]).sort()).toEqual([
      ['f1', 'cancelled', 'asked'],
      ['f2', 'cancelled', 'asked'],
    ]);
    await tell(step('f1', 'refunded', { amount: 990, lines: [] }));
    await chaseRefunds.run(context(), {});
    expect((await list()).find(({ orderId }) => orderId === 'f1')).toMatchObject({
      state: 'confirmed',
      confirmedBy: 'fact',
    });
    for (const hours of [0.4, 0.6, 1, 25]) await chaseRefunds.run(context(later(hours)), {});
    await deliver(later(26));
    const second = (await list()).find(({ orderId }) => orderId === 'f2')!;
    expect(second.reminders).toBe(2);
    const reminded = told.filter(
      ({ type, refunds }) => type === 'refund.reminded' && refunds.some((each) => each.id === second.id),
    );
    expect(reminded).toHaveLength(2);
    expect(reminded.flatMap(({ refunds }) => refunds).map(({ orderId }) => orderId)).not.toContain('f1');
    const confirm = () => post<Refund>(`/refund-requests/${second.id}/confirm`);
    expect((await confirm()).body).toMatchObject({ state: 'confirmed' });
    expect((await confirm()).status).toBe(200);
    expect((await list()).every(({ state }) => state === 'confirmed')).toBe(true);
  });
});

describe('the board', () => {
  it('shows groups as they fill, form and run out of time, and refunds until they are confirmed', async () => {
    type Board = { data: Record<string, Record<string, unknown>> };
    const board = async () => (await get<Board>('/board/groups')).data;
    const [{ open }] = await server.sql<[{ open: number }]>`
      select count(*)::int as open from group_buy where state = 'open'`;
    // What the tests before did is on the board some seconds later.
    await expect.poll(board, { timeout: 20_000 }).toMatchObject({ summary: { open } });
    const before = (await board())['summary'] as Record<string, number>;
    const id = await campaign({ size: 2, hours: 0.5 });
    const [filling, formed] = [await opened(id), await opened(id)];
    await joins(formed.id);
    await expect
      .poll(board, { timeout: 10_000 })
      .toMatchObject({ [`campaign:${id}`]: { open: 1, members: 1, formedToday: 1, expiredToday: 0 } });
    const now = await board();
    const tiles = Object.entries(now);
    const tile = (kind: string, of: Group) =>
      tiles.find(([key, value]) => key.startsWith(kind) && value['id'] === of.id)?.[1];
    expect(tile('ending:', filling)).toMatchObject({ members: 1, size: 2, source: 'ours' });
    expect(tile('formed:', formed)).toMatchObject({ members: 2, because: 'full', virtual: 0 });
    const sums = now['summary'] as Record<string, number>;
    const more = (name: string) => sums[name]! - before[name]!;
    expect(['open', 'members', 'lacking', 'ending', 'formedToday', 'membersToday'].map(more)).toEqual([
      1, 1, 1, 1, 1, 2,
    ]);
    const store = await person(server.sql, 'manager');
    expect((await call(server, 'GET', '/api/v1/board/groups', { as: store })).body.code).toBe(
      'outside_scope',
    );
  });
});

describe('the report of a campaign', () => {
  it('counts what formed, what ran out of time and what was paid back, and leaves that out of its sales', async () => {
    await server.sql`update sku set cost = 300 where code = 'A'`;
    const id = await campaign({ leaderBonus: 100 }, { budget: 10_000 });
    const people = Array.from({ length: 3 }, () => member());
    const formed = await opened(id, people[0], { orderId: 'q0' });
    for (const [i, each] of people.entries()) if (i > 0) await joins(formed.id, each, { orderId: `q${i}` });
    const [alone, gone] = [member(), member()];
    const over = await opened(id, alone, { orderId: 'q3' });
    await joins(over.id, gone, { orderId: 'q4' });
    await post(`/groups/${over.id}/leaves`, { memberId: gone });
    await tell(
      ...[...people, alone, gone].flatMap((each, i) => [
        order(`q${i}`, each, null, 990),
        step(`q${i}`, 'paid'),
      ]),
    );
    await expireGroups.run(context(later(25)), {});
    await chaseRefunds.run(context(later(25)), {});
    await deliver(later(26));
    await tell(step('q3', 'refunded', { amount: 990, lines: [] }));
    await chaseRefunds.run(context(later(25)), {});
    expect(await get<CampaignReport>(`/campaigns/${id}/report`)).toMatchObject({
      kind: 'group',
      reach: { taken: 3, used: 3 },
      group: {
        opened: 2, formed: 1, expired: 1, joins: 5, left: 1, refunds: 2, refunded: 1_980, confirmed: 1,
      },
      bargain: null,
      sales: { orders: 3, net: 2_970, refunded: 0, discount: 100, cost: 900, margin: 1_970 },
      uplift: null,
    }); // prettier-ignore
    await verified();
  });
});

describe('what shops tell', () => {
  const fact = (
    id: string,
    type: string,
    groupId: string,
    memberId: string,
    at: number,
    campaignId = 'theirs-1',
    more: object = {},
  ) => event(id, `group.${type}`, at, { campaignId, groupId, memberId, ...more }, 'shop');

  it('ends in the same groups in any order, and shows what differs', async () => {
    const known = await campaign({ size: 2 });
    const at = Date.now() - HOUR;
    const facts = (ref: string) => [
      fact(`${ref}1`, 'opened', ref, 'ta', at, known, { orderId: `${ref}o` }),
      fact(`${ref}2`, 'joined', ref, 'tb', at + 1000, known),
      fact(`${ref}3`, 'left', ref, 'tb', at + 2000, known),
      fact(`${ref}4`, 'joined', ref, 'tc', at + 3000, known),
      fact(`${ref}5`, 'joined', ref, 'td', at + 4000, known),
    ];
    for (const one of facts('TG1')) {
      await tell(one);
      await foldGroups.run(context(), {});
    }
    await tell(...facts('TG2').reverse(), ...facts('TG2'));
    await foldGroups.run(context(), {});
    const [first, second] = [await get('/groups/TG1'), await get('/groups/TG2')];
    expect(first).toMatchObject({
      source: 'theirs', state: 'formed', size: 2, members: 3, leader: 'ta',
      flags: ['formed_twice', 'left_after_forming', 'over_full'],
    }); // prettier-ignore
    expect({
      ...second,
      id: 'TG1',
      seats: second.seats.map((seat) => ({ ...seat, orderId: seat.orderId && 'TG1o' })),
    }).toEqual({
      ...first,
    });
    const flagged = await get<{ rows: Group[] }>('/groups?flagged=true');
    expect(flagged.rows.map(({ id }) => id).sort()).toEqual(['TG1', 'TG2']);
    expect((await joins('TG1')).body.code).toBe('conflict');
    await verified();
  });

  it('of a group that we decide is compared with it', async () => {
    const id = await campaign();
    const leader = member();
    const group = await opened(id, leader);
    await tell(fact(`own1`, 'opened', group.id, leader, Date.now(), id));
    await foldGroups.run(context(), {});
    expect(await get(`/groups/${group.id}`)).toMatchObject({ source: 'ours', flags: [] });
    await tell(fact(`own2`, 'joined', group.id, 'never-asked', Date.now(), id));
    await foldGroups.run(context(), {});
    expect(await get(`/groups/${group.id}`)).toMatchObject({ members: 1, flags: ['told_more'] });
  });

  it('where nobody says what became of a group, it is given up a day later', async () => {
    await tell(fact('u1', 'opened', 'UG', 'ua', Date.now(), 'nobody-knows'));
    await foldGroups.run(context(), {});
    expect(await get('/groups/UG')).toMatchObject({ state: 'open', size: null });
    await foldGroups.run(context(later(24.1)), {});
    expect(await get('/groups/UG')).toMatchObject({ state: 'expired', because: 'unheard' });
  });

  it('forms where the fact that opened it says how many fill it, and is listed by when that was', async () => {
    const day = 24 * HOUR;
    await tell(fact('z1', 'joined', 'SG', 'sb', Date.now() - day + 1_000, 'nobody-knows'));
    await foldGroups.run(context(), {});
    expect(await get('/groups/SG')).toMatchObject({ state: 'open', size: null, members: 1 });
    await tell(fact('z2', 'opened', 'SG', 'sa', Date.now() - day, 'nobody-knows', { size: 2 }));
    await foldGroups.run(context(), {});
    expect(await get('/groups/SG')).toMatchObject({ state: 'formed', because: 'full', size: 2, members: 2 });
    const wrong = fact('z3', 'opened', 'SG', 'sa', Date.now(), 'nobody-knows', { size: 1 });
    const { rejected } = await server.server.parts.committer.submit([wrong]);
    expect(rejected).toMatchObject([{ field: 'data.size' }]);
    const all: string[] = [];
    for (let cursor = ''; ;) {
      const page = await get<{ rows: Group[]; nextCursor: string | null }>(
        `/groups?limit=200${cursor && `&cursor=${cursor}`}`,
      );
      all.push(...page.rows.map(({ id }) => id));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    // Told last, but opened before all others.
    expect(all.at(-1)).toBe('SG');
    expect(new Set(all).size).toBe(all.length);
    expect(all).toContain('UG');
  });
});
