import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomFrom, share } from './random.ts';

describe('randomFrom', () => {
  it('gives the same numbers for the same seed, and others for another', () => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const draw = (text: string) => Array.from({ length: 8 }, randomFrom(text).next);
        expect(draw(seed)).toEqual(draw(seed));
        expect(draw(seed)).not.toEqual(draw(`${seed}x`));
      }),
    );
  });

  it('keeps these very numbers: a changed stream would make the demo company send its past again under new ids', () => {
    const random = randomFrom('zhanggui');
    expect([random.int(1000), random.int(1000), random.int(1000), random.int(1000)]).toMatchInlineSnapshot(`
      [
        476,
        118,
        616,
        998,
      ]
    `);
  });

  it('fills its range evenly', () => {
    const random = randomFrom('even');
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) {
      const at = random.int(10);
      counts[at] = (counts[at] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(450);
  });

  it.each([0.4, 7, 29, 31, 250])('poisson has mean and variance %d', (mean) => {
    const random = randomFrom(`poisson ${mean}`);
    const values = Array.from({ length: 20_000 }, () => random.poisson(mean));
    const average = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length;
    expect(average / mean).toBeCloseTo(1, 1);
    expect(variance / mean).toBeGreaterThan(0.93);
    expect(variance / mean).toBeLessThan(1.07);
  });

  it('refuses to pick from nothing', () => {
    expect(() => randomFrom('x').pick([])).toThrow(RangeError);
  });
});

describe('share', () => {
  it('spreads neighbouring names over the whole range', () => {
    const below = Array.from({ length: 20_000 }, (_, i) => share(`depth/${100_000 + i}/SH01`)).filter(
      (x) => x < 0.02,
    );
    expect(below.length).toBeGreaterThan(330);
    expect(below.length).toBeLessThan(470);
  });
});
