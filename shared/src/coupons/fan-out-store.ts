/**
 * Coupons for a whole audience, range by range. A range, its coupons, what they cost and the messages about them are committed
 * together: whatever crashes, a member has one coupon or none, and one is told of. See campaign-store.ts for the order of locks.
 */
import type { Sql } from '../platform/database.ts';
import type { Fragment } from './audience-store.ts';

/** Members in one transaction: a quarter of a second at most, also on a slow machine. */
export const CHUNK_MEMBERS = 5_000;

/**
 * Cuts an audience into ranges of member numbers with CHUNK_MEMBERS each, once. Where some are held out of it (null: nobody), notes them
 * and those who are not: afterwards the two could not be told anew, since whom a rule still fits depends on what they do meanwhile.
 * Answers how many members it has, or null where it was cut before.
 */
export async function planFanOut(
  sql: Sql,
  campaignNo: number,
  where: Fragment,
  held: { where: Fragment } | null,
): Promise<number | null> {
  // Two that plan at once: the second one waits here, and finds it done.
  const first =
    await sql`update campaign set planned_at = now() where no = ${campaignNo} and planned_at is null`;
  if (first.count === 0) return null;
  const [{ targeted }] = await sql<[{ targeted: number }]>`
    with cut as materialized (
      select chunk, min(no) as "from", max(no) as "to", count(*) as members,
        ${held === null ? sql`null::int[]` : sql`array_agg(no order by no)`} as nos from (
        select m.no, (row_number() over (order by m.no) - 1) / ${CHUNK_MEMBERS}::int as chunk from member m where ${where}) part
      group by chunk
    ), noted as (
      insert into campaign_given (campaign_no, part, member_nos)
      select ${campaignNo}, chunk, nos from cut where nos is not null order by chunk
    ), made as (
      insert into fan_out_chunk (campaign_no, chunk, from_member, to_member, members)
      select ${campaignNo}, chunk, "from", "to", members from cut order by chunk returning members
    )
    select coalesce(sum(members), 0)::int as targeted from made`;
  await sql`update campaign set targeted = ${targeted} where no = ${campaignNo}`;
  if (held !== null) await noteHeld(sql, campaignNo, held.where);
  return targeted;
}

async function noteHeld(sql: Sql, campaignNo: number, where: Fragment): Promise<void> {
  await sql`
    insert into campaign_holdout (campaign_no, part, member_nos)
    select ${campaignNo}, part, array_agg(no order by no) from (
      select m.no, (row_number() over (order by m.no) - 1) / ${CHUNK_MEMBERS}::int as part from member m where ${where}) h
    group by part`;
}

/**
 * Notes whom a campaign is for and who is held out of it, of one to which members come by themselves: all whom it is for are compared,
 * whether they came or not, since nobody knows who of those held out would have.
 */
export async function noteSides(
  sql: Sql,
  campaignNo: number,
  given: Fragment,
  held: Fragment,
): Promise<void> {
  await sql`
    insert into campaign_given (campaign_no, part, member_nos)
    select ${campaignNo}, part, array_agg(no order by no) from (
      select m.no, (row_number() over (order by m.no) - 1) / ${CHUNK_MEMBERS}::int as part from member m where ${given}) g
    group by part`;
  await noteHeld(sql, campaignNo, held);
}

export type Chunk = { chunk: number; from: number; to: number; putOff: number };

/** Takes the next range that nobody works on and that is not put off, until the transaction ends. */
export async function claimChunk(sql: Sql, campaignId: string, now: Date): Promise<Chunk | null> {
  const [row] = await sql<Chunk[]>`
    select chunk, from_member as "from", to_member as "to", put_off as "putOff" from fan_out_chunk
    where campaign_no = (select no from campaign where id = ${campaignId}) and state = 'waiting'
      and (not_before is null or not_before <= ${now})
    order by chunk limit 1 for update skip locked`;
  return row ?? null;
}

export type Issue = {
  campaignNo: number;
  validFrom: Date;
  validTo: Date;
};

/** Members that one message to a gateway is about, at most. */
const MESSAGE_MEMBERS = 1_000;

/** What became of a range: members of the audience in it, coupons issued, when, and who got them, cut for messages. */
export type Issued = {
  targeted: number;
  had: number;
  issued: number;
  /** As Postgres writes it, to the microsecond. */
  at: string;
  parts: { from: number; to: number; issued: number }[];
};

/**
 * Gives each member of the range who is in the audience and has none their coupon; `room` at most (null: no limit), which may be less than
 * the range was cut for, or than fit by now. `fresh`: nobody is known to have one; fails with a unique violation where somebody has.
 * Looking for conflicts costs a third of the insert.
 */
