/**
 * Segments: a rule of five conditions counted over a million members, beside a bare count(*) of the same table; then all fifths and
 * automatic tags for the first time, and those of the next day, each while orders of members come in over HTTP as fast as they are taken.
 * `npm run bench -- segment [--members 1_000_000] [--seconds 25] [--most 300]`
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { gradeMembers } from '@zhanggui/shared/members/grade-store.ts';
import { asOf } from '@zhanggui/shared/members/as-of.ts';
import { ruleSchema } from '@zhanggui/shared/members/rule.ts';
import { countSegment } from '@zhanggui/shared/members/segment-store.ts';
import { connect } from '@zhanggui/shared/platform/database.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { runLoad } from './support/load.ts';
import { foundCompany, openPostgres, settle, startServer } from './support/rig.ts';
import { median, option, printTable, say } from './support/table.ts';

const members = option('members', 1_000_000);
const seconds = option('seconds', 25);
/** How long orders come in: longer than both gradings take, and three times that before, between and after them. */
const mostSeconds = option('most', 300);
const ROUNDS = 7;

const rule = ruleSchema.parse({
  all: [
    { field: 'recencyDays', max: 60 },
    { field: 'orders', min: 3 },
    { field: 'categories', anyOf: ['C03', 'C07'] },
    { field: 'consents', anyOf: ['sms'] },
    { not: { field: 'tags', anyOf: ['price-minded'] } },
  ],
});

const postgres = await openPostgres();
const { key } = await foundCompany(postgres, 'bench_base');
const sql = connect(postgres.url('bench_base'), { max: 4, application: 'bench' });
const today = asOf(new BusinessTime('Asia/Shanghai'), Date.now());

// Profiles as they come of years of orders: most members bought once or twice, some very often.
await sql`
  insert into member (id, name, phone, level, birthday, consents, tags, orders, units, net, average_ticket, first_order_at,
    last_order_at, gap_days, discount_share, favourite_category, favourite_channel, favourite_location_no, categories, channels,
    location_nos, points)
  select 'M' || lpad(n::text, 8, '0'), '会员' || n, '138' || lpad(n::text, 8, '0'),
    (array['bronze', 'silver', 'gold'])[1 + (r1 * 2.9)::int % 3], date '1960-01-01' + (r2 * 15000)::int,
    jsonb_build_object('sms', r3 < 0.6, 'mail', r1 < 0.3), case when r2 < 0.05 then '{vip}'::text[] else '{}' end,
    o, o * 3, o * 9000 + (r1 * 5000)::int, 9000 + (r2 * 9000)::int, now() - r1 * interval '900 days',
    now() - r1 * r3 * interval '900 days', (20 + r2 * 200)::int, (r3 * 100)::int, 'C' || lpad((r1 * 20)::int::text, 2, '0'),
    'pos', 1 + (r2 * 50)::int, array['C' || lpad((r1 * 20)::int::text, 2, '0'), 'C' || lpad((20 + r2 * 20)::int::text, 2, '0')],
    array['mall', 'pos'], array[1 + (r2 * 50)::int], o * 90
  from (
    select n, r1, r2, r3, greatest(0, (-ln(random() + 1e-9) * 3)::int) as o
    from (select n, random() as r1, random() as r2, random() as r3 from generate_series(1, ${members}::int) n) a) b`;
await settle(sql);
const [{ size }] = await sql<[{ size: number }]>`select pg_total_relation_size('member') / 1000000 as size`;
say(`${members} members, ${size} MB`);

const time = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
};

const server = await startServer(postgres.url('bench_base'));
const load = (run: string, length: number, onStart?: () => void) =>
  runLoad(
    {
      ...{ url: server.url, key, run, first: 0, batch: 100, connections: 24, rate: 0, members },
      ...{ seconds: length, most: 12_000 * length },
    },
    onStart,
  );
const taken = async (): Promise<number> => {
  const [row] = await sql<{ seq: number }[]>`select coalesce(max(seq), 0)::float8 as seq from ledger`;
  return row!.seq;
};
/** Orders a second while something is done. */
async function during<T>(work: () => Promise<T>): Promise<T & { took: number; rate: number }> {
  const [from, began] = [await taken(), performance.now()];
  const done = await work();
  const took = (performance.now() - began) / 1000;
  return { ...done, took, rate: ((await taken()) - from) / took };
}
/** Before, beside and after each grading, without a pause: orders slow down by themselves as they grow. */
async function gradings() {
  const alone = () => during(async () => (await sleep(seconds * 1000), {}));
  const rates = [(await alone()).rate];
  const first = await during(() => gradeMembers(sql, today));
  rates.push((await alone()).rate);
  const second = await during(() => gradeMembers(sql, { ...today, today: today.shift(today.today, 1) }));
  rates.push((await alone()).rate);
  if (ended) throw new Error(`orders ended before the gradings did: --most more than ${mostSeconds}`);
  return { first, second, rates };
}

await load('warm', 5);
await settle(sql);
let ended = false;
let graded: ReturnType<typeof gradings> | undefined;
await load('orders', mostSeconds, () => {
  graded = gradings();
});
ended = true;
const { first, second, rates } = await graded!;
say(`orders/s alone ${rates.map(Math.round).join(', ')}`);
await server.stop();
const [{ inPlace }] = await sql<[{ inPlace: number }]>`
  select n_tup_hot_upd::float8 / n_tup_upd as "inPlace" from pg_stat_user_tables where relname = 'member'`;
await settle(sql);

const bare: number[] = [];
const counted: number[] = [];
let count = 0;
for (let round = 0; round < ROUNDS; round++) {
  bare.push(await time(() => sql`select count(*) from member`));
  counted.push(await time(async () => (count = await countSegment(sql, rule, today))));
}
await sql.end();
await postgres.stop();

printTable(
  [`segment, ${members.toLocaleString('en-US')} members`, 'measured', 'raw limit', 'ratio', 'wanted'],
  [
    [
      `count of five rules (${count} fit), s`,
      median(counted),
      median(bare),
      median(counted) / median(bare),
      '≤ 1',
    ],
    ['slowest of the counts, s', Math.max(...counted), Math.max(...bare), '', '≤ 1'],
    ['all fifths and tags for the first time, s', first.took, '', '', '≤ 120'],
    ['orders/s of members meanwhile', first.rate, without(0), first.rate / without(0), '≥ 0.8'],
    ['share of them written in place, no index touched', inPlace, '', '', ''],
    [`those of the next day (${second.changed} change), s`, second.took, '', '', '≤ 120'],
    ['orders/s of members meanwhile', second.rate, without(1), second.rate / without(1), '≥ 0.8'],
  ],
);

/** Orders/s without grading, before and after the `n`-th. */
function without(n: number): number {
  return (rates[n]! + rates[n + 1]!) / 2;
}
