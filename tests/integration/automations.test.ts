/** Rules by behaviour: over HTTP, with the workers' own steps, on real Postgres. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '@zhanggui/shared/contract/errors.ts';
import { measureDraws } from '@zhanggui/shared/automations/effect-store.ts';
import { connect, type SqlPool } from '@zhanggui/shared/platform/database.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { checksOf } from '@zhanggui/server/src/cli/verify/checks.ts';
import { runStep } from '@zhanggui/workers/src/automations/draw.ts';
import { event } from '../support/books.ts';
import { refreshAll } from '../support/members.ts';
import {
  call,
  machine,
  person,
  startServer,
  type Credentials,
  type TestServer,
} from '../support/running-server.ts';

type Automation = { id: string; revision: number; on: boolean; issued: number };
type Effect = { difference: number; low: number; high: number; enough: boolean; clear: boolean };
type Report = {
  treated: { members: number; buyers: number; net: number };
  holdout: { members: number; buyers: number; net: number };
  unmeasured: number;
  rate: Effect;
  money: Effect;
  waiting: number;
  outcomes: Record<string, number>;
};

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const start = Date.now();
const at = (ms: number) => new Date(start + ms);
const time = new BusinessTime('Asia/Shanghai');

let server: TestServer;
let boss: Credentials;
let till: Credentials;
let count = 0;

beforeAll(async () => {
  server = await startServer();
  [boss, till] = await Promise.all([person(server.sql, 'admin'), machine(server.sql, 'ingest')]);
  await server.sql`update campaign_rule set approval_above = 1000000000000`;
});

const send = <T>(method: string, path: string, body?: unknown) =>
  call<T>(server, method, `/api/v1${path}`, { as: boss, body });

/** A running campaign whose coupons a rule gives to the members with this tag. */
async function campaign(tag: string, limits: object = {}): Promise<string> {
  const { body, text } = await send<{ id: string }>('POST', '/campaigns', {
    kind: 'coupon',
    name: `K${(count += 1)}`,
    give: 'rule',
    audience: { kind: 'rule', rule: { field: 'tags', anyOf: [tag] } },
    template: { title: '券', offer: { kind: 'amount', off: 500 }, validity: { kind: 'days', days: 900 } },
    limits: { total: 100_000, ...limits },
  });
  expect(body.id, text).toBeTypeOf('string');
  for (const action of ['approve', 'launch'])
    expect((await send('POST', `/campaigns/${body.id}/${action}`)).status).toBe(200);
  return body.id;
}

/** An automation of a campaign of its own, switched on. */
async function automation(
  tag: string,
  trigger: object,
  more: object = {},
  limits: object = {},
): Promise<string> {
  const { body, text, status } = await send<Automation>('POST', '/automations', {
    name: `A${(count += 1)}`,
    campaignId: await campaign(tag, limits),
    trigger,
    holdoutPercent: 0,
    ...more,
  });
  expect(status, text).toBe(201);
  expect((await send<Automation>('POST', `/automations/${body.id}/on`)).body.on).toBe(true);
  return body.id;
}

async function noOf(id: string): Promise<number> {
  const [{ no }] = await server.sql<[{ no: number }]>`select no from automation where id = ${id}`;
  return no;
}

/** Works as the workers do, until there is nothing to do. */
async function run(id: string, now: Date, sql: SqlPool = server.sql, zone = time): Promise<void> {
  const no = await noOf(id);
  for (;;) if ((await runStep({ sql, time: zone, now }, no)) === 'done') return;
}

const outcomesOf = async (id: string): Promise<Record<string, string>> => {
  const rows = await server.sql<{ id: string; outcome: string }[]>`
    select m.id, string_agg(coalesce(o.outcome, 'waiting'), ' ' order by o.decided_at) as outcome
    from automation_occasion o join automation a on a.no = o.automation_no join member m on m.no = o.member_no
    where a.id = ${id} group by m.id`;
  return Object.fromEntries(rows.map((row) => [row.id, row.outcome]));
};
const couponsOf = async (id: string): Promise<string[]> => {
  const rows = await server.sql<{ id: string }[]>`
    select m.id from coupon p join automation a on a.campaign_no = p.campaign_no join member m on m.no = p.member_no
    where a.id = ${id} order by m.id`;
  return rows.map((row) => row.id);
};
const report = async (id: string) => (await send<Report>('GET', `/automations/${id}/report`)).body;

/** Members of a test of its own, known by a tag. */
async function members(howMany: number, birthday: string | null = null): Promise<string> {
  const tag = `t${(count += 1)}`;
  await server.sql`
    insert into member (id, tags, birthday)
    select ${tag} || '-' || lpad(n::text, 4, '0'), array[${tag}], ${birthday}::date from generate_series(1, ${howMany}::int) n`;
  return tag;
}

