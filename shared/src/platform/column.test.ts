import { expect, test } from 'vitest';
import { column } from './column.ts';

const write = (values: readonly (string | number | null | undefined)[]) => column(values, (value) => value);

test('numbers stand as they are, what is missing is NULL', () => {
  expect(write([])).toBe('{}');
  expect(write([1, -2, null, undefined, 0])).toBe('{1,-2,NULL,NULL,0}');
});

test('a text can hold anything that has a meaning in an array', () => {
  expect(write(['', 'NULL', 'a,b', '{"a": "\\\\"}', '掌柜'])).toBe(
    String.raw`{"","NULL","a,b","{\"a\": \"\\\\\"}","掌柜"}`,
  );
});
