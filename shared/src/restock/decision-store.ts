/** Proposals as people read and decide them. Approving makes orders and is the supply slice's. */
import type { ProposalState, SourceKind } from '../contract/words.ts';
import type { Sql } from '../platform/database.ts';
import type { SourceOption, Why } from './sourcing.ts';

type Sight = { locations: readonly string[]; regions: readonly string[] } | null;

export type ProposalRow = {
  id: string;
  status: ProposalState;
  sku: string;
  skuNameZh: string;
  skuNameEn: string;
  location: string;
  locationNameZh: string;
  locationNameEn: string;
  qty: number;
  /** What was approved, where it was changed. */
  approvedQty: number | null;
  sourceKind: SourceKind;
  /** Code and names of the location or supplier that it comes from; null where the catalog knows no supplier. */
  source: string | null;
  sourceNameZh: string | null;
  sourceNameEn: string | null;
  /** Minor units. */
  cost: number;
  expectedAt: Date;
  why: Why;
  createdAt: Date;
  updatedAt: Date;
  decidedAt: Date | null;
  decidedBy: string | null;
  reason: string | null;
  /** Code of the order that came of it. */
  order: string | null;
};

const rows = (sql: Sql) => sql`
  select p.id, p.state as status, k.code as sku, k.name_zh as "skuNameZh", k.name_en as "skuNameEn", l.code as location,
    l.name_zh as "locationNameZh", l.name_en as "locationNameEn", p.qty, p.approved_qty as "approvedQty",
    p.source_kind as "sourceKind", coalesce(f.code, p.supplier) as source, coalesce(f.name_zh, u.name_zh) as "sourceNameZh",
    coalesce(f.name_en, u.name_en) as "sourceNameEn", p.cost, p.expected_at as "expectedAt", p.why,
    p.created_at as "createdAt", p.updated_at as "updatedAt", p.decided_at as "decidedAt", p.decided_by as "decidedBy",
    p.reason, o.code as order
  from proposal p join sku k on k.no = p.sku_no join location l on l.no = p.location_no
  left join location f on f.no = p.source_location_no
  left join supplier u on u.code = p.supplier
  left join supply_order o on o.no = p.supply_order_no`;

const inSight = (sql: Sql, sight: Sight) =>
  sight === null
    ? sql``
    : sql`and (l.code = any(${sight.locations as string[]}::text[]) or l.region = any(${sight.regions as string[]}::text[]))`;

/** Newest first; `before` is where the page before ended. */
export function listProposals(
  sql: Sql,
  filter: {
    status?: ProposalState | undefined;
    sku?: string | undefined;
    location?: string | undefined;
    id?: string | undefined;
    sight: Sight;
  },
  before: { at: Date; id: string } | null,
  limit: number,
): Promise<ProposalRow[]> {
  const { status, sku, location, id, sight } = filter;
  return sql<ProposalRow[]>`
    ${rows(sql)}
    where true
      ${id === undefined ? sql`` : sql`and p.id = ${id}`}
      ${status === undefined ? sql`` : sql`and p.state = ${status}`}
      ${sku === undefined ? sql`` : sql`and p.sku_no = (select no from sku where code = ${sku})`}
      ${location === undefined ? sql`` : sql`and p.location_no = (select no from location where code = ${location})`}
      ${inSight(sql, sight)}
      ${before === null ? sql`` : sql`and (date_trunc('milliseconds', p.created_at), p.id) < (${before.at}::timestamptz, ${before.id}::uuid)`}
    order by date_trunc('milliseconds', p.created_at) desc, p.id desc limit ${limit}`;
}

/** Within it a person who slipped takes a rejection back. */
export const REOPEN_MINUTES = 10;

export type Decision = { id: string; refused: 'not_found' | 'not_open' | 'outside_scope' | null };
type MayDecide = (place: { code: string; region: string | null }) => boolean;

/** Rejects open proposals, with a reason. Each id is answered. */
export async function rejectProposals(
  sql: Sql,
  ids: readonly string[],
  { by, reason, mayDecide }: { by: string; reason: string; mayDecide: MayDecide },
): Promise<Decision[]> {
  const places = await lockPlaces(sql, ids);
  const allowed = places.filter((place) => mayDecide(place)).map(({ id }) => id);
  const done = await sql<{ id: string }[]>`
    update proposal set state = 'rejected', decided_at = now(), decided_by = ${by}, reason = ${reason}, updated_at = now()
    where id = any(${allowed}::uuid[]) and state = 'open' returning id`;
  return decisions(ids, places, allowed, done);
}

/**
 * Opens a proposal again that was rejected some minutes ago; from now on only a person changes it. Throws SQLSTATE 23505 where a new one was opened for the
 * balance in this very moment.
 */
