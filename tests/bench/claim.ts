/**
 * Claims over HTTP, answered after commit: 20,000 members for 5,000 coupons, then at a rate; beside it one conditional update and one
 * insert a claim as bare SQL in the same Postgres. `npm run bench -- claim [--rounds 3] [--clients 64] [--rate 1000] [--seconds 10]`
 */
import { connect, type SqlPool } from '@zhanggui/shared/platform/database.ts';
import { launchCampaign, letApprove, makeMembers } from './support/campaigns.ts';
import { runCouponLoad } from './support/coupon-load.ts';
import { foundCompany, openPostgres, settle, startServer } from './support/rig.ts';
import { median, option, printTable, quantile, say } from './support/table.ts';

const rounds = option('rounds', 3);
const clients = option('clients', 64);
const rate = option('rate', 1_000);
const seconds = option('seconds', 10);
const MEMBERS = 20_000;
const COUPONS = 5_000;

/** Claims a second, each a statement and a commit of its own, all counted on one row. */
async function bareClaims(sql: SqlPool, lanes: number): Promise<number> {
  await sql`
    insert into campaign (id, kind, name, state, template, audience, give, created_by, created_by_ref)
    values ('00000000-0000-7000-8000-00000000000a', 'coupon', 'bare', 'running', '{}', '{}', 'claim', 'bench', 'bench')
    on conflict do nothing`;
  let no = 0;
  const until = performance.now() + 2_000;
  const lane = async () => {
    while (performance.now() < until)
      await sql`
        with given as (
          update campaign set issued = issued + 1 where id = '00000000-0000-7000-8000-00000000000a' and issued < 1000000 returning no)
        insert into coupon (campaign_no, member_no, nth, valid_from, valid_to)
        select no, ${(no += 1)}, ${lanes}, now(), now() from given`;
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return no / 2;
}

const postgres = await openPostgres();
const { key } = await foundCompany(postgres, 'bench_claim');
const url = postgres.url('bench_claim');
const sql = connect(url, { max: 8, application: 'bench' });
await letApprove(sql);
await makeMembers(sql, 100_000);
await settle(sql);
const bare = [await bareClaims(sql, 1), await bareClaims(sql, 8)];
say(`bare SQL: ${bare.map(Math.round).join(', ')} /s`);
const server = await startServer(url);
const target = { url: server.url, key };
const open = await launchCampaign(target, { give: 'claim', limits: { total: 1_000_000 } });
await runCouponLoad({
  ...target,
  kind: 'claim',
  campaignId: open,
  run: 'warm',
  clients,
  rate: 0,
  count: 5_000,
});
const rates: number[] = [];
let beyond = 0;
for (let round = 0; round < rounds; round++) {
  const campaignId = await launchCampaign(target, { give: 'claim', limits: { total: COUPONS } });
  const rush = await runCouponLoad({
    ...target,
    kind: 'claim',
    campaignId,
    run: 'm',
    clients,
    rate: 0,
    count: MEMBERS,
  });
  rates.push(MEMBERS / rush.seconds);
  const [{ given }] = await sql<[{ given: number }]>`
    select count(*)::int as given from coupon p join campaign c on c.no = p.campaign_no where c.id = ${campaignId}`;
  beyond = Math.max(beyond, Math.abs(given - COUPONS), Math.abs(rush.good - COUPONS));
  say(
    `round ${round + 1}: ${Math.round(rates.at(-1)!)} answers/s, ${rush.good} given ${JSON.stringify(rush.others)}`,
  );
}
const calm = await runCouponLoad({
  ...target,
  kind: 'claim',
  campaignId: open,
  run: 'calm',
  clients,
  rate,
  count: rate * seconds,
});
say(`at ${rate}/s: ${calm.good} given ${JSON.stringify(calm.others)}`);
await server.stop();
await sql.end();
await postgres.stop();
const best = Math.max(...bare);
printTable(
  ['claim', 'measured', 'raw limit', 'ratio', 'wanted'],
  [
    [
      `answers/s, ${MEMBERS.toLocaleString('en-US')} for ${COUPONS.toLocaleString('en-US')}`,
      median(rates),
      best,
      median(rates) / best,
      '≥ 2,000',
    ],
    ['coupons too many or too few', beyond.toLocaleString('en-US'), '', '', '0'],
    [`at ${rate}/s, p50 ms`, median(calm.latencies), '', '', ''],
    [`at ${rate}/s, p99 ms`, quantile(calm.latencies, 0.99), '', '', '≤ 200'],
  ],
);
