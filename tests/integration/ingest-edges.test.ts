/** What ingest does when something is wrong: with an event, with the load, with the database. */
import { Readable } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { ingestNdjson } from '@zhanggui/server/src/ingest/ndjson.ts';
import { brokenRules, emptyBooks, event, openBooks, type Books } from '../support/books.ts';

let books: Books;
beforeAll(async () => {
  books = await openBooks();
});
beforeEach(() => emptyBooks(books.sql));
afterAll(() => books.close());

const AT = '2026-10-24T08:00:00Z';
const order = (no: number | string, more: object = {}) =>
  event(`e${no}`, 'order.placed', AT, {
    orderId: `o${no}`,
    channel: 'pos',
    lines: [{ sku: 'A', qty: 1, unitPrice: 100 }],
    total: 100,
    fulfilment: { method: 'carry', location: 'S1' },
    ...more,
  });

async function ledgerIds(): Promise<string[]> {
  const rows = await books.sql<{ id: string }[]>`select id from ledger order by seq`;
  return rows.map((row) => row.id);
}

const nothingBroken = { onHand: [], reserved: [], counters: [], flags: [], days: [] };

/** Texts that are legal JSON and that Postgres cannot hold. */
const poison: [string, object][] = [
  ['NUL in a field that nobody reads', { note: 'a\u0000b' }],
  ['half a character in a field that nobody reads', { note: 'a\ud800b' }],
  ['half a character in the order number', { orderId: 'o\ud800' }],
  ['half a character in a SKU', { lines: [{ sku: 'A\udc00', qty: 1, unitPrice: 100 }] }],
  ['half a character in a place', { fulfilment: { method: 'carry', location: 'S\ud800' } }],
  ['an amount that a sum cannot hold', { lines: [{ sku: 'A', qty: 1_000_000, unitPrice: 100_000_000_000 }] }],
];

test.each(poison)(
  '%s: this event alone is rejected and kept, the rest of the group is taken',
  async (_, data) => {
    const committer = books.committer();
    const [good, bad] = await Promise.all([
      committer.submit([order(1), order(2)]),
      committer.submit([order(3), order('bad', data), order(4)]),
    ]);
    expect(good).toEqual({ accepted: 2, duplicates: 0, rejected: [] });
    expect(bad.accepted + bad.rejected.length).toBe(3);
    // The line amount is no sum that is stored: such an order is taken; all others must be named.
    if (bad.rejected.length > 0)
      expect(bad.rejected).toMatchObject([{ index: 1, id: 'ebad', code: 'invalid_event' }]);
    expect((await ledgerIds()).filter((id) => id !== 'ebad').sort()).toEqual(['e1', 'e2', 'e3', 'e4']);
    const [kept] = await books.sql`select count(*)::int as n from rejected_event where event_id = 'ebad'`;
    expect(kept).toEqual({ n: bad.rejected.length });
    expect(await brokenRules(books.sql)).toEqual(nothingBroken);
  },
);

test('an id or source of half a character is rejected, never called a duplicate', async () => {
  const committer = books.committer();
  const answer = await committer.submit([
    { ...order(1), id: 'x\ud800' },
    { ...order(2), source: 'till\ud800' },
    order(3),
    { ...order(4), source: 'till\u0000' },
  ]);
  expect(answer).toMatchObject({
    accepted: 1,
    duplicates: 0,
    rejected: [{ index: 0 }, { index: 1 }, { index: 3 }],
  });
  expect(await ledgerIds()).toEqual(['e3']);
});

test('a balance beyond an integer rejects the fact that would pass it', async () => {
  const committer = books.committer();
  const receive = (no: number) =>
    event(`r${no}`, 'stock.received', AT, {
      location: 'S1',
      ref: 'r',
      lines: Array.from({ length: 1000 }, () => ({ sku: 'A', qty: 1_000_000 })),
    });
  const answer = await committer.submit([receive(1), receive(2), receive(3), order(1)]);
  expect(answer).toMatchObject({ accepted: 3, rejected: [{ code: 'invalid_event' }] });
  expect(await brokenRules(books.sql)).toEqual(nothingBroken);
});

test('when the queue is full it says so, takes nothing of that request, and takes it later', async () => {
  const committer = books.committer('one', { queueEvents: 5 });
  const first = committer.submit([order(1), order(2), order(3), order(4)]);
  expect(committer.ready).toBe(true);
  await expect(committer.submit([order(5), order(6)])).rejects.toMatchObject({
    code: 'overloaded',
    retryAfter: 1,
  });
  const fits = committer.submit([order(7)]);
  expect(committer.ready).toBe(false);
  await Promise.all([first, fits]);
  expect(committer.queued).toBe(0);
  await expect(committer.submit([order(5), order(6)])).resolves.toMatchObject({ accepted: 2 });
  expect(await ledgerIds()).toHaveLength(7);
});

test('a request larger than the whole queue is taken when nothing waits', async () => {
  const committer = books.committer('one', { queueEvents: 2 });
  await expect(committer.submit([order(1), order(2), order(3)])).resolves.toMatchObject({ accepted: 3 });
});