async function tell(...facts: [type: string, at: Date, data: object][]): Promise<void> {
  const { text } = await call(server, 'POST', '/api/v1/events', {
    as: till,
    body: facts.map(([type, when, data]) => event(`a${(count += 1)}`, type, when.toISOString(), data)),
  });
  expect(text).toContain('"rejected":[]');
  await refreshAll(server.sql, time.day(start));
}
const order = (memberId: string, sku = 'TEA') => ({
  orderId: `order-${(count += 1)}`,
  channel: 'pos',
  location: 'S01',
  memberId,
  lines: [{ sku, qty: 1, unitPrice: 1_000 }],
  total: 1_000,
  fulfilment: { method: 'carry', location: 'S01' },
});

async function expectSound(): Promise<void> {
  for (const { name, promise, run: check } of checksOf({ ledgerIsWhole: false }))
    if (promise === 4)
      expect({ name, ...(await check(server.sql, { timeZone: 'Asia/Shanghai', limit: 5 })) }).toEqual({
        name,
        total: 0,
        first: [],
      });
}

describe('what members do', () => {
  it('looked at something in a store and did not buy it within a day: a coupon, once, whoever looks', async () => {
    const tag = await members(6);
    const m = (n: number) => `${tag}-000${n}`;
    const trigger = { kind: 'looked', hours: 24, channels: ['pos'], skus: ['TEA'] };
    const id = await automation(tag, trigger);
    const look = (n: number, more: object) =>
      ['member.visited', at(-10 * HOUR), { memberId: m(n), ...more }] as [string, Date, object];
    const inStore = { sku: 'TEA', location: 'S01' };
    await tell(look(1, inStore), look(2, inStore), look(5, inStore), look(6, inStore));
    await tell(
      // Again, at something else, and online.
      ['member.visited', at(-9 * HOUR), { memberId: m(1), ...inStore }],
      look(3, { sku: 'TEA', channel: 'miniapp' }),
      look(4, { sku: 'RICE', location: 'S01' }),
      ['order.placed', at(-8 * HOUR), order(m(2))],
      ['order.placed', at(-8 * HOUR), order(m(5), 'RICE')],
      ['order.placed', at(-8 * HOUR), { ...order(m(6)), orderId: `${tag}-off` }],
      ['order.cancelled', at(-7 * HOUR), { orderId: `${tag}-off` }],
    );
    await run(id, at(13 * HOUR));
    expect(await couponsOf(id)).toEqual([]);
    const other = connect(server.databaseUrl, { max: 1 });
    await Promise.all([run(id, at(15 * HOUR)), run(id, at(15 * HOUR), other)]);
    await run(id, at(15 * HOUR), other);
    await other.end();
    expect(await outcomesOf(id)).toEqual({
      [m(1)]: 'given',
      [m(2)]: 'bought',
      [m(5)]: 'given',
      [m(6)]: 'given',
    });
    expect(await couponsOf(id)).toEqual([m(1), m(5), m(6)]);
    expect((await report(id)).outcomes).toMatchObject({ given: 3, bought: 1 });
    await expectSound();
  });

  it('bought something else, or looked at more after they had bought: asked of each thing, in whatever order it is told', async () => {
    await server.sql`insert into sku (code, known, name_zh, name_en) values ('TV', true, 'TV', 'TV'), ('MILK', true, 'M', 'M')
      on conflict (code) do nothing`;
    const tag = await members(26);
    const id = await automation(tag, { kind: 'looked', hours: 24 }, {}, { perMember: 9 });
    const look = (sku: string | null, hour: number) => (memberId: string) =>
      ['member.visited', at((hour - 20) * HOUR), { memberId, location: 'S01', ...(sku && { sku }) }] as [
        string,
        Date,
        object,
      ];
    const buy = (sku: string, hour: number) => (memberId: string) =>
      ['order.placed', at((hour - 20) * HOUR), order(memberId, sku)] as [string, Date, object];
    type Doing = ReturnType<typeof look>;
    const told = async (n: number, doings: Doing[]) => {
      for (const doing of doings) {
        await tell(doing(`${tag}-${String(n).padStart(4, '0')}`));
        await run(id, at(0));
      }
    };
    // Looked at a television and bought milk; the television too; came, looked at nothing, and bought milk; nothing.
    await told(1, [look('TV', 9), buy('MILK', 10)]);
    await told(2, [look('TV', 9), buy('MILK', 10), buy('TV', 11)]);
    await told(3, [look(null, 9), buy('MILK', 10)]);
    await told(4, [look(null, 9)]);
    // In all orders: looked at one thing, bought it, looked at the other; and again at the one.
    const orders = (doings: Doing[]): Doing[][] =>
      doings.length < 2
        ? [doings]
        : doings.flatMap((first) =>
            orders(doings.filter((each) => each !== first)).map((rest) => [first, ...rest]),
          );
    const other = orders([look('TV', 9), buy('TV', 10), look('MILK', 11)]);
    const same = orders([look('TV', 9), buy('TV', 10), look('TV', 11)]);
    const both = orders([look('TV', 9), look('MILK', 9), buy('TV', 10)]);
    for (const [i, doings] of [...other, ...same, ...both].entries()) await told(5 + i, doings);
    // Several looks, one coupon.
    await told(23, [look('MILK', 9), look('TV', 10), look('MILK', 11)]);
    // Bought it all in the end.
    await told(24, [look('MILK', 9), look('TV', 10), buy('TV', 11), buy('MILK', 12)]);
    await run(id, at(14 * HOUR));
    const group = async (from: number, howMany: number) => {
      const outcomes = await outcomesOf(id);
      return Array.from(
        { length: howMany },
        (_, i) => outcomes[`${tag}-${String(from + i).padStart(4, '0')}`],
      );
    };
    expect(await group(1, 4)).toEqual(['given', 'bought', 'bought', 'given']);
    // The one that was bought is over, the other waits for its own time.
    expect(await group(5, 12)).toEqual(Array(12).fill('bought waiting'));
    await run(id, at(16 * HOUR));
    expect(await group(5, 12)).toEqual(Array(12).fill('bought given'));
    expect(await group(17, 6)).toEqual(Array(6).fill('given'));
    expect(await group(23, 2)).toEqual(['given', 'bought']);
    // Given once, and what belonged to it gives nothing more.
    await run(id, at(40 * HOUR));
    expect((await couponsOf(id)).length).toBe(new Set(await couponsOf(id)).size);
    expect(await couponsOf(id)).toHaveLength(2 + 18 + 1);
    await expectSound();
  });

  it('looked again while nothing could be given: what is not late yet is given', async () => {
    const tag = await members(1);
    const id = await automation(tag, { kind: 'looked', hours: 1, skus: ['TEA'] });
    const look = (ms: number) =>
      ['member.visited', at(ms), { memberId: `${tag}-0001`, sku: 'TEA', location: 'S01' }] as [
        string,
        Date,
        object,
      ];
    await tell(look(-20 * HOUR), look(-2 * HOUR));
    await run(id, at(-20 * HOUR));
    await run(id, at(6 * HOUR));
    expect(await outcomesOf(id)).toEqual({ [`${tag}-0001`]: 'late given' });
  });

  it('left a basket: the last change of it counts, and nobody hears of one of the day before yesterday', async () => {
    const tag = await members(3);
    const id = await automation(tag, { kind: 'basket', minutes: 30 });
    const put = (n: number, minutes: number) =>
      [
        'member.visited',
        at(minutes * 60_000),
        { memberId: `${tag}-000${n}`, sku: 'TEA', channel: 'miniapp', act: 'basket' },
      ] as [string, Date, object];
    await tell(put(1, -50), put(2, -50), put(3, -50), [
      'order.placed',
      at(-40 * 60_000),
      order(`${tag}-0002`),
    ]);
    await run(id, at(-45 * 60_000));
    await tell(put(1, -10));
    await run(id, at(0));
    expect(await outcomesOf(id)).toEqual({
      [`${tag}-0001`]: 'waiting',
      [`${tag}-0002`]: 'bought',
      [`${tag}-0003`]: 'given',
    });
    // Its campaign stands still for two days.
    const [{ campaignId }] = await server.sql<[{ campaignId: string }]>`
      select c.id as "campaignId" from campaign c join automation a on a.campaign_no = c.no where a.id = ${id}`;
    await send('POST', `/campaigns/${campaignId}/pause`);
    await run(id, at(HOUR));
    expect((await outcomesOf(id))[`${tag}-0001`]).toBe('waiting');
    await send('POST', `/campaigns/${campaignId}/resume`);
    await run(id, at(2 * DAY));
    expect((await outcomesOf(id))[`${tag}-0001`]).toBe('late');
  });
});

