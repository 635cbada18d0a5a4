import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { birthdaysAhead, Draw, LATE_MS, trigger, type Candidate, type Limits } from './automation.ts';

const now = Date.UTC(2026, 10, 26, 4);

const candidate: fc.Arbitrary<Candidate> = fc.record({
  dueAt: fc.integer({ min: now - 2 * LATE_MS, max: now }),
  bought: fc.boolean(),
  fits: fc.boolean(),
  bucket: fc.integer({ min: 0, max: 99 }),
  drawn: fc.nat(4),
  recent: fc.nat(4),
  recentAll: fc.nat(4),
});
const capOf = fc.record({ coupons: fc.integer({ min: 1, max: 4 }), days: fc.constant(7) });
const limits: fc.Arbitrary<Limits> = fc.record({
  holdoutPercent: fc.integer({ min: 0, max: 50 }),
  perMember: fc.integer({ min: 1, max: 4 }),
  cap: fc.option(capOf),
  all: capOf,
});

describe('a draw', () => {
  it('gives nobody more than the limits, and never more than there is', () => {
    fc.assert(
      fc.property(
        fc.array(candidate, { maxLength: 60 }),
        limits,
        fc.option(fc.nat(10)),
        (list, given, room) => {
          const draw = new Draw(given, room);
          const outcomes = list.map((each) => draw.decide(each, now));
          expect(outcomes.filter((outcome) => outcome === 'given').length).toBeLessThanOrEqual(
            room ?? Infinity,
          );
          for (const [i, { drawn, recent, recentAll, bought, fits, dueAt }] of list.entries()) {
            if (outcomes[i] !== 'given' && outcomes[i] !== 'holdout') continue;
            expect(bought || !fits || now - dueAt > LATE_MS).toBe(false);
            expect(drawn < given.perMember && recentAll < given.all.coupons).toBe(true);
            expect(given.cap === null || recent < given.cap.coupons).toBe(true);
          }
        },
      ),
    );
  });

  it('tells those held out from the others by their bucket and by nothing else', () => {
    fc.assert(
      fc.property(fc.array(candidate, { maxLength: 60 }), limits, (list, given) => {
        const [open, closed] = [new Draw({ ...given, holdoutPercent: 0 }, null), new Draw(given, null)];
        for (const each of list) {
          const [without, outcome] = [open.decide(each, now), closed.decide(each, now)];
          if (without !== 'given') expect(outcome).toBe(without);
          else expect(outcome).toBe(each.bucket < given.holdoutPercent ? 'holdout' : 'given');
        }
      }),
    );
  });

  it('decides of nobody, held out or not, once nothing is left to give', () => {
    const fine = { dueAt: now, bought: false, fits: true, drawn: 0, recent: 0, recentAll: 0 };
    const draw = new Draw({ holdoutPercent: 50, perMember: 1, cap: null, all: { coupons: 1, days: 1 } }, 1);
    const buckets = [10, 60, 10, 60];
    expect(buckets.map((bucket) => draw.decide({ ...fine, bucket }, now))).toEqual([
      'holdout',
      'given',
      null,
      null,
    ]);
    expect(draw.decide({ ...fine, bucket: 60, bought: true }, now)).toBe('bought');
  });
});

it('birthdays ahead know their year, and 29 February is kept on the 28th of other years', () => {
  expect([...birthdaysAhead('2026-12-30', 3)]).toEqual([
    [1230, 2026],
    [1231, 2026],
    [101, 2027],
    [102, 2027],
  ]);
  expect([...birthdaysAhead('2027-02-28', 0)]).toEqual([
    [228, 2027],
    [229, 2027],
  ]);
  expect([...birthdaysAhead('2028-02-28', 1)]).toEqual([
    [228, 2028],
    [229, 2028],
  ]);
});

it('a trigger names what is wrong with it', () => {
  const bad = (given: object) => trigger.safeParse(given).error?.issues.map(({ path }) => path.join('.'));
  expect(bad({ kind: 'lapsed', days: 60, upTo: 30 })).toEqual(['upTo']);
  expect(bad({ kind: 'looked', hours: 0 })).toEqual(['hours']);
  expect(bad({ kind: 'basket', minutes: 60 })).toBeUndefined();
});
