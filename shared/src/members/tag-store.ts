/** Fifths and automatic tags: what a profile means among all others. Both are written only where they change. */
import type { PendingQuery, Row } from 'postgres';
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import type { Rule } from './rule.ts';
import type { AsOf } from './as-of.ts';
import { ruleWhere } from './segment-store.ts';

type Fragment = PendingQuery<Row[]>;

export type TagRule = {
  tag: string;
  nameZh: string;
  nameEn: string;
  rule: Rule;
  builtIn: boolean;
  updatedAt: Date;
};

export const listTagRules = (sql: Sql): Promise<TagRule[]> => sql<TagRule[]>`
  select tag, name_zh as "nameZh", name_en as "nameEn", rule, built_in as "builtIn", updated_at as "updatedAt"
  from member_tag_rule order by tag`;

/** Which members: some of them, or of a range of numbers those whose number leaves `turn` when divided by `every`. */
export type Scope = { nos: readonly number[] } | { after: number; to: number; every: number; turn: number };

const scoped = (sql: Sql, scope: Scope) =>
  'nos' in scope
    ? sql`m.no = any(${column(scope.nos, (no) => no)}::int[])`
    : sql`m.no > ${scope.after} and m.no <= ${scope.to} and m.no % ${scope.every} = ${scope.turn}`;

/**
 * Sets the scores of members by the fifths of the last scale, gives them the tags whose rules they fit and takes the others away.
 * One statement, so that a member is written once; rows are locked in the order of their numbers. Answers how many changed.
 */
export async function writeGrades(
  sql: Sql,
  scope: Scope,
  rules: readonly Pick<TagRule, 'tag' | 'rule'>[],
  asOf: AsOf,
): Promise<number> {
  // How many bounds lie below: of the many who bought once, nobody stands above the others.
  const above = (value: Fragment, bounds: Fragment) =>
    sql`case when m.orders > 0 then 1 + (${value} > (${bounds})[1])::int + (${value} > (${bounds})[2])::int
      + (${value} > (${bounds})[3])::int + (${value} > (${bounds})[4])::int end`;
  const tags = [...rules]
    .sort((a, b) => (a.tag < b.tag ? -1 : 1))
    .map(
      ({ tag, rule }) =>
        sql`case when ${ruleWhere(sql, rule, { ...asOf, scoresOf: 's' })} then ${tag}::text end`,
    )
    .reduce((all, next) => sql`${all}, ${next}`, sql`null`);
  // offset 0: worked out once a member, not where it is compared and again where it is written. The scope stands twice, or all members
  // would be read to be joined with those few.
  const { count } = await sql`
    update member m set recency_score = n.recency_score, frequency_score = n.frequency_score, money_score = n.money_score,
      ticket_score = n.ticket_score, auto_tags = n.tags
    from (
      select m.no, s.*, t.tags
      from member m left join member_scale c on true, lateral (
        select ${above(sql`m.last_order_at`, sql`c.last_order`)} as recency_score, ${above(sql`m.orders`, sql`c.orders`)} as frequency_score,
          ${above(sql`m.net`, sql`c.net`)} as money_score, ${above(sql`m.average_ticket`, sql`c.ticket`)} as ticket_score
        offset 0) s,
        lateral (select array_remove(array[${tags}], null) as tags offset 0) t
      where ${scoped(sql, scope)}
        and (m.recency_score, m.frequency_score, m.money_score, m.ticket_score, m.auto_tags)
          is distinct from (s.recency_score, s.frequency_score, s.money_score, s.ticket_score, t.tags)
      order by m.no for no key update of m) n
    where m.no = n.no and ${scoped(sql, scope)}`;
  return count;
}