describe('the calendar', () => {
  it('finds a birthday once a year, also over the end of one', async () => {
    const tag = await members(1, '1990-01-02');
    const id = await automation(tag, { kind: 'birthday', days: 5 }, {}, { perMember: 5 });
    for (const day of ['2026-12-27', '2026-12-30', '2026-12-31', '2027-01-01', '2027-01-02', '2027-01-03'])
      await run(id, new Date(`${day}T04:00:00Z`));
    expect(Object.values(await outcomesOf(id))).toEqual(['given']);
    await run(id, new Date('2027-12-30T04:00:00Z'));
    expect(await couponsOf(id)).toHaveLength(2);
  });

  it('finds an absence once, by business days, also where the clock was turned', async () => {
    const london = new BusinessTime('Europe/London');
    const tag = await members(2);
    const came = (n: number, when: string) =>
      server.sql`update member set last_visit_at = ${when} where id = ${`${tag}-000${n}`}`;
    await came(1, '2026-10-20T22:55:00Z'); // 23:55 on the 20th there.
    await came(2, '2026-10-20T23:05:00Z'); // The 21st.
    const id = await automation(tag, { kind: 'lapsed', days: 7, upTo: 30 }, {}, { perMember: 3 });
    const run7 = (when: string) => run(id, new Date(when), server.sql, london);
    await run7('2026-10-26T23:50:00Z');
    expect(await outcomesOf(id)).toEqual({});
    await run7('2026-10-27T00:10:00Z');
    await run7('2026-10-27T12:00:00Z');
    expect(await couponsOf(id)).toEqual([`${tag}-0001`]);
    await run7('2026-10-28T00:10:00Z');
    await run7('2026-10-29T00:10:00Z');
    expect(await couponsOf(id)).toEqual([`${tag}-0001`, `${tag}-0002`]);
    // A visit before the coupon that becomes known late is no new absence; one after it is.
    await came(1, '2026-10-22T10:00:00Z');
    await run7('2026-11-10T00:10:00Z');
    await came(2, '2026-11-02T10:00:00Z');
    await run7('2026-11-11T00:10:00Z');
    expect(await couponsOf(id)).toEqual([`${tag}-0001`, `${tag}-0002`, `${tag}-0002`]);
    await expectSound();
  });
});

