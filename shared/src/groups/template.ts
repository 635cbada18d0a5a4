/** What a group-buy and a bargain are about: the templates of campaigns of these kinds. Pure. Money in minor units. */
import { z } from 'zod';

const money = z.int().min(0).max(100_000_000_000);
const code = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\u0000-\u001f]+$/, 'must not hold control characters');
const title = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^\u0000-\u001f]+$/, 'must not hold control characters');

/** What one seat, or one bargain, buys: each SKU once. */
const goods = z
  .array(z.object({ sku: code, qty: z.int().min(1).max(1_000).default(1) }))
  .min(1)
  .max(10)
  .refine((lines) => new Set(lines.map(({ sku }) => sku)).size === lines.length, 'names a SKU twice');

/** From a minute to thirty days. */
const hours = z
  .number()
  .min(1 / 60)
  .max(720);

/** Where the pieces are held from the moment of joining (or buying); without it nothing is held. */
const location = code.nullable().default(null);

export const groupTemplate = z
  .object({
    /** What members see. */
    title,
    goods,
    /** What one member pays. */
    price: money,
    size: z.int().min(2).max(100),
    hours,
    /** What the leader gets when the group forms; reserved of the budget when it opens. */
    leaderBonus: money.default(0),
    /** Whoever joins must not have bought anything else before; who opens may have. */
    newcomersOnly: z.boolean().default(false),
    /** At the deadline a group of at least so many members is filled up, visibly, with virtual ones; null: never. */
    virtualFrom: z.int().min(1).nullable().default(null),
    location,
  })
  .refine(({ virtualFrom, size }) => virtualFrom === null || virtualFrom < size, {
    path: ['virtualFrom'],
    message: 'must be less than the size',
  });
export type GroupTemplate = z.infer<typeof groupTemplate>;

export const bargainTemplate = z
  .object({
    /** What members see. */
    title,
    goods,
    startPrice: money.min(1),
    floorPrice: money,
    /** How many helpers it takes to the floor. */
    helpers: z.int().min(1).max(500),
    hours,
    /** Whether it may be bought before it is at the floor. */
    buyAnytime: z.boolean().default(true),
    location,
  })
  .refine(({ startPrice, floorPrice, helpers }) => startPrice - floorPrice >= helpers, {
    path: ['helpers'],
    message: 'each helper must have at least one minor unit to cut',
  });
export type BargainTemplate = z.infer<typeof bargainTemplate>;

/** What a group costs at worst, beside its price. */
export const groupLiability = ({ leaderBonus }: GroupTemplate): number => leaderBonus;

export const bargainLiability = ({ startPrice, floorPrice }: BargainTemplate): number =>
  startPrice - floorPrice;
