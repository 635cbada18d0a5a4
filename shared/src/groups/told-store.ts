/** What facts tell of groups and bargains: taken from ledger transactions, kept by what they name, and folded. */
import type { BargainFlag, GroupFlag } from '../contract/words.ts';
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import type { ToldBargain, ToldFact, ToldGroup } from './told.ts';

const iso = (ms: number | null | undefined) => (ms == null ? null : new Date(ms).toISOString());

/** Ledger seqs of facts about groups and bargains, and ids of orders that name one. */
export type GroupTouch = { factSeqs: readonly number[]; orderIds: readonly string[] };

/** In the ledger's transaction: one row, without a key on anything that others wait for. */
export async function touchGroups(sql: Sql, { factSeqs, orderIds }: GroupTouch): Promise<void> {
  if (factSeqs.length === 0 && orderIds.length === 0) return;
  await sql`
    insert into group_touch (fact_seqs, order_ids)
    values (${column(factSeqs, (seq) => seq)}::bigint[], ${column(orderIds, (id) => id)}::text[])`;
}

/**
 * Has groups or bargains of ours looked at again, after a command changed them: for what was told of them before it, and for orders that
 * name them (of groups those that no seat had a use for).
 */
export async function lookAgain(sql: Sql, kind: ToldRef['kind'], ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const list = sql`${column(ids, (id) => id)}::text[]`;
  const orders =
    kind === 'group'
      ? sql`o.group_id = any(${list}) and not exists (select from group_seat s where s.order_id = o.order_id)`
      : sql`o.bargain_id = any(${list})`;
  await sql`
    insert into group_touch (fact_seqs, order_ids)
    select facts, orders from (select
      array(select seq from group_told where kind = ${kind} and ref = any(${list})) as facts,
      array(select order_id from orders o where ${orders}) as orders) w
    where facts <> '{}' or orders <> '{}'`;
}

/** Takes the oldest touches, so many at most; null where another worker is at it. */
export async function takeGroupTouches(
  sql: Sql,
  most: number,
): Promise<{ factSeqs: number[]; orderIds: string[]; nos: number[] } | null> {
  const [lock] = await sql<
    { mine: boolean }[]
  >`select pg_try_advisory_xact_lock(hashtext('groups.fold')) as mine`;
  if (!lock!.mine) return null;
  const rows = await sql<{ no: number; factSeqs: number[]; orderIds: string[] }[]>`
    delete from group_touch where no in (select no from group_touch where error is null order by no limit ${most})
    returning no, fact_seqs as "factSeqs", order_ids as "orderIds"`;
  return {
    factSeqs: rows.flatMap((row) => row.factSeqs.map(Number)),
    orderIds: [...new Set(rows.flatMap((row) => row.orderIds))],
    nos: rows.map(({ no }) => no),
  };
}

/**
 * A touch that the database cannot hold, alone: one of several facts and orders is cut into one touch for each, so that the next looks
 * find the culprit; one of a single fact is set aside with what is wrong. Answers whether it was.
 */
export async function setAside(sql: Sql, no: number, error: string): Promise<boolean> {
  const { count } = await sql`
    with cut as (
      delete from group_touch where no = ${no} and cardinality(fact_seqs) + cardinality(order_ids) > 1
      returning fact_seqs, order_ids, at
    )
    insert into group_touch (fact_seqs, order_ids, at)
    select array[seq], '{}'::text[], at from cut, unnest(fact_seqs) as seq
    union all select '{}', array[id], at from cut, unnest(order_ids) as id`;
  if (count > 0) return false;
  const aside = await sql`update group_touch set error = ${error} where no = ${no} and error is null`;
  return aside.count === 1;
}

export type ToldRef = { kind: 'group' | 'bargain'; ref: string };

