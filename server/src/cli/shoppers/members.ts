/** Who comes: members that the company knows, each once, and then strangers. */
import type { Random } from '@zhanggui/shared/demo/random.ts';
import type { Api } from '../api.ts';
import { readPages } from '../market.ts';
import type { Promotion } from './promotions.ts';

/** Members read of the company and of each segment at most: a rush has more, and those are strangers. */
const KNOWN = 5_000;

/** `stranger` makes the id of the n-th one of whom nobody knows anything. */
export type MemberOptions = { random: Random; stranger: (n: number) => string };

type Circle = { ids: readonly string[]; first: number; came: number };

export class Members {
  readonly #stranger: (n: number) => string;
  /** By segment; null: the whole company. */
  readonly #circles: ReadonlyMap<string | null, Circle>;

  private constructor(circles: ReadonlyMap<string | null, Circle>, stranger: (n: number) => string) {
    this.#circles = circles;
    this.#stranger = stranger;
  }

  /** Reads members of the company, and those of the segments that the promotions are for. */
  static async read(
    api: Api,
    promotions: readonly Promotion[],
    { random, stranger }: MemberOptions,
  ): Promise<Members> {
    const circles = new Map<string | null, Circle>();
    for (const segment of new Set([null, ...promotions.map(segmentOf)])) {
      const query: Record<string, string> = segment === null ? {} : { segment };
      const rows = await readPages<{ id: string }>(api, '/api/v1/members', KNOWN, query);
      const ids = rows.map(({ id }) => id);
      circles.set(segment, { ids, first: random.int(Math.max(1, ids.length)), came: 0 });
    }
    return new Members(circles, stranger);
  }

  /** Somebody else each time: those whom a promotion is for as long as there are some, then strangers. */
  next(promotion: Promotion | null): string {
    const circle = this.#circleOf(promotion);
    const { ids, first } = circle;
    const n = circle.came++;
    return n < ids.length ? ids[(first + n) % ids.length]! : this.#stranger(n);
  }

  /** One of those who may have been sent a coupon; a stranger where nobody is known. */
  some(promotion: Promotion, random: Random): string {
    const { ids } = this.#circleOf(promotion);
    return ids.length > 0 ? random.pick(ids) : this.#stranger(0);
  }

  #circleOf(promotion: Promotion | null): Circle {
    return this.#circles.get(promotion && segmentOf(promotion)) ?? this.#circles.get(null)!;
  }
}

const segmentOf = ({ audience }: Promotion): string | null =>
  audience.kind === 'segment' ? audience.segmentId : null;
