/** What the database refuses of one member keeps no other from their profile. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { maintainLedgerPartitions } from '@zhanggui/shared/ingest/partition-store.ts';
import { forgetMember } from '@zhanggui/shared/members/statement-store.ts';
import { oldestTouch } from '@zhanggui/shared/members/touch-store.ts';
import { refreshMembers } from '@zhanggui/shared/members/refresh-store.ts';
import { checksOf } from '@zhanggui/server/src/cli/verify/checks.ts';
import { event, openBooks, type Books } from '../support/books.ts';
import { onDay, refreshAll } from '../support/members.ts';

const TODAY = '2026-10-29';
let books: Books;
beforeAll(async () => {
  books = await openBooks();
  await maintainLedgerPartitions(books.sql);
});
afterAll(() => books.close());

let count = 0;
const told = (memberId: string, data: object, time = '2026-10-28T03:00:00Z') =>
  event(`f${(count += 1)}`, 'member.updated', time, { memberId, ...data });
const order = (memberId: string, total = 5_000) => {
  const orderId = `o${(count += 1)}`;
  return event(orderId, 'order.placed', '2026-10-28T03:00:00Z', {
    orderId,
    channel: 'pos',
    location: 'S1',
    memberId,
    total,
    lines: [{ sku: 'A', qty: 1, unitPrice: total }],
    fulfilment: { method: 'carry', location: 'S1' },
  });
};

async function submit(...events: object[]): Promise<void> {
  const committer = books.committer();
  expect((await committer.submit(events)).rejected).toEqual([]);
  await committer.drain();
}

/** As the ledger took it before the years had bounds. */
const spoil = (memberId: string, field: string, value: string) => books.sql`
  update ledger set data = jsonb_set(data, array[${field}], to_jsonb(${value}::text))
  where type = 'member.updated' and data->>'memberId' = ${memberId}`;

async function troubles(): Promise<string[]> {
  const check = checksOf({ ledgerIsWhole: false }).find(({ name }) => name === 'members')!;
  const { first } = await check.run(books.sql, { timeZone: 'Asia/Shanghai', limit: 10 });
  return first.map(({ found }) => `${String(found!['id'])}: ${String(found!['trouble'])}`);
}

it('a fact that does not fit is set aside alone, seen by verify, and gone when it was said anew', async () => {
  const { sql } = books;
  const many = Array.from({ length: 20 }, (_, i) => `m${i}`);
  await submit(
    ...many.map((id) => told(id, { name: id, birthday: '1990-05-12' })),
    ...many.map((id) => order(id)),
  );
  await spoil('m7', 'birthday', '0000-05-12');
  await spoil('m11', 'joinedAt', '0000-05-12T00:00:00Z');
  const rates = { minor: 100, asOf: onDay(TODAY) };
  const done = await refreshMembers(sql, { size: 1_000, ...rates });
  expect(done?.members).toBe(20);
  expect(done?.aside.map(({ memberId }) => memberId).sort()).toEqual(['m11', 'm7']);
  expect(await refreshMembers(sql, { size: 1_000, ...rates })).toBeNull();
  const rows = await sql`select id, name, orders, points::int as points from member order by id collate "C"`;
  expect(rows.map((row) => ({ ...row }))).toEqual(
    many
      .toSorted()
      .map((id) => ({ id, name: ['m7', 'm11'].includes(id) ? null : id, orders: 1, points: 50 })),
  );
  expect(await oldestTouch(sql)).toBeNull();
  expect((await troubles()).sort()).toEqual([
    expect.stringMatching(/^m11: fact \d+: .*out of range/),
    expect.stringMatching(/^m7: fact \d+: .*out of range/),
  ]);
  // What was said later takes its place; what else was said then is known too.
  await submit(told('m7', { birthday: '1990-05-12' }, '2026-10-28T04:00:00Z'));
  await refreshAll(sql, TODAY);
  expect(await sql`select name, birthday from member where id = 'm7'`).toMatchObject([
    { name: 'm7', birthday: '1990-05-12' },
  ]);
  expect(await troubles()).toHaveLength(1);
  // Said at the same time in one batch: as if it had come before.
  await submit(told('m20', { name: 'm20', birthday: '1990-05-12' }));
  await spoil('m20', 'birthday', '0000-05-12');
  await submit(told('m20', { birthday: '1991-01-01' }, '2026-10-28T05:00:00Z'));
  await refreshAll(sql, TODAY);
  expect(await sql`select name, birthday from member where id = 'm20'`).toMatchObject([
    { name: 'm20', birthday: '1991-01-01' },
  ]);
  // Forgetting finds what was set aside too.
  expect(await sql.begin((tx) => forgetMember(tx, 'm11'))).toBe(true);
  expect(await troubles()).toEqual([]);
  expect(
    await sql`select data->'name' as name from ledger where data->>'memberId' = 'm11' and type = 'member.updated'`,
  ).toMatchObject([{ name: null }]);
});

it('so are orders that add up to what does not fit, until they do', async () => {
  const { sql } = books;
  await sql`alter table member add constraint small check (net < 1000000)`;
  await submit(order('n1'), order('n2', 2_000_000), order('n3'));
  await refreshAll(sql, TODAY);
  const nets = async () => {
    const rows = await sql<{ net: number }[]>`select net from member where id like 'n%' order by id`;
    return rows.map(({ net }) => net);
  };
  expect(await nets()).toEqual([5_000, 0, 5_000]);
  expect(await troubles()).toEqual([expect.stringMatching(/^n2: .*small/)]);
  await submit(order('n2'));
  await refreshAll(sql, TODAY);
  expect(await troubles()).toHaveLength(1);
  await sql`alter table member drop constraint small`;
  await submit(order('n2'));
  await refreshAll(sql, TODAY);
  expect(await nets()).toEqual([5_000, 2_010_000, 5_000]);
  expect(await troubles()).toEqual([]);
});

it('orders beyond all reason are a profile too', async () => {
  const { sql } = books;
  await sql`
    insert into sku (code, known, name_zh, name_en, list_price) values ('DEAR', true, 'D', 'D', 100000000000)`;
  // More pieces than an integer holds, and 99 × their list price than a bigint.
  const lines = Array.from({ length: 1_000 }, (_, i) => ({
    sku: i === 0 ? 'DEAR' : `SKU${i}`,
    qty: 1_000_000,
    unitPrice: 1,
  }));
  for (const day of ['26', '27', '28']) {
    const { data, ...rest } = order('dear', 1_000_000_000);
    await submit({ ...rest, time: `2026-10-${day}T03:00:00Z`, data: { ...data, lines } });
  }
  await refreshAll(sql, TODAY);
  expect(await troubles()).toEqual([]);
  expect(await sql`select orders, units, discount_share from member where id = 'dear'`).toMatchObject([
    { orders: 3, units: 2 ** 31 - 1, discount_share: 0 },
  ]);
});