/** Keeps facts of the ledger by what they name. Answers that. Also when it was kept before. */
export async function keepTold(sql: Sql, seqs: readonly number[]): Promise<ToldRef[]> {
  if (seqs.length === 0) return [];
  const list = sql`${column(seqs, (seq) => seq)}::bigint[]`;
  // The ledger keeps what it does not know: each field is read only where its type has it, and only as what it must be.
  await sql`
    insert into group_told (seq, kind, ref, key, at, step, campaign_ref, member_id, order_id, cut, size)
    select l.seq, t.kind, l.data->>(t.kind || 'Id'),
      to_char(l.time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || ' ' || s.name || ' ' || l.id, l.time, t.step,
      l.data->>'campaignId', l.data->>'memberId', case when t.kind = 'group' then l.data->>'orderId' end,
      case when t.kind = 'bargain' and l.data->>'cut' ~ '^[0-9]{1,15}$' then (l.data->>'cut')::bigint end,
      case when l.type = 'group.opened' and l.data->>'size' ~ '^([2-9]|[1-9][0-9]|100)$' then (l.data->>'size')::int end
    from ledger l join source s on s.no = l.source_no
    cross join lateral (select split_part(l.type, '.', 1) as kind, split_part(l.type, '.', 2) as step) t
    where l.seq = any(${list})
      and l.type in ('group.opened', 'group.joined', 'group.left', 'bargain.opened', 'bargain.helped')
    on conflict (seq) do nothing`;
  return sql<ToldRef[]>`select distinct kind, ref from group_told where seq = any(${list})`;
}

/** The groups and bargains that orders name. */
export const refsOfOrders = (sql: Sql, orderIds: readonly string[]) =>
  sql<ToldRef[]>`
    select distinct r.kind, r.ref from unnest(${column(orderIds, (id) => id)}::text[]) as w (order_id) join orders o using (order_id)
    cross join lateral (values ('group', o.group_id), ('bargain', o.bargain_id)) as r (kind, ref) where r.ref is not null`;

/** Open groups and bargains of others whose time is up, by the clock alone. */
export const dueTold = (sql: Sql, now: Date, most: number) =>
  sql<ToldRef[]>`
    select 'group' as kind, id as ref from group_buy where state = 'open' and source = 'theirs' and expires_at <= ${now}
    union all select 'bargain', id from bargain where state = 'open' and source = 'theirs' and expires_at <= ${now}
    limit ${most}`;

export type ToldAbout = {
  ref: string;
  campaignRef: string | null;
  campaignNo: number | null;
  template: unknown;
  facts: ToldFact[];
};

/** All that is told of these, with the campaign of ours that their facts name, if one does. The first fact says which. */
export async function readTold(
  sql: Sql,
  kind: ToldRef['kind'],
  refs: readonly string[],
): Promise<ToldAbout[]> {
  const rows = await sql<(Omit<ToldAbout, 'facts'> & { facts: (Omit<ToldFact, 'at'> & { at: string })[] })[]>`
    select t.ref, t.campaign_ref as "campaignRef", c.no as "campaignNo", c.template, t.facts
    from (
      select t.ref, (array_agg(t.campaign_ref order by t.at, t.key collate "C"))[1] as campaign_ref,
        json_agg(json_build_object('key', t.key, 'at', t.at, 'step', t.step, 'member', t.member_id, 'orderId', t.order_id, 'cut', t.cut, 'size', t.size)
          order by t.seq) as facts
      from unnest(${column(refs, (ref) => ref)}::text[]) as w (ref) join group_told t on t.kind = ${kind} and t.ref = w.ref
      group by t.ref) t
    left join campaign c on c.id::text = t.campaign_ref and c.kind = ${kind} and c.state <> 'draft'
    order by t.ref`;
  return rows.map((row) => ({
    ...row,
    facts: row.facts.map((fact) => ({ ...fact, at: Date.parse(fact.at) })),
  }));
}

