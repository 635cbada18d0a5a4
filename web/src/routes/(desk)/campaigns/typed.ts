/** Amounts and percents as people type them. */

/** Minor units of what was typed; null where nothing was, NaN where it is no amount. */
export function amountOf(text: string, unit: number): number | null {
  const plain = text.trim().replaceAll(',', '').replaceAll('，', '');
  if (plain === '') return null;
  if (!/^\d+(\.\d+)?$/.test(plain)) return NaN;
  const minor = Math.round(Number(plain) * unit);
  return Math.abs(minor - Number(plain) * unit) < 1e-6 ? minor : NaN;
}

/** An amount as it would be typed; empty for none. */
export const amountText = (minor: number | null, unit: number): string =>
  minor === null ? '' : String(minor / unit);

/** Where nothing at all is typed for zero. */
export const someText = (minor: number, unit: number): string => (minor > 0 ? amountText(minor, unit) : '');

/** 八折 and 20 % mean the same: what is typed in Chinese is what is left to pay, in tenths. */
export function percentOf(text: string, chinese: boolean): number {
  const typed = Number(text.trim());
  const percent = chinese ? Math.round(100 - typed * 10) : typed;
  return text.trim() !== '' && Number.isInteger(percent) && percent >= 1 && percent <= 100 ? percent : NaN;
}

export const percentText = (percent: number, chinese: boolean): string =>
  String(chinese ? (100 - percent) / 10 : percent);
