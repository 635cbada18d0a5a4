/** `zg verify` finds nothing in books that the committer kept, and every kind of damage in books that somebody touched. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SqlTransaction } from '@zhanggui/shared/platform/database.ts';
import { verifyBoard } from '@zhanggui/server/src/cli/verify/board.ts';
import { checkBooks, verifyBooks, type BooksReport } from '@zhanggui/server/src/cli/verify/books.ts';
import { checksOf } from '@zhanggui/server/src/cli/verify/checks.ts';
import { bookHolds } from '@zhanggui/server/src/stock/book-holds.ts';
import { insertReservations } from '@zhanggui/shared/stock/reservation-store.ts';
import { emptyBooks, event, openBooks, type Books } from '../support/books.ts';
import { arrivalOf, facts } from '../support/random-facts.ts';

let books: Books;
beforeAll(async () => {
  books = await openBooks();
});
afterAll(() => books.close());

const options = { limit: 5, signal: new AbortController().signal, onResult: () => undefined };

const found = ({ results }: BooksReport) =>
  results
    .filter(({ differences }) => differences.total > 0)
    .map(({ name, differences }) => [name, differences]);

test('agrees with the committer on any facts, however they arrive', { timeout: 180_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      facts.chain((list) => arrivalOf(list)),
      async ({ requests, groupEvents }) => {
        await emptyBooks(books.sql);
        const servers = [
          books.committer('one', { groupEvents }),
          books.committer('two', { groupEvents }),
        ] as const;
        for (const { server, events } of requests) await servers[server].submit(events);
        const report = await verifyBooks(books.sql, options);
        expect(found(report)).toEqual([]);
        expect(report).toMatchObject({ ledgerIsWhole: true });
      },
    ),
    {
      numRuns: Number(process.env['PROPERTY_RUNS'] ?? 20),
      ...(process.env['PROPERTY_SEED'] && { seed: Number(process.env['PROPERTY_SEED']) }),
    },
  );
});

/** A little of everything that the checks look at. */
async function tellSome(): Promise<void> {
  await emptyBooks(books.sql);
  const at = (minute: number) => Date.UTC(2026, 9, 24, 6, minute);
  const order = (orderId: string, method: string, total: number, lines: object[]) => ({
    orderId,
    channel: 'mall',
    lines,
    total,
    fulfilment: { method, location: 'W' },
  });
  const two = [
    { sku: 'A', qty: 1, unitPrice: 100 },
    { sku: 'B', qty: 2, unitPrice: 100 },
  ];
  const answer = await books.committer().submit([
    event('received', 'stock.received', at(0), {
      location: 'W',
      ref: 'r',
      lines: [
        { sku: 'A', qty: 9 },
        { sku: 'B', qty: 9 },
      ],
    }),
    event('counted', 'stock.counted', at(1), { location: 'W', lines: [{ sku: 'A', onHand: 5 }] }),
    event('o1', 'order.placed', at(2), order('o1', 'carry', 200, two)),
    event('o2', 'order.placed', at(3), order('o2', 'ship', 300, two)),
    event('o2 paid', 'order.paid', at(4), { orderId: 'o2' }),
    event('o1 back', 'order.refunded', at(5), {
      orderId: 'o1',
      amount: 50,
      lines: [{ sku: 'B', qty: 1 }],
      returnTo: 'W',
    }),
    event('doors', 'traffic.store', at(6), { location: 'S', entered: 4 }),
    event('ads', 'spend.recorded', at(8), { channel: 'mall', campaignId: 'autumn', amount: 700 }),
    event('sold out', 'order.placed', at(7), order('o3', 'carry', 1, [{ sku: 'C', qty: 1, unitPrice: 1 }])),
  ]);
  expect(answer).toMatchObject({ accepted: 9, rejected: [] });
  await books.sql.begin(async (sql) => {
    const [held = { skuNo: 0, locationNo: 0 }] = await sql<{ skuNo: number; locationNo: number }[]>`
      select s.no as "skuNo", l.no as "locationNo" from sku s, location l where s.code = 'A' and l.code = 'W'`;
    const lines = [{ ...held, qty: 1 }];
    const draft = { reference: 'o4', channel: 'mall', requestHash: '', createdBy: 'test', ttlSeconds: 900 };
    await insertReservations(sql, [{ ...draft, lines }]);
    await bookHolds(sql, { held: lines });
  });
}

