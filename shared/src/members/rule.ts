/**
 * The language of segments: conditions over what is known of a member, put together by all, any and not. A rule is data (JSON),
 * checked here, compiled to SQL in segment-store.ts, and told of one member by `fits` here. The two must agree, which a
 * property test holds them to. A condition about something that is not known of a member is false, and its `not` is true.
 */
import { z } from 'zod';
import { channels } from '../contract/words.ts';

/** Numbers of a profile. `money`: minor units. `score`: 1 to 5. */
export const numberFields = {
  orders: 'count',
  units: 'count',
  net: 'money',
  averageTicket: 'money',
  discountShare: 'percent',
  gapDays: 'days',
  recencyScore: 'score',
  frequencyScore: 'score',
  moneyScore: 'score',
  ticketScore: 'score',
  points: 'count',
} as const;
export type NumberField = keyof typeof numberFields;

/** Business days since something, 0 is today. */
export const dayFields = ['recencyDays', 'firstOrderDays', 'seenDays', 'joinedDays'] as const;
export type DayField = (typeof dayFields)[number];

/** One value out of many. */
export const choiceFields = ['level', 'favouriteCategory', 'favouriteChannel', 'favouriteStore'] as const;
export type ChoiceField = (typeof choiceFields)[number];

/** Several values. `tags` are those given by hand and by rules; `consents` the media that may be written to. */
export const setFields = ['tags', 'categories', 'channels', 'stores', 'consents'] as const;
export type SetField = (typeof setFields)[number];

const numberNames = Object.keys(numberFields) as NumberField[];
const bound = z.int().min(-1_000_000_000_000).max(1_000_000_000_000);
const days = z.int().min(0).max(36_500);
const value = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^[^\u0000-\u001f]+$/, 'must not hold control characters');
const values = z.array(value).min(1).max(200);

const someBound = ({ min, max }: { min?: number | undefined; max?: number | undefined }) =>
  min !== undefined || max !== undefined;
const BOUND = 'give min, max or both';

/** min and max are inclusive. */
const numberCondition = z
  .strictObject({ field: z.enum(numberNames), min: bound.optional(), max: bound.optional() })
  .refine(someBound, BOUND);
const dayCondition = z
  .strictObject({ field: z.enum(dayFields), min: days.optional(), max: days.optional() })
  .refine(someBound, BOUND);
/** Their birthday is today or within so many days. On 28 February where there is no 29th. */
const birthdayCondition = z.strictObject({
  field: z.literal('birthdayInDays'),
  max: z.int().min(0).max(366),
});
const choiceCondition = z.strictObject({ field: z.enum(choiceFields), in: values });
const setCondition = z.union([
  z.strictObject({ field: z.enum(setFields), anyOf: values }),
  z.strictObject({ field: z.enum(setFields), allOf: values }),
]);
const condition = z.union([numberCondition, dayCondition, birthdayCondition, choiceCondition, setCondition]);
export type Condition = z.output<typeof condition>;

export type Rule = Condition | { all: Rule[] } | { any: Rule[] } | { not: Rule };

/** As wide and as deep as a rule may be. */
export const ruleLimits = { conditions: 50, depth: 6 } as const;

const node: z.ZodType<Rule> = z.lazy(() =>
  z.union([
    condition,
    z.strictObject({ all: z.array(node).max(ruleLimits.conditions) }),
    z.strictObject({ any: z.array(node).min(1).max(ruleLimits.conditions) }),
    z.strictObject({ not: node }),
  ]),
);

/** `{"all": []}` is everybody. */
export const ruleSchema: z.ZodType<Rule> = z
  .unknown()
  .superRefine((given, context) => {
    // Before the schema follows it down: a rule of ten thousand levels is not read at all.
    const { conditions, depth } = sizeOf(given, 1);
    if (conditions > ruleLimits.conditions || depth > ruleLimits.depth)
      context.addIssue({
        code: 'custom',
        message: `at most ${ruleLimits.conditions} conditions, ${ruleLimits.depth} levels deep`,
      });
  })
  .pipe(node as z.ZodType<Rule, unknown>);

