import { describe, expect, it } from 'vitest';
import { isDatabaseAway } from './database.ts';

const coded = (code: string) => Object.assign(new Error(code), { code });

describe('isDatabaseAway', () => {
  it.each(['ECONNREFUSED', 'CONNECTION_CLOSED', 'CONNECT_TIMEOUT', '57P01', '57P03', '08006', '53300'])(
    'is true of %s',
    (code) => {
      expect(isDatabaseAway(coded(code))).toBe(true);
      expect(isDatabaseAway(new AggregateError([new Error('x'), coded(code)]))).toBe(true);
    },
  );

  it('is false of a statement that was wrong, and of what is no error', () => {
    for (const thrown of [coded('23505'), coded('40P01'), new Error('x'), 'ECONNREFUSED', null, undefined])
      expect(isDatabaseAway(thrown)).toBe(false);
  });
});