/** A group of two with one member, whose order is paid, in the damaged books only. */
async function withGroup(sql: SqlTransaction): Promise<void> {
  await sql`
    with c as (
      insert into campaign (kind, name, template, audience, issued, created_by, created_by_ref)
      values ('group', 'g', '{}', '{}', 1, 'test', 'test') returning no),
    m as (insert into member (id) values ('gm') returning no),
    g as (
      insert into group_buy (id, source, campaign_no, size, members, leader_no, next_position, opened_at, expires_at)
      select 'G', 'ours', c.no, 2, 1, m.no, 2, now(), now() + interval '1 day' from c, m returning no, campaign_no, leader_no)
    insert into group_seat (group_no, position, member_no, joined_at, campaign_no, counts, order_id)
    select no, 1, leader_no, now(), campaign_no, true, 'o2' from g`;
}

/** A campaign of two coupons, both given, one redeemed for the second order, and one member of a list given theirs. */
async function withCoupons(sql: SqlTransaction): Promise<void> {
  await sql`
    with c as (
      insert into campaign (kind, give, name, template, audience, total, budget, liability, issued, redeemed, reserved, spent, created_by, created_by_ref)
      values ('coupon', 'push', 'k', '{}', '{}', 2, 200, 100, 2, 1, 100, 40, 'test', 'test') returning no),
    made as (
      insert into coupon (campaign_no, member_no, nth, state, valid_from, valid_to, order_id, amount, open)
      select no, member, 1, state, now(), now() + interval '1 day', order_id, amount, open
      from c, (values (1, 'redeemed', 'o2', 40, false), (2, 'issued', null, null, true)) v (member, state, order_id, amount, open)),
    used as (
      insert into coupon_use (code, order_id, at, decided, amount, verdict, dirty)
      values ('code', 'o2', now(), true, 40, 'counted', false))
    insert into fan_out_chunk (campaign_no, chunk, from_member, to_member, members, state, issued)
    select no, 0, 1, 2, 2, 'done', 2 from c`;
}

/** A rule of the campaign of the coupons: the first member was given one, the second is held out and has none. */
async function withAutomation(sql: SqlTransaction): Promise<void> {
  await withCoupons(sql);
  await sql`delete from coupon where member_no = 2`;
  await sql`
    with a as (
      insert into automation (name, campaign_no, trigger, holdout_percent, window_days, created_by)
      select 'a', no, '{"kind": "birthday", "days": 0}', 50, 14, 'test' from campaign where kind = 'coupon' returning no)
    insert into automation_occasion (automation_no, member_no, occasion, at, due_at, outcome, decided_at, cap_coupons, cap_days,
      all_coupons, all_days)
    select no, member, '2026', now(), now(), outcome, now(), 1, 7, 2, 7
    from a, (values (1, 'given'), (2, 'holdout')) v (member, outcome)`;
}

