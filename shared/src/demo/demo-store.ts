/** What the demo company was founded with, and how far it has been told. */
import type { Sql } from '../platform/database.ts';

export type DemoCompany = {
  seed: string;
  /** Business day, YYYY-MM-DD. */
  firstDay: string;
};

/** Founds the demo company, or answers what it was founded with before. */
export async function foundDemo(sql: Sql, { seed, firstDay }: DemoCompany): Promise<DemoCompany> {
  await sql`insert into demo_company (seed, first_day) values (${seed}, ${firstDay}) on conflict do nothing`;
  const [row] = await sql<DemoCompany[]>`select seed, first_day as "firstDay" from demo_company`;
  if (row === undefined) throw new Error('the demo company is missing');
  return row;
}

export type DemoPart = { part: string; done: number; total: number };

/** How far each part has been told; parts that have not begun are missing. */
export async function readDemoParts(sql: Sql): Promise<Map<string, DemoPart>> {
  const rows = await sql<DemoPart[]>`select part, done, total from demo_progress`;
  return new Map(rows.map((row) => [row.part, row]));
}

/**
 * Notes how far a part has been told. Called after the facts were answered: a crash in between makes them sent again, and
 * the ledger knows them. Never goes back, so that a late note of an earlier moment does no harm.
 */
export async function noteDemoPart(sql: Sql, { part, done, total }: DemoPart): Promise<void> {
  await sql`
    insert into demo_progress as p (part, done, total) values (${part}, ${done}, ${total})
    on conflict (part) do update set
      done = greatest(p.done, excluded.done), total = excluded.total, updated_at = now()`;
}

/** How far the whole demo is, for people. */
export type DemoProgress = {
  /** The first part that is not told yet, null when all of the past is. */
  part: string | null;
  done: number;
  total: number;
  /** Business days of history that are told completely, of how many. Today is not one of them. */
  daysDone: number;
  daysTotal: number;
  /** 0…1 of the work that founding it makes. */
  share: number;
  updatedAt: Date | null;
};

/** Facts of a day that has not been planned yet: what a day of company R has. */
const USUAL_DAY = 50_000;

/**
 * How far the demo company is; null for a company that is none. `today` is the business day.
 */
export async function readDemoProgress(sql: Sql, today: string): Promise<DemoProgress | null> {
  const [row] = await sql<
    {
      daysTotal: number;
      daysDone: number;
      done: number;
      total: number;
      updatedAt: Date | null;
      part: DemoPart | null;
    }[]
  >`
    with day as (
      select 'day:' || to_char(d, 'YYYY-MM-DD') as part
      from demo_company, generate_series(first_day, ${today}::date - 1, '1 day') d
    ),
    part as (
      select d.part, coalesce(p.done, 0) as done, coalesce(p.total, ${USUAL_DAY}) as total, true as is_day
      from day d left join demo_progress p using (part)
      union all
      select part, done, total, false from demo_progress where part in ('catalog', 'targets', 'opening')
    )
    select
      count(*) filter (where is_day) as "daysTotal",
      count(*) filter (where is_day and done >= total) as "daysDone",
      sum(least(done, total)) as done, sum(total) as total,
      (select max(updated_at) from demo_progress) as "updatedAt",
      (select jsonb_build_object('part', part, 'done', done, 'total', total) from (
        select p.part, p.done, p.total from part join demo_progress p using (part)
        where p.done < p.total order by p.updated_at desc limit 1) current) as part
    from part
    where exists (select from demo_company)`;
  if (row === undefined || row.daysTotal === 0) return null;
  const { part, done, total, daysDone, daysTotal, updatedAt } = row;
  return {
    part: part?.part ?? null,
    done: part?.done ?? 0,
    total: part?.total ?? 0,
    daysDone,
    daysTotal,
    share: total === 0 ? 0 : Math.round((done / total) * 1000) / 1000,
    updatedAt,
  };
}
