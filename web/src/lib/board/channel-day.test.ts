import { expect, it } from 'vitest';
import { curveOfHours } from './channel-day.ts';

it('tells today from yesterday, and counts hours in business time', () => {
  const rows = [
    { key: '2026-11-22T01:00:00Z', net: 500 },
    { key: '2026-11-22T16:00:00Z', net: 100 },
    { key: '2026-11-22T17:00:00Z', net: 30 },
  ];
  const curve = curveOfHours(rows, '2026-11-22T16:00:00Z', 1.5, 'Asia/Shanghai');
  expect(curve.today.at(-1)).toEqual({ x: 1.5, y: 130 });
  expect(curve.yesterday.at(-1)).toEqual({ x: 24, y: 500 });
  expect(curve.yesterday[9]).toEqual({ x: 9, y: 0 });
});
