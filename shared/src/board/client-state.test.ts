import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BoardValue, Delta, Snapshot } from '../contract/board.ts';
import { onDelta, onSnapshot, type Cursor, type Step } from './client-state.ts';

const at = '2026-03-01T04:00:00.000Z';
const base = { topic: 'sales', scope: 'all', epoch: 'a', at } as const;
const snapshot = (seq: number, data: Record<string, BoardValue>, epoch = 'a'): Snapshot => ({
  ...base,
  epoch,
  seq,
  data,
});
const delta = (from: number, to: number, put: Record<string, BoardValue>, epoch = 'a'): Delta => ({
  ...base,
  epoch,
  from,
  to,
  put,
});
const cursor: Cursor = { epoch: 'a', seq: 7, at };

describe('a delta', () => {
  it('is applied on the state it was made from', () => {
    const step = onDelta(cursor, { ...delta(7, 8, { 'curve:1': 5 }), del: ['hot:3'] });
    expect(step).toEqual({
      do: 'apply',
      cursor: { epoch: 'a', seq: 8, at },
      patch: { replace: false, put: { 'curve:1': 5 }, del: ['hot:3'] },
    });
  });
  it('asks for a snapshot after a gap', () =>
    expect(onDelta(cursor, delta(8, 9, {}))).toEqual({ do: 'resync' }));
  it('asks for a snapshot in another epoch, also at the same number', () =>
    expect(onDelta(cursor, delta(7, 8, {}, 'b'))).toEqual({ do: 'resync' }));
  it('is ignored when it comes twice', () =>
    expect(onDelta(cursor, delta(6, 7, {}))).toEqual({ do: 'ignore' }));
  it('is ignored before the first snapshot', () =>
    expect(onDelta(null, delta(0, 1, {}))).toEqual({ do: 'ignore' }));
});

describe('a snapshot', () => {
  it('replaces everything', () =>
    expect(onSnapshot(cursor, snapshot(9, { x: 1 }))).toMatchObject({
      do: 'apply',
      patch: { replace: true, put: { x: 1 } },
    }));
  it('is ignored when deltas have overtaken it', () =>
    expect(onSnapshot(cursor, snapshot(6, {}))).toEqual({ do: 'ignore' }));
  it('is taken at the same number: it is what was asked for', () =>
    expect(onSnapshot(cursor, snapshot(7, {})).do).toBe('apply'));
  it('of a restarted server is taken although it counts from zero', () =>
    expect(onSnapshot(cursor, snapshot(0, {}, 'b')).do).toBe('apply'));
});

/** A screen that keeps its values as the live link does, and says whether it wants a snapshot. */
function screen() {
  let at: Cursor | null = null;
  let values: Record<string, BoardValue> = {};
  let wants = true;
  const take = (step: Step) => {
    if (step.do === 'resync') wants = true;
    if (step.do !== 'apply') return;
    at = step.cursor;
    values = { ...(step.patch.replace ? {} : values), ...step.patch.put };
    for (const key of step.patch.del) delete values[key];
    if (step.patch.replace) wants = false;
  };
  return {
    snapshot: (message: Snapshot) => take(onSnapshot(at, message)),
    delta: (message: Delta) => take(onDelta(at, message)),
    get wants() {
      return wants;
    },
    get values() {
      return values;
    },
  };
}

it('ends in the server’s numbers, whatever is lost, doubled or late', () => {
  const event = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('change' as const), key: fc.nat(4), value: fc.integer() }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('restart' as const), key: fc.nat(4), value: fc.integer() }),
    },
  );
  const fate = fc.constantFrom('arrives', 'lost', 'twice', 'oldSnapshotAfter');
  fc.assert(
    fc.property(fc.array(fc.tuple(event, fate), { maxLength: 40 }), (story) => {
      const client = screen();
      let epoch = 0;
      let seq = 0;
      let truth: Record<string, BoardValue> = {};
      const now = () => snapshot(seq, { ...truth }, String(epoch));
      client.snapshot(now());
      for (const [{ kind, key, value }, what] of story) {
        const before = now();
        if (kind === 'restart') {
          epoch++;
          seq = 0;
        }
        truth = { ...truth, [`k${key}`]: value };
        const message = delta(seq, ++seq, { [`k${key}`]: value }, String(epoch));
        if (what !== 'lost') client.delta(message);
        if (what === 'twice') client.delta(message);
        if (what === 'oldSnapshotAfter' && kind === 'change') client.snapshot(before);
        if (client.wants) client.snapshot(now());
      }
      // The next message after the last loss is what shows the gap.
      client.delta(delta(seq, seq + 1, {}, String(epoch)));
      if (client.wants) client.snapshot(now());
      expect(client.values).toEqual(truth);
    }),
  );
});