/** Groups of ours among these, locked: their numbers and sizes, and who is in by id. */
export async function lockOurs(sql: Sql, ids: readonly string[]) {
  const rows = await sql<{ no: number; id: string; size: number }[]>`
    select no, id, size from group_buy where source = 'ours' and id = any(${column(ids, (id) => id)}::text[]) order by no for update`;
  if (rows.length === 0) return [];
  const seats = await sql<{ no: number; members: string[] }[]>`
    select s.group_no as no, array_agg(m.id) as members from group_seat s join member m on m.no = s.member_no
    where s.group_no = any(${column(rows, ({ no }) => no)}::bigint[]) and s.left_at is null group by 1`;
  const members = new Map(seats.map((row) => [row.no, row.members]));
  return rows.map((row) => ({ ...row, members: new Set(members.get(row.no)) }));
}

/** Writes what is told of groups of ours beside what we decided. Answers how many that changed. */
export async function flagOurs(
  sql: Sql,
  rows: readonly { no: number; flags: readonly GroupFlag[] }[],
): Promise<number> {
  if (rows.length === 0) return 0;
  const { count } = await sql`
    update group_buy g set flags = array(select json_array_elements_text(w.flags))
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as w (no bigint, flags json)
    where g.no = w.no and g.flags is distinct from array(select json_array_elements_text(w.flags))`;
  return count;
}

export type TheirGroup = { about: ToldAbout; told: ToldGroup };

/** Writes groups of others as they are told now, whole. */
export async function writeTheirs(sql: Sql, groups: readonly TheirGroup[]): Promise<void> {
  if (groups.length === 0) return;
  await introduce(
    sql,
    groups.flatMap(({ told }) => told.everyone.map(({ member }) => member)),
  );
  const document = groups.map(({ about: { ref, campaignNo, campaignRef }, told }) => ({
    id: ref,
    campaign_no: campaignNo,
    campaign_ref: campaignRef,
    state: told.state,
    because: told.because,
    size: told.size,
    members: told.seats.length,
    leader: told.seats[0]?.member ?? null,
    next_position: told.nextPosition,
    opened_at: iso(told.openedAt),
    expires_at: iso(told.expiresAt),
    formed_at: told.state === 'formed' ? iso(told.at) : null,
    ended_at: told.state === 'expired' ? iso(told.at) : null,
    flags: told.flags,
  }));
  const seats = groups.flatMap(({ about, told }) =>
    told.everyone.map(({ position, member, joinedAt, leftAt, orderId }) => ({
      id: about.ref,
      position,
      member,
      joined_at: iso(joinedAt),
      left_at: iso(leftAt),
      order_id: orderId,
    })),
  );
  await sql`
    insert into group_buy as g (id, source, campaign_no, campaign_ref, state, because, size, members, leader_no, next_position, opened_at,
      expires_at, formed_at, ended_at, flags)
    select d.id, 'theirs', campaign_no, campaign_ref, state, because, size, members, m.no, next_position, opened_at, expires_at, formed_at,
      ended_at, array(select json_array_elements_text(d.flags))
    from json_to_recordset(${JSON.stringify(document)}::text::json) as d (id text, campaign_no int, campaign_ref text, state text,
      because text, size int, members int, leader text, next_position int, opened_at timestamptz, expires_at timestamptz,
      formed_at timestamptz, ended_at timestamptz, flags json)
    left join member m on m.id = d.leader
    order by d.id collate "C"
    on conflict (id) do update set campaign_no = excluded.campaign_no, campaign_ref = excluded.campaign_ref, state = excluded.state,
      because = excluded.because, size = excluded.size, members = excluded.members, leader_no = excluded.leader_no,
      next_position = excluded.next_position, opened_at = excluded.opened_at, expires_at = excluded.expires_at,
      formed_at = excluded.formed_at, ended_at = excluded.ended_at, flags = excluded.flags
    where g.source = 'theirs'`;
  const ids = sql`${column(groups, ({ about }) => about.ref)}::text[]`;
  await sql`
    delete from group_seat s using group_buy g where g.id = any(${ids}) and g.source = 'theirs' and s.group_no = g.no`;
  await sql`
    insert into group_seat (group_no, position, member_no, joined_at, left_at, campaign_no, order_id)
    select g.no, d.position, m.no, d.joined_at, d.left_at, g.campaign_no, coalesce(d.order_id, (
      select o.order_id from orders o where o.group_id = d.id and o.member_id = d.member and o.placed_at is not null
      order by o.placed_at, o.order_id limit 1))
    from json_to_recordset(${JSON.stringify(seats)}::text::json) as d (id text, position int, member text, joined_at timestamptz,
      left_at timestamptz, order_id text)
    join group_buy g on g.id = d.id and g.source = 'theirs' join member m on m.id = d.member`;
}