test('draining commits what waits and takes nothing new', async () => {
  const committer = books.committer();
  const waiting = [committer.submit([order(1)]), committer.submit([order(2)])];
  const drained = committer.drain();
  await expect(committer.submit([order(3)])).rejects.toMatchObject({ code: 'shutting_down' });
  await drained;
  await Promise.all(waiting);
  expect(await ledgerIds()).toEqual(['e1', 'e2']);
});

test('a database that goes away: 503, nothing half done, and facts are taken when it is back', async () => {
  const committer = books.committer('away');
  await committer.submit([order(1)]);
  // Holds the balance, so that the next transaction is caught in the middle.
  const holder = await books.sql.reserve();
  await holder`begin`;
  await holder`select * from stock for update`;
  const caught = committer.submit([order(2)]);
  const outcome = expect(caught).rejects.toMatchObject({ code: 'database_away', retryAfter: 2 });
  const held = () =>
    books.sql`select 1 from pg_stat_activity where application_name = 'away' and wait_event_type = 'Lock'`;
  await expect.poll(held, { timeout: 10_000 }).toHaveLength(1);
  await books.sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'away'`;
  await outcome;
  expect(committer.ready).toBe(false);
  await holder`rollback`;
  holder.release();
  expect(await ledgerIds()).toEqual(['e1']);

  // As a client asks that was told to come again: other connections of the pool died too, and one may be met first.
  const again = () => committer.submit([order(2), order(3)]).catch(() => undefined);
  await expect.poll(again).toMatchObject({ accepted: 2, duplicates: 0 });
  expect(committer.ready).toBe(true);
  expect(await brokenRules(books.sql)).toEqual(nothingBroken);
});

test('the same facts through two servers at once are taken once', async () => {
  const servers = [books.committer('one'), books.committer('two')];
  const facts = Array.from({ length: 50 }, (_, i) => order(i));
  const answers = await Promise.all(
    [...servers, ...servers].map((server, i) => server.submit(i % 2 ? facts : facts.toReversed())),
  );
  expect(answers.reduce((sum, answer) => sum + answer.accepted, 0)).toBe(50);
  expect(answers.reduce((sum, answer) => sum + answer.duplicates, 0)).toBe(150);
  const [sums] = await books.sql`select sum(orders)::int as orders, sum(paid)::int as paid from sales_day`;
  expect(sums).toEqual({ orders: 50, paid: 5000 });
});

test('unknown SKUs and places count at once, are flagged, and follow the catalog when it learns of them', async () => {
  const committer = books.committer();
  await committer.submit([order(1)]);
  const unknown =
    await books.sql`select code from sku where not known union all select code from location where not known`;
  expect(unknown.map((row) => row['code'])).toEqual(['A', 'S1']);
  await books.sql`update sku set known = true, category = 'tea' where code = 'A'`;
  await committer.submit([order(2)]);
  const [sums] = await books.sql`
    select category, sum(orders)::int as orders, sum(paid)::int as paid from sales_sku_day join sku on no = sku_no group by 1`;
  expect(sums).toEqual({ category: 'tea', orders: 2, paid: 200 });
});

const stream = (chunks: Iterable<string | Buffer>) => Readable.from(chunks) as unknown as IncomingMessage;

test('a long NDJSON stream, cut anywhere, is committed whole; misfits are named by their place', async () => {
  const lines = Array.from({ length: 2500 }, (_, i) =>
    i === 1200 ? 'no json' : JSON.stringify(order(i, { memberId: '会员😀' })),
  );
  const bytes = Buffer.from(`\n${lines.join('\n\r\n')}`);
  const chunks = Array.from({ length: Math.ceil(bytes.length / 777) }, (_, i) =>
    bytes.subarray(i * 777, (i + 1) * 777),
  );
  const answer = await ingestNdjson(stream(chunks), books.committer('one', { queueEvents: 1500 }));
  expect(answer).toMatchObject({
    accepted: 2499,
    duplicates: 0,
    rejectedTotal: 1,
    rejected: [{ index: 1200 }],
  });
  const [row] = await books.sql`select count(*)::int as n from orders where member_id = '会员😀'`;
  expect(row).toEqual({ n: 2499 });
  const again = await ingestNdjson(stream([Buffer.from(lines.slice(0, 10).join('\n'))]), books.committer());
  expect(again).toMatchObject({ accepted: 0, duplicates: 10 });
});

test('an NDJSON line without end is refused, what came before it stays', async () => {
  const endless = (function* () {
    for (let i = 0; i < 1000; i++) yield `${JSON.stringify(order(i))}\n`;
    for (let i = 0; i < 10; i++) yield 'x'.repeat(100_000);
  })();
  await expect(ingestNdjson(stream(endless), books.committer())).rejects.toBeInstanceOf(AppError);
});

test('the change note and the signals are written in the transaction of their facts', async () => {
  await books.committer().submit([order(1)]);
  // xmin is the transaction that wrote a row.
  const [row] = await books.sql<{ notes: number; signals: number }[]>`
    select (select count(*) from board_change c where c.xmin = l.xmin)::int as notes,
      (select count(*) from signal s where s.xmin = l.xmin)::int as signals
    from ledger l`;
  expect(row).toEqual({ notes: 1, signals: 1 });
});
