/**
 * Exact decimal arithmetic for prices: 0.1 + 0.2 must be 0.3, and a sum over a million lines must not drift.
 * A decimal is `digits` × 10^−`scale`.
 */
export type Decimal = { digits: bigint; scale: number };

export const zero: Decimal = { digits: 0n, scale: 0 };

const pattern = /^([+-]?)(\d*)(?:\.(\d*))?$/;

/** Reads "-12.340" and the like; null for anything else, also for exponents and thousands' separators. */
export function parseDecimal(text: string): Decimal | null {
  const parts = pattern.exec(text.trim());
  if (parts === null) return null;
  const [, sign, whole = '', fraction = ''] = parts;
  if (whole === '' && fraction === '') return null;
  const kept = fraction.replace(/0+$/, '');
  const digits = BigInt(whole + kept);
  return { digits: sign === '-' ? -digits : digits, scale: kept.length };
}

export function times(a: Decimal, b: Decimal): Decimal {
  return { digits: a.digits * b.digits, scale: a.scale + b.scale };
}

export function plus(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { digits: scaled(a, scale) + scaled(b, scale), scale };
}

export function minus(a: Decimal, b: Decimal): Decimal {
  return plus(a, { digits: -b.digits, scale: b.scale });
}

export function absolute({ digits, scale }: Decimal): Decimal {
  return { digits: digits < 0n ? -digits : digits, scale };
}

/** −1, 0 or 1. */
export function signOf({ digits }: Decimal): -1 | 0 | 1 {
  return digits === 0n ? 0 : digits < 0n ? -1 : 1;
}

/**
 * The decimal in units of 10^−`places`, as a whole number; halves go away from zero, as in shops. Throws RangeError
 * beyond 2^53.
 */
export function toUnits({ digits, scale }: Decimal, places: number): number {
  if (scale <= places) return exact(digits * 10n ** BigInt(places - scale));
  const divisor = 10n ** BigInt(scale - places);
  const half = digits < 0n ? -divisor / 2n : divisor / 2n;
  return exact((digits + half) / divisor);
}

/** The inverse of `toUnits`. */
export function fromUnits(units: number, places: number): Decimal {
  return { digits: BigInt(units), scale: places };
}

/** As a person writes it: "-12.34". */
export function formatDecimal({ digits, scale }: Decimal): string {
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
  const cut = text.length - scale;
  return `${digits < 0n ? '-' : ''}${text.slice(0, cut)}${scale > 0 ? `.${text.slice(cut)}` : ''}`;
}

function scaled({ digits, scale }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(to - scale);
}

function exact(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is too large for an exact number`);
  return number;
}