async function introduce(sql: Sql, ids: readonly string[]): Promise<void> {
  await sql`
    insert into member (id) select id from unnest(${column([...new Set(ids)].sort(), (id) => id)}::text[]) as w (id)
    where not exists (select from member m where m.id = w.id)
    on conflict do nothing`;
}

/** Bargains of ours among these, locked, with who helped by id. */
export async function lockOurBargains(sql: Sql, ids: readonly string[]) {
  const rows = await sql<{ no: number; id: string }[]>`
    select no, id from bargain where source = 'ours' and id = any(${column(ids, (id) => id)}::text[]) order by no for update`;
  if (rows.length === 0) return [];
  const helps = await sql<{ no: number; members: string[]; cuts: (number | null)[] }[]>`
    select h.bargain_no as no, array_agg(m.id order by h.nth) as members, array_agg(h.cut order by h.nth)::float8[] as cuts
    from bargain_help h join member m on m.no = h.member_no
    where h.bargain_no = any(${column(rows, ({ no }) => no)}::bigint[]) group by 1`;
  const helpers = new Map(
    helps.map(({ no, members, cuts }) => [no, new Map(members.map((member, i) => [member, cuts[i]!]))]),
  );
  return rows.map((row) => ({ ...row, helpers: helpers.get(row.no) ?? new Map<string, number | null>() }));
}

/**
 * What is odd about the orders that name bargains of ours: one that the bargain was not bought with, or that costs something else than it
 * was bought for. With other goods in it an order may cost more.
 */
export async function readOrderFlags(sql: Sql, nos: readonly number[]): Promise<Map<number, BargainFlag[]>> {
  const rows = await sql<{ no: number; unbought: boolean; price: boolean }[]>`
    select b.no, bool_or(b.order_id is distinct from o.order_id) as unbought,
      coalesce(bool_or(b.order_id = o.order_id and (o.total < b.bought_price or o.total > b.bought_price
        and (select sum(qty) from unnest(o.line_qty) as qty) <= (select sum((g->>'qty')::int) from jsonb_array_elements(c.template->'goods') g)
      )), false) as price
    from bargain b join campaign c on c.no = b.campaign_no
    join orders o on o.bargain_id = b.id and o.placed_at is not null and o.cancelled_at is null
    where b.no = any(${column(nos, (no) => no)}::bigint[]) group by b.no`;
  return new Map(
    rows.map(({ no, unbought, price }) => [
      no,
      [...(price ? (['order_price'] as const) : []), ...(unbought ? (['order_unbought'] as const) : [])],
    ]),
  );
}

/** Gives bargains of ours the order that names them. Answers under which references pieces are still held for them. */
export async function linkBargainOrders(sql: Sql, nos: readonly number[]): Promise<string[]> {
  if (nos.length === 0) return [];
  const rows = await sql<{ held: string | null }[]>`
    update bargain b set order_id = o.order_id, held = null
    from (
      select distinct on (b.no) b.no, o.order_id from bargain b
      join orders o on (o.bargain_id = b.id or o.order_id = b.order_id) and o.placed_at is not null
      where b.no = any(${column(nos, (no) => no)}::bigint[]) and b.state = 'bought'
      order by b.no, o.order_id = b.order_id desc nulls last, o.placed_at, o.order_id) o
    where b.no = o.no
    returning old.held`;
  return rows.flatMap(({ held }) => held ?? []);
}

