/**
 * Campaigns of all kinds, and the steps of their lives. Lock order of everything that touches campaigns: orders (by advisory lock),
 * coupons (by member, campaign, nth), campaigns (by no), what they did by the minute. Their counters are changed last, so that a row that
 * many wait for is held for as short as can be.
 */
import type { JSONValue, PendingQuery, Row } from 'postgres';
import { AppError } from '../contract/errors.ts';
import type { Sql } from '../platform/database.ts';
import { column } from '../platform/column.ts';
import type { Audience } from './audience.ts';
import { ALONE_DAYS, steps, type CampaignKind, type CampaignState, type GiveMode } from './campaign.ts';

export type CampaignRow = {
  no: number;
  id: string;
  kind: CampaignKind;
  name: string;
  state: CampaignState;
  /** By kind. */
  template: unknown;
  audience: Audience;
  give: GiveMode | null;
  perMember: number;
  total: number | null;
  /** Minor units. */
  budget: number | null;
  liability: number;
  brake: number | null;
  startsAt: Date | null;
  endsAt: Date | null;
  createdAt: Date;
  createdBy: string;
  createdByRef: string;
  /** Who changed it since, each once. */
  changedByRefs: string[];
  revision: number;
  approvedAt: Date | null;
  approvedBy: string | null;
  launchedAt: Date | null;
  plannedAt: Date | null;
  pausedAt: Date | null;
  pausedBecause: string | null;
  endedAt: Date | null;
  settledAt: Date | null;
  targeted: number;
  issued: number;
  failed: number;
  redeemed: number;
  returned: number;
  conflicts: number;
  reserved: number;
  spent: number;
};

const columns = (sql: Sql) => sql`
  no, id, kind, name, state, template, audience, give, per_member as "perMember", total, budget, liability, brake,
  starts_at as "startsAt", ends_at as "endsAt", created_at as "createdAt", created_by as "createdBy",
  created_by_ref as "createdByRef", changed_by_refs as "changedByRefs", revision, approved_at as "approvedAt", approved_by as "approvedBy",
  launched_at as "launchedAt", planned_at as "plannedAt", paused_at as "pausedAt", paused_because as "pausedBecause", ended_at as "endedAt",
  settled_at as "settledAt",   targeted, issued, failed, redeemed, returned, conflicts, reserved, spent`;

/** What its maker says of a campaign. */
export type CampaignDraft = {
  kind: CampaignKind;
  name: string;
  template: unknown;
  audience: Audience;
  give: GiveMode | null;
  perMember: number;
  total: number | null;
  budget: number | null;
  liability: number;
  brake: number | null;
  startsAt: Date | null;
  endsAt: Date | null;
};

export async function insertCampaign(
  sql: Sql,
  draft: CampaignDraft,
  by: { name: string; ref: string },
): Promise<CampaignRow> {
  const [row] = await sql<[CampaignRow]>`
    insert into campaign (kind, name, template, audience, give, per_member, total, budget, liability, brake, starts_at, ends_at,
      created_by, created_by_ref)
    values (${draft.kind}, ${draft.name}, ${sql.json(draft.template as JSONValue)}, ${sql.json(draft.audience as JSONValue)},
      ${draft.give}, ${draft.perMember}, ${draft.total}, ${draft.budget}, ${draft.liability}, ${draft.brake}, ${draft.startsAt},
      ${draft.endsAt}, ${by.name}, ${by.ref})
    returning ${columns(sql)}`;
  return row;
}

