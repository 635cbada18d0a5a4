import { CURVE_MINUTES } from '@zhanggui/shared/contract/board.ts';

/** A point of the cumulative curve: `x` in hours since the business day began, `y` in minor units or thousandths. */
export type CurvePoint = { x: number; y: number };

export type DayCurve = {
  today: CurvePoint[];
  yesterday: CurvePoint[];
  /** Yesterday's value at this moment of the day; null when there is no yesterday. */
  yesterdayNow: number | null;
  /** Share of yesterday's total that was reached by now, 0…1: how much of a day this moment usually is. */
  dayShare: number | null;
  hours: number;
};

const CURVE_HOURS = CURVE_MINUTES / 60;

/**
 * The day's cumulative curve.
 *
 * @param bucket what a series holds for its i-th bucket; undefined reads as no sales
 * @param buckets how many buckets the day has: 288, or 276 and 300 when the clocks change
 * @param now hours since the day began; today's curve ends there
 * @param bucketHours length of a bucket in hours
 */
export function dayCurve(
  bucket: { today: (index: number) => number | undefined; yesterday: (index: number) => number | undefined },
  buckets: number,
  now: number,
  bucketHours = CURVE_HOURS,
): DayCurve {
  const hours = buckets * bucketHours;
  const moment = Math.min(Math.max(now, 0), hours);
  const full = Math.min(buckets, Math.floor(moment / bucketHours));
  const today = cumulate(bucket.today, full, bucketHours);
  const unfinished = full < buckets ? (bucket.today(full) ?? 0) : 0;
  if (moment > full * bucketHours) today.push({ x: moment, y: today.at(-1)!.y + unfinished });

  const yesterday = cumulate(bucket.yesterday, buckets, bucketHours);
  const total = yesterday.at(-1)!.y;
  if (total <= 0) return { today, yesterday: [], yesterdayNow: null, dayShare: null, hours };
  const before = yesterday[full]!.y;
  const after = yesterday[Math.min(full + 1, buckets)]!.y;
  const yesterdayNow = before + (after - before) * (moment / bucketHours - full);
  return { today, yesterday, yesterdayNow, dayShare: yesterdayNow / total, hours };
}

/** From zero at the day's first minute to the sum after `count` buckets. */
function cumulate(
  bucket: (index: number) => number | undefined,
  count: number,
  bucketHours: number,
): CurvePoint[] {
  const points: CurvePoint[] = [{ x: 0, y: 0 }];
  let sum = 0;
  for (let i = 0; i < count; i++) {
    sum += bucket(i) ?? 0;
    points.push({ x: (i + 1) * bucketHours, y: sum });
  }
  return points;
}

/** The curve at whole hours, for the table behind the chart. */
export function atHours(points: readonly CurvePoint[]): CurvePoint[] {
  return points.filter(
    (point, i) => Math.abs(point.x - Math.round(point.x)) < 1e-9 || i === points.length - 1,
  );
}

/** Below this share of the day's end the curve is the night's flat beginning. */
const ASLEEP = 0.03;

/**
 * The hour the picture begins at: a whole multiple of three, so that the hours in which next to nothing is sold do not
 * take a third of the width. Not after nine, and not after today.
 */
export function firstHour({ today, yesterday }: Pick<DayCurve, 'today' | 'yesterday'>): number {
  const quietUntil = (points: readonly CurvePoint[]) => {
    const end = points.at(-1)?.y ?? 0;
    return points.findLast((point) => point.y <= end * ASLEEP)?.x ?? 0;
  };
  const now = today.at(-1)?.x ?? 0;
  if (yesterday.length === 0) return 0;
  return Math.floor(Math.min(9, quietUntil(yesterday), Math.max(0, now - 3)) / 3) * 3;
}