export async function reopenProposal(
  sql: Sql,
  id: string,
  { by, mayDecide }: { by: string; mayDecide: MayDecide },
): Promise<Decision> {
  const places = await lockPlaces(sql, [id]);
  const allowed = places.filter((place) => mayDecide(place)).map((place) => place.id);
  const done = await sql<{ id: string }[]>`
    update proposal p set state = 'open', decided_at = null, decided_by = null, reason = null, updated_at = now(),
      kept_by = ${by}
    where id = any(${allowed}::uuid[]) and state = 'rejected' and decided_at > now() - ${REOPEN_MINUTES} * interval '1 minute'
      and not exists (select from proposal o where o.sku_no = p.sku_no and o.location_no = p.location_no and o.state = 'open')
    returning id`;
  return decisions([id], places, allowed, done)[0]!;
}

type Placed = { id: string; code: string; region: string | null };

const lockPlaces = (sql: Sql, ids: readonly string[]) => sql<Placed[]>`
  select p.id, l.code, l.region from proposal p join location l on l.no = p.location_no
  where p.id = any(${ids as string[]}::uuid[]) order by p.sku_no, p.location_no for update of p`;

const decisions = (
  ids: readonly string[],
  places: readonly Placed[],
  allowed: readonly string[],
  done: readonly { id: string }[],
): Decision[] =>
  ids.map((id) => ({
    id,
    refused: done.some((row) => row.id === id)
      ? null
      : !places.some((row) => row.id === id)
        ? 'not_found'
        : allowed.includes(id)
          ? 'not_open'
          : 'outside_scope',
  }));

/** An open proposal that somebody is about to send from elsewhere, locked; null: it is not open. */
export const lockOpenProposal = (sql: Sql, id: string): Promise<OpenBalance | null> =>
  readOpen(sql, id, sql`for update of p`);

/** The balance of an open proposal; null: it is not open. */
export const findOpenBalance = (sql: Sql, id: string): Promise<OpenBalance | null> =>
  readOpen(sql, id, sql``);

type OpenBalance = {
  skuNo: number;
  locationNo: number;
  qty: number;
  code: string;
  region: string | null;
};

async function readOpen(sql: Sql, id: string, lock: ReturnType<typeof rows>): Promise<OpenBalance | null> {
  const [row] = await sql<OpenBalance[]>`
    select p.sku_no as "skuNo", p.location_no as "locationNo", p.qty, l.code, l.region
    from proposal p join location l on l.no = p.location_no
    where p.id = ${id} and p.state = 'open' ${lock}`;
  return row ?? null;
}

/** Gives an open proposal the source that a person chose; the explanation keeps what was proposed among those not chosen. */
export async function chooseSource(sql: Sql, id: string, option: SourceOption): Promise<void> {
  await sql`
    update proposal set source_kind = ${option.kind}, source_location_no = ${option.locationNo},
      supplier = ${option.supplier}, cost = ${option.cost}, expected_at = ${option.expectedAt}, updated_at = now(),
      why = why || jsonb_build_object('chosen', ${sql.json(option)}::jsonb,
        'rejected', jsonb_build_array(why->'chosen') || coalesce((
          select jsonb_agg(o) from jsonb_array_elements(why->'rejected') o
          where (o->>'kind', o->>'location', o->>'supplier')
            is distinct from (${option.kind}, ${option.location}, ${option.supplier})), '[]'))
    where id = ${id} and state = 'open'`;
}

export type SourceNames = { code: string; nameZh: string; nameEn: string };

/** Names of locations and suppliers by code. */
export async function namesOfSources(
  sql: Sql,
  { locations, suppliers }: { locations: readonly string[]; suppliers: readonly string[] },
): Promise<{ locations: Map<string, SourceNames>; suppliers: Map<string, SourceNames> }> {
  const names = async (table: 'location' | 'supplier', codes: readonly string[]) => {
    const found = await sql<SourceNames[]>`
      select code, name_zh as "nameZh", name_en as "nameEn" from ${sql(table)}
      where code = any(${[...codes]}::text[])`;
    return new Map(found.map((row) => [row.code, row]));
  };
  return { locations: await names('location', locations), suppliers: await names('supplier', suppliers) };
}

/** Open proposals that a rule may approve, oldest first. */
export async function proposalsWithin(
  sql: Sql,
  rule: { kinds: readonly SourceKind[]; maxCost: number; maxQty: number },
  limit: number,
): Promise<string[]> {
  const found = await sql<{ id: string }[]>`
    select id from proposal
    where state = 'open' and source_kind = any(${rule.kinds as string[]}::text[]) and cost <= ${rule.maxCost}
      and qty <= ${rule.maxQty} and not (why->'warnings' ? 'over_replenishment')
    order by created_at, id limit ${limit}`;
  return found.map(({ id }) => id);
}