/** Changes a draft that is still at this revision. Throws `conflict` otherwise: what was approved stays as it was. */
export async function changeDraft(
  sql: Sql,
  id: string,
  revision: number,
  draft: CampaignDraft,
  ref: string,
): Promise<CampaignRow> {
  const [row] = await sql<CampaignRow[]>`
    update campaign set name = ${draft.name}, template = ${sql.json(draft.template as JSONValue)},
      audience = ${sql.json(draft.audience as JSONValue)}, give = ${draft.give}, per_member = ${draft.perMember},
      total = ${draft.total}, budget = ${draft.budget}, liability = ${draft.liability}, brake = ${draft.brake},
      starts_at = ${draft.startsAt}, ends_at = ${draft.endsAt}, revision = revision + 1,
      changed_by_refs = case when ${ref} = any(changed_by_refs) then changed_by_refs else changed_by_refs || ${ref}::text end
    where id = ${id} and state = 'draft' and revision = ${revision}
    returning ${columns(sql)}`;
  if (row) return row;
  await findCampaign(sql, id);
  throw new AppError('conflict', 'It was changed or approved in the meantime');
}

/** Replaces the list of members that a campaign is for. Members that nobody named before are made. */
export async function listMembers(sql: Sql, campaignNo: number, ids: readonly string[]): Promise<number> {
  const list = column([...new Set(ids)].sort(), (id) => id);
  await sql`delete from campaign_member where campaign_no = ${campaignNo}`;
  await sql`insert into member (id) select unnest(${list}::text[]) on conflict do nothing`;
  const { count } = await sql`
    insert into campaign_member (campaign_no, member_no)
    select ${campaignNo}, m.no from unnest(${list}::text[]) as w (id) join member m using (id) order by m.no`;
  return count;
}

/** Throws `not_found`. */
export async function findCampaign(sql: Sql, id: string): Promise<CampaignRow> {
  const [row] = await sql<CampaignRow[]>`select ${columns(sql)} from campaign where id = ${id}`;
  if (!row) throw new AppError('not_found', `There is no campaign ${id}`);
  return row;
}

export const findCampaignsByNo = (sql: Sql, nos: readonly number[]): Promise<CampaignRow[]> =>
  sql<CampaignRow[]>`select ${columns(sql)} from campaign where no = any(${nos as number[]}::int[])`;

/** States alone: asked for with each redemption. */
export async function statesOf(sql: Sql, nos: Iterable<number>): Promise<Map<number, CampaignState>> {
  const wanted = [...new Set(nos)];
  if (wanted.length === 0) return new Map();
  const rows = await sql<{ no: number; state: CampaignState }[]>`
    select no, state from campaign where no = any(${column(wanted, (no) => no)}::int[])`;
  return new Map(rows.map(({ no, state }) => [no, state]));
}

export const findCampaignsById = (sql: Sql, ids: readonly string[]): Promise<CampaignRow[]> =>
  sql<CampaignRow[]>`select ${columns(sql)} from campaign where id = any(${ids as string[]}::uuid[])`;

/** Newest first, at most `limit` with a number below `before`. */
export function listCampaigns(
  sql: Sql,
  filter: { kind?: CampaignKind | undefined; state?: CampaignState | undefined },
  before: number | null,
  limit: number,
): Promise<CampaignRow[]> {
  const { kind, state } = filter;
  return sql<CampaignRow[]>`
    select ${columns(sql)} from campaign
    where true
      ${kind === undefined ? sql`` : sql`and kind = ${kind}`}
      ${state === undefined ? sql`` : sql`and state = ${state}`}
      ${before === null ? sql`` : sql`and no < ${before}`}
    order by no desc limit ${limit}`;
}

/**
 * Makes a step: one conditional update. Answers the campaign as it is then, or null where its state does not allow it.
 * `set` adds what the step writes besides.
 */
export async function makeStep(
  sql: Sql,
  id: string,
  step: keyof typeof steps,
  set: PendingQuery<Row[]> = sql``,
  only: PendingQuery<Row[]> = sql``,
): Promise<CampaignRow | null> {
  const { from, to } = steps[step];
  const [row] = await sql<CampaignRow[]>`
    update campaign set state = ${to} ${set} where id = ${id} and state = any(${from as CampaignState[]}::text[])
      and not (state = 'finished' and settled_at is not null) ${only}
    returning ${columns(sql)}`;
  return row ?? null;
}

export type ApprovalRule = { approvalAbove: number };

