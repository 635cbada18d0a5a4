/** Facts may come late, twice, in any order, cut anyhow, through two servers at once: the books end the same. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { brokenRules, dumpBooks, emptyBooks, openBooks, type Books } from '../support/books.ts';
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
    }),
    {
      numRuns: Number(process.env['PROPERTY_RUNS'] ?? 40),
      endOnFailure: false,
      ...(process.env['PROPERTY_SEED'] && { seed: Number(process.env['PROPERTY_SEED']) }),
    },
  );
});
