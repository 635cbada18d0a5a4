/** Who fits a rule, asked of the database. */
import type { PendingQuery, Row } from 'postgres';
import type { Sql } from '../platform/database.ts';
import type { AsOf } from './as-of.ts';
import {
  birthdaysWithin,
  isDayCondition,
  isNumberCondition,
  numberFields,
  type Condition,
  type DayField,
  type NumberField,
  type Rule,
} from './rule.ts';

const numberColumns: Record<NumberField, string> = {
  orders: 'orders',
  units: 'units',
  net: 'net',
  averageTicket: 'average_ticket',
  discountShare: 'discount_share',
  gapDays: 'gap_days',
  recencyScore: 'recency_score',
  frequencyScore: 'frequency_score',
  moneyScore: 'money_score',
  ticketScore: 'ticket_score',
  points: 'points',
};

const timeColumns: Record<DayField, string> = {
  recencyDays: 'last_order_at',
  firstOrderDays: 'first_order_at',
  seenDays: 'last_seen_at',
  joinedDays: 'joined_at',
};

const choiceColumns = {
  level: 'level',
  favouriteCategory: 'favourite_category',
  favouriteChannel: 'favourite_channel',
} as const;

export type { AsOf };

/** `scoresOf`: the table that scores are read from, where it is not `m`: they may be computed in the same statement. */
export type RuleContext = AsOf & { scoresOf?: 's' };

type Fragment = PendingQuery<Row[]>;

/**
 * The rule as a condition over `member m`, for a `where` of any statement; all values are parameters. Never null. It does not
 * leave out who wished to be forgotten: see `segmentOf`.
 */
export function ruleWhere(sql: Sql, rule: Rule, asOf: RuleContext): Fragment {
  if ('all' in rule) return joined(sql, rule.all, asOf, 'and');
  if ('any' in rule) return joined(sql, rule.any, asOf, 'or');
  if ('not' in rule) return sql`not (${ruleWhere(sql, rule.not, asOf)})`;
  return conditionWhere(sql, rule, asOf);
}

/** The members of a segment, as a condition over `member m`: those who fit, without who wished to be forgotten. */
export const segmentOf = (sql: Sql, rule: Rule, asOf: AsOf): Fragment =>
  sql`m.forgotten_at is null and (${ruleWhere(sql, rule, asOf)})`;

function joined(sql: Sql, rules: readonly Rule[], asOf: RuleContext, word: 'and' | 'or'): Fragment {
  const [first, ...rest] = rules.map((rule) => sql`(${ruleWhere(sql, rule, asOf)})`);
  if (first === undefined) return word === 'and' ? sql`true` : sql`false`;
  return rest.reduce(
    (all, next) => (word === 'and' ? sql`${all} and ${next}` : sql`${all} or ${next}`),
    first,
  );
}

function conditionWhere(sql: Sql, rule: Condition, asOf: RuleContext): Fragment {
  if (rule.field === 'birthdayInDays')
    return sql`coalesce(m.birthday_md = any(${birthdaysWithin(asOf.today, rule.max)}::int[]), false)`;
  if (isDayCondition(rule)) {
    const { today, shift, start } = asOf;
    // So many days ago or more: before the next day began. Compared as times, so that no row's day is worked out.
    const before = rule.min === undefined ? null : new Date(start(shift(today, 1 - rule.min))).toISOString();
    const from = rule.max === undefined ? null : new Date(start(shift(today, -rule.max))).toISOString();
    return between(sql, sql`m.${sql(timeColumns[rule.field])}`, {
      min: from === null ? null : sql`${from}::timestamptz`,
      below: before === null ? null : sql`${before}::timestamptz`,
    });
  }
  if (isNumberCondition(rule)) {
    const { min, max } = rule;
    const from = numberFields[rule.field] === 'score' ? (asOf.scoresOf ?? 'm') : 'm';
    return between(sql, sql`${sql(from)}.${sql(numberColumns[rule.field])}`, {
      min: min === undefined ? null : sql`${min}::bigint`,
      max: max === undefined ? null : sql`${max}::bigint`,
    });
  }
  if ('in' in rule) {
    if (rule.field === 'favouriteStore')
      return sql`coalesce(m.favourite_location_no = any(${placesOf(sql, rule.in)}), false)`;
    return sql`coalesce(m.${sql(choiceColumns[rule.field])} = any(${rule.in}::text[]), false)`;
  }
  return setWhere(sql, rule.field, 'anyOf' in rule ? rule.anyOf : rule.allOf, 'anyOf' in rule);
}

function between(
  sql: Sql,
  value: Fragment,
  { min, max = null, below = null }: { min: Fragment | null; max?: Fragment | null; below?: Fragment | null },
): Fragment {
  const least = min === null ? sql`true` : sql`${value} >= ${min}`;
  const most = max !== null ? sql`${value} <= ${max}` : below !== null ? sql`${value} < ${below}` : sql`true`;
  return sql`coalesce(${least} and ${most}, false)`;
}

