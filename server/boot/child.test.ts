import { describe, expect, it } from 'vitest';
import { restartDelay } from './child.ts';

describe('restartDelay', () => {
  it('begins short, doubles, and ends at ten seconds', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 100].map(restartDelay)).toEqual([
      250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000,
    ]);
  });
});
