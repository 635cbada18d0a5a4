/** Rules by behaviour: what makes an occasion, and who gets a coupon for it. Pure. Times in epoch ms. */
import { z } from 'zod';
import { channels } from '../contract/words.ts';
import { birthdaysWithin, ruleSchema, type Rule } from '../members/rule.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const DAY = 86_400_000;

const code = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\u0000-\u001f]+$/, 'must not hold control characters');
const codes = z.array(code).min(1).max(500);

/** Looked at something and did not buy it within so many hours. What is absent limits nothing; a SKU or its category is named. */
const looked = z.strictObject({
  kind: z.literal('looked'),
  hours: z.int().min(1).max(168),
  skus: codes.optional(),
  categories: codes.optional(),
  locations: codes.optional(),
  channels: z.array(z.enum(channels)).min(1).optional(),
});

/** Put something into a basket, and neither went on with it nor bought anything for so many minutes. */
const basket = z.strictObject({
  kind: z.literal('basket'),
  minutes: z
    .int()
    .min(5)
    .max(7 * 24 * 60),
  channels: z.array(z.enum(channels)).min(1).optional(),
});

/** Their birthday is within so many days: once a year. */
const birthday = z.strictObject({ kind: z.literal('birthday'), days: z.int().min(0).max(60) });

/** Has not come for so many days, and not for more than `upTo`: once until they come again. */
const lapsed = z
  .strictObject({
    kind: z.literal('lapsed'),
    days: z.int().min(7).max(3_650),
    upTo: z.int().min(7).max(3_650).optional(),
  })
  .refine(({ days, upTo }) => upTo === undefined || upTo >= days, {
    path: ['upTo'],
    message: 'must not be less than days',
  });

export const trigger = z.discriminatedUnion('kind', [looked, basket, birthday, lapsed]);
export type Trigger = z.output<typeof trigger>;
export const triggerKinds = ['looked', 'basket', 'birthday', 'lapsed'] as const satisfies Trigger['kind'][];

/** Whom a rule is for, besides the audience of its campaign. */
export const condition = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('segment'), segmentId: z.uuid() }),
  z.strictObject({ kind: z.literal('rule'), rule: ruleSchema }),
]);
export type AutomationCondition = z.output<typeof condition>;

/** At most so many coupons for a member in any so many days. */
export const cap = z.strictObject({ coupons: z.int().min(1).max(100), days: z.int().min(1).max(365) });
export type Cap = z.output<typeof cap>;

/** Percent of the members who are held out. More than half measures nothing better, and gives less. */
export const holdoutPercent = z.int().min(0).max(50);

/** Triggers that follow from what members do; the others from the calendar. */
export type LookTrigger = Extract<Trigger, { kind: 'looked' | 'basket' }>;
export type DayTrigger = Exclude<Trigger, LookTrigger>;
export const isLookTrigger = (given: Trigger): given is LookTrigger =>
  given.kind === 'looked' || given.kind === 'basket';

/** How long a rule waits after what was done, ms. */
export const waitOf = (given: LookTrigger): number =>
  given.kind === 'looked' ? given.hours * HOUR : given.minutes * MINUTE;

/** An occasion that could not be decided for so long is over: nobody wants to hear of a basket of last week. */
export const LATE_MS = DAY;

/** Older than this nothing that was done makes an occasion any more: an import of old facts gives no coupons. */
export const oldestLook = (given: LookTrigger, now: number): number => now - waitOf(given) - LATE_MS;

/** The members that the calendar finds on a business day, as a rule of the segments' language. */
export const dayRule = (given: DayTrigger): Rule =>
  given.kind === 'birthday'
    ? { field: 'birthdayInDays', max: given.days }
    : { field: 'seenDays', min: given.days, ...(given.upTo !== undefined && { max: given.upTo }) };

/**
 * The birthdays (month × 100 + day) within so many days from a business day on, each with the year that it is in: of 2 January,
 * found on 30 December, the next one.
 */
export function birthdaysAhead(today: string, days: number): Map<number, number> {
  const found = new Map<number, number>();
  for (let ahead = 0; ahead <= days; ahead++) {
    const day = new Date(Date.parse(today) + ahead * DAY).toISOString().slice(0, 10);
    for (const monthDay of birthdaysWithin(day, 0))
      if (!found.has(monthDay)) found.set(monthDay, Number(day.slice(0, 4)));
  }
  return found;
}

/**
 * What became of an occasion. Drawn: `given` a coupon, or `holdout`: none, to compare with. Before the draw: `bought` meanwhile; `unfit`,
 * not in the audience; `capped`, had as many coupons of rules lately as one may have; `limit`, as many of this campaign; `late`.
 */
export const outcomes = ['given', 'holdout', 'bought', 'unfit', 'capped', 'limit', 'late'] as const;
export type Outcome = (typeof outcomes)[number];

/** What is known of a member when their occasion is due. */
export type Candidate = {
  dueAt: number;
  bought: boolean;
  fits: boolean;
  /** 0 to 99, always the same for a member and a rule. */
  bucket: number;
  /** Their draws before: of this rule ever, and lately; of all rules lately. Also those that gave nothing. */
  drawn: number;
  recent: number;
  recentAll: number;
};

export type Limits = {
  holdoutPercent: number;
  /** Of the campaign. */
  perMember: number;
  cap: Cap | null;
  /** Of all rules together. */
  all: Cap;
};

/**
 * Decides one occasion after the other.
 *
 * Who is held out passes every test that the others pass, and counts for every limit as if they had been given a coupon: the two groups
 * differ by the draw and by nothing else.
 */
export class Draw {
  readonly #limits: Limits;
  #room: number | null;

  /** @param room how many coupons there are; null: any number */
  constructor(limits: Limits, room: number | null) {
    this.#limits = limits;
    this.#room = room;
  }

  /** The outcome; null where nothing is left to give: it waits, whoever is held out too. */
  decide(candidate: Candidate, now: number): Outcome | null {
    const { holdoutPercent: percent, perMember, cap: own, all } = this.#limits;
    if (now - candidate.dueAt > LATE_MS) return 'late';
    if (candidate.bought) return 'bought';
    if (!candidate.fits) return 'unfit';
    if (candidate.drawn >= perMember) return 'limit';
    if (candidate.recentAll >= all.coupons || (own !== null && candidate.recent >= own.coupons))
      return 'capped';
    if (this.#room === 0) return null;
    if (candidate.bucket < percent) return 'holdout';
    if (this.#room !== null) this.#room -= 1;
    return 'given';
  }
}
