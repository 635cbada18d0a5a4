import * as numbers from '@zhanggui/shared/board/numbers.ts';
import * as times from '@zhanggui/shared/board/business-time.ts';
import type { I18n } from '#lib/i18n/i18n.svelte.ts';

export type CompanyFacts = { currency: string; timeZone: string };

/**
 * Numbers, times and names as this screen's reader knows them: in their language, the company's currency and its time
 * zone. Times are epoch milliseconds or RFC 3339.
 */
export class Format {
  #i18n: I18n;
  #company: () => CompanyFacts | null;

  constructor(i18n: I18n, company: () => CompanyFacts | null) {
    this.#i18n = i18n;
    this.#company = company;
  }

  get #locale() {
    return this.#i18n.locale;
  }
  get locale() {
    return this.#locale;
  }
  get currency(): string {
    return this.#company()?.currency ?? 'CNY';
  }
  get timeZone(): string {
    return this.#company()?.timeZone ?? 'UTC';
  }
  get zone(): string {
    return times.zoneName(Date.now(), this.timeZone, this.#locale);
  }

  moneyParts(
    minor: number | null | undefined,
    style: numbers.MoneyStyle,
    decimals?: numbers.Decimals,
  ): numbers.NumberParts {
    return numbers.moneyParts(minor, this.currency, this.#locale, style, decimals);
  }
  /** Money without its symbol, for lists under a heading that names it. */
  amountParts(minor: number | null | undefined, decimals?: numbers.Decimals): numbers.NumberParts {
    return { ...this.moneyParts(minor, 'compact', decimals), symbol: '' };
  }
  money(
    minor: number | null | undefined,
    style: numbers.MoneyStyle = 'compact',
    decimals?: numbers.Decimals,
  ): string {
    return numbers.joinParts(this.moneyParts(minor, style, decimals));
  }
  wholeParts(value: number | null | undefined): numbers.NumberParts {
    return numbers.wholeParts(value, this.#locale);
  }
  whole(value: number | null | undefined): string {
    return numbers.joinParts(this.wholeParts(value));
  }
  compactParts(value: number | null | undefined, decimals?: numbers.Decimals): numbers.NumberParts {
    return numbers.compactParts(value, this.#locale, decimals);
  }
  compact(value: number | null | undefined, decimals?: numbers.Decimals): string {
    return numbers.joinParts(this.compactParts(value, decimals));
  }
  percent(ratio: number | null | undefined, digits?: number): string {
    return numbers.percent(ratio, this.#locale, digits);
  }
  change(ratio: number | null | undefined, digits?: number): numbers.Change | null {
    return numbers.change(ratio, this.#locale, digits);
  }

  name(of: { nameZh?: string | null | undefined; nameEn?: string | null | undefined }): string {
    const [first, second] = this.#locale === 'en' ? [of.nameEn, of.nameZh] : [of.nameZh, of.nameEn];
    return first || second || '';
  }

  #at(at: number | string): number {
    return typeof at === 'number' ? at : Date.parse(at);
  }
  /** `20:41` */
  minute(at: number | string): string {
    return times.hourMinute(this.#at(at), this.timeZone);
  }
  /** `20:41:07` */
  clock(at: number | string): string {
    return times.clockTime(this.#at(at), this.timeZone);
  }
  longDay(at: number | string): string {
    return times.longDay(this.#at(at), this.timeZone, this.#locale);
  }
  day(at: number | string): string {
    return times.businessDay(this.#at(at), this.timeZone);
  }
  full(at: number | string): string {
    return times.fullTime(this.#at(at), this.timeZone);
  }
  hour(at: number | string): number {
    return times.hourOf(this.#at(at), this.timeZone);
  }
}
