import { expect, test } from 'vitest';
import { ageOf } from './age.ts';
import { lookAt, readable } from './rejected.ts';

const shipped = {
  specversion: '1.0',
  id: '1',
  source: 'till',
  type: 'order.shipped',
  time: '2026-03-01T08:00:00Z',
  data: { orderId: 'o1' },
};
const look = (event: unknown, locale: 'zh-CN' | 'en' = 'en') => lookAt(JSON.stringify(event), 'CNY', locale);

test('an event that fits has no fault', () => {
  expect(look(shipped)).toEqual({ event: shipped, fault: null });
});

test('the field that does not fit is named, and the sentence is in the reader’s language', () => {
  const wrong = { ...shipped, data: { orderId: '' } };
  const english = look(wrong).fault;
  const chinese = look(wrong, 'zh-CN').fault;
  expect(english).toMatchObject({ code: 'invalid_event', field: 'data.orderId' });
  expect(english?.detail).not.toContain('data.orderId');
  expect(chinese?.detail).toMatch(/\p{Script=Han}/u);
});

test('an unknown type and a text that is no JSON are told apart', () => {
  expect(look({ ...shipped, type: 'order.lost' }).fault).toEqual({
    code: 'unknown_type',
    field: 'type',
    detail: null,
  });
  expect(lookAt('{', 'CNY', 'en').fault?.code).toBe('malformed_json');
});

test('a body is laid out in lines, or left as it is', () => {
  expect(readable('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(readable('<xml/>')).toBe('<xml/>');
});

test('an age is told in its largest whole unit', () => {
  expect(ageOf(-5)).toEqual({ unit: 'seconds', count: 0 });
  expect(ageOf(59_999)).toEqual({ unit: 'seconds', count: 59 });
  expect(ageOf(3_600_000)).toEqual({ unit: 'hours', count: 1 });
  expect(ageOf(90_000_000)).toEqual({ unit: 'days', count: 1 });
});
