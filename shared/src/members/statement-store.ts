/** Reads and writes what is said of members: by facts, by commands, and that it is to be forgotten. */
import type { FactData } from '../contract/events.ts';
import type { VisitAct } from '../contract/words.ts';
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import { touchMembers } from './touch-store.ts';
import { foldStatement, knownMember, type Said, type Statement } from './member.ts';

/** A member whose row is locked by this transaction. */
export type LockedMember = { no: number; id: string; forgotten: boolean };

/** A fact of the ledger about a member. `at` in epoch ms. */
export type MemberFact = { seq: number; at: number; memberId: string } & (
  | { type: 'member.updated'; statement: Statement }
  | {
      type: 'member.visited';
      sku: string | null;
      location: string | null;
      channel: string | null;
      act: VisitAct;
    }
);

type LedgerRow = {
  seq: number;
  type: 'member.updated' | 'member.visited';
  time: Date;
  source: string;
  id: string;
  data: Record<string, unknown> & { memberId: string };
};

/** The facts of these ledger numbers, as they were checked when they were taken in. */
export async function readMemberFacts(sql: Sql, seqs: readonly number[]): Promise<MemberFact[]> {
  if (seqs.length === 0) return [];
  const rows = await sql<LedgerRow[]>`
    select l.seq, l.type, l.time, s.name as source, l.id, l.data
    from ledger l join source s on s.no = l.source_no
    where l.seq = any(${column(seqs, (seq) => seq)}::bigint[]) and l.type in ('member.updated', 'member.visited')
    order by l.seq`;
  return rows.map(({ seq, type, time, source, id, data }): MemberFact => {
    const head = { seq, at: time.getTime(), memberId: data.memberId };
    if (type === 'member.visited') {
      const { sku, location, channel, act } = data as FactData<'member.visited'>;
      return {
        ...head,
        type,
        sku: sku ?? null,
        location: location ?? null,
        channel: channel ?? null,
        act: act ?? 'looked',
      };
    }
    const { name, phone, mail, level, birthday, joinedAt, tags, consents } = data as Partial<Statement>;
    const key = `${time.toISOString()} ${source} ${id}`;
    return {
      ...head,
      type,
      statement: { key, name, phone, mail, level, birthday, joinedAt, tags, consents },
    };
  });
}

/** Makes the members that nobody heard of before, and locks all of them, in the order of their numbers. */
export async function lockMembers(sql: Sql, ids: readonly string[]): Promise<LockedMember[]> {
  if (ids.length === 0) return [];
  const list = sql`${column([...ids].sort(), (id) => id)}::text[]`;
  await sql`insert into member (id)
    select id from unnest(${list}) as wanted (id) where not exists (select from member m where m.id = wanted.id)
    on conflict (id) do nothing`;
  return sql<LockedMember[]>`
    select no, id, forgotten_at is not null as forgotten from member where id = any(${list}) order by no for no key update`;
}

/**
 * Adds statements to members that are locked; those who wished to be forgotten keep nothing. Answers the numbers of the
 * members that they changed.
 */
export async function applyStatements(
  sql: Sql,
  members: readonly LockedMember[],
  statements: ReadonlyMap<string, readonly Statement[]>,
): Promise<number[]> {
  const told = members.filter(({ id, forgotten }) => !forgotten && statements.has(id));
  if (told.length === 0) return [];
  const rows = await sql<{ no: number; fields: Said }[]>`
    select member_no as no, fields from member_said where member_no = any(${column(told, (m) => m.no)}::int[])`;
  const known = new Map(rows.map(({ no, fields }) => [no, fields]));
  const changed = told.flatMap(({ no, id }) => {
    const before = known.get(no) ?? {};
    const said = statements.get(id)!.reduce(foldStatement, before);
    return JSON.stringify(said) === JSON.stringify(before) ? [] : [{ no, said }];
  });
  if (changed.length === 0) return [];
  await sql`
    insert into member_said (member_no, fields)
    select no, said from jsonb_to_recordset(${sql.json(changed as never)}) as r (no int, said jsonb)
    on conflict (member_no) do update set fields = excluded.fields`;
  const values = changed.map(({ no, said }) => ({ no, ...knownMember(said) }));
  await sql`
    update member m set name = n.name, phone = n.phone, mail = n.mail, level = n.level, birthday = n.birthday,
      joined_at = n."joinedAt", tags = n.tags, consents = n.consents
    from jsonb_to_recordset(${sql.json(values as never)}) as n (no int, name text, phone text, mail text, level text, birthday date,
      "joinedAt" timestamptz, tags text[], consents jsonb)
    where m.no = n.no`;
  return changed.map(({ no }) => no);
}

