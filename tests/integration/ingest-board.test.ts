/** The board says what the ledger says: after a storm, after a commit that took long, after midnight, for late joiners. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { onDelta, onSnapshot, type Cursor, type Step } from '@zhanggui/shared/board/client-state.ts';
import {
  topics,
  type BoardValue,
  type Delta,
  type Snapshot,
  type Topic,
} from '@zhanggui/shared/contract/board.ts';
import { addMinutes } from '@zhanggui/shared/coupons/campaign-store.ts';
import { BoardReader } from '@zhanggui/server/src/live/board-reader.ts';
import type { BoardServer, BoardSocket } from '@zhanggui/server/src/live/board-rooms.ts';
import { BoardPublisher } from '@zhanggui/server/src/live/publisher.ts';
import { emptyBooks, event, openBooks, type Books } from '../support/books.ts';

let books: Books;
const closing: (() => Promise<void>)[] = [];
beforeAll(async () => {
  books = await openBooks();
});
beforeEach(() => emptyBooks(books.sql));
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(() => books.close());

/** A screen that keeps the board's rules, and the little of Socket.IO that rooms need. */
class Screen {
  readonly held = new Map<Topic, Record<string, BoardValue>>();
  readonly rooms = new Set<string>();
  readonly deltas = new Map<Topic, number>();
  resyncs = 0;
  #cursors = new Map<Topic, Cursor>();

  join = async (room: string) => void this.rooms.add(room);
  emit = (name: 'snapshot' | 'delta', message: Snapshot | Delta) => {
    const cursor = this.#cursors.get(message.topic) ?? null;
    if (name === 'delta') this.deltas.set(message.topic, (this.deltas.get(message.topic) ?? 0) + 1);
    const step =
      name === 'snapshot' ? onSnapshot(cursor, message as Snapshot) : onDelta(cursor, message as Delta);
    this.#take(message.topic, step);
  };

  #take(topic: Topic, step: Step): void {
    if (step.do === 'resync') this.resyncs += 1;
    if (step.do !== 'apply') return;
    const next = step.patch.replace ? {} : { ...this.held.get(topic) };
    // Through JSON, as over the wire.
    Object.assign(next, JSON.parse(JSON.stringify(step.patch.put)));
    for (const key of step.patch.del) delete next[key];
    this.held.set(topic, next);
    this.#cursors.set(topic, step.cursor);
  }
}

function openBoard() {
  const screens: Screen[] = [];
  const publisher = new BoardPublisher({
    sql: books.sql,
    time: books.time,
    webVersion: 'test',
    ingest: () => ({ perSecond: 0, commitMsP50: 0, commitMsP99: 0, queued: 0 }),
  });
  closing.push(() => publisher.close());
  const inRoom = (room: string) => screens.filter((screen) => screen.rooms.has(room));
  publisher.attach({
    sockets: { adapter: { rooms: { get: (room: string) => ({ size: inRoom(room).length }) } } },
    local: {
      to: (room: string) => ({
        emit: (name: 'delta', delta: Delta) => inRoom(room).forEach((screen) => screen.emit(name, delta)),
      }),
      emit: () => true,
    },
  } as unknown as BoardServer);
  const show = async (scope: 'all' | `store:${string}` = 'all') => {
    const screen = new Screen();
    screens.push(screen);
    for (const topic of topics)
      await publisher.join(screen as unknown as BoardSocket, topic, scope, { hideMoney: false });
    return screen;
  };
  return { publisher, show };
}

/** What a server that starts now would show. */
async function freshValues(topic: Topic, scope: 'all' | `store:${string}` = 'all') {
  const fresh = new BoardPublisher({
    sql: books.sql,
    time: books.time,
    webVersion: 'test',
    ingest: () => ({ perSecond: 0, commitMsP50: 0, commitMsP99: 0, queued: 0 }),
  });
  const { data } = await fresh.snapshot(topic, scope, { hideMoney: false });
  await fresh.close();
  return JSON.parse(JSON.stringify(data)) as Record<string, BoardValue>;
}

const order = (no: number, sku = 'A', at = Date.now(), total = 100 + no) =>
  event(`e${no}`, 'order.placed', at, {
    orderId: `o${no}`,
    channel: no % 2 ? 'pos' : 'live',
    lines: [{ sku, qty: 1 + (no % 3), unitPrice: 100 }],
    total,
    fulfilment: { method: no % 5 ? 'carry' : 'ship', location: `S${no % 4}` },
  });
const refund = (no: number) =>
  event(`r${no}`, 'order.refunded', Date.now(), { orderId: `o${no}`, amount: 50, lines: [], returnTo: 'S1' });

async function ledgerSums() {
  const [row] = await books.sql<[{ orders: number; net: number }]>`
    select count(*)::int as orders, (sum(o.total) filter (where o.method = 'carry' or o.paid_at is not null)
      - coalesce((select sum((r->>'amount')::bigint) from orders, jsonb_array_elements(refunds) r), 0))::bigint as net
    from orders o where placed_at is not null`;
  return row;
}

