/**
 * A million coupons of one campaign with the messages about them, by a worker: alone, and while orders come in. The raw limit beside it:
 * the same rows inserted in the same chunks, by bare SQL over one connection. Both ways to run.
 * `npm run bench -- fanout-coupons [--members 1000000] [--rate 300]`
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { insertKey } from '@zhanggui/shared/access/key-store.ts';
import { CHUNK_MEMBERS } from '@zhanggui/shared/coupons/fan-out-store.ts';
import { connect, type SqlPool } from '@zhanggui/shared/platform/database.ts';
import { hasRedis, noRedis, startRedis } from '../support/redis.ts';
import { launchCampaign, letApprove, makeMembers } from './support/campaigns.ts';
import { runLoad } from './support/load.ts';
import { foundCompany, openPostgres, settle, startServer, startWorkers } from './support/rig.ts';
import { option, printTable, quantile, say } from './support/table.ts';

const members = option('members', 1_000_000);
const rate = option('rate', 300);
const BUDGET = members * 500;

/** Seconds for the same rows, chunk by chunk, each committed. */
async function bareInsert(sql: SqlPool): Promise<number> {
  const began = performance.now();
  for (let from = 1; from <= members; from += CHUNK_MEMBERS)
    await sql`
      insert into coupon (campaign_no, member_no, nth, valid_from, valid_to)
      select 1000000, n, 1, now(), now() + interval '30 days'
      from generate_series(${from}::int, ${Math.min(members, from + CHUNK_MEMBERS - 1)}::int) n`;
  return (performance.now() - began) / 1000;
}

/** Seconds from the launch until the last coupon is counted, and the slowest chunk in ms. */
async function fanOut(
  sql: SqlPool,
  target: { url: string; key: string },
): Promise<{ seconds: number; slowest: number }> {
  const began = performance.now();
  const id = await launchCampaign(target, { give: 'push', limits: { budget: BUDGET } });
  for (;;) {
    const [row] = await sql<[{ issued: number }]>`select issued from campaign where id = ${id}`;
    if (row.issued >= members) break;
    await sleep(50);
  }
  const seconds = (performance.now() - began) / 1000;
  const [{ slowest }] = await sql<[{ slowest: number }]>`
    select max(f.ms)::int as slowest from fan_out_chunk f join campaign c on c.no = f.campaign_no where c.id = ${id}`;
  return { seconds, slowest };
}

const rows: (string | number)[][] = [];
const postgres = await openPostgres();
await foundCompany(postgres, 'bench_base');
const founding = connect(postgres.url('bench_base'), { max: 1, application: 'bench' });
await makeMembers(founding, members);
await letApprove(founding);
await founding`
  insert into delivery_endpoint (name, kind, url, events, locale, per_minute, medium)
  values ('gateway', 'webhook', 'https://127.0.0.1:9/', '{coupon.issued}', 'en', 1, 'sms')`;
const key = await insertKey(founding, {
  name: 'bench',
  scopes: ['ingest', 'command'],
  createdBy: 'bench',
});
await settle(founding);
await founding.end();
say('the company is founded');
for (const mode of ['Postgres', 'Redis'] as const) {
  if (mode === 'Redis' && !hasRedis()) {
    say(noRedis);
    continue;
  }
  const redis = mode === 'Redis' ? await startRedis() : undefined;
  await postgres.clone('bench_base', 'bench_fanout');
  const url = postgres.url('bench_fanout');
  const sql = connect(url, { max: 2, application: 'bench' });
  const bareFrom = postgres.cpu();
  const bare = await bareInsert(sql);
  const bareCpu = postgres.cpu() - bareFrom;
  await sql`truncate coupon`;
  await settle(sql);
  say(`${mode}: bare ${bare.toFixed(1)} s`);
  const server = await startServer(url, redis?.url);
  const workers = startWorkers(url, redis?.url);
  const target = { url: server.url, key: key.token };
  // Workers that begin look at all there is, once: a core for ten seconds.
  await sleep(12_000);
  const idleFrom = postgres.cpu();
  await sleep(3_000);
  // What the other jobs of the company take anyway.
  const idle = (postgres.cpu() - idleFrom) / 3;
  const aloneFrom = postgres.cpu();
  const alone = await fanOut(sql, target);
  const aloneCpu = postgres.cpu() - aloneFrom - idle * alone.seconds;
  say(`${mode}: ${alone.seconds.toFixed(1)} s, slowest chunk ${alone.slowest} ms`);
  const [{ messages }] = await sql<[{ messages: number }]>`select count(*)::int as messages from delivery`;
  const orders = runLoad({
    ...target,
    run: mode,
    first: 0,
    batch: 1,
    connections: 24,
    most: 0,
    rate,
    seconds: Math.ceil(alone.seconds * 2) + 4,
  });
  await sleep(1_500);
  const busy = await fanOut(sql, target);
  const taken = await orders;
  await workers.stop();
  await server.stop();
  await sql.end();
  await postgres.drop('bench_fanout');
  await redis?.stop();
  rows.push(
    [`${mode}: seconds`, alone.seconds, bare, alone.seconds / bare, '≤ 2'],
    [`${mode}: processor s of Postgres`, aloneCpu, bareCpu, aloneCpu / bareCpu, ''],
    [`${mode}: coupons/s`, members / alone.seconds, members / bare, bare / alone.seconds, ''],
    [`${mode}: slowest chunk, ms`, alone.slowest, '', '', '≤ 250'],
    [`${mode}: messages queued`, messages, '', '', ''],
    [`${mode}: seconds beside ${rate} orders/s`, busy.seconds, bare, busy.seconds / bare, ''],
    [`${mode}: orders/s meanwhile`, taken.orders / taken.seconds, '', '', `${rate}`],
    [`${mode}: their answers, p99 ms`, quantile(taken.latencies, 0.99), '', '', ''],
  );
}
await postgres.stop();
printTable(
  [`${members.toLocaleString('en-US')} coupons`, 'measured', 'bare INSERT', 'ratio', 'wanted'],
  rows,
);