describe('a draw', () => {
  const today = time.day(start);

  it('is made once for each, also when its worker is killed in between', async () => {
    const tag = await members(300, today);
    const id = await automation(tag, { kind: 'birthday', days: 0 }, { holdoutPercent: 20 });
    const victim = connect(server.databaseUrl, { max: 1, application: 'victim' });
    await server.sql.begin(async (tx) => {
      await tx`select from campaign c join automation a on a.campaign_no = c.no where a.id = ${id} for update of c`;
      const dies = expect(run(id, at(0), victim)).rejects.toThrow();
      // Not by `tx`: a transaction sees others' doings as they were when it first looked.
      const kill = () => server.sql`
        select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'victim' and wait_event_type = 'Lock'`;
      await expect.poll(kill).toHaveLength(1);
      await dies;
    });
    await victim.end();
    expect(await outcomesOf(id)).toEqual({});
    await server.sql`
      insert into delivery_endpoint (name, kind, url, events, locale, per_minute) values ('gate', 'webhook', 'https://x.test', '{coupon.issued}', 'en', 60)`;
    const others = [1, 2].map(() => connect(server.databaseUrl, { max: 1 }));
    await Promise.all(others.map((sql) => run(id, at(0), sql)));
    await Promise.all(others.map((sql) => sql.end()));
    const drawn = Object.entries(await outcomesOf(id));
    expect(drawn).toHaveLength(300);
    const given = drawn.flatMap(([member, outcome]) => (outcome === 'given' ? [member] : []));
    expect(await couponsOf(id)).toEqual(given.sort());
    const told = await server.sql<{ members: number[] }[]>`select data->'members' as members from delivery`;
    expect(told.flatMap((row) => row.members)).toHaveLength(given.length);
    await server.sql`update delivery_endpoint set deleted_at = now()`;
    await expectSound();
  });

  it('keeps to the number of the campaign, and leaves the rest undecided', async () => {
    const tag = await members(40, today);
    const id = await automation(tag, { kind: 'birthday', days: 0 }, { holdoutPercent: 50 }, { total: 7 });
    await run(id, at(0));
    await run(id, at(HOUR));
    expect(await couponsOf(id)).toHaveLength(7);
    expect(Object.keys(await outcomesOf(id)).length).toBeLessThan(40);
    await expectSound();
  });

  it('keeps to the limit over all automations, which those held out count for too', async () => {
    expect((await send('PUT', '/automation-rules', { coupons: 1, days: 7 })).status).toBe(200);
    const tag = await members(60, today);
    const first = await automation(tag, { kind: 'birthday', days: 0 }, { holdoutPercent: 50 });
    const second = await automation(tag, { kind: 'birthday', days: 0 });
    // One draws at a time, also of two automations: the first is in the middle of it.
    const other = connect(server.databaseUrl, { max: 1, application: 'first' });
    const draws = await server.sql.begin(async (tx) => {
      await tx`select from campaign c join automation a on a.campaign_no = c.no where a.id = ${first} for update of c`;
      const done = run(first, at(0), other);
      const stands = () => server.sql`
        select from pg_stat_activity where application_name = 'first' and wait_event_type = 'Lock'`;
      await expect.poll(stands).toHaveLength(1);
      expect(await runStep({ sql: server.sql, time, now: at(1_000) }, await noOf(second))).toBe('busy');
      return { done };
    });
    await draws.done;
    await other.end();
    await run(second, at(1_000));
    expect(new Set(Object.values(await outcomesOf(first)))).toEqual(new Set(['given', 'holdout']));
    expect(new Set(Object.values(await outcomesOf(second)))).toEqual(new Set(['capped']));
    await send('PUT', '/automation-rules', { coupons: 2, days: 7 });
    await expectSound();
  });

  it('holds out the share that was asked for, and shows what the coupons brought beside them', async () => {
    const tag = await members(600, today);
    const id = await automation(tag, { kind: 'birthday', days: 0 }, { holdoutPercent: 30, windowDays: 14 });
    await run(id, at(0));
    const outcomes = await outcomesOf(id);
    const held = Object.keys(outcomes).filter((member) => outcomes[member] === 'holdout');
    expect(held.length).toBeGreaterThan(600 * 0.24);
    expect(held.length).toBeLessThan(600 * 0.36);
    // Four in ten of the others buy for ¥20 and give back ¥5; one in ten of those held out. What is bought later does not count.
    await server.sql`
      insert into orders (order_id, placed_at, channel, method, member_id, total, refunds)
      select 'effect-' || m.id, ${at(DAY)}::timestamptz + case when right(m.id, 1) = '9' then interval '14 days' else interval '0' end,
        'mall', 'carry', m.id, 2000, '[{"amount": 500}]'
      from member m where m.id like ${`${tag}-%`}
        and right(m.id, 1) = any(case when m.id = any(${held}::text[]) then array['1'] else array['1', '2', '3', '4', '9'] end)`;
    await measureDraws(server.sql, at(13 * DAY), 1_000);
    expect(await report(id)).toMatchObject({
      unmeasured: 600,
      rate: { enough: false },
      treated: { members: 0 },
    });
    while ((await measureDraws(server.sql, at(15 * DAY), 400)) > 0);
    const { treated, holdout, rate, money, unmeasured } = await report(id);
    expect([treated.members, holdout.members, unmeasured]).toEqual([600 - held.length, held.length, 0]);
    expect(treated.net).toBe(treated.buyers * 1_500);
    expect(treated.buyers / treated.members).toBeCloseTo(0.4, 1);
    expect(holdout.buyers / holdout.members).toBeCloseTo(0.1, 1);
    expect(rate).toMatchObject({ clear: true });
    expect(rate.low).toBeGreaterThan(0.15);
    expect(money).toMatchObject({ clear: true });
    await expectSound();
  });
});

