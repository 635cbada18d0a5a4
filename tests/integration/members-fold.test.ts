import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forgetMember } from '@zhanggui/shared/members/statement-store.ts';
import { maintainLedgerPartitions } from '@zhanggui/shared/ingest/partition-store.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import { verifyBooks } from '@zhanggui/server/src/cli/verify/books.ts';
import { emptyBooks, event, openBooks, type Books } from '../support/books.ts';
import { dumpMembers, memberFacts, profilesByHand, refreshAll } from '../support/members.ts';
import { arrivalOf } from '../support/random-facts.ts';

const TODAY = '2026-10-29';
const CATALOG = {
  A: { listPrice: 3_000, category: 'tea' },
  B: { listPrice: 800, category: 'snacks' },
  C: { listPrice: 0, category: null },
};

let books: Books;
beforeAll(async () => {
  books = await openBooks();
  await maintainLedgerPartitions(books.sql);
});
afterAll(() => books.close());

async function empty(sql: Sql): Promise<void> {
  await emptyBooks(sql);
  await sql`truncate member, member_said, member_statement, member_touch, member_look, point_entry restart identity cascade`;
  for (const [code, { listPrice, category }] of Object.entries(CATALOG))
    await sql`insert into sku (code, known, name_zh, name_en, list_price, category)
      values (${code}, true, ${code}, ${code}, ${listPrice}, ${category})`;
}

describe('members', () => {
  it('are the same in whatever order facts arrive and profiles are computed, and as their orders add up by hand', async () => {
    await fc.assert(
      fc.asyncProperty(
        memberFacts.chain((list) => fc.tuple(fc.constant(list), arrivalOf(list), fc.nat(3))),
        async ([list, { requests, groupEvents }, refreshEach]) => {
          const { sql } = books;
          await empty(sql);
          const straight = books.committer('one');
          await straight.submit(list);
          await refreshAll(sql, TODAY);
          const expected = await dumpMembers(sql);
          const byHand = await profilesByHand(sql, CATALOG);
          for (const row of expected as { id: string }[])
            if (byHand[row.id]) expect(row).toMatchObject(byHand[row.id]!);
          await straight.drain();

          await empty(sql);
          const servers = [books.committer('one', { groupEvents }), books.committer('two', { groupEvents })];
          for (const [i, { server, events }] of requests.entries()) {
            await servers[server]!.submit(events);
            // Two workers at a time, now and then.
            if (i % 4 <= refreshEach)
              await Promise.all([refreshAll(sql, TODAY, 3), refreshAll(sql, TODAY, 3)]);
          }
          await refreshAll(sql, TODAY);
          expect(await dumpMembers(sql)).toEqual(expected);
          await Promise.all(servers.map((server) => server.drain()));
        },
      ),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 6), endOnFailure: true },
    );
  }, 240_000);

  it('who wish to be forgotten leave no name behind, also not in the ledger, and stay forgotten', async () => {
    const { sql } = books;
    await empty(sql);
    const committer = books.committer();
    const order = {
      orderId: 'o1',
      channel: 'pos',
      location: 'S1',
      memberId: 'm1',
      total: 5_000,
      lines: [{ sku: 'A', qty: 1, unitPrice: 5_000 }],
      fulfilment: { method: 'carry', location: 'S1' },
    };
    const person = { memberId: 'm1', name: '王芳', phone: '13800138000', mail: 'fang@example.com' };
    await committer.submit([
      event('e1', 'order.placed', '2026-10-28T03:00:00Z', order),
      event('e2', 'member.updated', '2026-10-28T03:00:00Z', person),
      event('e3', 'member.visited', '2026-10-28T03:00:00Z', { memberId: 'm1', sku: 'A' }),
    ]);
    await refreshAll(sql, TODAY);
    expect(await dumpMembers(sql)).toMatchObject([
      { name: '王芳', phone: '13800138000', mail: 'fang@example.com', net: 5_000, points: 50, looks: 1 },
    ]);
    // One more is on its way.
    await committer.submit([
      event('e4', 'member.updated', '2026-10-28T04:00:00Z', { ...person, name: '王小芳' }),
    ]);
    expect(await sql.begin((tx) => forgetMember(tx, 'm1'))).toBe(true);
    await refreshAll(sql, TODAY);
    await committer.submit([event('e5', 'member.updated', '2026-10-30T04:00:00Z', person)]);
    await refreshAll(sql, TODAY);
    expect(await dumpMembers(sql)).toMatchObject([
      { name: null, phone: null, mail: null, net: 5_000, points: 50, looks: 0, fields: null },
    ]);
    const left = await sql<{ text: string }[]>`
      select data::text as text from ledger union all select m::text from member m union all select s::text from member_said s`;
    expect(left.filter(({ text }) => /王|13800138000|fang/.test(text))).toEqual([]);
    expect(await sql.begin((tx) => forgetMember(tx, 'm1'))).toBe(false);
    await committer.drain();
  });
});

describe('zg verify', () => {
  it('finds points and profiles that are not what the orders say', async () => {
    const { sql } = books;
    await empty(sql);
    const committer = books.committer();
    await committer.submit(
      ['o1', 'o2'].map((orderId) =>
        event(orderId, 'order.placed', '2026-10-28T03:00:00Z', {
          orderId,
          channel: 'pos',
          location: 'S1',
          memberId: 'm1',
          total: 5_000,
          lines: [{ sku: 'A', qty: 1, unitPrice: 5_000 }],
          fulfilment: { method: 'carry', location: 'S1' },
        }),
      ),
    );
    const found = async () => {
      const report = await verifyBooks(sql, {
        limit: 5,
        signal: new AbortController().signal,
        onResult: () => undefined,
      });
      return report.results.filter(({ differences }) => differences.total > 0).map(({ name }) => name);
    };
    // Not looked at yet: nothing is wrong.
    expect(await found()).toEqual([]);
    await refreshAll(sql, TODAY);
    expect(await found()).toEqual([]);
    await sql`update member set points = 99`;
    expect(await found()).toEqual(['point-balances']);
    await sql`update member set points = 100, net = 9999`;
    expect(await found()).toEqual(['profiles']);
    await sql`update member set net = 10000`;
    await sql`insert into point_entry (member_no, kind, ref, turn, delta) select no, 'order', 'o1', 1, 50 from member`;
    await sql`update member set points = 150`;
    expect(await found()).toEqual(['points-earned']);
    await sql`delete from point_entry`;
    await sql`delete from member`;
    expect(await found()).toEqual(['members']);
    await committer.drain();
  });
});
