/**
 * Occasions: found, decided, written down. Everything that decides holds `lockDraws`, so that of two workers one decides, and two rules
 * never give a member more than the company's limit.
 */
import type { PendingQuery, Row } from 'postgres';
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import {
  birthdaysAhead,
  oldestLook,
  waitOf,
  type Candidate,
  type Cap,
  type DayTrigger,
  type LookTrigger,
  type Outcome,
} from './automation.ts';
import type { AutomationRow } from './automation-store.ts';

type Fragment = PendingQuery<Row[]>;

/** One at a time, until the transaction ends; false where another worker is at it. */
export async function lockDraws(sql: Sql): Promise<boolean> {
  const [lock] = await sql<[{ mine: boolean }]>`
    select pg_try_advisory_xact_lock(hashtext('automations.draw')) as mine`;
  return lock.mine;
}

/**
 * Makes occasions of the looks that were committed since the last time, and notes how far it came. One waits for a member at a time: more
 * looks belong to it, and of a basket put it off. It is about the first look, whichever became known first. Answers how many looks there
 * were.
 */
export async function collectLooks(
  sql: Sql,
  { no, lookNo }: Pick<AutomationRow, 'no' | 'lookNo'>,
  trigger: LookTrigger,
  now: Date,
  size: number,
): Promise<number> {
  const oldest = new Date(oldestLook(trigger, now.getTime()));
  const seconds = waitOf(trigger) / 1000;
  // From the first look at something; from the last change of a basket.
  const first = sql`
    select distinct on (k.member_no) k.member_no, k.at, k.seq, k.sku_no from seen k
    where ${fits(sql, trigger, oldest)} order by k.member_no, k.at, ${codeOf(sql, sql`k`)}, k.seq`;
  const last = sql`
    select k.member_no, max(k.at) as at, min(k.seq) as seq, null::int as sku_no from seen k
    where ${fits(sql, trigger, oldest)} group by k.member_no order by k.member_no`;
  const keep =
    trigger.kind === 'looked'
      ? sql`occasion = excluded.occasion, at = excluded.at, due_at = excluded.due_at, sku_no = excluded.sku_no
          where (excluded.at, ${codeOf(sql, sql`excluded`)}) < (o.at, ${codeOf(sql, sql`o`)})`
      : sql`at = greatest(o.at, excluded.at), due_at = greatest(o.due_at, excluded.due_at)`;
  const [{ seen }] = await sql<[{ seen: number }]>`
    with seen as materialized (
      select k.no, k.seq, k.member_no, k.sku_no, k.location_no, k.channel, k.act, k.at
      from member_look k where k.no > ${lookNo} order by k.no limit ${size}
    ), fit as (${trigger.kind === 'looked' ? first : last}
    ), made as (
      insert into automation_occasion as o (automation_no, member_no, occasion, at, due_at, sku_no)
      select ${no}, member_no, seq::text, at, at + ${seconds}::int * interval '1 second', sku_no from fit
      on conflict (automation_no, member_no) where outcome is null do update set ${keep}
    ), noted as (
      update automation set look_no = last.no from (select max(no) as no from seen) last
      where automation.no = ${no} and last.no is not null
    )
    select count(*)::int as seen from seen`;
  return seen;
}

/** Of two looks at one moment the first is that of the smaller code: not the one that became known first. */
const codeOf = (sql: Sql, look: Fragment): Fragment =>
  sql`coalesce((select g.code from sku g where g.no = ${look}.sku_no), '')`;

/**
 * After occasions that came to nothing, because what was looked at was bought or their time is long over: the first look since then of
 * something that was not bought begins another one. Here and not where looks are collected: an order may become known after the look that
 * followed it. What was looked at before a draw belonged to that. Answers how many it made.
 */
export async function followLooks(
  sql: Sql,
  no: number,
  trigger: LookTrigger,
  past: readonly { memberNo: number; at: Date }[],
  now: Date,
): Promise<number> {
  if (past.length === 0) return 0;
  const seconds = waitOf(trigger) / 1000;
  const { count } = await sql`
    insert into automation_occasion (automation_no, member_no, occasion, at, due_at, sku_no)
    select distinct on (k.member_no) a.no, k.member_no, k.seq::text, k.at, k.at + ${seconds}::int * interval '1 second', k.sku_no
    from automation a
    cross join unnest(${column(past, ({ memberNo }) => memberNo)}::int[],
      ${column(past, ({ at }) => at.toISOString())}::timestamptz[]) as p (member_no, at)
    join member m on m.no = p.member_no
    join member_look k on k.member_no = p.member_no and k.at >= p.at and k.no > a.from_look_no and k.no <= a.look_no
    where a.no = ${no} and ${fits(sql, trigger, new Date(oldestLook(trigger, now.getTime())))}
      and not ${boughtSince(sql, trigger, { at: sql`k.at`, sku: sql`k.sku_no` })}
      and not exists (
        select from automation_occasion d where d.automation_no = a.no and d.member_no = k.member_no
          and (d.occasion = k.seq::text or (d.outcome not in ('bought', 'late') and d.decided_at > k.at)))
    order by k.member_no, k.at, ${codeOf(sql, sql`k`)}, k.seq`;
  return count;
}

