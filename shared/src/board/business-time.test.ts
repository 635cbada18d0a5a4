import { expect, it } from 'vitest';
import {
  businessDay,
  clockTime,
  curveIndex,
  fullTime,
  hourMinute,
  hourOf,
  longDay,
  zoneName,
} from './business-time.ts';

const at = Date.parse('2026-11-22T16:05:09Z');
const shanghai = 'Asia/Shanghai';

it('reads in the company’s zone, whatever the screen’s is', () => {
  expect(clockTime(at, shanghai)).toBe('00:05:09');
  expect(hourMinute(at, shanghai)).toBe('00:05');
  expect(businessDay(at, shanghai)).toBe('2026-11-23');
  expect(fullTime(at, shanghai)).toBe('2026-11-23 00:05:09');
  expect(hourOf(at, shanghai)).toBe(0);
  expect(clockTime(at, 'Europe/London')).toBe('16:05:09');
});

it('names the day and the zone', () => {
  expect(longDay(at, shanghai, 'zh-CN')).toBe('11月23日 星期一');
  expect(longDay(at, shanghai, 'en')).toBe('Mon 23 Nov');
  expect(zoneName(at, shanghai, 'zh-CN')).toBe('中国标准时间');
});

it('counts buckets in elapsed time, also on the day the clocks change', () => {
  const first = '2026-10-25T00:00:00+01:00';
  expect(curveIndex(Date.parse('2026-10-25T00:04:59+01:00'), first)).toBe(0);
  expect(curveIndex(Date.parse('2026-10-25T23:59:00Z'), first)).toBe(299);
});