/** Measures the fifths of all members that bought. */
export async function writeScale(sql: Sql): Promise<void> {
  const cuts = sql`array[0.2, 0.4, 0.6, 0.8]::float8[]`;
  await sql`
    insert into member_scale (last_order, orders, net, ticket, members, made_at)
    select coalesce(percentile_disc(${cuts}) within group (order by last_order_at), '{}'),
      coalesce(percentile_disc(${cuts}) within group (order by orders), '{}'),
      coalesce(percentile_disc(${cuts}) within group (order by net), '{}'),
      coalesce(percentile_disc(${cuts}) within group (order by average_ticket), '{}'), count(*), now()
    from member where orders > 0
    on conflict (one) do update set last_order = excluded.last_order, orders = excluded.orders,
      net = excluded.net, ticket = excluded.ticket, members = excluded.members, made_at = excluded.made_at`;
}

/** All members are graded, as of a business day. */
export async function finishScale(sql: Sql, day: string): Promise<void> {
  await sql`update member_scale set day = ${day}`;
}

/** The business day of the last grading that was finished, and when the scale was made; null before the first. */
export async function lastScale(
  sql: Sql,
): Promise<{ day: string | null; madeAt: Date; members: number } | null> {
  const [row] = await sql<{ day: string | null; madeAt: Date; members: number }[]>`
    select day, made_at as "madeAt", members from member_scale`;
  return row ?? null;
}

/** The largest number of a member. */
export async function lastMemberNo(sql: Sql): Promise<number> {
  const [row] = await sql<{ no: number }[]>`select coalesce(max(no), 0) as no from member`;
  return row!.no;
}

/** Adds or replaces a rule. */
export async function setTagRule(
  sql: Sql,
  { tag, nameZh, nameEn, rule }: Pick<TagRule, 'tag' | 'nameZh' | 'nameEn' | 'rule'>,
): Promise<TagRule> {
  const [row] = await sql<TagRule[]>`
    insert into member_tag_rule (tag, name_zh, name_en, rule) values (${tag}, ${nameZh}, ${nameEn}, ${sql.json(rule)})
    on conflict (tag) do update set name_zh = excluded.name_zh, name_en = excluded.name_en, rule = excluded.rule,
      updated_at = now()
    returning tag, name_zh as "nameZh", name_en as "nameEn", rule, built_in as "builtIn", updated_at as "updatedAt"`;
  return row!;
}

export async function dropTagRule(sql: Sql, tag: string): Promise<'dropped' | 'built_in' | 'absent'> {
  const [row] = await sql<{ builtIn: boolean }[]>`
    select built_in as "builtIn" from member_tag_rule where tag = ${tag} for update`;
  if (row === undefined) return 'absent';
  if (row.builtIn) return 'built_in';
  await sql`delete from member_tag_rule where tag = ${tag}`;
  return 'dropped';
}

type Named = { code: string; nameZh: string; nameEn: string };

/** What rules can choose from. Levels, tags and media of a sample where there are many members: a form needs no more. */
export async function listValues(sql: Sql): Promise<{
  levels: string[];
  tags: string[];
  media: string[];
  categories: Named[];
  stores: Named[];
}> {
  const named = sql`code, name_zh as "nameZh", name_en as "nameEn"`;
  const [[used], categories, stores] = await Promise.all([
    sql<{ levels: string[]; tags: string[]; media: string[] }[]>`
      with sample as materialized (select level, tags, consents from member order by no desc limit 20000)
      select coalesce((select array_agg(distinct level order by level) from sample where level is not null), '{}') as levels,
        coalesce((select array_agg(distinct t order by t) from (
          select unnest(tags) as t from sample union select tag from member_tag_rule) u), '{}') as tags,
        coalesce((select array_agg(distinct k order by k) from sample, jsonb_object_keys(consents) k), '{}') as media`,
    sql<Named[]>`select ${named} from category order by code`,
    sql<Named[]>`select ${named} from location where known and kind <> 'hq_warehouse' order by code`,
  ]);
  return { ...used!, categories: [...categories], stores: [...stores] };
}
