import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { cutPage, decodeCursor, encodeCursor, instant } from './fields.ts';

describe('cursors', () => {
  it('come back as they went', () => {
    expect(decodeCursor(encodeCursor(['茶', 7]), z.tuple([z.string(), z.int()]))).toEqual(['茶', 7]);
    expect(decodeCursor(undefined, z.tuple([z.string()]))).toBeNull();
  });

  it('of another list, or of nobody, are refused with their name', () => {
    for (const cursor of [encodeCursor([7]), 'nonsense', '', encodeCursor(['a', 'b'])])
      expect(() => decodeCursor(cursor, z.tuple([z.string()]))).toThrowError(
        expect.objectContaining({
          code: 'invalid_request',
          errors: [expect.objectContaining({ field: 'cursor' })],
        }),
      );
  });
});

describe('pages', () => {
  it('end where the rows end', () => {
    const position = (row: number) => [row];
    expect(cutPage([1, 2, 3], 3, position)).toEqual({ rows: [1, 2, 3], nextCursor: null });
    expect(cutPage([1, 2, 3, 4], 3, position)).toEqual({ rows: [1, 2, 3], nextCursor: encodeCursor([3]) });
    expect(cutPage([], 3, position)).toEqual({ rows: [], nextCursor: null });
  });
});

describe('instants', () => {
  it('are Dates inside and RFC 3339 outside', () => {
    expect(z.encode(instant, new Date(0))).toBe('1970-01-01T00:00:00.000Z');
    expect(z.decode(instant, '1970-01-01T08:00:00+08:00')).toEqual(new Date(0));
    expect(instant.safeParse('yesterday').success).toBe(false);
  });
});
