/**
 * Redemptions and quotes over HTTP at a rate; members hold five coupons each. Beside it the same redemption as two bare statements in one
 * transaction. `npm run bench -- redeem [--rate 500] [--seconds 10]`
 */
import { campaignKeyOf, lastDayOf, makeCode } from '@zhanggui/shared/coupons/code.ts';
import { readCouponSecret } from '@zhanggui/shared/coupons/coupon-store.ts';
import { connect, type SqlPool } from '@zhanggui/shared/platform/database.ts';
import { launchCampaign, letApprove, makeMembers } from './support/campaigns.ts';
import { runCouponLoad } from './support/coupon-load.ts';
import { foundCompany, openPostgres, settle, startServer } from './support/rig.ts';
import { median, option, printTable, quantile, say } from './support/table.ts';

const rate = option('rate', 500);
const seconds = option('seconds', 10);
const MEMBERS = 50_000;
const CAMPAIGNS = 5;

const postgres = await openPostgres();
const { key } = await foundCompany(postgres, 'bench_redeem');
const url = postgres.url('bench_redeem');
const sql = connect(url, { max: 8, application: 'bench' });
await letApprove(sql);
await makeMembers(sql, MEMBERS);
const server = await startServer(url);
const target = { url: server.url, key };
const ids: string[] = [];
for (let i = 0; i < CAMPAIGNS; i++)
  ids.push(
    await launchCampaign(target, {
      give: 'claim',
      limits: { budget: MEMBERS * 500 },
      template: {
        title: `T${i}`,
        offer: {
          kind: 'threshold',
          steps: [
            { from: 4_000 + i * 500, off: 400 },
            { from: 9_000, off: 500 },
          ],
        },
        validity: { kind: 'days', days: 30 },
        stacking: { class: `class ${i % 2}` },
      },
    }),
  );
await sql`
  insert into coupon (campaign_no, member_no, nth, valid_from, valid_to)
  select c.no, m.no, 1, now(), now() + interval '30 days' from member m, campaign c order by m.no, c.no`;
await sql`update campaign set issued = ${MEMBERS}, reserved = ${MEMBERS} * liability`;
await settle(sql);

const secret = await readCouponSecret(sql);
const coupons = await sql<{ campaignNo: number; memberNo: number; validTo: Date }[]>`
  select campaign_no as "campaignNo", member_no as "memberNo", valid_to as "validTo" from coupon p join campaign c on c.no = p.campaign_no
  where c.id = ${ids[0]!} order by random() limit ${rate * seconds * 2 + 8_000}`;
const codes = coupons.map(({ campaignNo, memberNo, validTo }) =>
  makeCode(
    { campaignNo, memberNo, nth: 1, lastDay: lastDayOf(validTo.getTime()) },
    campaignKeyOf(secret, campaignNo),
  ),
);
const made = performance.now();
for (const { campaignNo, memberNo } of coupons)
  makeCode({ campaignNo, memberNo, nth: 1, lastDay: 21_000 }, secret);
const perCode = ((performance.now() - made) * 1_000) / coupons.length;

const bare = await bareRedeem(sql);
const run = { ...target, clients: 32, rate, count: rate * seconds } as const;
await runCouponLoad({ ...run, kind: 'redeem', codes: codes.slice(0, 2_000), rate: 0, count: 2_000 });
const full = await runCouponLoad({
  ...run,
  kind: 'redeem',
  codes: codes.slice(2_000, 8_000),
  rate: 0,
  count: 6_000,
});
say(`redeem: ${Math.round(full.good / full.seconds)} /s ${JSON.stringify(full.others)}`);
const redeem = await runCouponLoad({ ...run, kind: 'redeem', codes: codes.slice(8_000) });
say(`redeem at ${rate}/s: ${JSON.stringify(redeem.others)}`);
await runCouponLoad({ ...run, kind: 'quote', members: MEMBERS, rate: 0, count: 2_000 });
const quote = await runCouponLoad({ ...run, kind: 'quote', members: MEMBERS });
say(`quote at ${rate}/s: ${JSON.stringify(quote.others)}`);
await server.stop();
await sql.end();
await postgres.stop();
printTable(
  ['redeem and quote', 'measured', 'raw limit', 'ratio', 'wanted'],
  [
    [`redeem at ${rate}/s, p50 ms`, median(redeem.latencies), '', '', ''],
    [`redeem at ${rate}/s, p99 ms`, quantile(redeem.latencies, 0.99), '', '', '≤ 50'],
    ['redeemed as fast as can be, /s', full.good / full.seconds, bare, full.good / full.seconds / bare, ''],
    [`quote at ${rate}/s, p50 ms`, median(quote.latencies), '', '', ''],
    [`quote at ${rate}/s, p99 ms`, quantile(quote.latencies, 0.99), '', '', '≤ 50'],
    ['a code made, µs', perCode, '', '', ''],
  ],
);

/** Redemptions a second as bare SQL: the coupon, then its campaign, in one transaction, over eight connections. */
async function bareRedeem(on: SqlPool): Promise<number> {
  let no = 0;
  const until = performance.now() + 2_000;
  const lane = async () => {
    while (performance.now() < until) {
      const member = (no += 1);
      await on.begin(async (tx) => {
        await tx`update coupon set state = 'redeemed', amount = 500 where member_no = ${member} and campaign_no = 2 and nth = 1`;
        await tx`update campaign set redeemed = redeemed + 1, spent = spent + 500, reserved = reserved - 500 where no = 2`;
      });
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  return no / 2;
}