/** The check that has to notice, what is done to the books, and how many rows it has to show. */
const damages: [
  check: string,
  what: string,
  damage: (sql: SqlTransaction) => Promise<unknown>,
  differences: number,
][] = [
  ['keys', 'a fact is lost', (sql) => sql`delete from ledger where id = 'doors'`, 1],
  ['keys', 'a key is lost', (sql) => sql`delete from ledger_key where id = 'doors'`, 1],
  [
    'keys',
    'a fact is there twice',
    (sql) => sql`
      insert into ledger (seq, source_no, id, type, time, data)
      select seq + 100, source_no, id, type, time, data from ledger where id = 'doors'`,
    1,
  ],
  ['keys', 'a fact has another id', (sql) => sql`update ledger set id = 'windows' where id = 'doors'`, 2],
  ['accepted', 'more was accepted than is there', (sql) => sql`update source set accepted = accepted + 1`, 1],
  ['orders', 'a total is wrong', (sql) => sql`update orders set total = total + 1 where order_id = 'o1'`, 1],
  [
    'orders',
    'a total is shared out wrongly',
    (sql) => sql`update orders set line_amount = '{66,134}' where order_id = 'o1'`,
    1,
  ],
  [
    'orders',
    'a payment is forgotten',
    (sql) => sql`update orders set paid_at = null where order_id = 'o2'`,
    1,
  ],
  [
    'orders',
    'a refund is forgotten',
    (sql) => sql`update orders set refunds = null where order_id = 'o1'`,
    1,
  ],
  ['orders', 'an order is lost', (sql) => sql`delete from orders where order_id = 'o2'`, 1],
  ['orders', 'an order is made up', (sql) => sql`insert into orders (order_id) values ('o9')`, 1],
  [
    'sales-minute',
    'a sum is wrong',
    (sql) => sql`update sales_minute set placed = placed + 1 where placed = 300`,
    1,
  ],
  [
    'sales-minute',
    'a sale moved',
    (sql) => sql`update sales_minute set minute = minute + interval '1 hour' where placed = 300`,
    2,
  ],
  ['sales-day', 'a refund is forgotten', (sql) => sql`update sales_day set refunded = 0`, 1],
  ['sales-day', 'units are wrong', (sql) => sql`update sales_day set units = units + 1`, 1],
  [
    'last-sale',
    'it is earlier',
    (sql) => sql`update sales_day set last_sale_at = last_sale_at - interval '1 second'`,
    1,
  ],
  [
    'sales-sku-day',
    'money is wrong',
    (sql) => sql`update sales_sku_day set paid = paid + 1 where paid = 1`,
    1,
  ],
  [
    'sales-sku-day',
    'orders are wrong',
    (sql) => sql`update sales_sku_day set orders = orders + 1 where paid = 1`,
    1,
  ],
  ['campaign-spend', 'money is missing', (sql) => sql`update campaign_spend set amount = amount - 1`, 1],
  [
    'campaign-spend',
    'nobody told of it',
    (sql) => sql`insert into campaign_spend values ('spring', 'mall', 1)`,
    1,
  ],
  ['traffic', 'a visitor is missing', (sql) => sql`update traffic_hour set entered = entered - 1`, 1],
  [
    'on-hand',
    'the books agree with each other, but not with the facts',
    async (sql) => {
      await sql`update stock set on_hand = on_hand + 1 where sku_no = (select no from sku where code = 'B')`;
      await sql`
        update stock_movement set delta = delta + 1
        where kind = 'received' and sku_no = (select no from sku where code = 'B')`;
    },
    1,
  ],
  [
    'on-hand',
    'a count has another time',
    (sql) => sql`update stock set counted_at = counted_at + interval '1 second' where counted_at is not null`,
    1,
  ],
  [
    'movement-facts',
    'a movement has no fact',
    (sql) => sql`update stock_movement set seq = seq + 1000 where kind = 'return'`,
    1,
  ],
  ['movements', 'a movement is lost', (sql) => sql`delete from stock_movement where kind = 'return'`, 1],
  [
    'movements',
    'a balance is wrong',
    (sql) => sql`update stock set on_hand = on_hand - 1 where on_hand > 5`,
    1,
  ],
  [
    'reserved',
    'too much is reserved',
    (sql) => sql`update stock set reserved = reserved + 1 where reserved > 0`,
    2,
  ],
  [
    'stock-low',
    'a balance fell below its reorder point unmarked',
    (sql) => sql`update stock set reorder_point = 1000 where on_hand > 5`,
    1,
  ],
  [
    'reserved-in-books',
    'an order is open no more',
    (sql) => sql`update orders set cancelled_at = now() where order_id = 'o2'`,
    2,
  ],
  [
    'reserved',
    'a hold is forgotten',
    (sql) => sql`update reservation set holds = false, state = 'released', ended_at = now()`,
    1,
  ],
  ['reserved-in-books', 'a hold is lost', (sql) => sql`delete from reservation`, 1],
  [
    'holds',
    'nobody ended it in time',
    (sql) => sql`update reservation set expires_at = now() - interval '2 minutes'`,
    1,
  ],
  [
    'holds',
    'its order is placed',
    (sql) => sql`update reservation set reference = 'o2', created_at = now() - interval '2 minutes'`,
    1,
  ],
  [
    'low-alerts',
    'a low shelf has no alert',
    async (sql) => {
      await sql`delete from signal where sku_no in (select sku_no from stock where on_hand > 5)`;
      await sql`update stock set reorder_point = 1000, low_at = now() where on_hand > 5`;
    },
    1,
  ],
  [
    'cleared-alerts',
    'the alert of a full shelf was not ended',
    async (sql) => {
      await sql`delete from signal`;
      await sql`
        insert into alert (family, kind, severity, sku_no, location_no)
        select 'stock', 'sold_out', 'critical', sku_no, location_no from stock where on_hand > 5`;
    },
    1,
  ],
  [
    'double-alerts',
    'two workers opened the same',
    async (sql) => {
      await sql`drop index alert_open`;
      await sql`
        insert into alert (family, kind, severity, sku_no, location_no)
        select 'stock', 'sold_out', 'critical', 7, 7 from generate_series(1, 2)`;
    },
    1,
  ],
  [
    'signals',
    'nobody looked',
    (sql) =>
      sql`update signal set at = now() - interval '11 minutes' where no = (select min(no) from signal)`,
    1,
  ],
  [
    'inbound',
    'goods are awaited that nobody sends',
    (sql) => sql`update stock set inbound = 3 where on_hand > 5`,
    1,
  ],
  [
    'arrivals',
    'an order has not noticed what came',
    (sql) => sql`
      with o as (
        insert into supply_order (code, kind, to_location_no, state, expected_at, created_by)
        select 'r', 'purchase', no, 'received', now(), 'test' from location where code = 'W' returning no)
      insert into supply_order_line (order_no, sku_no, qty) select o.no, k.no, 9 from o, sku k where k.code = 'B'`,
    1,
  ],
  [
    'proposals',
    'an approval came to nothing',
    (sql) => sql`
      insert into proposal (sku_no, location_no, state, source_kind, qty, approved_qty, cost, expected_at, why)
      values (1, 1, 'approved', 'purchase', 1, 1, 0, now(), '{}')`,
    1,
  ],
  ...(
    [
      [
        'group-seats',
        'a member is gone',
        (sql) => sql`update group_seat set left_at = now(), counts = false`,
      ],
      [
        'group-sizes',
        'it has more than its size',
        (sql) => sql`
          insert into group_seat (group_no, position, member_no, joined_at)
          select no, n, 1000 + n, now() from group_buy, generate_series(2, 3) n`,
      ],
      ['group-limits', 'a member has more than one may', (sql) => sql`update group_seat set nth = 2`],
      ['group-counts', 'it was counted as formed', (sql) => sql`update campaign set redeemed = 1`],
      [
        'group-deadlines',
        'nobody ended it in time',
        (sql) => sql`update group_buy set expires_at = now() - interval '1 hour'`,
      ],
      [
        'refunds',
        'one is asked for while it is open',
        (sql) => sql`
          insert into refund_request (order_id, group_no, position, amount, reason) select 'o2', no, 1, 300, 'expired' from group_buy`,
      ],
      [
        'refunds',
        'one is forgotten',
        (sql) => sql`
          update group_buy set state = 'expired', because = 'time', ended_at = now() - interval '10 minutes'`,
      ],
      [
        'refunds',
        'one is forgotten of an order that only names the group',
        async (sql) => {
          await sql`update group_seat set order_id = null`;
          await sql`update orders set group_id = 'G', member_id = 'gm' where order_id = 'o2'`;
          await sql`update group_buy set state = 'expired', because = 'time', ended_at = now() - interval '10 minutes'`;
        },
      ],
      [
        'refunds',
        'an order is paid back whose member is in again',
        async (sql) => {
          await sql`update group_seat set position = 2, joined_at = now() - interval '1 minute'`;
          await sql`
            insert into group_seat (group_no, position, member_no, joined_at, left_at, order_id)
            select group_no, 1, member_no, joined_at - interval '9 minutes', joined_at, order_id from group_seat`;
          await sql`
            insert into refund_request (order_id, group_no, position, amount, reason) select 'o2', no, 1, 300, 'left' from group_buy`;
        },
      ],
    ] as const satisfies [string, string, (sql: SqlTransaction) => Promise<unknown>][]
  ).map(([check, what, damage]): (typeof damages)[number] => [
    check,
    what,
    async (sql) => {
      await withGroup(sql);
      await damage(sql);
    },
    1,
  ]),
  ...(
    [
      [
        'coupon-limits',
        'a member has two of one',
        (sql) => sql`update coupon set member_no = 1, nth = 2 where member_no = 2`,
      ],
      [
        'campaign-counters',
        'a coupon is lost',
        (sql) => sql`update campaign set issued = 3, total = 3 where kind = 'coupon'`,
      ],
      [
        'campaign-budgets',
        'more is given than there is',
        (sql) => sql`update campaign set total = 1 where kind = 'coupon'`,
      ],
      [
        'campaign-budgets',
        'the budget is passed',
        (sql) => sql`update campaign set budget = 139 where kind = 'coupon'`,
      ],
      ['coupon-uses', 'a redemption has no use', (sql) => sql`delete from coupon_use`],
      [
        'coupon-uses',
        'two uses count',
        (sql) => sql`
        insert into coupon_use (code, order_id, at, verdict, dirty) values ('code', 'o3', now(), 'counted', false)`,
      ],
      ['fan-outs', 'a member of a range has none', (sql) => sql`delete from coupon where member_no = 2`],
    ] as const satisfies [string, string, (sql: SqlTransaction) => Promise<unknown>][]
  ).map(([check, what, damage]): (typeof damages)[number] => [
    check,
    what,
    async (sql) => {
      await withCoupons(sql);
      await damage(sql);
    },
    1,
  ]),
  ...(
    [
      ['automation-coupons', 'a coupon came from nowhere', (sql) => sql`update coupon set member_no = 3`, 2],
      [
        'automation-holdouts',
        'somebody held out has a coupon',
        (sql) => sql`
          insert into coupon (campaign_no, member_no, nth, valid_from, valid_to)
          select campaign_no, 2, 1, now(), now() + interval '1 day' from automation`,
        1,
      ],
      [
        'automation-caps',
        'a second one came within the week',
        (sql) => sql`
          insert into automation_occasion (automation_no, member_no, occasion, at, due_at, outcome, decided_at, cap_coupons, cap_days,
            all_coupons, all_days)
          select automation_no, member_no, '2027', at, due_at, outcome, decided_at + interval '6 days', 1, 7, 2, 7
          from automation_occasion where outcome = 'given'`,
        1,
      ],
    ] as const satisfies [string, string, (sql: SqlTransaction) => Promise<unknown>, number][]
  ).map(([check, what, damage, differences]): (typeof damages)[number] => [
    check,
    what,
    async (sql) => {
      await withAutomation(sql);
      await damage(sql);
    },
    differences,
  ]),
  [
    'bargain-cuts',
    'a helper took off what nobody drew',
    (sql) => sql`
      with b as (
        insert into bargain (id, source, campaign_no, member_no, start_price, floor_price, price, helpers, helps, cut, opened_at, expires_at)
        values ('B', 'ours', 1, 1, 1000, 0, 0, 2, 1, 1000, now(), now() + interval '1 day') returning no)
      insert into bargain_help (bargain_no, nth, member_no, cut, at) select no, 1, 2, 1000, now() from b`,
    1,
  ],
  [
    'group-facts',
    'a group is told of that nobody heard of',
    (sql) => sql`insert into group_touch (fact_seqs) values ('{999999999}')`,
    1,
  ],
  [
    'groups-set-aside',
    'an order of a group could not be folded',
    (sql) => sql`insert into group_touch (order_ids, error) values ('{o2}', 'why')`,
    1,
  ],
  ['stock-counters', 'a count is wrong', (sql) => sql`update stock_location set oversold = oversold + 1`, 1],
  ['stock-counters', 'a location is missing', (sql) => sql`delete from stock_location`, 1],
  [
    'stock-flags',
    'a flag is missing',
    (sql) => sql`update stock set flagged_at = null where flagged_at is not null`,
    1,
  ],
];