export async function flagOurBargains(
  sql: Sql,
  rows: readonly { no: number; flags: readonly BargainFlag[] }[],
): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    update bargain b set flags = array(select json_array_elements_text(w.flags))
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as w (no bigint, flags json)
    where b.no = w.no and b.flags is distinct from array(select json_array_elements_text(w.flags))`;
}

export type TheirBargain = {
  about: ToldAbout;
  told: ToldBargain;
  terms: { startPrice: number; floorPrice: number; helpers: number } | null;
};

/** Writes bargains of others as they are told now, whole. Bought is what an order names. */
export async function writeTheirBargains(sql: Sql, rows: readonly TheirBargain[]): Promise<void> {
  if (rows.length === 0) return;
  await introduce(
    sql,
    rows.flatMap(({ told }) => [
      ...told.helps.map(({ member }) => member),
      ...(told.member === null ? [] : [told.member]),
    ]),
  );
  const document = rows.map(({ about, told, terms }) => ({
    id: about.ref,
    campaign_no: about.campaignNo,
    campaign_ref: about.campaignRef,
    member: told.member,
    state: told.state,
    start_price: terms?.startPrice ?? null,
    floor_price: terms?.floorPrice ?? null,
    price: told.price,
    helpers: terms?.helpers ?? null,
    helps: told.helps.length,
    cut: told.cut,
    opened_at: iso(told.openedAt),
    expires_at: iso(told.expiresAt),
    flags: told.flags,
  }));
  const helps = rows.flatMap(({ about, told }) =>
    told.helps.map(({ member, cut, at }, i) => ({ id: about.ref, nth: i + 1, member, cut, at: iso(at) })),
  );
  await sql`
    insert into bargain as b (id, source, campaign_no, campaign_ref, member_no, state, start_price, floor_price, price, helpers, helps, cut,
      opened_at, expires_at, bought_at, bought_price, order_id, ended_at, flags)
    select d.id, 'theirs', campaign_no, campaign_ref, m.no, case when o.order_id is not null then 'bought' else d.state end, start_price,
      floor_price, price, helpers, helps, cut, opened_at, expires_at, o.placed_at, o.total, o.order_id,
      case when o.order_id is null and d.state = 'expired' then expires_at end, array(select json_array_elements_text(d.flags))
    from json_to_recordset(${JSON.stringify(document)}::text::json) as d (id text, campaign_no int, campaign_ref text, member text,
      state text, start_price bigint, floor_price bigint, price bigint, helpers int, helps int, cut bigint, opened_at timestamptz,
      expires_at timestamptz, flags json)
    left join member m on m.id = d.member
    left join lateral (select o.order_id, o.placed_at, o.total from orders o where o.bargain_id = d.id and o.placed_at is not null
      order by o.placed_at, o.order_id limit 1) o on true
    order by d.id collate "C"
    on conflict (id) do update set campaign_no = excluded.campaign_no, campaign_ref = excluded.campaign_ref, member_no = excluded.member_no,
      state = excluded.state, start_price = excluded.start_price, floor_price = excluded.floor_price, price = excluded.price,
      helpers = excluded.helpers, helps = excluded.helps, cut = excluded.cut, opened_at = excluded.opened_at,
      expires_at = excluded.expires_at, bought_at = excluded.bought_at, bought_price = excluded.bought_price,
      order_id = excluded.order_id, ended_at = excluded.ended_at, flags = excluded.flags
    where b.source = 'theirs'`;
  await sql`
    delete from bargain_help h using bargain b
    where b.id = any(${column(rows, ({ about }) => about.ref)}::text[]) and b.source = 'theirs' and h.bargain_no = b.no`;
  await sql`
    insert into bargain_help (bargain_no, nth, member_no, cut, at)
    select b.no, d.nth, m.no, d.cut, d.at
    from json_to_recordset(${JSON.stringify(helps)}::text::json) as d (id text, nth int, member text, cut bigint, at timestamptz)
    join bargain b on b.id = d.id and b.source = 'theirs' join member m on m.id = d.member`;
}
