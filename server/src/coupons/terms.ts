/** What does not change any more once a campaign is approved, kept in memory: its coupons are asked about again and again. */
import { findCampaignsByNo } from '@zhanggui/shared/coupons/campaign-store.ts';
import {
  campaignKeyOf,
  lastDayOf,
  makeCode,
  verifyCode,
  type CodeParts,
  type CouponKey,
} from '@zhanggui/shared/coupons/code.ts';
import { readCouponSecret } from '@zhanggui/shared/coupons/coupon-store.ts';
import { categoriesOf } from '@zhanggui/shared/coupons/redeem-store.ts';
import { couponTemplate, type CouponTemplate } from '@zhanggui/shared/coupons/template.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';

export type CampaignTerms = {
  no: number;
  id: string;
  name: string;
  template: CouponTemplate;
  liability: number;
};

const MOST_KEPT = 20_000;
/** A SKU that moves to another category is in that one within a minute. */
const CATEGORY_MS = 60_000;

export class Terms {
  #sql: SqlPool;
  #secret: Promise<Buffer> | null = null;
  #known: Buffer | null = null;
  #keys = new Map<number, Buffer>();
  #terms = new Map<number, CampaignTerms>();
  #categories = new Map<string, string | null>();
  #categoriesUntil = 0;

  constructor(sql: SqlPool) {
    this.#sql = sql;
  }

  async secret(): Promise<Buffer> {
    this.#secret ??= readCouponSecret(this.#sql).catch((error: unknown) => {
      this.#secret = null;
      throw error;
    });
    return (this.#known = await this.#secret);
  }

  async key(campaignNo: number): Promise<Buffer> {
    return this.#keyOf(campaignNo, await this.secret());
  }

  #keyOf(campaignNo: number, secret: Buffer): Buffer {
    const known = this.#keys.get(campaignNo);
    if (known) return known;
    const key = campaignKeyOf(secret, campaignNo);
    if (this.#keys.size >= MOST_KEPT) this.#keys.clear();
    this.#keys.set(campaignNo, key);
    return key;
  }

  /** What a code proves; null where it proves nothing. */
  async verify(code: string): Promise<CodeParts | null> {
    const secret = await this.secret();
    // Not kept before the code is proven: anybody can write down numbers of campaigns that do not exist.
    return verifyCode(code, (no) => this.#keys.get(no) ?? campaignKeyOf(secret, no));
  }

  /** The code of a coupon, once `secret` was waited for. */
  codeNow(coupon: CouponKey & { validTo: Date }): string {
    if (!this.#known) throw new Error('the secret was not read yet');
    const key = this.#keyOf(coupon.campaignNo, this.#known);
    return makeCode({ ...coupon, lastDay: lastDayOf(coupon.validTo.getTime()) }, key);
  }

  /** The terms of approved coupon campaigns; others are missing. */
  async of(nos: Iterable<number>): Promise<Map<number, CampaignTerms>> {
    const wanted = [...new Set(nos)];
    const missing = wanted.filter((no) => !this.#terms.has(no));
    if (missing.length > 0) {
      if (this.#terms.size >= MOST_KEPT) this.#terms.clear();
      for (const row of await findCampaignsByNo(this.#sql, missing))
        if (row.kind === 'coupon' && row.state !== 'draft') {
          const { no, id, name, liability } = row;
          this.#terms.set(no, { no, id, name, liability, template: couponTemplate.parse(row.template) });
        }
    }
    return new Map(wanted.flatMap((no) => (this.#terms.has(no) ? [[no, this.#terms.get(no)!]] : [])));
  }

  async categories(skus: Iterable<string>, now: number): Promise<(sku: string) => string | null> {
    if (now > this.#categoriesUntil || this.#categories.size > MOST_KEPT * 10) {
      this.#categories.clear();
      this.#categoriesUntil = now + CATEGORY_MS;
    }
    const missing = [...new Set(skus)].filter((sku) => !this.#categories.has(sku));
    if (missing.length > 0) {
      const found = await categoriesOf(this.#sql, missing);
      for (const sku of missing) this.#categories.set(sku, found.get(sku) ?? null);
    }
    return (sku) => this.#categories.get(sku) ?? null;
  }
}