/**
 * Which looks a trigger is about, as a condition over `member_look k`: not those of long ago. A look in a place that names no channel is
 * one in a store.
 */
function fits(sql: Sql, trigger: LookTrigger, oldest: Date): Fragment {
  const parts: Fragment[] = [];
  if (trigger.channels)
    parts.push(
      sql`coalesce(k.channel, case when k.location_no is not null then 'pos' end) = any(${trigger.channels}::text[])`,
    );
  if (trigger.kind === 'looked') {
    const { skus, categories, locations } = trigger;
    if (skus || categories)
      parts.push(
        sql`exists (select from sku s where s.no = k.sku_no and ${goods(sql, { skus, categories })})`,
      );
    if (locations)
      parts.push(
        sql`k.location_no = any(coalesce((select array_agg(no) from location where code = any(${locations}::text[])), '{}'))`,
      );
  }
  return parts.reduce(
    (all, part) => sql`${all} and ${part}`,
    sql`k.act = ${trigger.kind} and k.at > ${oldest}`,
  );
}

type Goods = { skus?: string[] | undefined; categories?: string[] | undefined };
/** Of `sku s`. */
const goods = (sql: Sql, { skus = [], categories = [] }: Goods): Fragment =>
  sql`(s.code = any(${skus}::text[]) or s.category = any(${categories}::text[]))`;

/**
 * Whether `member m` bought since a look what they looked at; who looked at nothing, or has a basket, anything that the trigger is about.
 * Not paid for yet counts, called off does not.
 */
function boughtSince(sql: Sql, trigger: LookTrigger, look: { at: Fragment; sku: Fragment }): Fragment {
  const about =
    trigger.kind === 'looked' && (trigger.skus || trigger.categories)
      ? sql`exists (
          select from unnest(r.line_sku) as l (no) join sku s on s.no = l.no
          where ${goods(sql, { skus: trigger.skus, categories: trigger.categories })})`
      : sql`true`;
  return sql`exists (
    select from orders r where r.member_id = m.id and r.placed_at >= ${look.at} and r.cancelled_at is null
      and case when ${look.sku} is null then ${about} else ${look.sku} = any(r.line_sku) end)`;
}

/** Apart from the draws of campaigns' audiences, which begin at their numbers: who is held out there is not held out here. */
const SEED = 2 ** 32;

/** What was drawn for `member m` before, and their bucket. */
const standing = (sql: Sql, no: number, { cap, all, now }: { cap: Cap | null; all: Cap; now: Date }) => ({
  columns: sql`((hashint4extended(m.no, ${SEED + no}) & 1048575) % 100)::int as bucket, p.drawn, p.recent, p."recentAll"`,
  join: sql`cross join lateral (
    select (count(*) filter (where d.automation_no = ${no}))::int as drawn,
      (count(*) filter (where d.automation_no = ${no} and d.decided_at > ${daysAgo(now, cap?.days ?? 0)}))::int as recent,
      (count(*) filter (where d.decided_at > ${daysAgo(now, all.days)}))::int as "recentAll"
    from automation_occasion d where d.member_no = m.no and d.outcome in ('given', 'holdout')) p`,
});

const daysAgo = (now: Date, days: number): Date => new Date(now.getTime() - days * 86_400_000);

export type FoundOccasion = Omit<Candidate, 'dueAt'> & {
  memberNo: number;
  occasion: string;
  at: Date;
  dueAt: Date;
};

type Asked = { now: Date; cap: Cap | null; all: Cap };

/** Occasions whose time has come, the oldest first. `where`: whom the rule is for, as a condition over `member m`. */
export function findDue(
  sql: Sql,
  no: number,
  trigger: LookTrigger,
  { where, size, ...asked }: Asked & { where: Fragment; size: number },
): Promise<FoundOccasion[]> {
  const { columns, join } = standing(sql, no, asked);
  return sql<FoundOccasion[]>`
    select o.member_no as "memberNo", o.occasion, o.at, o.due_at as "dueAt", (${where}) as fits, ${boughtSince(sql, trigger, { at: sql`o.at`, sku: sql`o.sku_no` })} as bought,
      ${columns}
    from automation_occasion o join member m on m.no = o.member_no ${join}
    where o.automation_no = ${no} and o.outcome is null and o.due_at <= ${asked.now}
    order by o.due_at, o.member_no limit ${size}`;
}