export async function findApprovalRule(sql: Sql): Promise<ApprovalRule> {
  const [row] = await sql<[ApprovalRule]>`select approval_above as "approvalAbove" from campaign_rule`;
  return row;
}

export async function setApprovalRule(sql: Sql, { approvalAbove }: ApprovalRule): Promise<ApprovalRule> {
  const [row] = await sql<[ApprovalRule]>`
    update campaign_rule set approval_above = ${approvalAbove}, updated_at = now()
    returning approval_above as "approvalAbove"`;
  return row;
}

/**
 * The rule, and what this person approved alone lately, minor units. Locks the rule, so that of two approvals at once the second one
 * knows of the first.
 */
export async function lockApprovals(
  sql: Sql,
  ref: string,
): Promise<{ approvalAbove: number; approvedAlone: number }> {
  const [rule] = await sql<[ApprovalRule]>`
    select approval_above as "approvalAbove" from campaign_rule for update`;
  const [{ approvedAlone }] = await sql<[{ approvedAlone: number }]>`
    select coalesce(sum(stake), 0)::bigint as "approvedAlone" from campaign
    where approved_by_ref = ${ref} and (created_by_ref = ${ref} or ${ref} = any(changed_by_refs))
      and approved_at > now() - ${ALONE_DAYS}::int * interval '1 day'`;
  return { ...rule, approvedAlone };
}

/**
 * Launched campaigns whose time has come begin; those end whose time is over, or all of whose coupons are. One that was paused stays so:
 * what it gave would be good again. Answers their ids.
 */
export async function stepByClock(sql: Sql, now: Date): Promise<{ started: string[]; finished: string[] }> {
  const started = await sql<{ id: string }[]>`
    update campaign set state = 'running' where state = 'scheduled' and starts_at <= ${now} returning id`;
  const finished = await sql<{ id: string }[]>`
    update campaign c set state = 'finished', ended_at = coalesce(ended_at, ${now})
    where state = 'running' and (ends_at <= ${now} or (kind = 'coupon' and campaign_over_at(c) <= ${now})) returning id`;
  const ids = (rows: { id: string }[]) => rows.map(({ id }) => id);
  return { started: ids(started), finished: ids(finished) };
}

/** What a campaign spent in a minute, minor units. */
export type Minute = { campaignNo: number; minute: Date; spent: number };

/** Adds what was done to the campaigns' minutes: `at` says when, now unless given. Rows sorted by campaign. Answers the minutes as they are then. */
export function addMinutes(
  sql: Sql,
  rows: readonly { campaignNo: number; issued?: number; redeemed?: number; spent?: number; at?: Date }[],
  now: Date,
): Promise<Minute[]> {
  return sql<Minute[]>`
    insert into campaign_minute as m (campaign_no, minute, issued, redeemed, spent)
    select no, date_trunc('minute', at), issued, redeemed, spent from unnest(
      ${column(rows, (row) => row.campaignNo)}::int[], ${column(rows, (row) => row.issued ?? 0)}::int[],
      ${column(rows, (row) => row.redeemed ?? 0)}::int[], ${column(rows, (row) => row.spent ?? 0)}::bigint[],
      ${column(rows, (row) => (row.at ?? now).toISOString())}::timestamptz[]) as w (no, issued, redeemed, spent, at)
    on conflict (campaign_no, minute) do update set issued = m.issued + excluded.issued,
      redeemed = m.redeemed + excluded.redeemed, spent = m.spent + excluded.spent
    returning campaign_no as "campaignNo", minute, spent`;
}

/** The last minutes in which a campaign did anything, oldest first. */
export const listMinutes = (sql: Sql, campaignNo: number, minutes: number) =>
  sql<{ minute: Date; issued: number; redeemed: number; spent: number }[]>`
    select minute, issued, redeemed, spent from campaign_minute
    where campaign_no = ${campaignNo} and minute > now() - ${minutes}::int * interval '1 minute' order by minute`;