test('after a storm of commits through two servers, all screens show what the tables say, late joiners too', async () => {
  const { publisher, show } = openBoard();
  const early = await show();
  const onCommit = () => publisher.poke();
  const servers = [
    books.committer('one', { onCommit, groupEvents: 20 }),
    books.committer('two', { onCommit, groupEvents: 20 }),
  ];
  const sent: Promise<unknown>[] = [];
  let late: Screen | null = null;
  let store: Screen | null = null;
  for (let i = 0; i < 60; i++) {
    const list = Array.from({ length: 10 }, (_, k) => order(i * 10 + k, 'ABC'[k % 3]));
    sent.push(servers[i % 2]!.submit([...list, refund(i * 10)]));
    if (i % 10 === 0) await sleep(30);
    if (i === 30) late = await show();
    if (i === 40) store = await show('store:S1');
  }
  await Promise.all(sent);
  const expected = new Map(
    await Promise.all(topics.map(async (topic) => [topic, await freshValues(topic)] as const)),
  );
  for (const screen of [early, late!])
    for (const topic of ['sales', 'stores', 'stock', 'feed'] as const)
      await expect.poll(() => screen.held.get(topic), { timeout: 15_000 }).toEqual(expected.get(topic));
  const ofStore = await freshValues('sales', 'store:S1');
  await expect.poll(() => store!.held.get('sales'), { timeout: 15_000 }).toEqual(ofStore);
  expect(early.held.get('sales')!['today']).toMatchObject(await ledgerSums());
  expect(early.held.get('health')!['ledger']).toMatchObject({ events: 660 });
  expect([early.resyncs, late!.resyncs, store!.resyncs]).toEqual([0, 0, 0]);
});

test('a transaction that commits long after younger ones is not skipped', async () => {
  const { publisher, show } = openBoard();
  const screen = await show();
  const fast = books.committer('one', { onCommit: () => publisher.poke() });
  const slow = books.committer('two');
  await fast.submit([order(1, 'LOCKED'), order(2, 'FREE')]);
  const holder = await books.sql.reserve();
  await holder`begin`;
  await holder`select * from stock where sku_no = (select no from sku where code = 'LOCKED') for update`;
  // Has its transaction id, and waits for the balance.
  const waiting = slow.submit([order(5, 'LOCKED', Date.now(), 7777)]);
  const held = () =>
    books.sql`select 1 from pg_stat_activity where application_name = 'two' and wait_event_type = 'Lock'`;
  await expect.poll(held, { timeout: 10_000 }).toHaveLength(1);
  for (let no = 6; no < 10; no++) {
    await fast.submit([order(no * 4 + 2, 'FREE')]);
    await sleep(60);
  }
  const orders = () => (screen.held.get('sales')!['today'] as { orders: number }).orders;
  await expect.poll(orders).toBe(6);
  await holder`rollback`;
  holder.release();
  await waiting;
  publisher.poke();
  await expect.poll(orders).toBe(7);
  const expected = await freshValues('sales');
  // Hot SKUs follow within a second.
  await expect.poll(() => screen.held.get('sales'), { timeout: 15_000 }).toEqual(expected);
});

test('without any hint the board follows within its look', async () => {
  const { show } = openBoard();
  const screen = await show();
  await books.committer().submit([order(1)]);
  await expect
    .poll(() => (screen.held.get('sales')!['today'] as { orders: number }).orders, { timeout: 15_000 })
    .toBe(1);
});

test('in a storm the headline is sent often and the lists seldom, and all end in the right numbers', async () => {
  const { publisher, show } = openBoard();
  const screen = await show();
  const committer = books.committer('storm', { onCommit: () => publisher.poke() });
  const began = performance.now();
  let no = 0;
  while (performance.now() - began < 2000) await committer.submit([order((no += 1))]);
  const seconds = (performance.now() - began) / 1000;
  const [sales, stores] = [screen.deltas.get('sales')!, screen.deltas.get('stores')!];
  // A few at once after a rest, then each 80 ms and each 250 ms.
  expect(sales).toBeLessThanOrEqual(4 + seconds * 12.5);
  expect(stores).toBeLessThanOrEqual(4 + seconds * 4);
  const expected = await freshValues('stores');
  await expect.poll(() => screen.held.get('stores'), { timeout: 15_000 }).toEqual(expected);
  expect((screen.held.get('sales')!['today'] as { orders: number }).orders).toBe(no);
});

