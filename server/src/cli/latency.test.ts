import { expect, it } from 'vitest';
import { Latencies } from './latency.ts';

it('knows percentiles within 5 %, and none before the first answer', () => {
  const latencies = new Latencies();
  expect(latencies.percentile(0.5)).toBeNull();
  for (let ms = 1; ms <= 1000; ms++) latencies.add(ms);
  for (const [p, expected] of [
    [0.5, 500],
    [0.99, 990],
    [1, 1000],
  ] as const) {
    const found = latencies.percentile(p) ?? 0;
    expect(found / expected).toBeGreaterThan(0.95);
    expect(found / expected).toBeLessThan(1.05);
  }
  expect(latencies.percentile(1)).toBe(1000);
  expect(latencies.count).toBe(1000);
});
