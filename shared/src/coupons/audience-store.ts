/** Whom a campaign is for, asked of the database. */
import type { PendingQuery, Row } from 'postgres';
import { AppError } from '../contract/errors.ts';
import type { Rule } from '../members/rule.ts';
import type { Sql } from '../platform/database.ts';
import type { Audience } from './audience.ts';

export type Fragment = PendingQuery<Row[]>;

/** A rule as a condition over `member m`, at this moment. */
export type RuleWhere = (sql: Sql, rule: Rule) => Fragment;

/** The campaign whose audience is asked about. */
export type Addressed = { no: number; audience: Audience };

/** The rule that an audience follows; null where it is no rule. Throws `not_found` for a segment that is none. */
export async function ruleOf(sql: Sql, audience: Audience): Promise<Rule | null> {
  if (audience.kind === 'rule') return audience.rule;
  if (audience.kind !== 'segment') return null;
  if (audience.rule !== undefined) return audience.rule;
  const [segment] = await sql<{ rule: Rule }[]>`select rule from segment where id = ${audience.segmentId}`;
  if (!segment) throw new AppError('not_found', `There is no segment ${audience.segmentId}`);
  return segment.rule;
}

/** Members of an audience, in the order of their numbers, at most `limit` after a number. */
export const listAudience = (sql: Sql, where: Fragment, after: number, limit: number) =>
  sql<{ no: number; id: string }[]>`
    select m.no, m.id from member m where m.no > ${after} and ${where} order by m.no limit ${limit}`;

/** Keeps the rule of a campaign's segment with it, as it is at its launch: once, and nothing where its audience is no segment. */
export async function keepRule(sql: Sql, campaignNo: number): Promise<void> {
  await sql`
    update campaign c set audience = c.audience || jsonb_build_object('rule', s.rule) from segment s
    where c.no = ${campaignNo} and c.audience->>'kind' = 'segment' and not c.audience ? 'rule'
      and s.id = (c.audience->>'segmentId')::uuid`;
}

/** Of an audience: who gets it, who is held out, or both of them. */
export type Part = 'given' | 'held' | 'either';

/**
 * Who gets it, as a condition over `member m` for one statement of `sql`; or another part of the audience. `rule` is what `ruleOf`
 * answered.
 */
export function audienceWhere(
  sql: Sql,
  { no, audience }: Addressed,
  rule: Rule | null,
  ruleWhere: RuleWhere,
  part: Part = 'given',
): Fragment {
  const listed =
    audience.kind === 'members'
      ? sql`and exists (select from campaign_member l where l.campaign_no = ${no} and l.member_no = m.no)`
      : sql``;
  const fits = rule === null ? sql`` : sql`and (${ruleWhere(sql, rule)})`;
  // The same members whenever it is asked, and others for another campaign.
  const lot = sql`(hashint4extended(m.no, ${no}) & 1048575) % 100`;
  const kept =
    part === 'held'
      ? sql`and ${lot} < ${audience.holdoutPercent}`
      : audience.holdoutPercent === 0 || part === 'either'
        ? sql``
        : sql`and ${lot} >= ${audience.holdoutPercent}`;
  return sql`m.forgotten_at is null ${listed} ${fits} ${kept}`;
}

/** How many members that is. */
export async function countAudience(sql: Sql, where: Fragment): Promise<number> {
  const [row] = await sql<[{ count: number }]>`select count(*)::int as count from member m where ${where}`;
  return row.count;
}
