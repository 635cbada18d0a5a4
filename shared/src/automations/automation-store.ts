/** Rules by behaviour, as marketers set them, and the company's limit over all of them. */
import type { JSONValue } from 'postgres';
import { AppError } from '../contract/errors.ts';
import type { CampaignState } from '../coupons/campaign.ts';
import type { Sql } from '../platform/database.ts';
import type { AutomationCondition, Cap, Trigger } from './automation.ts';

/** What its maker says of it. */
export type AutomationDraft = {
  name: string;
  campaignId: string;
  trigger: Trigger;
  condition: AutomationCondition | null;
  holdoutPercent: number;
  windowDays: number;
  cap: Cap | null;
};

export type AutomationRow = AutomationDraft & {
  no: number;
  id: string;
  campaignNo: number;
  campaignName: string;
  campaignState: CampaignState;
  /** Coupons that it has given. */
  issued: number;
  revision: number;
  /** Since when it is on; null: it is off. */
  onAt: Date | null;
  /** When it was switched on for the first time. */
  startedAt: Date | null;
  createdAt: Date;
  createdBy: string;
  /** The last look that it has seen. */
  lookNo: number;
  /** The business day whose members are being gone through, and up to which number. */
  day: string | null;
  sweptTo: number;
};

const columns = (sql: Sql) => sql`
  a.no, a.id, a.name, a.trigger, a.condition, a.holdout_percent as "holdoutPercent", a.window_days as "windowDays",
  case when a.cap_coupons is not null then jsonb_build_object('coupons', a.cap_coupons, 'days', a.cap_days) end as cap,
  c.id as "campaignId", c.no as "campaignNo", c.name as "campaignName", c.state as "campaignState", c.issued, a.revision,
  a.on_at as "onAt", a.started_at as "startedAt", a.created_at as "createdAt", a.created_by as "createdBy", a.look_no as "lookNo",
  a.day, a.swept_to as "sweptTo"`;

const from = (sql: Sql) => sql`automation a join campaign c on c.no = a.campaign_no`;

/** Newest first, at most `limit` with a number below `before`. */
export const listAutomations = (sql: Sql, before: number | null, limit: number): Promise<AutomationRow[]> =>
  sql<AutomationRow[]>`
    select ${columns(sql)} from ${from(sql)}
    where a.deleted_at is null ${before === null ? sql`` : sql`and a.no < ${before}`}
    order by a.no desc limit ${limit}`;

/** Throws `not_found`. */
export async function findAutomation(sql: Sql, id: string): Promise<AutomationRow> {
  const [row] = await sql<AutomationRow[]>`
    select ${columns(sql)} from ${from(sql)} where a.id = ${id} and a.deleted_at is null`;
  if (!row) throw new AppError('not_found', `There is no automation ${id}`);
  return row;
}

/** As `findAutomation`, locked: two people who change it at once do so one after the other. */
export async function lockAutomation(sql: Sql, id: string): Promise<AutomationRow> {
  await sql`select from automation where id = ${id} for update`;
  return findAutomation(sql, id);
}

/** Numbers of those that are on, the oldest first. */
export async function listOn(sql: Sql): Promise<number[]> {
  const rows = await sql<{ no: number }[]>`select no from automation where on_at is not null order by no`;
  return rows.map(({ no }) => no);
}

/** One that is on, locked: whoever switches it off is answered when this is done. Null where it was switched off meanwhile. */
export async function readOn(sql: Sql, no: number): Promise<AutomationRow | null> {
  const [row] = await sql<AutomationRow[]>`
    select ${columns(sql)} from ${from(sql)} where a.no = ${no} and a.on_at is not null
    for no key update of a`;
  return row ?? null;
}

/** Throws `conflict` where another one gives the coupons of this campaign. */
export async function insertAutomation(
  sql: Sql,
  {
    name,
    campaignNo,
    trigger,
    condition,
    holdoutPercent,
    windowDays,
    cap,
  }: AutomationDraft & { campaignNo: number },
  by: string,
): Promise<AutomationRow> {
  const [row] = await sql<{ id: string }[]>`
    insert into automation (name, campaign_no, trigger, condition, holdout_percent, window_days, cap_coupons, cap_days, created_by)
    values (${name}, ${campaignNo}, ${sql.json(trigger as JSONValue)}, ${condition && sql.json(condition as JSONValue)}, ${holdoutPercent}, ${windowDays},
      ${cap?.coupons ?? null}, ${cap?.days ?? null}, ${by})
    on conflict (campaign_no) do nothing returning id`;
  if (!row) throw campaignTaken();
  return findAutomation(sql, row.id);
}

/** Writes all that may change; the caller has locked it. Throws `conflict` where another one gives the coupons of this campaign. */
export async function changeAutomation(
  sql: Sql,
  no: number,
  {
    name,
    campaignNo,
    trigger,
    condition,
    holdoutPercent,
    windowDays,
    cap,
  }: AutomationDraft & { campaignNo: number },
): Promise<void> {
  const [other] = await sql`select from automation where campaign_no = ${campaignNo} and no <> ${no}`;
  if (other) throw campaignTaken();
  await sql`
    update automation set name = ${name}, campaign_no = ${campaignNo}, trigger = ${sql.json(trigger as JSONValue)},
      condition = ${condition && sql.json(condition as JSONValue)}, holdout_percent = ${holdoutPercent},
      window_days = ${windowDays}, cap_coupons = ${cap?.coupons ?? null}, cap_days = ${cap?.days ?? null}, revision = revision + 1
    where no = ${no}`;
}

const campaignTaken = () =>
  new AppError(
    'conflict',
    'Another automation gives the coupons of this campaign: its effect could not be told from this one’s',
  );

/** Switches it on: what was looked at before makes no occasion. */
export async function switchOn(sql: Sql, no: number, now: Date): Promise<void> {
  await sql`
    update automation set on_at = ${now}, started_at = coalesce(started_at, ${now}), look_no = last.no, from_look_no = last.no
    from (select coalesce(max(no), 0) as no from member_look) last where automation.no = ${no}`;
}

export async function switchOff(sql: Sql, no: number): Promise<void> {
  await sql`update automation set on_at = null where no = ${no}`;
}

/** Puts one away. What it gave and whom it held out stays known; one that never began is gone. */
export async function removeAutomation(sql: Sql, no: number): Promise<void> {
  await sql`delete from automation where no = ${no} and started_at is null`;
  await sql`delete from automation_occasion where automation_no = ${no} and outcome is null`;
  await sql`update automation set on_at = null, deleted_at = now() where no = ${no}`;
}

/** The company's limit over all rules together. */
export async function findAllCap(sql: Sql): Promise<Cap> {
  const [row] = await sql<[Cap]>`select coupons, days from automation_rule`;
  return row;
}

export async function setAllCap(sql: Sql, { coupons, days }: Cap): Promise<Cap> {
  await sql`update automation_rule set coupons = ${coupons}, days = ${days}, updated_at = now()`;
  return { coupons, days };
}
