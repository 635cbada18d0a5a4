/** The board's topics stock and alerts: what is asked of whom now, what runs out next, what is on its way. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { noteChange } from '@zhanggui/shared/board/change-store.ts';
import { readOpenAlerts, readRunningOut } from '@zhanggui/shared/board/board-stock-store.ts';
import { readBoardSums } from '@zhanggui/shared/board/verify-store.ts';
import type { AlertsBoard, AlertTile, Scope, StockBoard } from '@zhanggui/shared/contract/board.ts';
import { paceNow } from '@zhanggui/shared/stock/pace.ts';
import { BoardReader } from '@zhanggui/server/src/live/board-reader.ts';
import { BoardPublisher } from '@zhanggui/server/src/live/publisher.ts';
import { alertTiles, stockTiles } from '@zhanggui/shared/board/tiles.ts';
import { emptyBooks, openBooks, type Books } from '../support/books.ts';

let books: Books;
const MINUTE = 60_000;
const NOW = Date.parse('2026-11-25T03:00:00Z');
const at = (minutes: number) => new Date(NOW + minutes * MINUTE);

beforeAll(async () => {
  books = await openBooks();
});
beforeEach(async () => {
  await emptyBooks(books.sql);
  await books.sql`truncate supply_order, alert_silence restart identity cascade`;
  await books.sql`
    insert into location (code, kind, name_zh, name_en, region) values
      ('S1', 'store', '一店', 'One', 'east'), ('S2', 'store', '二店', 'Two', 'east'), ('S3', 'store', '三店', 'Three', 'west')`;
  await books.sql`insert into sku (code, name_zh, name_en) values ('COLA', '可乐', 'Cola'), ('TEA', '茶', 'Tea')`;
});
afterAll(() => books.close());

const ZHANG = '00000000-0000-7000-8000-000000000007';

type NewAlert = {
  sku?: number;
  location?: number;
  kind?: string;
  severity?: string;
  opened?: number;
  status?: string;
  group?: string;
  snoozed?: number;
};
async function alert({
  sku = 1,
  location = 1,
  kind = 'sold_out',
  severity = 'critical',
  opened = 0,
  status = 'open',
  group,
  snoozed,
}: NewAlert): Promise<string> {
  const [row] = await books.sql<[{ id: string }]>`
    insert into alert (family, kind, severity, sku_no, location_no, status, opened_at, group_id, snoozed_until,
      owner_id, owner_name, params)
    values ('stock', ${kind}, ${severity}, ${sku}, ${location}, ${status}, ${at(opened)}, ${group ?? null},
      ${snoozed === undefined ? null : at(snoozed)}, ${status === 'acknowledged' ? ZHANG : null},
      ${status === 'acknowledged' ? '张敏' : null}, '{"available": 0}')
    returning id`;
  return row.id;
}
const openOf = (locations: number[] | null, minutes = 0, limit = 100) =>
  readOpenAlerts(books.sql, locations, { now: at(minutes), limit });

test('the gravest come first, of equals the oldest; one for all members of a group, of the whole company', async () => {
  const wide = await alert({ kind: 'widespread', location: 0, opened: -5 });
  const member = await alert({ location: 1, group: wide, opened: -60 });
  const warning = await alert({ sku: 2, location: 1, severity: 'warning', opened: -90 });
  const mine = await alert({ sku: 2, location: 2, opened: -30, status: 'acknowledged' });
  const all = await openOf(null);
  expect(all.tiles.map(({ id }) => id)).toEqual([mine, wide, warning]);
  expect(all.counts).toEqual({ open: 2, acknowledged: 1, critical: 1 });
  expect((await openOf(null, 0, 2)).tiles.map(({ id }) => id)).toEqual([mine, wide]);
  // The store's people have nothing to do with the company's one: theirs is their own.
  expect((await openOf([1])).tiles.map(({ id }) => id)).toEqual([member, warning]);
  expect(all.tiles[0]).toEqual({
    id: mine, kind: 'sold_out', severity: 'critical', status: 'acknowledged', level: 'store', sku: 'TEA', nameZh: '茶',
    nameEn: 'Tea', location: 'S2', locationNameZh: '二店', locationNameEn: 'Two', openedAt: at(-30).toISOString(),
    ownerId: ZHANG, owner: '张敏', snoozedUntil: null, dueAt: null, params: { available: 0 }, proposal: null,
  } satisfies AlertTile); // prettier-ignore
  expect(all.tiles[1]).toMatchObject({ location: null, sku: 'COLA' });
});

test('what is snoozed or silenced is left out until that ends, and it is known when', async () => {
  await alert({ location: 1, snoozed: 10 });
  await alert({ location: 2 });
  expect(await openOf(null)).toMatchObject({ counts: { open: 1 }, turnsAt: at(10) });
  await books.sql`
    insert into alert_silence (location_no, until, reason, by) values (2, ${at(5)}, 'building work', 'Li')`;
  expect(await openOf(null)).toMatchObject({ counts: { open: 0 }, tiles: [], turnsAt: at(5) });
  expect(await openOf(null, 5)).toMatchObject({ counts: { open: 1 }, turnsAt: at(10) });
  expect(await openOf(null, 10)).toMatchObject({ counts: { open: 2 }, turnsAt: null });
});

test('what runs out next goes by the pace of now, not by that of an hour ago', async () => {
  await books.sql`
    insert into stock (sku_no, location_no, on_hand, reserved) values (1, 1, 20, 2), (1, 2, 6, 0), (1, 3, 0, 0), (2, 3, 500, 0)`;
  await books.sql`
    insert into sale_pace (sku_no, location_no, day, units, per_hour, at) values
      (1, 1, '2026-11-25', 9, 40, ${at(-3)}), (1, 2, '2026-11-25', 9, 60, ${at(-45)}),
      (1, 3, '2026-11-25', 9, 90, ${at(0)}), (2, 3, '2026-11-25', 9, 30, ${at(0)})`;
  const ask = (perHour: number) =>
    readRunningOut(books.sql, null, { now: new Date(NOW), perHour, withinHours: 12 });
  const [rate, slow] = [paceNow(40, NOW - 3 * MINUTE, NOW), paceNow(60, NOW - 45 * MINUTE, NOW)];
  const rows = await ask(1);
  expect(rows.map(({ location, perHour }) => [location, perHour])).toEqual([
    ['S1', Math.round(rate * 10) / 10],
    ['S2', Math.round(slow * 10) / 10],
  ]);
  expect(rows[0]).toMatchObject({ sku: 'COLA', available: 18, locationNameZh: '一店' });
  expect(Date.parse(rows[0]!.soldOutAt) / 1000).toBeCloseTo(NOW / 1000 + (18 / rate) * 3600, -0.5);
  expect((await ask(4)).map(({ location }) => location)).toEqual(['S1']);
});

/** What a screen of that scope holds. */
function tilesOf(reader: BoardReader, scope: Scope) {
  const scoped = reader.scopedNow(scope);
  return {
    alerts: Object.fromEntries(alertTiles(scoped)) as unknown as AlertsBoard,
    stock: Object.fromEntries(stockTiles(reader.state, null, scoped)) as unknown as StockBoard,
  };
}