/** Numbers of locations by code; looked up once a statement, not once a member. */
const placesOf = (sql: Sql, codes: readonly string[]): Fragment =>
  sql`coalesce((select array_agg(no) from location where code = any(${codes as string[]}::text[])), '{}')`;

function setWhere(
  sql: Sql,
  field: 'tags' | 'categories' | 'channels' | 'stores' | 'consents',
  wanted: readonly string[],
  any: boolean,
): Fragment {
  const list = sql`${wanted as string[]}::text[]`;
  switch (field) {
    case 'tags':
      return any
        ? sql`(m.tags && ${list} or m.auto_tags && ${list})`
        : sql`(m.tags || m.auto_tags) @> ${list}`;
    case 'stores':
      // A code that no location has is one where nobody bought.
      return any
        ? sql`m.location_nos && ${placesOf(sql, wanted)}`
        : sql`(m.location_nos @> ${placesOf(sql, wanted)}
            and (select count(*) from location where code = any(${list})) = ${new Set(wanted).size})`;
    case 'consents': {
      const each = [...new Set(wanted)].map((medium) => sql`m.consents @> ${sql.json({ [medium]: true })}`);
      return each.reduce((all, next) => (any ? sql`${all} or ${next}` : sql`${all} and ${next}`));
    }
    default:
      return any ? sql`m.${sql(field)} && ${list}` : sql`m.${sql(field)} @> ${list}`;
  }
}

/** How many members a segment has now. */
export async function countSegment(sql: Sql, rule: Rule, asOf: AsOf): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*) as count from member m where ${segmentOf(sql, rule, asOf)}`;
  return row!.count;
}

export type Segment = {
  id: string;
  name: string;
  description: string | null;
  rule: Rule;
  createdBy: string;
  createdAt: Date;
  updatedAt: Date;
};

const segmentColumns = (sql: Sql): Fragment => sql`
  id, name, description, rule, created_by as "createdBy", created_at as "createdAt", updated_at as "updatedAt"`;

/** Saved segments by name, without those that were put away. */
export const listSegments = (
  sql: Sql,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<Segment[]> => sql<Segment[]>`
  select ${segmentColumns(sql)} from segment
  where archived_at is null ${after === undefined ? sql`` : sql`and name > ${after}`}
  order by name limit ${limit}`;

/** Also one that was put away: a campaign may still name it. */
export async function readSegment(sql: Sql, id: string): Promise<Segment | null> {
  const [row] = await sql<Segment[]>`select ${segmentColumns(sql)} from segment where id = ${id}`;
  return row ?? null;
}

/** What goes by a segment now, or is about to: who changes its rule changes whom they reach. */
export type SegmentUse = { kind: 'campaign' | 'automation'; id: string; name: string };

/** Campaigns that were approved and are not over, and automations that are on, by name. */
export const listUses = (sql: Sql, id: string): Promise<SegmentUse[]> => sql<SegmentUse[]>`
  select 'campaign' as kind, id, name from campaign
  where audience->>'segmentId' = ${id} and state in ('approved', 'scheduled', 'running', 'paused')
  union all
  select 'automation', id, name from automation where condition->>'segmentId' = ${id} and on_at is not null
  order by kind, name, id`;

/** Saves a rule under a name; null where the name is taken. */
export async function addSegment(
  sql: Sql,
  { name, description, rule, by }: { name: string; description: string | null; rule: Rule; by: string },
): Promise<Segment | null> {
  const [row] = await sql<Segment[]>`
    insert into segment (name, description, rule, created_by) values (${name}, ${description}, ${sql.json(rule)}, ${by})
    on conflict (name) where archived_at is null do nothing returning ${segmentColumns(sql)}`;
  return row ?? null;
}

/** Changes a segment that is not put away; null where there is none, `taken` where another one has the name. */
export async function changeSegment(
  sql: Sql,
  id: string,
  { name, description, rule }: { name: string; description: string | null; rule: Rule },
): Promise<Segment | 'taken' | null> {
  const [other] = await sql`select from segment where name = ${name} and id <> ${id} and archived_at is null`;
  if (other !== undefined) return 'taken';
  const [row] = await sql<Segment[]>`
    update segment set name = ${name}, description = ${description}, rule = ${sql.json(rule)}, updated_at = now()
    where id = ${id} and archived_at is null returning ${segmentColumns(sql)}`;
  return row ?? null;
}

/** Puts a segment away: its name is free again, whatever used it still finds its rule. */
export async function archiveSegment(sql: Sql, id: string): Promise<boolean> {
  const { count } =
    await sql`update segment set archived_at = now() where id = ${id} and archived_at is null`;
  return count > 0;
}
