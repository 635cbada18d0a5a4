/** Reads what can be promised: pieces on the shelves, buffers, exclusivity, and what is held for a reference already. */
import type { LocationKind } from '../contract/words.ts';
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import type { ReservationState } from './reservation.ts';

export type Place = {
  no: number;
  code: string;
  kind: LocationKind;
  nameZh: string;
  nameEn: string;
  region: string | null;
  city: string | null;
  latitude: number | null;
  longitude: number | null;
};

/** Every location there is. */
export function readPlaces(sql: Sql): Promise<Place[]> {
  return sql<Place[]>`
    select no, code, kind, name_zh as "nameZh", name_en as "nameEn", region, city, latitude, longitude
    from location order by no`;
}

/** What a channel may know of a SKU. */
export type Promisable = {
  sku: string;
  channel: string;
  skuNo: number;
  /** Pieces left on every shelf. */
  buffer: number;
  /** False: the SKU is exclusive to other channels. */
  sold: boolean;
  /** [location number, available] where there is some; only at the location asked for, if one was. */
  shelves: [number, number][];
};

/** Reads SKUs for channels, each with its shelves, or the one shelf at `locationNo`. Unknown SKUs are missing. */
export async function readPromisable(
  sql: Sql,
  wanted: readonly { sku: string; channel: string; locationNo: number | null }[],
): Promise<Promisable[]> {
  // Shelves come as the text of an array, which is the cheapest to make and to read: there are dozens for each SKU.
  const rows = await sql<(Omit<Promisable, 'shelves'> & { shelves: string | null })[]>`
    select w.sku, w.channel, k.no as "skuNo",
      coalesce((select qty from stock_buffer b where b.channel = w.channel and b.category in (k.category, '*')
        order by b.category = '*' limit 1), 0) as buffer,
      k.exclusive_channels = '{}' or w.channel = any(k.exclusive_channels) as sold,
      case when w.location_no is null
        then (select array_agg(s.location_no * ${SHELF}::bigint + (s.on_hand - s.reserved))::text from stock s
          where s.sku_no = k.no and s.on_hand - s.reserved > 0)
        else (select (array[s.location_no * ${SHELF}::bigint + (s.on_hand - s.reserved)])::text from stock s
          where s.sku_no = k.no and s.location_no = w.location_no and s.on_hand - s.reserved > 0)
      end as shelves
    from unnest(
      ${column(wanted, ({ sku }) => sku)}::text[], ${column(wanted, ({ channel }) => channel)}::text[],
      ${column(wanted, ({ locationNo }) => locationNo)}::int[]) as w (sku, channel, location_no)
    join sku k on k.code = w.sku`;
  return rows.map((row) => ({ ...row, shelves: shelvesOf(row.shelves) }));
}

/** A shelf in one number: the location's, times this, plus the pieces. Exact up to two million locations. */
const SHELF = 2 ** 32;

function shelvesOf(text: string | null): [locationNo: number, pieces: number][] {
  if (text === null) return [];
  return text
    .slice(1, -1)
    .split(',')
    .map((packed) => [Math.floor(Number(packed) / SHELF), Number(packed) % SHELF]);
}

export type KnownReference = {
  reference: string;
  /** The order is placed already. */
  placed: boolean;
  /** What was last reserved for it; null: nothing ever. */
  last: {
    id: string;
    state: ReservationState;
    requestHash: string;
    /** Its time is up, and it holds until that is noticed. */
    overdue: boolean;
  } | null;
};

/** What is known of references; those of which nobody has heard are missing. */
export function readReferences(sql: Sql, references: readonly string[]): Promise<KnownReference[]> {
  return sql<KnownReference[]>`
    select w.reference, o.order_id is not null as placed,
      case when r.id is not null then json_build_object('id', r.id, 'state', r.state, 'requestHash', r.request_hash,
        'overdue', coalesce(r.holds and r.expires_at <= now(), false)) end as last
    from unnest(${column(references, (reference) => reference)}::text[]) as w (reference)
    left join orders o on o.order_id = w.reference and o.placed_at is not null
    left join lateral (
      select * from reservation r where r.reference = w.reference order by r.holds desc, r.id desc limit 1) r on true
    where o.order_id is not null or r.id is not null`;
}

export type ReservationRow = {
  id: string;
  reference: string;
  channel: string;
  state: ReservationState;
  holds: boolean;
  lines: { sku: string; location: string; qty: number }[];
  /** The locations of the lines; not told. */
  locationNos: number[];
  createdAt: Date;
  createdBy: string;
  expiresAt: Date | null;
  fulfilledAt: Date | null;
  endedAt: Date | null;
};

const columns = (sql: Sql) => sql`
  r.id, r.reference, r.channel, r.state, r.holds, r.line_location as "locationNos", r.created_at as "createdAt",
  r.created_by as "createdBy", r.expires_at as "expiresAt", r.fulfilled_at as "fulfilledAt", r.ended_at as "endedAt",
  (select json_agg(json_build_object('sku', k.code, 'location', l.code, 'qty', n.qty) order by n.place)
    from unnest(r.line_sku, r.line_location, r.line_qty) with ordinality as n (sku_no, location_no, qty, place)
    join sku k on k.no = n.sku_no join location l on l.no = n.location_no) as lines`;

export async function findReservations(sql: Sql, ids: readonly string[]): Promise<ReservationRow[]> {
  if (ids.length === 0) return [];
  return sql<ReservationRow[]>`
    select ${columns(sql)} from reservation r where r.id = any(${ids as string[]}::uuid[])`;
}

/** Newest first. `locationNos` null: everywhere; else those with a line at one of these. */
export function listReservations(
  sql: Sql,
  {
    reference,
    state,
    locationNos,
    before,
    limit,
  }: {
    reference?: string | undefined;
    state?: ReservationState | undefined;
    locationNos: number[] | null;
    before: string | null;
    limit: number;
  },
): Promise<ReservationRow[]> {
  return sql<ReservationRow[]>`
    select ${columns(sql)} from reservation r
    where true
      ${reference === undefined ? sql`` : sql`and r.reference = ${reference}`}
      ${state === undefined ? sql`` : sql`and r.state = ${state}`}
      ${locationNos === null ? sql`` : sql`and r.line_location && ${locationNos}::int[]`}
      ${before === null ? sql`` : sql`and r.id < ${before}::uuid`}
    order by r.id desc limit ${limit}`;
}