/**
 * Members of a range of numbers for whom today is an occasion of the calendar that was not decided before. `where` holds the trigger's
 * own condition too.
 */
export function findByDay(
  sql: Sql,
  no: number,
  trigger: DayTrigger,
  {
    where,
    after,
    to,
    today,
    ...asked
  }: Asked & { where: Fragment; after: number; to: number; today: string },
): Promise<FoundOccasion[]> {
  const { columns, join } = standing(sql, no, asked);
  const years = [...birthdaysAhead(today, trigger.kind === 'birthday' ? trigger.days : 0)];
  const birthday = trigger.kind === 'birthday';
  const occasion = birthday ? sql`b.year::text` : sql`extract(epoch from m.last_seen_at)::bigint::text`;
  // Came again after the last time that it was decided: else it is still the same absence, whatever else becomes known of the past.
  const before = birthday ? sql`d.occasion = b.year::text` : sql`d.decided_at >= m.last_seen_at`;
  return sql<FoundOccasion[]>`
    select m.no as "memberNo", ${occasion} as occasion, ${birthday ? sql`${asked.now}::timestamptz` : sql`m.last_seen_at`} as at,
      ${asked.now}::timestamptz as "dueAt", true as fits, false as bought, ${columns}
    from member m
    ${birthday ? sql`join unnest(${column(years, ([md]) => md)}::int[], ${column(years, ([, year]) => year)}::int[]) as b (md, year) on b.md = m.birthday_md` : sql``}
    ${join}
    where m.no > ${after} and m.no <= ${to} and (${where})
      and not exists (select from automation_occasion d where d.automation_no = ${no} and d.member_no = m.no and ${before})
    order by m.no`;
}

/** Begins a business day, where it is a new one, and answers up to which member it was gone through. */
export async function beginDay(
  sql: Sql,
  { no, day, sweptTo }: AutomationRow,
  today: string,
): Promise<number> {
  if (day === today) return sweptTo;
  await sql`update automation set day = ${today}, swept_to = 0 where no = ${no}`;
  return 0;
}

export async function noteSwept(sql: Sql, no: number, to: number): Promise<void> {
  await sql`update automation set swept_to = ${to} where no = ${no}`;
}

/** The largest number of a member. */
export async function lastMemberNo(sql: Sql): Promise<number> {
  const [row] = await sql<[{ no: number }]>`select coalesce(max(no), 0) as no from member`;
  return row.no;
}

export type Decided = Pick<FoundOccasion, 'memberNo' | 'occasion' | 'at' | 'dueAt' | 'drawn'> & {
  outcome: Outcome;
};

/** Writes what was decided, with the limits that held. Throws where one of them was decided before: then nothing may be given. */
export async function writeDecided(
  sql: Sql,
  no: number,
  list: readonly Decided[],
  { cap, all, now }: Asked,
): Promise<void> {
  if (list.length === 0) return;
  const { count } = await sql`
    insert into automation_occasion as o (automation_no, member_no, occasion, at, due_at, outcome, decided_at, first, cap_coupons, cap_days,
      all_coupons, all_days)
    select ${no}, w.*, ${cap?.coupons ?? 0}, ${cap?.days ?? 0}, ${all.coupons}, ${all.days}
    from unnest(${column(list, (each) => each.memberNo)}::int[], ${column(list, (each) => each.occasion)}::text[],
      ${column(list, (each) => each.at.toISOString())}::timestamptz[], ${column(list, (each) => each.dueAt.toISOString())}::timestamptz[],
      ${column(list, (each) => each.outcome)}::text[], ${column(list, () => now.toISOString())}::timestamptz[],
      ${column(list, ({ drawn, outcome }) => String(drawn === 0 && isDrawn(outcome)))}::boolean[]) w
    on conflict (automation_no, member_no, occasion) do update set outcome = excluded.outcome, decided_at = excluded.decided_at,
      first = excluded.first, cap_coupons = excluded.cap_coupons, cap_days = excluded.cap_days, all_coupons = excluded.all_coupons,
      all_days = excluded.all_days
    where o.outcome is null`;
  if (count < list.length)
    throw new Error(`automation ${no}: ${list.length - count} occasions were decided before`);
}

const isDrawn = (outcome: Outcome): boolean => outcome === 'given' || outcome === 'holdout';

/** Forgets what came to nothing long ago, of looks and baskets: they never come again. Answers how many. */
export async function pruneOccasions(sql: Sql, days: number): Promise<number> {
  const { count } = await sql`
    delete from automation_occasion o using automation a
    where a.no = o.automation_no and a.trigger->>'kind' in ('looked', 'basket') and o.outcome not in ('given', 'holdout')
      and o.decided_at < now() - ${days}::int * interval '1 day'`;
  return count;
}
