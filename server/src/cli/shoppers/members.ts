/** Who comes to a promotion: those whom it is for, each once, and then strangers, or the same again where it is not for strangers. */
import type { Random } from '@zhanggui/shared/demo/random.ts';
import type { Api } from '../api.ts';
import { readPages } from '../market.ts';
import type { Promotion } from './promotions.ts';

/**
 * `stranger` makes the id of the n-th one of whom nobody knows anything. `most`: members read of the company, and of each audience,
 * about; at least as many as will come, or those who are left out would not be missed.
 */
export type MemberOptions = { random: Random; stranger: (n: number) => string; most: number };

type Circle = { ids: readonly string[]; first: number; came: number };

export class Members {
  readonly #stranger: (n: number) => string;
  /** By campaign that is for some only; null: the whole company. */
  readonly #circles: ReadonlyMap<string | null, Circle>;

  private constructor(circles: ReadonlyMap<string | null, Circle>, stranger: (n: number) => string) {
    this.#circles = circles;
    this.#stranger = stranger;
  }

  /** Reads members of the company, and those that the promotions are for. */
  static async read(
    api: Api,
    promotions: readonly Promotion[],
    { random, stranger, most }: MemberOptions,
  ): Promise<Members> {
    const circles = new Map<string | null, Circle>();
    for (const id of [null, ...promotions.filter(isForSome).map((each) => each.id)]) {
      const path = id === null ? '/api/v1/members' : `/api/v1/campaigns/${id}/audience`;
      const ids = (await readPages<{ id: string }>(api, path, most)).map((row) => row.id);
      circles.set(id, { ids, first: random.int(Math.max(1, ids.length)), came: 0 });
    }
    return new Members(circles, stranger);
  }

  /** Somebody else each time, as long as there are some. */
  next(promotion: Promotion | null): string {
    const circle = this.#circleOf(promotion);
    const { ids, first } = circle;
    const n = circle.came++;
    const isKnown = n < ids.length || (promotion !== null && isForSome(promotion) && ids.length > 0);
    return isKnown ? ids[(first + n) % ids.length]! : this.#stranger(n);
  }

  /** One of those who may have been sent a coupon; a stranger where nobody is known. */
  some(promotion: Promotion, random: Random): string {
    const { ids } = this.#circleOf(promotion);
    return ids.length > 0 ? random.pick(ids) : this.#stranger(0);
  }

  #circleOf(promotion: Promotion | null): Circle {
    return this.#circles.get(promotion && promotion.id) ?? this.#circles.get(null)!;
  }
}

const isForSome = ({ audience }: Promotion): boolean => audience.kind !== 'all';
