/**
 * How numbers read on a screen: 万 and 亿 in Chinese, k, M and B in English, the unit apart from the value so that it can
 * be set smaller, and a dash for what is unknown: never a zero.
 */
import type { Locale } from '../contract/words.ts';

export const UNKNOWN = '—';

/** A minus of the width of a plus and a figure, so that columns stay aligned. */
const MINUS = '\u2212';

export type NumberParts = { sign: string; symbol: string; value: string; unit: string };

type Step = { from: number; unit: string };
const steps: Record<Locale, readonly Step[]> = {
  'zh-CN': [
    { from: 1e8, unit: '亿' },
    { from: 1e4, unit: '万' },
  ],
  en: [
    { from: 1e9, unit: 'B' },
    { from: 1e6, unit: 'M' },
    { from: 1e3, unit: 'k' },
  ],
};

/** Decimals in front of a unit: so many always, which aligns a column; or `fit`, one where it says something (`500万`). */
export type Decimals = number | 'fit';

const formats = new Map<string, Intl.NumberFormat>();
function fixed(locale: Locale, decimals: Decimals): Intl.NumberFormat {
  const key = `${locale}|${decimals}`;
  let format = formats.get(key);
  if (!format) {
    const [minimumFractionDigits, maximumFractionDigits] = decimals === 'fit' ? [0, 1] : [decimals, decimals];
    format = new Intl.NumberFormat(locale, { minimumFractionDigits, maximumFractionDigits });
    formats.set(key, format);
  }
  return format;
}

const signOf = (value: number, text: string) => (value < 0 && /[1-9]/.test(text) ? MINUS : '');

/** Every digit: `1,234,567`. */
export function wholeParts(value: number | null | undefined, locale: Locale, digits = 0): NumberParts {
  if (value == null) return { sign: '', symbol: '', value: UNKNOWN, unit: '' };
  const text = fixed(locale, digits).format(Math.abs(value));
  return { sign: signOf(value, text), symbol: '', value: text, unit: '' };
}

/** Short: `41.2万`, `3.4M`; below the first unit every digit. */
export function compactParts(
  value: number | null | undefined,
  locale: Locale,
  decimals: Decimals = 1,
): NumberParts {
  if (value == null) return wholeParts(null, locale);
  const size = Math.abs(value);
  const units = steps[locale];
  for (const [i, { from, unit }] of units.entries()) {
    // What rounds up into the next unit reads in it: 9,999.6 is 1.0万, and 99,999,999 is 1.0亿.
    if (Math.round(size) < from) continue;
    const larger = units[i - 1];
    const rounded = Number((size / from).toFixed(decimals === 'fit' ? 1 : decimals)) * from;
    const shown = larger && rounded >= larger.from ? larger : { from, unit };
    const text = fixed(locale, decimals).format(size / shown.from);
    return { sign: signOf(value, text), symbol: '', value: text, unit: shown.unit };
  }
  return wholeParts(value, locale);
}

const currencyFacts = new Map<string, { symbol: string; minorDigits: number }>();

/** The short symbol of a currency, and how many minor units make it: 分 are hundredths, yen have none. */
export function currencyOf(currency: string): { symbol: string; minorDigits: number } {
  let facts = currencyFacts.get(currency);
  if (!facts) {
    const format = new Intl.NumberFormat('en', {
      style: 'currency',
      currency,
      currencyDisplay: 'narrowSymbol',
    });
    const symbol = format.formatToParts(0).find((part) => part.type === 'currency')?.value ?? currency;
    facts = { symbol, minorDigits: format.resolvedOptions().maximumFractionDigits ?? 2 };
    currencyFacts.set(currency, facts);
  }
  return facts;
}

/** Minor units as a number of the currency's units: 分 to 元. Only for showing. */
export function majorUnits(minor: number, currency: string): number {
  return minor / 10 ** currencyOf(currency).minorDigits;
}

export type MoneyStyle =
  /** `¥41.2万` */
  | 'compact'
  /** `¥412,345`: no 分. */
  | 'whole'
  /** `¥412,345.67` */
  | 'exact';

/** `minor` in minor units of `currency`; null reads as unknown. */
export function moneyParts(
  minor: number | null | undefined,
  currency: string,
  locale: Locale,
  style: MoneyStyle,
  decimals?: Decimals,
): NumberParts {
  if (minor == null) return wholeParts(null, locale);
  const { symbol, minorDigits } = currencyOf(currency);
  const amount = majorUnits(minor, currency);
  const parts =
    style === 'compact'
      ? compactParts(amount, locale, decimals)
      : wholeParts(amount, locale, style === 'exact' ? minorDigits : 0);
  return { ...parts, symbol };
}

export function joinParts(parts: NumberParts): string {
  return `${parts.sign}${parts.symbol}${parts.value}${parts.unit}`;
}

/** A share 0…1 as `41.2%`. */
export function percent(ratio: number | null | undefined, locale: Locale, digits = 1): string {
  if (ratio == null || !Number.isFinite(ratio)) return UNKNOWN;
  const text = fixed(locale, digits).format(Math.abs(ratio) * 100);
  return `${signOf(ratio, text)}${text}%`;
}

export type Change = { direction: 'up' | 'down' | 'flat'; text: string };

/**
 * A comparison, today ÷ then − 1. From double on decimals say nothing, beyond tenfold it reads as a factor: `×12`. Null
 * when there is nothing to compare with.
 */
export function change(ratio: number | null | undefined, locale: Locale, digits = 1): Change | null {
  if (ratio == null || !Number.isFinite(ratio)) return null;
  if (ratio >= 9) return { direction: 'up', text: `×${fixed(locale, 0).format(ratio + 1)}` };
  const text = `${fixed(locale, ratio >= 1 ? 0 : digits).format(Math.abs(ratio) * 100)}%`;
  if (!/[1-9]/.test(text)) return { direction: 'flat', text };
  return { direction: ratio > 0 ? 'up' : 'down', text };
}
