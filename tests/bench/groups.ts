/**
 * Group-buys: 5,000 groups of 5 are filled over HTTP by more members than they have seats, and 5,000 groups with paid seats are over in
 * the same second, with real workers. Beside it the same writes as bare SQL in the same Postgres.
 * `npm run bench -- groups [--rounds 2] [--clients 64] [--groups 5000]`
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { checksOf } from '@zhanggui/server/src/cli/verify/checks.ts';
import { connect, type SqlPool } from '@zhanggui/shared/platform/database.ts';
import { launchCampaign, letApprove } from './support/campaigns.ts';
import { runGroupLoad } from './support/group-load.ts';
import { foundCompany, openPostgres, settle, startServer, startWorkers } from './support/rig.ts';
import { median, option, printTable, quantile, say } from './support/table.ts';

const rounds = option('rounds', 2);
const clients = option('clients', 64);
const GROUPS = option('groups', 5_000);
const SIZE = 5;
/** So many want into each group; it has four seats beside its leader's. */
const EACH = 5;
const PAID = 3;

const template = (more: object = {}) => ({
  title: '五人团',
  goods: [{ sku: 'SKU-00001' }],
  price: 990,
  size: SIZE,
  hours: 24,
  ...more,
});

/** Groups without members, as commands would have opened them. */
async function makeGroups(
  sql: SqlPool,
  { campaign, prefix, count, members }: { campaign: string; prefix: string; count: number; members: number },
) {
  await sql`
    insert into member (id) select ${`${prefix}-`} || g || '-' || p from generate_series(1, ${count}::int) g, generate_series(1, ${members}::int) p`;
  await sql`
    insert into group_buy (id, source, campaign_no, size, members, leader_no, next_position, opened_at, expires_at)
    select ${`${prefix}-`} || g, 'ours', c.no, ${SIZE}, ${members}, m.no, ${members} + 1, now(), now() + interval '1 day'
    from generate_series(1, ${count}::int) g join campaign c on c.id = ${campaign} join member m on m.id = ${`${prefix}-`} || g || '-1'`;
  await sql`
    insert into group_seat (group_no, position, member_no, joined_at, campaign_no, nth, counts, order_id)
    select b.no, p, m.no, now(), b.campaign_no, 1, true, ${`${prefix}-o`} || g || '-' || p
    from generate_series(1, ${count}::int) g, generate_series(1, ${members}::int) p, group_buy b, member m
    where b.id = ${`${prefix}-`} || g and m.id = ${`${prefix}-`} || g || '-' || p`;
  await sql`update campaign set issued = issued + ${count * members} where id = ${campaign}`;
}

/** Members that the shop has named before. */
const knowMembers = (sql: SqlPool, run: string, count: number) =>
  sql`insert into member (id) select ${`${run}-`} || n from generate_series(0, ${count - 1}::int) n`;

/** Paid orders of all seats of such groups. */
const payOrders = (sql: SqlPool, prefix: string) => sql`
  insert into orders (order_id, placed_at, placed_key, channel, location_no, stock_location_no, method, member_id, total, line_sku, line_qty,
    line_amount, paid_at)
  select s.order_id, now(), 'x', 'group', 1, 1, 'ship', m.id, 990, '{1}', '{1}', '{990}', now()
  from group_seat s join member m on m.no = s.member_no where s.order_id like ${`${prefix}-o%`}`;