test('an alert is on the board with the next look, and a snooze that ends brings it back without a word', async () => {
  const reader = new BoardReader(books.sql, books.time);
  await reader.look(NOW);
  for (const scope of ['all', 'store:S1', 'store:S2'] as const) await reader.scoped(scope);
  await reader.look(NOW + 100);
  await reader.close();
  await alert({ location: 1, opened: -3, snoozed: 2 });
  await alert({ sku: 2, location: 1, opened: -4 });
  await noteChange(books.sql, { topics: ['alerts'], minutes: [], locationNos: [] });
  // Sooner than the dear reads may run again.
  expect([...(await reader.look(NOW + 200))]).toContain('alerts');
  expect(tilesOf(reader, 'all').alerts.summary).toMatchObject({ open: 1, critical: 1 });
  expect(Object.keys(tilesOf(reader, 'store:S1').alerts)).toHaveLength(2);
  expect(Object.keys(tilesOf(reader, 'store:S2').alerts)).toEqual(['summary']);
  expect((await reader.look(NOW + 400)).has('alerts')).toBe(false);
  expect((await reader.look(NOW + 2 * MINUTE)).has('alerts')).toBe(true);
  expect(tilesOf(reader, 'all').alerts.summary).toMatchObject({ open: 2, critical: 2 });
  await reader.close();
});

test('restocks of a scope: proposed, under way, late from the minute on, and how long they take', async () => {
  await books.sql`insert into stock_location (location_no, balances, sold_out, oversold) values (1, 9, 0, 0), (2, 4, 0, 0)`;
  await books.sql`
    insert into stock (sku_no, location_no, on_hand, reorder_point, low_at) values
      (1, 1, 3, 5, now()), (2, 1, 2, 5, now()), (1, 2, 9, 5, null)`;
  await books.sql`
    insert into proposal (sku_no, location_no, source_kind, supplier, qty, cost, expected_at, why)
    values (1, 1, 'supplier', 'SUP1', 12, 100, ${at(600)}, '{}')`;
  await books.sql`
    insert into supply_order (code, kind, supplier, to_location_no, state, expected_at, created_by, wanted_at, received_at) values
      ('PO-1', 'purchase', 'SUP1', 1, 'shipped', ${at(1)}, 'Li', ${at(-600)}, null),
      ('PO-2', 'purchase', 'SUP1', 2, 'sent', ${at(60)}, 'Li', ${at(-600)}, null),
      ('PO-3', 'purchase', 'SUP1', 2, 'received', ${at(-60)}, 'Li', ${at(-3000)}, ${at(-60)})`;
  await books.sql`
    insert into supply_order_line (order_no, sku_no, qty, received) values (1, 1, 12, 5), (1, 2, 6, 8), (2, 1, 24, 0), (3, 1, 9, 9)`;
  const reader = new BoardReader(books.sql, books.time);
  await reader.look(NOW);
  for (const scope of ['all', 'store:S1'] as const) await reader.scoped(scope);
  const restock = (scope: Scope) => tilesOf(reader, scope).stock.restock;
  expect(restock('all')).toEqual({
    openProposals: 1,
    underWay: 2,
    underWayUnits: 31,
    late: 0,
    cycleHours: 49,
  });
  expect(restock('store:S1')).toEqual({
    openProposals: 1, underWay: 1, underWayUnits: 7, late: 0, cycleHours: null,
  }); // prettier-ignore
  expect(tilesOf(reader, 'all').stock.summary).toMatchObject({ balances: 13, low: 2 });
  expect(tilesOf(reader, 'all').stock['location:S1']).toMatchObject({ low: 2 });

  await reader.look(NOW + 1.5 * MINUTE);
  await reader.close();
  expect(restock('all').late).toBe(1);
});

