import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { onDelta, onSnapshot, type Cursor, type Step } from '@zhanggui/shared/board/client-state.ts';
import type { BoardValue } from '@zhanggui/shared/contract/board.ts';
import { Room } from './room.ts';

type Data = Record<string, BoardValue>;
const value: fc.Arbitrary<BoardValue> = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.record({ net: fc.integer({ min: 0, max: 3 }), name: fc.constantFrom('a', 'b') }),
);
const states = fc.array(
  fc.dictionary(fc.constantFrom('today', 'rate', 'curve:1', 'curve:2', 'hot:1'), value),
  { minLength: 1, maxLength: 12 },
);
const valuesOf = (data: Data) => new Map(Object.entries(data));

/** What a screen holds after a message. */
function applied(held: Data, step: Step): Data {
  if (step.do !== 'apply') return held;
  const next = step.patch.replace ? { ...step.patch.put } : { ...held, ...step.patch.put };
  for (const key of step.patch.del) delete next[key];
  return next;
}

describe('a room', () => {
  test('a screen that joins at any time and applies the deltas holds the values', () => {
    fc.assert(
      fc.property(states, fc.nat(), (all, when) => {
        const room = new Room('e', 'sales', 'all', false);
        const join = when % all.length;
        let cursor: Cursor | null = null;
        let held: Data = {};
        for (const [i, data] of all.entries()) {
          const delta = room.update(valuesOf(data), 1000 + i);
          if (cursor && delta) {
            const step = onDelta(cursor, delta);
            expect(step.do).toBe('apply');
            held = applied(held, step);
            if (step.do === 'apply') cursor = step.cursor;
          }
          if (i === join) {
            const step = onSnapshot(cursor, room.snapshot());
            held = applied(held, step);
            if (step.do === 'apply') cursor = step.cursor;
          }
          if (cursor) expect(held).toEqual(data);
        }
      }),
    );
  });

  test('nothing is sent when nothing changed, and only what changed otherwise', () => {
    fc.assert(
      fc.property(states, (all) => {
        const room = new Room('e', 'sales', 'all', false);
        let before: Data = {};
        for (const data of all) {
          const delta = room.update(valuesOf(data), 1000);
          const changed = Object.entries(data).filter(
            ([key, now]) => JSON.stringify(before[key]) !== JSON.stringify(now),
          );
          const gone = Object.keys(before).filter((key) => !(key in data));
          expect(delta?.put ?? {}).toEqual(Object.fromEntries(changed));
          expect((delta?.del ?? []).toSorted()).toEqual(gone.toSorted());
          expect(delta === null).toBe(changed.length === 0 && gone.length === 0);
          before = data;
        }
      }),
    );
  });

  test('a missed delta shows as a gap', () => {
    const room = new Room('e', 'sales', 'all', false);
    room.update(valuesOf({ rate: 1 }), 1);
    const { epoch, seq, at } = room.snapshot();
    room.update(valuesOf({ rate: 2 }), 2);
    const late = room.update(valuesOf({ rate: 3 }), 3);
    expect(onDelta({ epoch, seq, at }, late!)).toEqual({ do: 'resync' });
  });

  test('rooms with and without money have different names', () => {
    expect(new Room('e', 'sales', 'all', true).name).not.toBe(new Room('e', 'sales', 'all', false).name);
  });
});
