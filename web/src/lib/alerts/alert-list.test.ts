import { describe, expect, it } from 'vitest';
import { alertTile } from '#lib/testing/board-data.ts';
import { byUrgency, foldAlerts, lengthOf, nextStep, standingOf, type Reader } from './alert-list.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const later = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString();
const me: Reader = { id: 'wang-1', answers: true };
const proposal = { id: 'p', qty: 24, sourceKind: 'warehouse', expectedAt: later(60) } as const;

describe('an alert', () => {
  it('is somebody’s once it is acknowledged, and nobody’s while it is snoozed', () => {
    expect(standingOf(alertTile(), me, NOW)).toBe('todo');
    const taken = { status: 'acknowledged', owner: '王芳' } as const;
    expect(standingOf(alertTile({ ...taken, ownerId: 'wang-1' }), me, NOW)).toBe('mine');
    // Somebody else of the same name.
    expect(standingOf(alertTile({ ...taken, ownerId: 'wang-2' }), me, NOW)).toBe('others');
    expect(standingOf(alertTile(taken), { ...me, id: null }, NOW)).toBe('others');
    expect(standingOf(alertTile({ snoozedUntil: later(1) }), me, NOW)).toBe('snoozed');
    expect(standingOf(alertTile({ snoozedUntil: later(-1) }), me, NOW)).toBe('todo');
  });

  it('is taken on first, and only then acted upon', () => {
    const alert = alertTile({ proposal });
    expect(nextStep(alert, 'todo', me)).toEqual({ do: 'acknowledge' });
    expect(nextStep(alert, 'others', me)).toEqual({ do: 'acknowledge' });
    expect(nextStep(alert, 'mine', me)).toEqual({ do: 'approve', id: 'p', qty: 24 });
    expect(nextStep(alertTile(), 'mine', me)).toEqual({ do: 'find' });
    expect(nextStep(alertTile({ kind: 'count_gap' }), 'mine', me)).toEqual({ do: 'resolve' });
    expect(nextStep(alertTile({ kind: 'late_supply', params: { order: 'PO-7' } }), 'mine', me)).toEqual({
      do: 'order',
      code: 'PO-7',
    });
  });

  it('is only looked at by whoever may not answer', () => {
    expect(nextStep(alertTile({ proposal }), 'mine', { ...me, answers: false })).toEqual({ do: 'open' });
  });
});

describe('the list', () => {
  it('puts what burns first on top, and keeps equals in their places', () => {
    const alerts = [
      alertTile({ id: '5', severity: 'warning', openedAt: later(-90) }),
      alertTile({ id: '4', openedAt: later(-5) }),
      alertTile({ id: '3', openedAt: later(-5) }),
      alertTile({ id: '2', openedAt: later(-60), dueAt: later(99) }),
      alertTile({ id: '1', params: { soldOutAt: later(50) } }),
      alertTile({ id: '0', params: { soldOutAt: later(30) } }),
    ];
    expect(alerts.sort(byUrgency).map(({ id }) => id)).toEqual(['0', '1', '2', '3', '4', '5']);
  });

  it('keeps the alerts apart by where they stand', () => {
    const folds = foldAlerts(
      [
        alertTile({ id: 'a' }),
        alertTile({ id: 'b', status: 'acknowledged', ownerId: 'wang-1', owner: '王芳' }),
        alertTile({ id: 'c', status: 'acknowledged', ownerId: 'li-1', owner: '李强' }),
        alertTile({ id: 'd', snoozedUntil: later(30) }),
      ],
      me,
      NOW,
    );
    expect(Object.values(folds).map((fold) => fold.map(({ id }) => id))).toEqual([
      ['a'],
      ['b'],
      ['c'],
      ['d'],
    ]);
  });
});

it('lengths of time are said as people say them', () => {
  const minute = 60_000;
  expect([10, 59, 60, 125, 6 * 60 + 50, 1440 * 2.4].map((each) => lengthOf(each * minute))).toEqual([
    { unit: 'minutes', count: 10, minutes: 0 },
    { unit: 'minutes', count: 59, minutes: 0 },
    { unit: 'hours', count: 1, minutes: 0 },
    { unit: 'hours', count: 2, minutes: 5 },
    { unit: 'hours', count: 7, minutes: 0 },
    { unit: 'days', count: 2, minutes: 0 },
  ]);
  expect(lengthOf(-5).count).toBe(1);
});