it('once it was on, only its name and cap change; what does not fit is named', async () => {
  const tag = await members(1);
  const id = await automation(tag, { kind: 'birthday', days: 0 });
  const { body } = await send<Automation & Record<string, unknown>>('GET', `/automations/${id}`);
  const wish = {
    name: body['name'],
    campaignId: body['campaignId'],
    trigger: body['trigger'],
    holdoutPercent: 0,
    windowDays: 14,
  };
  const put = (more: object) =>
    send<Automation & Problem>('PUT', `/automations/${id}`, { ...wish, revision: body.revision, ...more });
  expect((await put({ holdoutPercent: 10 })).body.code).toBe('conflict');
  expect((await put({ name: '生日', cap: { coupons: 1, days: 30 } })).body).toMatchObject({ name: '生日' });
  expect((await put({ name: 'old' })).body.code).toBe('conflict');
  const post = async (more: object) =>
    (await send<Problem>('POST', '/automations', { ...wish, ...more })).body;
  expect((await post({})).code).toBe('conflict');
  expect((await post({ campaignId: id })).errors?.[0]?.field).toBe('campaignId');
  expect((await post({ trigger: { kind: 'looked', hours: 0 } })).errors?.[0]?.field).toBe('trigger.hours');
  expect((await send('DELETE', `/automations/${id}`)).status).toBe(204);
  expect((await send('GET', `/automations/${id}`)).status).toBe(404);
});
