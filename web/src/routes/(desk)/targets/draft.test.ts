import { describe, expect, it } from 'vitest';
import { amountText, parseAmount } from './amount.ts';
import { TargetDraft } from './draft.svelte.ts';
import { daysOf, monthFrom, shiftMonth } from './month.ts';

const DAY = '2026-03-01';
const NEXT = '2026-03-02';

function draft() {
  const made = new TargetDraft();
  made.reset([
    { day: DAY, location: 'SH01', amount: 100 },
    { day: DAY, location: 'SH02', amount: 50 },
  ]);
  return made;
}

describe('a draft of targets', () => {
  it('takes back one step at a time, and does it again', () => {
    const targets = draft();
    targets.set([{ day: DAY, location: 'SH01', value: 200 }]);
    targets.set([
      { day: DAY, location: 'SH01', value: 300 },
      { day: NEXT, location: 'SH01', value: 400 },
    ]);
    expect(targets.unsaved).toBe(2);

    targets.undo();
    expect(targets.value(DAY, 'SH01')).toBe(200);
    expect(targets.value(NEXT, 'SH01')).toBe(null);
    targets.undo();
    expect(targets.value(DAY, 'SH01')).toBe(100);
    expect([targets.unsaved, targets.canUndo]).toEqual([0, false]);

    targets.redo();
    targets.redo();
    expect(targets.value(NEXT, 'SH01')).toBe(400);
  });

  it('can take back throwing everything away', () => {
    const targets = draft();
    targets.set([{ day: DAY, location: 'SH01', value: 200 }]);
    targets.discard();
    expect(targets.unsaved).toBe(0);
    targets.undo();
    expect(targets.value(DAY, 'SH01')).toBe(200);
  });

  it('keeps what was taken away apart from what never was', () => {
    const targets = draft();
    targets.set([{ day: DAY, location: 'SH01', value: null }]);
    expect(targets.value(DAY, 'SH01')).toBe(null);
    expect(targets.changes()).toEqual([{ day: DAY, location: 'SH01', amount: null }]);
    targets.set([{ day: NEXT, location: 'SH01', value: null }]);
    expect(targets.unsaved).toBe(1);
  });

  it('keeps what is no amount as it was typed, and does not send it', () => {
    const targets = draft();
    targets.set([{ day: DAY, location: null, value: { wrong: 'abc' } }]);
    expect([targets.wrong, targets.changes()]).toEqual([1, []]);
  });

  it('can undo what was saved: it is a change again', () => {
    const targets = draft();
    targets.set([{ day: DAY, location: 'SH01', value: 200 }]);
    targets.markSaved(targets.changes());
    expect(targets.unsaved).toBe(0);
    targets.undo();
    expect(targets.changes()).toEqual([{ day: DAY, location: 'SH01', amount: 100 }]);
  });

  it('keeps an edit made while another was being saved', () => {
    const targets = draft();
    targets.set([{ day: DAY, location: 'SH01', value: 200 }]);
    const sent = targets.changes();
    targets.set([{ day: DAY, location: 'SH01', value: 250 }]);
    targets.markSaved(sent);
    expect(targets.changes()).toEqual([{ day: DAY, location: 'SH01', amount: 250 }]);
  });

  it('sums the company’s own target where there is one, else its stores', () => {
    const targets = draft();
    targets.set([{ day: NEXT, location: null, value: 1000 }]);
    expect(targets.companySum([DAY, NEXT], ['SH01', 'SH02'])).toBe(1150);
    expect(targets.companySum(['2026-03-03'], ['SH01'])).toBe(null);
  });
});

describe('an amount', () => {
  it.each([
    ['12000', 1_200_000],
    ['12,000.5', 1_200_050],
    ['1.2万', 1_200_000],
    ['12k', 1_200_000],
    ['¥ 0.29', 29],
    ['', null],
    ['abc', undefined],
    ['-5', undefined],
    ['1.234', undefined],
    ['99999999999', undefined],
  ])('%s', (text, minor) => {
    expect(parseAmount(text, 'CNY')).toBe(minor);
  });

  it('reads back as it was written', () => {
    for (const minor of [null, 0, 1_200_000, 1_200_050]) {
      expect(parseAmount(amountText(minor, 'CNY'), 'CNY')).toBe(minor);
    }
    expect(amountText(1200, 'JPY')).toBe('1,200');
  });
});

describe('a month', () => {
  it('has its days, and neighbours over the turn of the year', () => {
    expect(daysOf('2028-02').length).toBe(29);
    expect(daysOf('2026-12').at(-1)).toBe('2026-12-31');
    expect([shiftMonth('2026-01', -1), shiftMonth('2026-12', 1)]).toEqual(['2025-12', '2027-01']);
  });
  it('comes from the address, or is this one', () => {
    expect(monthFrom('2026-02', '2026-03-05')).toBe('2026-02');
    expect(monthFrom('2026-13', '2026-03-05')).toBe('2026-03');
  });
});
