import { describe, expect, it } from 'vitest';
import { handlers } from './handlers.ts';
import { byName } from './job.ts';

describe('handlers', () => {
  it('are complete', () => {
    expect(byName(handlers).size).toBe(handlers.length);
  });

  it('are refused when one is missing or double', () => {
    expect(() => byName(handlers.slice(1))).toThrow(/no handler for job/);
    expect(() => byName([...handlers, handlers[0]!])).toThrow(/two handlers/);
  });
});