/** Books visits: when each member came last, and what they looked at or put into a basket. A look counts once, whoever tells of it how often. */
export async function applyVisits(
  sql: Sql,
  members: readonly LockedMember[],
  facts: readonly MemberFact[],
): Promise<void> {
  const nos = new Map(members.map(({ id, no }) => [id, no]));
  const visits = facts.flatMap((fact) => {
    const no = nos.get(fact.memberId);
    if (fact.type !== 'member.visited' || no === undefined) return [];
    const { seq, sku, location, channel, act } = fact;
    return [{ no, seq, sku, location, channel, act, at: new Date(fact.at).toISOString() }];
  });
  if (visits.length === 0) return;
  const rows = sql`jsonb_to_recordset(${sql.json(visits)})
    as v (no int, seq bigint, sku text, location text, channel text, act text, at timestamptz)`;
  await sql`
    update member m set last_visit_at = greatest(m.last_visit_at, v.at)
    from (select no, max(at) as at from ${rows} group by no) v
    where m.no = v.no and (m.last_visit_at is null or m.last_visit_at < v.at)`;
  await sql`
    insert into member_look (seq, member_no, sku_no, location_no, channel, act, at)
    select v.seq, v.no, s.no, l.no, v.channel, v.act, v.at
    from ${rows} join member m on m.no = v.no and m.forgotten_at is null
      left join sku s on s.code = v.sku left join location l on l.code = v.location
    order by v.seq on conflict (seq) do nothing`;
}

/** Remembers which facts hold personal data of whom; those of members who wished to be forgotten are emptied instead. */
export async function noteStatements(
  sql: Sql,
  members: readonly LockedMember[],
  facts: readonly MemberFact[],
): Promise<void> {
  const of = new Map(members.map((member) => [member.id, member]));
  const told = facts.flatMap(({ type, seq, memberId }) => {
    const member = of.get(memberId);
    return type === 'member.updated' && member ? [{ seq, ...member }] : [];
  });
  const kept = told.filter(({ forgotten }) => !forgotten);
  if (kept.length > 0)
    await sql`
      insert into member_statement (seq, member_no)
      select * from unnest(${column(kept, (row) => row.seq)}::bigint[], ${column(kept, (row) => row.no)}::int[])
      on conflict (seq) do nothing`;
  await emptyFacts(
    sql,
    told.filter(({ forgotten }) => forgotten).map(({ seq }) => seq),
  );
}

/** Leaves of facts nothing but that they were, and about whom. */
async function emptyFacts(sql: Sql, seqs: readonly number[]): Promise<void> {
  if (seqs.length === 0) return;
  await sql`
    update ledger set data = jsonb_build_object('memberId', data->'memberId', 'forgotten', true)
    where seq = any(${column(seqs, (seq) => seq)}::bigint[]) and type = 'member.updated'`;
}

/**
 * Erases what is known of a person, also in the ledger's facts; their orders and points stay, under the shop's id, with
 * nobody's name. Answers false where there is no such member, or nothing left of them.
 */
export async function forgetMember(sql: Sql, id: string): Promise<boolean> {
  const [member] = await sql<{ no: number }[]>`
    update member set name = null, phone = null, mail = null, level = null, birthday = null, joined_at = null, consents = '{}', tags = '{}',
      forgotten_at = now()
    where id = ${id} and forgotten_at is null returning no`;
  if (member === undefined) return false;
  const { no } = member;
  await sql`delete from member_said where member_no = ${no}`;
  await sql`delete from member_look where member_no = ${no}`;
  const facts = await sql<
    { seq: number }[]
  >`delete from member_statement where member_no = ${no} returning seq`;
  await emptyFacts(
    sql,
    facts.map(({ seq }) => seq),
  );
  // The reason quotes the value.
  await sql`delete from member_touch where error is not null and about = ${id} and cardinality(fact_seqs) > 0`;
  return true;
}

/** Deletes looks of long ago. Answers how many. */
export async function pruneLooks(sql: Sql, days: number): Promise<number> {
  const { count } = await sql`delete from member_look where at < now() - ${days}::int * interval '1 day'`;
  return count;
}

/**
 * Writes what commands say of members, as of now; those who are unknown are made, those who wished to be forgotten stay as they
 * are. Leaves a touch, so that tags that follow from it are looked at. Answers the ids that it changed, and those forgotten.
 */
export async function tellMembers(
  sql: Sql,
  rows: readonly ({ memberId: string } & Omit<Statement, 'key'>)[],
  key: string,
): Promise<{ changed: string[]; forgotten: Set<string> }> {
  const members = await lockMembers(
    sql,
    rows.map((row) => row.memberId),
  );
  const statements = new Map(
    rows.map(({ memberId, ...said }) => [memberId, [{ ...said, key }] satisfies Statement[]]),
  );
  const nos = new Set(await applyStatements(sql, members, statements));
  const changed = members.filter(({ no }) => nos.has(no)).map(({ id }) => id);
  const forgotten = new Set(members.filter((member) => member.forgotten).map(({ id }) => id));
  await touchMembers(sql, { memberIds: changed, factSeqs: [] });
  return { changed, forgotten };
}
