/**
 * Soak: what a wall that hangs for days holds in memory. A paired wall in Chromium with sales in the background; its heap
 * after garbage collection is read each minute. `npm run bench -- soak [--minutes 30] [--rate 1000]`; needs a web build.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { runLoad } from './support/load.ts';
import { openProbeWall } from './support/probe-wall.ts';
import { foundCompany, openPostgres, startServer } from './support/rig.ts';
import { option, printTable, say } from './support/table.ts';

const minutes = option('minutes', 30);
const rate = option('rate', 1000);
/** What is compared with the end: by then everything that is built once is built. */
const EARLY = Math.min(5, minutes - 1);

const postgres = await openPostgres();
const { key } = await foundCompany(postgres, 'bench_soak');
const databaseUrl = postgres.url('bench_soak');
const server = await startServer(databaseUrl);
const wall = await openProbeWall(server.url, databaseUrl, key);

const heaps: number[] = [];
const residents: number[] = [];
for (let minute = 1; minute <= minutes; minute++) {
  // A minute at a time: a load prepares all its bodies before it begins.
  const { failures } = await runLoad({
    url: server.url,
    key,
    run: `soak${minute}`,
    first: 0,
    batch: 20,
    connections: 0,
    seconds: 57,
    rate,
    most: 0,
  });
  if (Object.keys(failures).length > 0) say(`minute ${minute}: ${JSON.stringify(failures)}`);
  await sleep(1000);
  heaps.push(await wall.heapMb());
  residents.push(server.usage().rss);
  say(`minute ${minute}: heap ${heaps.at(-1)!.toFixed(1)} MB, server ${residents.at(-1)!.toFixed(0)} MB`);
}
await wall.close();
await server.stop();
await postgres.drop('bench_soak');
await postgres.stop();
const [early, late] = [heaps[EARLY - 1]!, heaps.at(-1)!];
printTable(
  [`soak: ${minutes} minutes at ${rate} orders/s`, `minute ${EARLY}`, `minute ${minutes}`, 'ratio', 'wanted'],
  [
    ["the wall's heap, MB", early, late, late / early, '≤ 1.1'],
    [
      'server resident, MB',
      residents[EARLY - 1]!,
      residents.at(-1)!,
      residents.at(-1)! / residents[EARLY - 1]!,
      '≤ 350 MB',
    ],
  ],
);
