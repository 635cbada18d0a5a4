import { currencyOf } from '@zhanggui/shared/board/numbers.ts';

const UNITS: Record<string, number> = { '': 1, 万: 1e4, 亿: 1e8, k: 1e3, m: 1e6 };

/** As in the API: a billion of the major unit. */
const MOST = 100_000_000_000;

/**
 * An amount as people write it (`12000`, `12,000.50`, `1.2万`, `12k`, `¥300`) in minor units; null for an empty one,
 * `undefined` for what is none.
 */
export function parseAmount(text: string, currency: string): number | null | undefined {
  const plain = text.replace(/[\s,，¥￥$€£]/g, '').toLowerCase();
  if (plain === '') return null;
  const match = /^(\d+(?:\.\d+)?)(万|亿|k|m)?$/.exec(plain);
  if (!match) return undefined;
  const minor = Number(match[1]) * (UNITS[match[2] ?? ''] ?? 1) * 10 ** currencyOf(currency).minorDigits;
  const rounded = Math.round(minor);
  // More decimals than the currency has is a slip, not an amount.
  return Math.abs(minor - rounded) > 1e-4 || rounded > MOST ? undefined : rounded;
}

/** An amount as it is edited: whole units without decimals, else all of them. */
export function amountText(minor: number | null, currency: string): string {
  if (minor === null) return '';
  const { minorDigits } = currencyOf(currency);
  const major = minor / 10 ** minorDigits;
  return major.toLocaleString('en-US', {
    minimumFractionDigits: Number.isInteger(major) ? 0 : minorDigits,
    maximumFractionDigits: minorDigits,
  });
}
