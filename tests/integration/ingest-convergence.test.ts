/** Facts may come late, twice, in any order, cut anyhow, through two servers at once: the books end the same. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { brokenRules, dumpBooks, dumpLive, emptyBooks, openBooks, type Books } from '../support/books.ts';
import { arrivalOf, facts, type Arrival } from '../support/random-facts.ts';

let books: Books;
beforeAll(async () => {
  books = await openBooks();
});
afterAll(() => books.close());

/** Commits facts as they arrive and returns what the books say then. */
async function booksAfter({ requests, groupEvents }: Arrival) {
  await emptyBooks(books.sql);
  const servers = [books.committer('one', { groupEvents }), books.committer('two', { groupEvents })] as const;
  const answers = await Promise.all(requests.map(({ server, events }) => servers[server].submit(events)));
  expect(answers.flatMap((answer) => answer.rejected)).toEqual([]);
  const { sources, ...state } = await dumpBooks(books.sql);
  const broken = await brokenRules(books.sql);
  const sum = (field: 'accepted' | 'duplicates') =>
    answers.reduce((total, answer) => total + answer[field], 0);
  return { state, sources, broken, accepted: sum('accepted'), duplicates: sum('duplicates') };
}

/** How often Postgres had to break a circle of waiting transactions here. */
async function deadlocks(): Promise<number> {
  await books.sql`select pg_stat_clear_snapshot(), pg_stat_force_next_flush()`;
  const [row] = await books.sql<[{ deadlocks: number }]>`
    select deadlocks from pg_stat_database where datname = current_database()`;
  return row.deadlocks;
}

const nothingBroken = { onHand: [], reserved: [], counters: [], flags: [], days: [] };

test('any arrival of the same facts ends in the same books', { timeout: 180_000 }, async () => {
  const cases = facts.chain((list) =>
    fc.record({ list: fc.constant(list), one: arrivalOf(list), other: arrivalOf(list) }),
  );
  await fc.assert(
    fc.asyncProperty(cases, async ({ list, one, other }) => {
      const inOrder = await booksAfter({ requests: [{ server: 0, events: list }], groupEvents: list.length });
      for (const arrival of [one, other]) {
        const after = await booksAfter(arrival);
        const sent = arrival.requests.flatMap((request) => request.events).length;
        expect(after.broken).toEqual(nothingBroken);
        expect({ accepted: after.accepted, duplicates: after.duplicates }).toEqual({
          accepted: list.length,
          duplicates: sent - list.length,
        });
        expect(after.state).toEqual(inOrder.state);
      }
      // What is told anew from the ledger and the orders, as for facts from before there were livestreams.
      await books.sql`select refold_live()`;
      expect(inOrder.state).toMatchObject(await dumpLive(books.sql));
    }),
    {
      numRuns: Number(process.env['PROPERTY_RUNS'] ?? 40),
      // Making a counterexample small must not run into the test's own limit: then it would not be shown at all.
      interruptAfterTimeLimit: 120_000,
    },
  );
});

test(
  'two servers that write the same rows never wait for each other in a circle',
  { timeout: 120_000 },
  async () => {
    const before = await deadlocks();
    const lists = fc.sample(facts, { numRuns: 60, seed: 7 });
    await emptyBooks(books.sql);
    const servers = [
      books.committer('one', { groupEvents: 40 }),
      books.committer('two', { groupEvents: 40 }),
    ] as const;
    await Promise.all(
      lists.flatMap((list, i) => {
        // Ids of their own for each list, so that all of them are new.
        const own = list.map((item) => ({ ...item, id: `${i}/${item.id}` }));
        return [
          servers[0].submit(own.slice(0, own.length / 2)),
          servers[1].submit(own.slice(own.length / 2)),
        ];
      }),
    );
    expect(await brokenRules(books.sql)).toEqual(nothingBroken);
    expect(await deadlocks()).toBe(before);
  },
);
