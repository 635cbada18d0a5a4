import type { NumberParts } from '@zhanggui/shared/board/numbers.ts';
import type { WallStockMessages } from '#lib/i18n/wall-stock.ts';

const MINUTE = 60_000;
const parts = (value: string, unit: string): NumberParts => ({ sign: '', symbol: '', value, unit });

/**
 * A length of time for a glance: minutes below an hour, `1:12` hours below six, whole hours below two days, then days to a
 * tenth. It never says zero: less than a minute is said so.
 */
export function spanParts(ms: number, words: WallStockMessages): NumberParts {
  const { minutes: minute, hours: hour, days: day } = words.units;
  const minutes = Math.floor(ms / MINUTE);
  if (minutes < 1) return parts(words.underMinute, minute);
  if (minutes < 60) return parts(String(minutes), minute);
  if (minutes < 360)
    return parts(`${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`, hour);
  if (minutes < 48 * 60) return parts(String(Math.round(minutes / 60)), hour);
  return parts((minutes / 1440).toFixed(1), day);
}

/** As `spanParts`, in one word. */
export function spanText(ms: number, words: WallStockMessages): string {
  const { value, unit } = spanParts(ms, words);
  return `${value} ${unit}`;
}
