import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutOf, cutsOf } from './bargain.ts';
import { atDeadline, callOff, join, leaderOf, leave, openGroup, type Group } from './group.ts';
import { bargainTemplate, groupTemplate } from './template.ts';
import { toldBargain, toldGroup, toldOfOurs, type ToldFact } from './told.ts';

const HOUR = 3_600_000;
const terms = { size: 3, expiresAt: 10 * HOUR, virtualFrom: null };

/** Takes steps that must not be refused. */
function must<T>(result: Group<T> | string): Group<T> {
  if (typeof result === 'string') throw new Error(result);
  return result;
}

describe('a group', () => {
  it('forms with the last member, and nobody joins or leaves it then', () => {
    const full = must(join(must(join(openGroup('a', terms), 'b', 1)), 'c', 2));
    expect(full).toMatchObject({ state: 'formed', because: 'full', at: 2 });
    expect(join(full, 'd', 3)).toBe('group_full');
    expect(leave(full, 'a', 3)).toBe('group_full');
  });

  it('is led on by the next one when the first leaves, and is over when the last one does', () => {
    const three = must(join(must(join(openGroup('a', { ...terms, size: 5 }), 'b', 1)), 'c', 1));
    const two = must(leave(three, 'a', 2));
    expect([leaderOf(three), leaderOf(two)]).toEqual(['a', 'b']);
    // Who comes back stands at the end of the line.
    const back = must(join(two, 'a', 3));
    expect(leaderOf(back)).toBe('b');
    expect(leave(back, 'd', 3)).toBe('not_joined');
    const last = must(leave(must(leave(back, 'b', 4)), 'c', 4));
    expect(leaderOf(last)).toBe('a');
    expect(leave(last, 'a', 5)).toMatchObject({ state: 'expired', because: 'left', seats: [], at: 5 });
  });

  it('is over at its deadline for whoever comes, and then forms or expires once', () => {
    const open = openGroup('a', terms);
    expect(join(open, 'b', 10 * HOUR)).toBe('group_over');
    expect(atDeadline(open, 10 * HOUR - 1)).toBe(open);
    const over = atDeadline(open, 10 * HOUR);
    expect(over).toMatchObject({ state: 'expired', because: 'time' });
    expect(atDeadline(over, 11 * HOUR)).toBe(over);
    const two = must(join(openGroup('a', { ...terms, virtualFrom: 2 }), 'b', 1));
    expect(atDeadline(two, 10 * HOUR)).toMatchObject({ state: 'formed', because: 'filled', virtual: 1 });
    expect(callOff(two, 5)).toMatchObject({ state: 'expired', because: 'cancelled', virtual: 0 });
  });

  it('whatever is asked in whatever order: never over-full, one leader, one end', () => {
    const step = fc.tuple(
      fc.constantFrom('join', 'join', 'join', 'leave', 'deadline'),
      fc.integer({ min: 0, max: 6 }),
      fc.integer({ min: 0, max: HOUR }),
    );
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 5, maxLength: 30 }),
        fc.integer({ min: 3, max: 6 }),
        fc.constantFrom(null, 1, 2),
        (steps, size, virtualFrom) => {
          let now = 0;
          let group: Group<number> = openGroup(0, { size, expiresAt: 20 * HOUR, virtualFrom });
          const ends: string[] = [];
          for (const [what, member, later] of steps) {
            now += later;
            const before = group;
            const after =
              what === 'join'
                ? join(group, member, now)
                : what === 'leave'
                  ? leave(group, member, now)
                  : atDeadline(group, now);
            if (typeof after !== 'string') group = after;
            if (before.state !== 'open') expect(group).toBe(before);
            if (before.state === 'open' && group.state !== 'open') ends.push(group.state);
            const members = group.seats.map((seat) => seat.member);
            expect(new Set(members).size).toBe(members.length);
            expect(members.length + group.virtual).toBeLessThanOrEqual(size);
            expect(group.state === 'formed').toBe(members.length + group.virtual === size);
            const positions = group.seats.map(({ position }) => position);
            expect(leaderOf(group)).toBe(
              group.seats.find(({ position }) => position === Math.min(...positions))?.member ?? null,
            );
          }
          expect(ends.length).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

describe('cuts of a bargain', () => {
  const secret = Buffer.from('a secret of the company');
  const made = fc
    .record({
      floorPrice: fc.integer({ min: 0, max: 100_000 }),
      off: fc.integer({ min: 0, max: 50_000 }),
      helpers: fc.integer({ min: 1, max: 120 }),
      id: fc.string(),
    })
    .map(({ floorPrice, off, helpers, id }) => ({
      id,
      terms: { floorPrice, startPrice: floorPrice + off, helpers },
    }));

  it('end at the floor with the last helper exactly, each at least 1 where there is that much', () => {
    fc.assert(
      fc.property(made, ({ id, terms: asked }) => {
        const cuts = cutsOf(asked, secret, id);
        const off = asked.startPrice - asked.floorPrice;
        expect(cuts).toHaveLength(asked.helpers);
        expect(cuts.reduce((sum, cut) => sum + cut, 0)).toBe(off);
        expect(Math.min(...cuts)).toBeGreaterThanOrEqual(off >= asked.helpers ? 1 : 0);
        // One by one, from what is in the books, as a helper comes in.
        let price = asked.startPrice;
        cuts.forEach((cut, i) => {
          expect(cutOf(asked, { secret, bargainId: id, nth: i + 1, price })).toBe(cut);
          price -= cut;
          expect(price).toBeGreaterThanOrEqual(asked.floorPrice);
        });
        expect(cutOf(asked, { secret, bargainId: id, nth: asked.helpers + 1, price })).toBe(0);
      }),
    );
  });

  it('cannot be foreseen without the secret, and differ between bargains', () => {
    const asked = { startPrice: 100_000, floorPrice: 0, helpers: 20 };
    const one = cutsOf(asked, secret, 'b1');
    expect(cutsOf(asked, secret, 'b2')).not.toEqual(one);
    expect(cutsOf(asked, Buffer.from('another'), 'b1')).not.toEqual(one);
    expect(new Set(one).size).toBeGreaterThan(10);
  });
});

describe('what shops tell of their own', () => {
  const fact = fc
    .record({
      at: fc.integer({ min: 0, max: 8 }).map((n) => n * HOUR),
      step: fc.constantFrom('opened', 'joined', 'joined', 'left'),
      member: fc.constantFrom('a', 'b', 'c', 'd'),
      orderId: fc.constantFrom(null, 'o1', 'o2'),
      size: fc.constantFrom(null, null, 2, 3),
    })
    .map((made) => ({ ...made, cut: null }));
  const facts = fc
    .array(fact, { minLength: 1, maxLength: 12 })
    .map((list): ToldFact[] => list.map((each, i) => ({ ...each, key: `${each.at} s ${i}` }) as ToldFact));

  it('ends in the same group whatever the order of arrival', () => {
    fc.assert(
      fc.property(
        facts.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
        ),
        fc.constantFrom(null, 2, 3),
        fc.constantFrom(null, 5 * HOUR),
        ([list, shuffled], size, lifeMs) => {
          const told = toldGroup(list, { size, lifeMs }, 9 * HOUR);
          expect(toldGroup(shuffled, { size, lifeMs }, 9 * HOUR)).toEqual(told);
          // More than its size is shown, not hidden.
          if (told.size !== null && told.seats.length > told.size) expect(told.flags).toContain('over_full');
          const ours = { size: 2, members: new Set(['a']) };
          expect(toldOfOurs(shuffled, ours)).toEqual(toldOfOurs(list, ours));
          const cuts = list.map((each) => ({
            ...each,
            step: each.step === 'opened' ? each.step : ('helped' as const),
            cut: 5,
          }));
          const again = shuffled.map((each) => ({
            ...each,
            step: each.step === 'opened' ? each.step : ('helped' as const),
            cut: 5,
          }));
          expect(toldBargain(again, null, 0)).toEqual(toldBargain(cuts, null, 0));
        },
      ),
    );
  });

  const told = (...steps: [ToldFact['step'], string, number][]): ToldFact[] =>
    steps.map(([step, member, at], i) => ({
      key: `${at} s ${i}`,
      at,
      step,
      member,
      orderId: null,
      cut: 10,
      size: null,
    }));

  it('flags what our engine would not have done', () => {
    const know = { size: 2, lifeMs: HOUR };
    const full = told(['opened', 'a', 0], ['joined', 'b', 1]);
    expect(toldGroup(full, know, 2)).toMatchObject({ state: 'formed', at: 1, flags: [] });
    expect(toldGroup([...full, ...told(['joined', 'c', 2])], know, 3).flags).toEqual(['over_full']);
    expect(toldGroup([...full, ...told(['left', 'b', 2], ['joined', 'c', 3])], know, 4).flags).toEqual([
      'formed_twice',
      'left_after_forming',
    ]);
    expect(toldGroup(told(['opened', 'a', 0], ['joined', 'b', HOUR]), know, HOUR).flags).toEqual([
      'joined_late',
    ]);
    expect(toldGroup(told(['opened', 'a', 0], ['opened', 'b', 1]), know, 2).flags).toEqual(['opened_twice']);
    expect(toldGroup(told(['opened', 'a', 0]), know, HOUR)).toMatchObject({
      state: 'expired',
      because: 'time',
      at: HOUR,
    });
    expect(toldGroup(told(['opened', 'a', 0]), { size: null, lifeMs: null }, 25 * HOUR)).toMatchObject({
      state: 'expired',
      because: 'unheard',
    });
    // Its opener may say how many fill it, where no campaign of ours does.
    const [open] = told(['opened', 'a', 0]);
    const sized = [{ ...open!, size: 2 }, ...told(['joined', 'b', 1])];
    const unknown = { size: null, lifeMs: null };
    expect(toldGroup(sized, unknown, 2)).toMatchObject({ state: 'formed', size: 2, at: 1 });
    expect(toldGroup(sized, { ...know, size: 3 }, 2)).toMatchObject({ state: 'open', size: 3 });
    expect(toldGroup(sized.slice(0, 1), unknown, 25 * HOUR)).toMatchObject({
      state: 'expired',
      because: 'time',
    });
    // Only the opener: what others add to their facts is not theirs to say.
    expect(toldGroup([open!, { ...told(['joined', 'b', 1])[0]!, size: 2 }], unknown, 2)).toMatchObject({
      state: 'open',
      size: null,
    });
    const cheap = { startPrice: 30, floorPrice: 15, helpers: 1, lifeMs: HOUR };
    expect(toldBargain(told(['opened', 'a', 0], ['helped', 'b', 1], ['helped', 'b', 2], ['helped', 'c', HOUR]), cheap, 3).flags).toEqual([
      'below_floor', 'helped_late', 'helped_twice', 'too_many_helpers',
    ]); // prettier-ignore
  });
});

describe('templates', () => {
  const goods = [{ sku: 'A' }];
  it('refuse what could not end as promised', () => {
    const group = { title: '三人团', goods, price: 990, size: 3, hours: 24 };
    expect(groupTemplate.parse(group)).toMatchObject({
      leaderBonus: 0,
      virtualFrom: null,
      location: null,
      goods: [{ sku: 'A', qty: 1 }],
    });
    expect(groupTemplate.safeParse({ ...group, virtualFrom: 3 }).success).toBe(false);
    expect(groupTemplate.safeParse({ ...group, size: 101 }).success).toBe(false);
    expect(groupTemplate.safeParse({ ...group, goods: [...goods, ...goods] }).success).toBe(false);
    const bargain = { title: '砍一刀', goods, startPrice: 100, floorPrice: 95, helpers: 5, hours: 1 };
    expect(bargainTemplate.safeParse(bargain).success).toBe(true);
    expect(bargainTemplate.safeParse({ ...bargain, helpers: 6 }).success).toBe(false);
  });
});