test('the check of the board knows the sums that the board shows', async () => {
  await books.sql`insert into stock_location (location_no, balances, sold_out, oversold) values (1, 9, 1, 0)`;
  await books.sql`
    insert into stock (sku_no, location_no, on_hand, reorder_point, low_at) values (1, 1, 0, 5, now())`;
  await books.sql`
    insert into proposal (sku_no, location_no, source_kind, supplier, qty, cost, expected_at, why)
    values (1, 1, 'supplier', 'SUP1', 12, 100, now(), '{}')`;
  const wide = await alert({ kind: 'widespread', location: 0 });
  await alert({ location: 1, group: wide });
  await alert({ sku: 2, location: 1, status: 'acknowledged' });
  await alert({ sku: 2, location: 2, severity: 'warning' });
  await books.sql`
    insert into live_session (session_id, started_at, pulse_at, viewers, peak, entered, orders, units, placed, paid)
    values ('on', now(), now(), 70, 90, 400, 3, 4, 900, 300), ('off', now() - interval '1 hour', null, 5, 5, 5, 0, 0, 0, 0)`;
  await books.sql`truncate campaign, campaign_minute restart identity cascade`;
  await books.sql`
    insert into campaign (kind, name, state, give, template, audience, budget, issued, redeemed, reserved, spent, created_by, created_by_ref)
    values ('coupon', 'c', 'running', 'claim', '{}', '{}', 9000, 8, 2, 600, 150, 'Li', 'user 1'),
      ('coupon', 'd', 'draft', 'claim', '{}', '{}', null, 0, 0, 0, 0, 'Li', 'user 1')`;
  await books.sql`
    insert into group_buy (id, source, size, members, opened_at, expires_at) values ('g', 'theirs', 5, 2, now(), now() + interval '1 hour')`;
  const publisher = new BoardPublisher({
    sql: books.sql,
    time: books.time,
    webVersion: 'test',
    ingest: () => ({ perSecond: 0, commitMsP50: 0, commitMsP99: 0, queued: 0 }),
  });
  const sums = await readBoardSums(books.sql, books.time.day(Date.now()));
  for (const topic of ['stock', 'live', 'groups', 'coupons', 'alerts'] as const) {
    const { data } = await publisher.snapshot(topic, 'all', { hideMoney: false });
    for (const [key, expected] of Object.entries(sums[topic])) expect(data[key], key).toMatchObject(expected);
  }
  expect(sums.alerts['summary']).toEqual({ open: 2, acknowledged: 1, critical: 1 });
  expect(sums.stock['location:S1']).toEqual({ balances: 9, soldOut: 1, oversold: 0, low: 1 });
  expect(sums.live['summary']).toEqual({ running: 1, viewers: 70, orders: 3, placed: 900 });
  expect(sums.groups['summary']).toMatchObject({ open: 1, members: 2, lacking: 3 });
  expect(sums.coupons['summary']).toEqual({ running: 1, paused: 0 });
  expect(Object.values(sums.coupons)).toContainEqual(
    expect.objectContaining({ issued: 8, redeemed: 2, reserved: 600, spent: 150 }),
  );
  await publisher.close();
});

test('a snapshot is whole, also beside others of its scope that end', async () => {
  await alert({});
  const publisher = new BoardPublisher({
    sql: books.sql,
    time: books.time,
    webVersion: 'test',
    ingest: () => ({ perSecond: 0, commitMsP50: 0, commitMsP99: 0, queued: 0 }),
  });
  const opens = new Map<number, number>();
  for (let round = 0; round < 100; round++) {
    const shown = await Promise.all(
      (['sales', 'stores', 'stock', 'alerts', 'alerts', 'alerts'] as const).map(async (topic, i) => {
        // Some come while others are nearly done.
        for (let hop = 0; hop < i * (round % 20); hop++) await Promise.resolve();
        return publisher.snapshot(topic, 'all', { hideMoney: false });
      }),
    );
    for (const { topic, data } of shown) {
      if (topic !== 'alerts') continue;
      const { open } = data['summary'] as AlertsBoard['summary'];
      opens.set(open, (opens.get(open) ?? 0) + 1);
    }
  }
  await publisher.close();
  expect([...opens.keys()]).toEqual([1]);
});