const elsewhere = {
  'live.test.ts': ['live-marks', 'live-minutes', 'live-products', 'live-sessions'],
  'members-fold.test.ts': ['members', 'point-balances', 'points-earned', 'profiles'],
};

class Undo extends Error {}

/** The report of damaged books; the damage is undone. */
async function reportAfter(damage: (sql: SqlTransaction) => Promise<unknown>): Promise<BooksReport> {
  let report: BooksReport | undefined;
  await books.sql
    .begin(async (sql) => {
      await damage(sql);
      report = await checkBooks(sql, options);
      throw new Undo();
    })
    .catch((error: unknown) => {
      if (!(error instanceof Undo)) throw error;
    });
  if (report === undefined) throw new Error('no report');
  return report;
}

describe('damaged books', () => {
  beforeAll(tellSome);

  test('are whole to begin with', async () => {
    expect(found(await verifyBooks(books.sql, options))).toEqual([]);
  });

  test.each(damages)('are noticed by %s when %s', async (check, _what, damage, count) => {
    const report = await reportAfter(damage);
    const { differences } = report.results.find(({ name }) => name === check) ?? {};
    expect(differences?.total).toBe(count);
    expect(differences?.first).toHaveLength(Math.min(count, options.limit));
  });

  test('are damaged for every check there is, here or where the books of its slice are made', () => {
    const names = checksOf({ ledgerIsWhole: true }).map(({ name }) => name);
    const here = damages.map(([check]) => check);
    const there = Object.values(elsewhere).flat();
    expect([...new Set([...here, ...there])].sort()).toEqual(names.sort());
    for (const [file, checks] of Object.entries(elsewhere)) {
      const text = readFileSync(path.join(import.meta.dirname, file), 'utf8');
      for (const check of checks) expect(text).toContain(`'${check}'`);
    }
  });

  test('show the first differences and count them all', async () => {
    const report = await reportAfter(
      (sql) => sql`insert into orders (order_id) select 'x' || n from generate_series(1, 50) n`,
    );
    const { differences } = report.results.find(({ name }) => name === 'orders') ?? {};
    expect(differences).toMatchObject({ total: 50 });
    expect(differences?.first).toHaveLength(5);
    expect(differences?.first[0]).toMatchObject({ expected: null, found: { placed_at: null } });
  });
});