test('coupons go out and come back on every screen, also a late one, and after a restart; a pulled brake is told', async () => {
  await books.sql`truncate campaign, campaign_minute, fan_out_chunk restart identity cascade`;
  const { show } = openBoard();
  const screen = await show();
  const [campaign] = await books.sql<[{ no: number; id: string }]>`
    insert into campaign (kind, name, state, give, template, audience, budget, liability, brake, targeted, planned_at, launched_at,
      created_by, created_by_ref)
    values ('coupon', '周年', 'running', 'push', '{}', '{}', 10000, 100, 300, 10, now(), now(), 'Li', 'user 1') returning no, id`;
  const { no, id } = campaign;
  const tile = (of: Screen) => of.held.get('coupons')![`campaign:${id}`];
  await books.sql`
    insert into fan_out_chunk (campaign_no, chunk, from_member, to_member, members, state, issued, done_at, ms)
    values (${no}, 0, 1, 5, 5, 'done', 5, clock_timestamp(), 500), (${no}, 1, 6, 10, 5, 'waiting', 0, null, null)`;
  await books.sql`update campaign set issued = 5, reserved = 500 where no = ${no}`;
  await addMinutes(books.sql, [{ campaignNo: no, issued: 5 }], new Date());
  await expect
    .poll(() => tile(screen), { timeout: 5_000 })
    .toMatchObject({
      state: 'running',
      issued: 5,
      reservedShare: 0.05,
      fanOut: { share: 0.5 },
    });
  const late = await show();
  await books.sql`
    update campaign set issued = 10, redeemed = 4, reserved = 600, spent = 320, state = 'paused', paused_at = now(),
      paused_because = 'brake' where no = ${no}`;
  await books.sql`update fan_out_chunk set state = 'done', issued = 5, done_at = clock_timestamp(), ms = 500 where chunk = 1`;
  await addMinutes(books.sql, [{ campaignNo: no, issued: 5, redeemed: 4, spent: 320 }], new Date());
  for (const each of [screen, late])
    await expect
      .poll(() => tile(each), { timeout: 5_000 })
      .toMatchObject({ pausedBy: 'brake', redeemed: 4, spentShare: 0.032, fanOut: null });
  const held = screen.held.get('coupons')!;
  expect(held['summary']).toMatchObject({ paused: 1, issuedToday: 10, redeemedToday: 4, spentToday: 320 });
  const minutes = Object.entries(held).filter(([key]) => key.startsWith('minute:'));
  const ofAll = minutes.filter(([key]) => !key.includes('@')) as [string, { issued: number }][];
  expect(ofAll.reduce((sum, [, { issued }]) => sum + issued, 0)).toBe(10);
  expect(minutes.some(([key]) => key.endsWith(`@${id}`))).toBe(true);
  expect(await freshValues('coupons')).toEqual(held);
  expect(late.held.get('coupons')).toEqual(held);
  expect([screen.resyncs, late.resyncs]).toEqual([0, 0]);
  const alerts = Object.values(await freshValues('alerts')) as { kind?: string }[];
  expect(alerts.find(({ kind }) => kind === 'brake')).toMatchObject({ name: '周年', usualAmount: 300 });
});

test('dear values that could not be read are read again', async () => {
  const reader = new BoardReader(books.sql, books.time);
  const began = Date.now();
  await reader.look(began);
  await books.committer().submit([order(1)]);
  await books.sql`alter table source rename column rejected to rejected_away`;
  await reader.look(began + 2000);
  await reader.close();
  await books.sql`alter table source rename column rejected_away to rejected`;
  expect(reader.state.sources).toEqual([]);
  await reader.look(began + 4000);
  await reader.close();
  expect([...(await reader.look(began + 4050))]).toEqual(expect.arrayContaining(['health', 'stock']));
  expect(reader.state.sources).toHaveLength(1);
});

test('at midnight in the company, today becomes yesterday', async () => {
  const midnight = books.time.start('2026-10-25');
  const reader = new BoardReader(books.sql, books.time);
  const committer = books.committer();
  await committer.submit([order(1, 'A', midnight - 60_000, 111)]);
  await reader.look(midnight - 1000);
  expect(reader.state.day).toBe('2026-10-24');
  expect([...reader.state.days.values()].map((row) => row.paid)).toEqual([111]);
  const changed = await reader.look(midnight);
  expect([...changed].sort()).toEqual([...topics].sort());
  expect(reader.state.day).toBe('2026-10-25');
  expect(reader.state.days.size).toBe(0);
  expect([...reader.state.sameTime.yesterday.values()]).toEqual([{ net: 0, total: 111 }]);
  await committer.submit([order(3, 'A', midnight + 5000, 333), order(9, 'A', midnight - 5000, 50)]);
  await reader.look(midnight + 120_000);
  expect([...reader.state.days.values()].map((row) => row.paid)).toEqual([333]);
  expect([...reader.state.sameTime.yesterday.values()]).toEqual([{ net: 0, total: 161 }]);
});

test('a database that fails a look leaves the last values, and the next look mends them', async () => {
  const reader = new BoardReader(books.sql, books.time);
  const committer = books.committer();
  await committer.submit([order(1)]);
  await reader.look(Date.now());
  await committer.submit([order(3)]);
  await books.sql`alter table sales_day rename to sales_day_away`;
  await expect(reader.look(Date.now())).rejects.toThrow('sales_day');
  await books.sql`alter table sales_day_away rename to sales_day`;
  await reader.look(Date.now());
  expect([...reader.state.days.values()].reduce((sum, row) => sum + row.orders, 0)).toBe(2);
});