export async function issueRange(
  sql: Sql,
  { campaignNo, validFrom, validTo }: Issue,
  { from, to }: Pick<Chunk, 'from' | 'to'>,
  where: Fragment,
  { room, fresh }: { room: number | null; fresh: boolean },
): Promise<Issued> {
  // Who has one must not take the room of another; it costs a look at each member's coupons. Nobody has one where the room is far and
  // the campaign fresh, or the insert fails.
  const far = room === null || (fresh && room >= CHUNK_MEMBERS);
  const without = far
    ? sql``
    : sql`where not exists (select from coupon c where c.campaign_no = ${campaignNo} and c.member_no = t.no)`;
  const limit = room === null ? sql`` : sql`limit ${room}`;
  const holders = sql`(select count(*) from target t join coupon c on c.campaign_no = ${campaignNo} and c.member_no = t.no and c.nth = 1)::int`;
  // Where there was room for all it is simply the rest.
  const had =
    room === null
      ? sql`null::int`
      : far
        ? sql`case when (select count(*) from target) > ${room} then ${holders} end`
        : holders;
  const [row] = await sql<[Omit<Issued, 'issued' | 'had'> & { had: number | null }]>`
    with target as materialized (
      select m.no from member m where m.no between ${from} and ${to} and ${where} order by m.no
    ), made as (
      insert into coupon (campaign_no, member_no, nth, valid_from, valid_to)
      select ${campaignNo}, t.no, 1, ${validFrom}, ${validTo} from (select no from target order by no) t ${without} ${limit}
      ${fresh ? sql`` : sql`on conflict do nothing`} returning member_no
    ), part as (
      select member_no, (row_number() over (order by member_no) - 1) / ${MESSAGE_MEMBERS}::int as part from made
    ), bound as (
      select min(member_no) as "from", max(member_no) as "to", count(*)::int as issued from part group by part
    )
    select (select count(*) from target)::int as targeted, now()::text as at, ${had} as had, coalesce(jsonb_agg(to_jsonb(bound) order by "from"), '[]') as parts
    from bound`;
  const issued = row.parts.reduce((sum, part) => sum + part.issued, 0);
  return { ...row, issued, had: row.had ?? row.targeted - issued };
}

export async function finishChunk(
  sql: Sql,
  campaignNo: number,
  chunk: number,
  done: { issued: number; had: number; failed: number; ms: number },
): Promise<void> {
  await sql`
    update fan_out_chunk set state = 'done', issued = ${done.issued}, had = ${done.had}, failed = ${done.failed},
      ms = ${done.ms}, done_at = clock_timestamp(), error = null
    where campaign_no = ${campaignNo} and chunk = ${chunk}`;
}

const MOST_TRIES = 5;

/** Notes that a range could not be done; after some tries it is given up, and its members have failed. */
export async function noteFailure(sql: Sql, campaignNo: number, chunk: number, error: string): Promise<void> {
  await sql`
    with tried as (
      update fan_out_chunk set tries = tries + 1, error = ${error.slice(0, 300)},
        state = case when tries + 1 >= ${MOST_TRIES} then 'failed' else state end,
        failed = case when tries + 1 >= ${MOST_TRIES} then members else 0 end
      where campaign_no = ${campaignNo} and chunk = ${chunk} and state = 'waiting'
      returning failed
    )
    update campaign set failed = campaign.failed + tried.failed from tried where no = ${campaignNo} and tried.failed > 0`;
}

/** Leaves a range alone until then: what stood in its way passes, so it is no try. */
export async function putOffChunk(
  sql: Sql,
  campaignNo: number,
  chunk: number,
  { until, error }: { until: Date; error: string },
): Promise<void> {
  await sql`
    update fan_out_chunk set put_off = put_off + 1, not_before = ${until}, error = ${error.slice(0, 300)}
    where campaign_no = ${campaignNo} and chunk = ${chunk} and state = 'waiting'`;
}

/** What is done again: ranges that were given up, and the members in them. */
export type Retried = { ranges: number; members: number };

/**
 * Has the ranges that were given up done again, as if they had never been tried. Null where the campaign neither runs nor is paused: then
 * roll back.
 */
export async function retryChunks(sql: Sql, campaignNo: number): Promise<Retried | null> {
  const [row] = await sql<Retried[]>`
    with again as (
      update fan_out_chunk set state = 'waiting', tries = 0, failed = 0, put_off = 0, not_before = null, error = null
      where campaign_no = ${campaignNo} and state = 'failed' returning old.failed
    ), added as (
      select count(*)::int as ranges, coalesce(sum(failed), 0)::int as members from again
    )
    update campaign set failed = failed - added.members from added
    where no = ${campaignNo} and state in ('running', 'paused') returning added.ranges, added.members`;
  return row ?? null;
}

export type Progress = {
  chunks: number;
  done: number;
  failed: number;
  /** Members of the audience that were looked at. */
  seen: number;
  had: number;
  /** Coupons a second over the last ranges; null before there are any. */
  perSecond: number | null;
  error: string | null;
};

/** How far a fan-out is. */
export async function readProgress(sql: Sql, campaignNo: number): Promise<Progress | null> {
  const [row] = await sql<(Progress & { lately: number; since: number | null })[]>`
    select count(*)::int as chunks, count(*) filter (where state = 'done')::int as done,
      count(*) filter (where state = 'failed')::int as failed, coalesce(sum(issued + had + failed), 0)::int as seen,
      coalesce(sum(had), 0)::int as had,
      (coalesce(sum(issued + had) filter (where done_at > clock_timestamp() - interval '5 seconds'), 0))::int as lately,
      extract(epoch from clock_timestamp() - min(done_at - ms * interval '1 millisecond')
        filter (where done_at > clock_timestamp() - interval '5 seconds'))::float8 as since,
      max(error) filter (where state <> 'done') as error
    from fan_out_chunk where campaign_no = ${campaignNo}`;
  if (!row || row.chunks === 0) return null;
  const { lately, since, ...progress } = row;
  return { ...progress, perSecond: since === null ? null : Math.round(lately / Math.max(since, 0.05)) };
}

/** Running fan-outs with ranges to do now, of which none was done in the last seconds: nobody works on them. */
export function idleFanOuts(sql: Sql): Promise<{ id: string }[]> {
  return sql<{ id: string }[]>`
    select c.id from campaign c
    where c.state = 'running' and c.kind = 'coupon' and c.give = 'push'
      and (c.planned_at is null or exists (select from fan_out_chunk f
        where f.campaign_no = c.no and f.state = 'waiting' and (f.not_before is null or f.not_before <= now())))
      and not exists (select from fan_out_chunk f where f.campaign_no = c.no and f.done_at > now() - interval '2 seconds')`;
}