function sizeOf(given: unknown, level: number): { conditions: number; depth: number } {
  if (level > ruleLimits.depth || typeof given !== 'object' || given === null)
    return { conditions: 1, depth: level };
  const parts = ['all', 'any', 'not'].flatMap((name) => {
    const part = (given as Record<string, unknown>)[name];
    return Array.isArray(part) ? (part as unknown[]) : part === undefined ? [] : [part];
  });
  if (parts.length === 0) return { conditions: 1, depth: level };
  let [conditions, depth] = [0, level];
  for (const part of parts) {
    if (conditions > ruleLimits.conditions) break;
    const size = sizeOf(part, level + 1);
    conditions += size.conditions;
    depth = Math.max(depth, size.depth);
  }
  return { conditions, depth };
}

/** All conditions of a rule, from left to right. */
export function conditionsOf(rule: Rule): Condition[] {
  if ('all' in rule) return rule.all.flatMap(conditionsOf);
  if ('any' in rule) return rule.any.flatMap(conditionsOf);
  if ('not' in rule) return conditionsOf(rule.not);
  return [rule];
}

/** What conditions ask of a member. Days are business days `YYYY-MM-DD`, null where it never happened. */
export type MemberFacts = Record<NumberField, number | null> &
  Record<ChoiceField, string | null> & {
    lastOrderDay: string | null;
    firstOrderDay: string | null;
    lastSeenDay: string | null;
    joinedDay: string | null;
    birthday: string | null;
    tags: readonly string[];
    categories: readonly string[];
    channels: readonly string[];
    stores: readonly string[];
    consents: readonly string[];
  };

const dayOf: Record<DayField, 'lastOrderDay' | 'firstOrderDay' | 'lastSeenDay' | 'joinedDay'> = {
  recencyDays: 'lastOrderDay',
  firstOrderDays: 'firstOrderDay',
  seenDays: 'lastSeenDay',
  joinedDays: 'joinedDay',
};

/** Whether a member fits a rule on a business day. */
export function fits(rule: Rule, member: MemberFacts, today: string): boolean {
  if ('all' in rule) return rule.all.every((part) => fits(part, member, today));
  if ('any' in rule) return rule.any.some((part) => fits(part, member, today));
  if ('not' in rule) return !fits(rule.not, member, today);
  if (rule.field === 'birthdayInDays')
    return member.birthday !== null && birthdaysWithin(today, rule.max).includes(monthDay(member.birthday));
  if (isDayCondition(rule)) {
    const day = member[dayOf[rule.field]];
    return day !== null && within((Date.parse(today) - Date.parse(day)) / DAY, rule);
  }
  if (isNumberCondition(rule)) {
    const number = member[rule.field];
    return number !== null && within(number, rule);
  }
  if ('in' in rule) {
    const chosen = member[rule.field];
    return chosen !== null && rule.in.includes(chosen);
  }
  const has = member[rule.field];
  return 'anyOf' in rule
    ? rule.anyOf.some((wanted) => has.includes(wanted))
    : rule.allOf.every((wanted) => has.includes(wanted));
}

const DAY = 86_400_000;

const within = (number: number, { min, max }: { min?: number | undefined; max?: number | undefined }) =>
  (min === undefined || number >= min) && (max === undefined || number <= max);

export const isNumberCondition = (rule: Condition): rule is z.output<typeof numberCondition> =>
  Object.hasOwn(numberFields, rule.field);
export const isDayCondition = (rule: Condition): rule is z.output<typeof dayCondition> =>
  (dayFields as readonly string[]).includes(rule.field);

/** Month × 100 + day of `YYYY-MM-DD`. */
export const monthDay = (day: string): number => Number(day.slice(5, 7)) * 100 + Number(day.slice(8, 10));

/** The birthdays (month × 100 + day) from today on, `max` days ahead. 29 February is kept on the 28th of other years. */
export function birthdaysWithin(today: string, max: number): number[] {
  const found = new Set<number>();
  for (let ahead = 0; ahead <= max; ahead++) {
    const day = new Date(Date.parse(today) + ahead * DAY).toISOString().slice(0, 10);
    found.add(monthDay(day));
    const next = new Date(Date.parse(day) + DAY).toISOString().slice(0, 10);
    if (monthDay(day) === 228 && monthDay(next) === 301) found.add(229);
  }
  return [...found];
}

/** For forms: what may be chosen where the vocabulary is closed. */
export const closedValues: Partial<Record<ChoiceField | SetField, readonly string[]>> = {
  favouriteChannel: channels,
  channels,
};
