/** Whatever is reserved, ended and told at the same time, through two servers: what is reserved is what is promised. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findReservations, readPlaces, readReferences } from '@zhanggui/shared/stock/promise-store.ts';
import type { HeldLine } from '@zhanggui/shared/stock/reservation.ts';
import {
  expireReservations,
  fulfilReservation,
  releaseReservation,
} from '@zhanggui/shared/stock/reservation-store.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import { verifyBooks } from '@zhanggui/server/src/cli/verify/books.ts';
import { bookHolds } from '@zhanggui/server/src/stock/book-holds.ts';
import { Reserver } from '@zhanggui/server/src/stock/reserver.ts';
import { brokenRules, emptyBooks, event, openBooks, type Books } from '../support/books.ts';
import { facts } from '../support/random-facts.ts';

let books: Books;
beforeAll(async () => {
  books = await openBooks();
});
afterAll(() => books.close());

/** The orders of the random facts, and one that never comes. */
const references = fc.constantFrom('o1', 'o2', 'o4');

const command = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('reserve' as const),
      reference: references,
      lines: fc.array(
        fc.record({ sku: fc.constantFrom('A', 'B', 'C'), qty: fc.integer({ min: 1, max: 4 }) }),
        { minLength: 1, maxLength: 3 },
      ),
      exact: fc.option(fc.nat(2), { nil: null }),
      allowSplit: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('release' as const, 'fulfil' as const, 'expire' as const),
      reference: references,
    }),
  },
);
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

async function end(kind: 'release' | 'fulfil' | 'expire', reference: string): Promise<void> {
  const work = async (tx: Sql): Promise<HeldLine[]> => {
    if (kind === 'expire') {
      await tx`update reservation set expires_at = now() where reference = ${reference} and holds`;
      return (await expireReservations(tx, { most: 9, references: [reference] })).freed;
    }
    const id = (await readReferences(tx, [reference]))[0]?.last?.id;
    if (id === undefined) return [];
    return kind === 'release' ? releaseReservation(tx, id) : fulfilReservation(tx, id);
  };
  await books.sql.begin(async (tx) => bookHolds(tx, { freed: await work(tx) }));
}

test('reserved = open orders + what is held, and nothing is held twice', { timeout: 180_000 }, async () => {
  const step = fc.oneof(
    { weight: 1, arbitrary: facts.map((list) => ({ facts: list.slice(0, 6) })) },
    { weight: 3, arbitrary: command.map((one) => ({ command: one })) },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { minLength: 2, maxLength: 6 }), { minLength: 4, maxLength: 8 }),
      async (rounds) => {
        await emptyBooks(books.sql);
        const committers = [books.committer('one'), books.committer('two')] as const;
        const lines = ['A', 'B', 'C'].map((sku) => ({ sku, qty: 6 }));
        await committers[0].submit(
          ['S1', 'S2', 'W'].map((location) =>
            event(`first ${location}`, 'stock.received', 0, { location, ref: 'r', lines }),
          ),
        );
        await books.sql`update location set kind = 'store', known = true`;
        const places = await readPlaces(books.sql);
        const reservers = [0, 1].map(
          () => new Reserver({ sql: books.sql, encode: () => null, onCommit: () => undefined }),
        );
        const made: string[] = [];
        const reserve = async (
          { reference, lines: wanted, exact, allowSplit }: Command & { kind: 'reserve' },
          i: number,
        ): Promise<void> => {
          const outcome = await reservers[i % 2]!.submit({
            reference,
            channel: 'mall',
            lines: wanted,
            places: exact === null ? places : [places[exact]!],
            exact: exact !== null,
            allowSplit,
            ttlSeconds: 900,
            hash: JSON.stringify([wanted, exact, allowSplit]),
            by: { kind: 'key', id: null, name: 'test' },
            lookupId: null,
            command: null,
          });
          if (outcome.kind === 'reserved') {
            made.push(outcome.reservation.id);
            for (const sku of new Set(wanted.map((line) => line.sku))) {
              const of = (list: readonly { sku: string; qty: number }[]) =>
                list.filter((line) => line.sku === sku).reduce((sum, line) => sum + line.qty, 0);
              expect(of(outcome.reservation.lines)).toBe(of(wanted));
            }
          }
        };
        let told = 0;
        for (const round of rounds)
          await Promise.all(
            round.map(async (one, i) => {
              if ('facts' in one)
                // Ids of their own for each list, so that all of them are new.
                await committers[i % 2]!.submit(
                  one.facts.map((fact) => ({ ...fact, id: `${(told += 1)} ${fact.id}` })),
                );
              else if (one.command.kind === 'reserve') await reserve(one.command, i);
              else await end(one.command.kind, one.command.reference);
            }),
          );
        expect(new Set(made).size).toBe(made.length);
        expect(await findReservations(books.sql, made)).toHaveLength(made.length);
        expect(await brokenRules(books.sql)).toMatchObject({ reserved: [], counters: [], flags: [] });
        const { results } = await verifyBooks(books.sql, {
          limit: 3,
          signal: new AbortController().signal,
          onResult: () => undefined,
        });
        expect(results.filter(({ differences }) => differences.total > 0)).toEqual([]);
      },
    ),
    {
      numRuns: Number(process.env['PROPERTY_RUNS'] ?? 15),
      interruptAfterTimeLimit: 120_000,
      ...(process.env['PROPERTY_SEED'] && { seed: Number(process.env['PROPERTY_SEED']) }),
    },
  );
});
