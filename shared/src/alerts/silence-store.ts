/** Rules by which alerts are kept quiet. */
import { AppError } from '../contract/errors.ts';
import type { AlertKind } from '../contract/words.ts';
import type { Sql } from '../platform/database.ts';

/** An alert has to fit every field that is set. */
export type NewSilence = {
  kind?: AlertKind | undefined;
  sku?: string | undefined;
  category?: string | undefined;
  location?: string | undefined;
  region?: string | undefined;
  until: Date;
  reason: string;
};

export type SilenceRow = {
  id: string;
  kind: AlertKind | null;
  sku: string | null;
  skuNameZh: string | null;
  skuNameEn: string | null;
  category: string | null;
  location: string | null;
  region: string | null;
  until: Date;
  reason: string;
  by: string;
  createdAt: Date;
};

const columns = (sql: Sql) => sql`
  s.id, s.kind, (select code from sku where no = s.sku_no) as sku,
  (select name_zh from sku where no = s.sku_no) as "skuNameZh",
  (select name_en from sku where no = s.sku_no) as "skuNameEn", s.category,
  (select code from location where no = s.location_no) as location, s.region, s.until, s.reason, s.by,
  s.created_at as "createdAt"`;

/** In force, or over: run out or ended. */
export const silenceStates = ['running', 'over'] as const;
export type SilenceState = (typeof silenceStates)[number];

/** Those in that state, newest first. */
export function listSilences(
  sql: Sql,
  state: SilenceState,
  before: string | null,
  limit: number,
): Promise<SilenceRow[]> {
  return sql<SilenceRow[]>`
    select ${columns(sql)} from alert_silence s
    where ${state === 'running' ? sql`s.until > now()` : sql`s.until <= now()`} ${before === null ? sql`` : sql`and s.id < ${before}`}
    order by s.id desc limit ${limit}`;
}

/** Throws `invalid_request` that names a SKU or location that does not exist. */
export async function addSilence(sql: Sql, rule: NewSilence, by: string): Promise<SilenceRow> {
  const [nos] = await sql<[{ skuNo: number | null; locationNo: number | null }]>`
    select (select no from sku where code = ${rule.sku ?? null}) as "skuNo",
      (select no from location where code = ${rule.location ?? null}) as "locationNo"`;
  for (const [field, no] of [
    ['sku', nos.skuNo],
    ['location', nos.locationNo],
  ] as const)
    if (rule[field] !== undefined && no === null) {
      const detail = `there is no ${field} ${rule[field]}`;
      throw new AppError('invalid_request', detail, { errors: [{ field, detail }] });
    }
  const [row] = await sql<[SilenceRow]>`
    with s as (
      insert into alert_silence (kind, sku_no, category, location_no, region, until, reason, by)
      values (${rule.kind ?? null}, ${nos.skuNo}, ${rule.category ?? null}, ${nos.locationNo}, ${rule.region ?? null},
        ${rule.until}, ${rule.reason}, ${by})
      returning *
    )
    select ${columns(sql)} from s`;
  return row;
}

/** Ends a silence now; it is kept as it was. Throws `not_found`, also when it is over. */
export async function endSilence(sql: Sql, id: string): Promise<SilenceRow> {
  const [row] = await sql<SilenceRow[]>`
    with s as (update alert_silence set until = now() where id = ${id} and until > now() returning *)
    select ${columns(sql)} from s`;
  if (!row) throw new AppError('not_found', 'There is no such silence');
  return row;
}