/** Joins a second, each a statement and a commit of its own: the group is counted up if it has room, and the seat is written. */
async function bareJoins(sql: SqlPool, lanes: number, run: string): Promise<number> {
  await sql`
    insert into group_buy (id, source, campaign_no, size, members, next_position, opened_at, expires_at)
    select ${`bare-${run}-`} || g, 'ours', 1, 5, 1, 2, now(), now() + interval '1 day' from generate_series(1, 20000) g`;
  const groups = await sql<
    { no: number }[]
  >`select no from group_buy where id like ${`bare-${run}-%`} order by no`;
  let no = 0;
  const until = performance.now() + 2_500;
  const started = performance.now();
  const lane = async () => {
    while (performance.now() < until && no < groups.length * 4) {
      const mine = no++;
      await sql`
        with g as (
          update group_buy set members = members + 1, next_position = next_position + 1,
            state = case when members + 1 = size then 'formed' else 'open' end,
            because = case when members + 1 = size then 'full' end, formed_at = case when members + 1 = size then now() end
          where no = ${groups[mine % groups.length]!.no} and state = 'open' and members < size returning no, members
        )
        insert into group_seat (group_no, position, member_no, joined_at, campaign_no, nth, counts)
        select no, members, ${100_000_000 + mine}, now(), ${Number(run) + 1000}, 1, true from g`;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return no / ((performance.now() - started) / 1000);
}

/** The writes of 5,000 deadlines in one statement each. */
async function bareDeadlines(sql: SqlPool, prefix: string): Promise<number> {
  const started = performance.now();
  await sql.begin(async (tx) => {
    await tx`update group_buy set state = 'expired', because = 'time', ended_at = now() where id like ${`${prefix}-%`}`;
    await tx`
      update group_seat s set counts = false, owes = false from group_buy g
      where g.no = s.group_no and g.id like ${`${prefix}-%`}`;
    await tx`
      insert into refund_request (order_id, group_no, position, amount, reason)
      select s.order_id, s.group_no, s.position, o.total, 'expired' from group_seat s join orders o using (order_id)
      where s.order_id like ${`${prefix}-o%`}`;
  });
  return (performance.now() - started) / 1000;
}

/** Differences that promise 5 allows none of. */
async function broken(sql: SqlPool): Promise<number> {
  let total = 0;
  for (const check of checksOf({ ledgerIsWhole: true }).filter(({ promise }) => promise === 5)) {
    const found = await sql.begin((tx) => check.run(tx, { timeZone: 'Asia/Shanghai', limit: 3 }));
    if (found.total > 0) say(`${check.name}: ${found.total} ${JSON.stringify(found.first)}`);
    total += found.total;
  }
  return total;
}

const postgres = await openPostgres();
const { key } = await foundCompany(postgres, 'bench_groups');
await postgres.clone('bench_groups', 'bench_groups_raw');
const raw = connect(postgres.url('bench_groups_raw'), { max: 32, application: 'bench' });
const bare: number[] = [];
for (const [i, lanes] of [1, 8, 32].entries()) bare.push(await bareJoins(raw, lanes, String(i)));
say(`bare SQL: ${bare.map(Math.round).join(', ')} joins/s`);
await raw`insert into campaign (id, kind, name, template, audience, created_by, created_by_ref)
  values ('00000000-0000-7000-8000-00000000000b', 'group', 'bare', '{}', '{}', 'bench', 'bench')`;
await makeGroups(raw, {
  campaign: '00000000-0000-7000-8000-00000000000b',
  prefix: 'e',
  count: GROUPS,
  members: PAID,
});
await payOrders(raw, 'e');
await raw.unsafe('analyze');
const bareEnd = await bareDeadlines(raw, 'e');
say(`bare SQL: ${GROUPS} deadlines in ${bareEnd.toFixed(2)} s`);
await raw.end();
await postgres.drop('bench_groups_raw');

const url = postgres.url('bench_groups');
const sql = connect(url, { max: 6, application: 'bench' });
await letApprove(sql);
// Where nobody knew what the goods are worth, a second person would be asked in any case.
await sql`update sku set list_price = ${template().price} where code = ${template().goods[0]!.sku}`;
await settle(sql);
const server = await startServer(url);
const target = { url: server.url, key, clients };
const rates = { plain: [] as number[], held: [] as number[], open: [] as number[] };
const costs = { plain: [] as number[][], held: [] as number[][] };
let wrong = 0;
let overFull = 0;
let formed = 0;
await sql`update stock set on_hand = 10000000 where sku_no = 1 and location_no = 1`;
for (let round = 0; round <= rounds; round++) {
  // Plans that were made for empty tables are made anew, as autovacuum would have it within a minute.
  if (round === 1) await settle(sql);
  for (const kind of ['plain', 'held'] as const) {
    const count = round === 0 ? 500 : GROUPS;
    const run = `${kind}${round}`;
    const campaignId = await launchCampaign(target, {
      kind: 'group',
      name: run,
      template: template(kind === 'held' ? { location: 'L01' } : {}),
      limits: { perMember: 1 },
    });
    await knowMembers(sql, run, count * EACH);
    await knowMembers(sql, `${run}l`, count);
    const opened = await runGroupLoad({
      ...target,
      kind: 'open',
      campaignId,
      run: `${run}l`,
      rate: 0,
      count,
    });
    const groups = (
      await sql<{ id: string }[]>`
        select g.id from group_buy g join campaign c on c.no = g.campaign_no where c.id = ${campaignId} order by g.no`
    ).map(({ id }) => id);
    const used = { server: server.usage().cpu, postgres: postgres.cpu() };
    const rush = await runGroupLoad({ ...target, kind: 'join', run, rate: 0, groups, each: EACH });
    const cost = (after: number, before: number) => ((after - before) / (count * EACH)) * 1e6;
    const [serverCost, postgresCost] = [
      cost(server.usage().cpu, used.server),
      cost(postgres.cpu(), used.postgres),
    ];
    const [seen] = await sql<[{ formed: number; over: number }]>`
      select count(*) filter (where g.state = 'formed')::int as formed, count(*) filter (where g.members > g.size)::int as over
      from group_buy g join campaign c on c.no = g.campaign_no where c.id = ${campaignId}`;
    say(
      `${run}: ${Math.round(opened.good / opened.seconds)} opened/s, ${Math.round(rush.good / rush.seconds)} joins/s (${Math.round((count * EACH) / rush.seconds)} answers/s), ${seen.formed} of ${count} formed, server ${Math.round(serverCost)} µs, Postgres ${Math.round(postgresCost)} µs ${JSON.stringify(rush.others)}`,
    );
    if (round === 0) continue;
    rates[kind].push(rush.good / rush.seconds);
    costs[kind].push([serverCost, postgresCost]);
    rates.open.push(opened.good / opened.seconds);
    overFull += seen.over;
    formed += seen.formed;
    wrong += Math.abs(rush.good - count * (SIZE - 1));
  }
}
const calmId = await launchCampaign(target, {
  kind: 'group',
  name: 'calm',
  template: template(),
  limits: { perMember: 1 },
});
await knowMembers(sql, 'calml', 1_000);
await knowMembers(sql, 'calm', 4_000);
await runGroupLoad({ ...target, kind: 'open', campaignId: calmId, run: 'calml', rate: 0, count: 1_000 });
const calmGroups = (
  await sql<
    { id: string }[]
  >`select g.id from group_buy g join campaign c on c.no = g.campaign_no where c.id = ${calmId}`
).map(({ id }) => id);
const half = Math.round(median(rates.plain) / 2);
const calm = await runGroupLoad({
  ...target,
  kind: 'join',
  run: 'calm',
  rate: half,
  groups: calmGroups,
  each: 4,
});
say(`at ${half}/s: p99 ${quantile(calm.latencies, 0.99).toFixed(1)} ms ${JSON.stringify(calm.others)}`);
wrong += await broken(sql);
await server.stop();

// Two workers, so that they would do it twice if they could.
const ends: number[] = [];
let refunds = 0;
for (let round = 0; round < rounds; round++) {
  const prefix = `d${round}`;
  await makeGroups(sql, { campaign: calmId, prefix, count: GROUPS, members: PAID });
  await payOrders(sql, prefix);
  await settle(sql);
  const workers = [startWorkers(url), startWorkers(url)];
  await sleep(4_000);
  const [{ due }] = await sql<[{ due: Date }]>`
    with due as (update group_buy set expires_at = now() + interval '2 seconds' where id like ${`${prefix}-%`} returning expires_at)
    select max(expires_at) as due from due`;
  for (;;) {
    const [{ left, now }] = await sql<[{ left: number; now: Date }]>`
      select count(*)::int as left, clock_timestamp() as now from group_buy where state = 'open' and id like ${`${prefix}-%`}`;
    if (left === 0) {
      ends.push((now.getTime() - due.getTime()) / 1000);
      break;
    }
    await sleep(50);
  }
  await Promise.all(workers.map((worker) => worker.stop()));
  const [{ asked }] = await sql<[{ asked: number }]>`
    select count(*)::int as asked from refund_request where order_id like ${`${prefix}-o%`}`;
  refunds += asked;
  say(`${GROUPS} deadlines: ${ends.at(-1)!.toFixed(1)} s, ${asked} refunds asked for`);
}
wrong += await broken(sql);
await sql.end();
await postgres.stop();
const best = Math.max(...bare);
const number = (value: number) => value.toLocaleString('en-US');
printTable(
  ['groups', 'measured', 'raw limit', 'ratio', 'wanted'],
  [
    [
      `joins/s over HTTP, ${number(GROUPS)} groups of ${SIZE}`,
      median(rates.plain),
      best,
      median(rates.plain) / best,
      '≥ 1,500',
    ],
    ['joins/s, each holding its pieces', median(rates.held), '', '', ''],
    ...(['plain', 'held'] as const).map((kind) => [
      `processor of an answer, ${kind}, µs: server, Postgres`,
      [0, 1].map((i) => Math.round(median(costs[kind].map((each) => each[i]!)))).join(', '),
      '',
      '',
      '',
    ]),
    ['groups opened/s', median(rates.open), '', '', ''],
    [`at ${half} joins/s, p50 ms`, median(calm.latencies), '', '', ''],
    [`at ${half} joins/s, p99 ms`, quantile(calm.latencies, 0.99), '', '', ''],
    [
      `${number(GROUPS)} deadlines in the same second, s`,
      median(ends),
      bareEnd,
      median(ends) / bareEnd,
      '≤ 10',
    ],
    ['groups formed', number(formed), '', '', number(GROUPS * rounds * 2)],
    ['over-full', number(overFull), '', '', '0'],
    ['refunds asked for', number(refunds), '', '', number(GROUPS * PAID * rounds)],
    ['answers and books that differ', number(wrong), '', '', '0'],
  ],
);