test('a ledger whose old months were dropped is checked as far as it goes', async () => {
  await tellSome();
  const report = await reportAfter((sql) => sql`update company set created_at = now() - interval '1 year'`);
  expect(report.ledgerIsWhole).toBe(false);
  expect(report.results.map(({ name }) => name)).toEqual(
    checksOf({ ledgerIsWhole: false }).map(({ name }) => name),
  );
  expect(found(report)).toEqual([]);
});

describe('the board', () => {
  const today = () => '2026-10-24';
  const settings = { today, limit: 5, settleMs: 300, signal: options.signal };
  const sums = { orders: 3, units: 7, placed: 501, paid: 501, refunded: 50, net: 451 };
  const sales = {
    today: { day: today(), ...sums },
    'channel:mall': { ...sums, share: 1 },
    'channel:pos': { orders: 0 },
    'curve:7': 1,
  };
  const shown: Record<string, Record<string, unknown>> = {
    sales,
    stores: {
      W: { code: 'W', orders: 3, units: 7, net: 451 },
      S: { code: 'S', orders: 0, units: 0, net: 0 },
    },
    stock: {
      summary: { balances: 3, soldOut: 0, oversold: 1, unknownSkus: 3 },
      'location:W': { balances: 3, soldOut: 0, oversold: 1 },
      'flag:C@W': {},
    },
    health: { ledger: { events: 9 }, 'source:till': {} },
  };
  /** Serves these tiles, and counts how often it was asked. */
  const board = (tiles: typeof shown) => ({
    get: <T>(path: string) => {
      const topic = path.split('/').at(-1) ?? '';
      return Promise.resolve({ topic, data: tiles[topic] } as T);
    },
  });
  beforeAll(tellSome);

  test('that shows the sums of the rollups is right', async () => {
    expect(await verifyBoard({ ...settings, sql: books.sql, api: board(shown) })).toEqual({
      total: 0,
      first: [],
    });
  });

  test.each([
    ['a wrong total', { sales: { ...sales, today: { ...sales.today, net: 452 } } }],
    ['a channel too many', { sales: { ...sales, 'channel:pos': { orders: 1 } } }],
    ['a missing channel', { sales: { today: sales.today } }],
    ['a missing store', { stores: {} }],
    ['a store that sold nothing', { stores: { ...shown['stores'], S: { orders: 1, units: 1, net: 9 } } }],
    [
      'a wrong count of stock',
      { stock: { ...shown['stock'], summary: { balances: 3, soldOut: 1, oversold: 1 } } },
    ],
    ['a wrong number of facts', { health: { ledger: { events: 7 } } }],
    ['a livestream that nobody runs', { live: { 'session:x': { viewers: 1, orders: 0, placed: 0 } } }],
    ['a group that nobody opened', { groups: { summary: { open: 1, members: 1, refunds: 0 } } }],
    ['a campaign that does not run', { coupons: { summary: { running: 1, paused: 0 } } }],
  ])('that shows %s is found out', async (_, change) => {
    const differences = await verifyBoard({
      ...settings,
      sql: books.sql,
      api: board({ ...shown, ...change }),
    });
    expect(differences?.total).toBe(1);
  });

  test('that follows a moment later is right', async () => {
    const late = { ...shown, sales: { today: { ...sales.today, orders: 2 } } };
    const began = performance.now();
    const api = {
      get: <T>(path: string) => board(performance.now() - began < 150 ? late : shown).get<T>(path),
    };
    expect(await verifyBoard({ ...settings, sql: books.sql, api })).toEqual({ total: 0, first: [] });
  });

  test('that is never quiet is not judged', async () => {
    const till = books.committer();
    let n = 0;
    const api = {
      get: async <T>(path: string) => {
        const time = Date.UTC(2026, 9, 24, 7);
        await till.submit([event(`more ${(n += 1)}`, 'traffic.store', time, { location: 'S', entered: 1 })]);
        return board(shown).get<T>(path);
      },
    };
    expect(await verifyBoard({ ...settings, sql: books.sql, api })).toBeNull();
  });
});
