/** Events that did not fit: listed, mended and replayed, or discarded. */
import type { Sql } from '../platform/database.ts';

export const rejectedStates = ['open', 'replayed', 'discarded'] as const;
export type RejectedState = (typeof rejectedStates)[number];

export type RejectedEvent = {
  no: number;
  receivedAt: Date;
  source: string | null;
  eventId: string | null;
  type: string | null;
  /** Error code, and the field it is about. */
  code: string;
  field: string | null;
  detail: string;
  /** The event as it came: JSON text, or whatever it was. */
  body: string;
  state: RejectedState;
  settledAt: Date | null;
  settledBy: string | null;
};

const columns = (sql: Sql) => sql`
  no, received_at as "receivedAt", source, event_id as "eventId", type, code, field, detail, body, state,
  settled_at as "settledAt", settled_by as "settledBy"`;

/** Newest first. */
export async function listRejected(
  sql: Sql,
  {
    state,
    source,
    before,
    limit,
  }: {
    state?: RejectedState | undefined;
    source?: string | undefined;
    before: number | null;
    limit: number;
  },
): Promise<RejectedEvent[]> {
  return sql<RejectedEvent[]>`
    select ${columns(sql)} from rejected_event
    where true
      ${state === undefined ? sql`` : sql`and state = ${state}`}
      ${source === undefined ? sql`` : sql`and source = ${source}`}
      ${before === null ? sql`` : sql`and no < ${before}`}
    order by no desc limit ${limit}`;
}

export async function findRejected(sql: Sql, no: number): Promise<RejectedEvent | null> {
  const [row] = await sql<RejectedEvent[]>`select ${columns(sql)} from rejected_event where no = ${no}`;
  return row ?? null;
}

/** Settles an open event. Null when it is not open any more: someone else was faster. */
export async function settleRejected(
  sql: Sql,
  no: number,
  { state, by }: { state: 'replayed' | 'discarded'; by: string },
): Promise<RejectedEvent | null> {
  const [row] = await sql<RejectedEvent[]>`
    update rejected_event set state = ${state}, settled_at = now(), settled_by = ${by}
    where no = ${no} and state = 'open'
    returning ${columns(sql)}`;
  return row ?? null;
}

export type SourceRow = {
  name: string;
  firstSeenAt: Date;
  lastReceivedAt: Date | null;
  /** Newest fact time: how far behind the source reports. */
  lastEventAt: Date | null;
  accepted: number;
  duplicates: number;
  rejected: number;
  openRejections: number;
};

/** Who sends facts, by name. */
export async function listSources(
  sql: Sql,
  { after, limit }: { after: string | null; limit: number },
): Promise<SourceRow[]> {
  return sql<SourceRow[]>`
    select s.name, s.first_seen_at as "firstSeenAt", s.last_received_at as "lastReceivedAt",
      s.last_event_at as "lastEventAt", s.accepted, s.duplicates, s.rejected,
      (select count(*) from rejected_event r where r.state = 'open' and r.source = s.name) as "openRejections"
    from source s
    where ${after === null ? sql`true` : sql`s.name > ${after}`}
    order by s.name limit ${limit}`;
}
