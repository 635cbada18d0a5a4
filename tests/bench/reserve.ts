/**
 * Reservations over HTTP, answered after commit: 200 clients for 1,000 pieces of one SKU, then any SKUs at any places; beside
 * it one conditional update and one insert a reservation as bare SQL in the same Postgres.
 * `npm run bench -- reserve [--seconds 8] [--rounds 3] [--clients 64]`
 */
import { insertKey } from '@zhanggui/shared/access/key-store.ts';
import { connect, type SqlPool } from '@zhanggui/shared/platform/database.ts';
import { PLACES, random, SKUS } from './support/orders.ts';
import { runReserveLoad } from './support/reserve-load.ts';
import { foundCompany, openPostgres, settle, startServer } from './support/rig.ts';
import { median, option, printTable, quantile, say } from './support/table.ts';

const seconds = option('seconds', 8);
const rounds = option('rounds', 3);
const clients = option('clients', 64);
const RACERS = 200;
const PIECES = 1_000;

/** A reservation as bare SQL can be: one line, one statement, one commit. */
async function bareReservations(
  sql: SqlPool,
  lanes: number,
  run: string,
  forSeconds: number,
): Promise<number> {
  let no = 0;
  const until = performance.now() + forSeconds * 1000;
  const started = performance.now();
  const lane = async () => {
    while (performance.now() < until) {
      const mine = (no += 1);
      const next = random(mine);
      const [skuNo, locationNo] = [1 + Math.floor(next() ** 3 * SKUS), 1 + Math.floor(next() * PLACES)];
      await sql`
        with held as (
          update stock set reserved = reserved + 1
          where sku_no = ${skuNo} and location_no = ${locationNo} and on_hand - reserved >= 1
          returning sku_no, location_no
        )
        insert into reservation (reference, channel, line_sku, line_location, line_qty, expires_at, request_hash, created_by)
        select ${`${run}-${lanes}-${mine}`}, 'mall', array[sku_no], array[location_no], '{1}', now() + interval '15 minutes', '', 'bench'
        from held`;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return no / ((performance.now() - started) / 1000);
}

const postgres = await openPostgres();
await foundCompany(postgres, 'bench_base');
const founding = connect(postgres.url('bench_base'), { max: 1, application: 'bench' });
await founding`update location set latitude = 22 + no % 20, longitude = 100 + no % 22, city = 'C' || no % 9`;
const { token: key } = await insertKey(founding, { name: 'shop', scopes: ['command'], createdBy: 'bench' });
await settle(founding);
await founding.end();
say('the company is founded');

const bare = new Map<number, number[]>([
  [1, []],
  [8, []],
  [32, []],
]);
const rates: number[] = [];
const cpu: number[] = [];
const half: number[] = [];
const race: { seconds: number; latencies: number[] }[] = [];
let beyond = 0;
for (let round = 0; round < rounds; round++) {
  await postgres.clone('bench_base', 'bench_raw');
  for (const [lanes, list] of bare) {
    const sql = connect(postgres.url('bench_raw'), { max: lanes, application: 'bench' });
    await bareReservations(sql, lanes, 'warm', 0.5);
    list.push(await bareReservations(sql, lanes, 'timed', 2));
    await sql.end();
    say(`round ${round + 1}: bare SQL, ${lanes} connection(s): ${Math.round(list.at(-1)!)} /s`);
  }
  await postgres.drop('bench_raw');

  await postgres.clone('bench_base', 'bench_http');
  const sql = connect(postgres.url('bench_http'), { max: 1, application: 'bench' });
  await sql`update stock set on_hand = ${PIECES} where sku_no = 1 and location_no = 1`;
  const server = await startServer(postgres.url('bench_http'));
  const plan = { url: server.url, key };
  await runReserveLoad({ ...plan, kind: 'mixed', run: 'warm', clients, seconds: 3, rate: 0 });
  await sql`update stock set on_hand = ${PIECES} + reserved where sku_no = 1 and location_no = 1`;
  const [{ before }] = await sql<[{ before: number }]>`
    select reserved as before from stock where sku_no = 1 and location_no = 1`;
  const raced = await runReserveLoad({ ...plan, kind: 'race', run: 'race', clients: RACERS });
  const [{ after, available }] = await sql<[{ after: number; available: number }]>`
    select reserved as after, available from stock where sku_no = 1 and location_no = 1`;
  race.push(raced);
  beyond = Math.max(beyond, raced.reserved - PIECES, after - before - PIECES, -available);
  say(
    `round ${round + 1}: ${RACERS} clients, ${PIECES} pieces: ${raced.reserved} reserved in ${raced.seconds.toFixed(2)} s, ${available} left ${JSON.stringify(raced.others)}`,
  );
  await sql`update stock set on_hand = 1000000 where sku_no = 1 and location_no = 1`;
  let used = server.usage();
  const full = await runReserveLoad(
    { ...plan, kind: 'mixed', run: 'full', clients, seconds, rate: 0 },
    () => (used = server.usage()),
  );
  cpu.push(((server.usage().cpu - used.cpu) / full.reserved) * 1e6);
  rates.push(full.reserved / full.seconds);
  say(`round ${round + 1}: HTTP ${Math.round(rates.at(-1)!)} /s ${JSON.stringify(full.others)}`);
  const calm = await runReserveLoad({
    ...plan,
    kind: 'mixed',
    run: 'half',
    clients,
    seconds,
    rate: rates.at(-1)! / 2,
  });
  half.push(...calm.latencies);
  say(`round ${round + 1}: at half rate p99 ${quantile(calm.latencies, 0.99).toFixed(1)} ms`);
  await server.stop();
  await sql.end();
}
await postgres.stop();

const best = Math.max(...[...bare.values()].map(median));
printTable(
  ['reserve', 'measured', 'raw limit', 'ratio', 'wanted'],
  [
    ['reservations/s over HTTP, mixed SKUs', median(rates), best, median(rates) / best, '≥ 1,500'],
    ...[...bare].map(([lanes, list]) => [`bare SQL, ${lanes} connection(s)`, median(list), '', '', '']),
    ['at half rate, p50 ms', median(half), '', '', ''],
    ['at half rate, p99 ms', quantile(half, 0.99), '', '', '≤ 60'],
    [
      `${RACERS} clients on one SKU, reservations/s`,
      median(race.map((one) => PIECES / one.seconds)),
      '',
      '',
      '',
    ],
    [
      `${RACERS} clients on one SKU, p99 ms`,
      quantile(
        race.flatMap(({ latencies }) => latencies),
        0.99,
      ),
      '',
      '',
      '',
    ],
    [`pieces too many of ${PIECES}`, beyond.toLocaleString('en-US'), '', '', '0'],
    ['server processor, µs a reservation', median(cpu), '', '', ''],
  ],
);
