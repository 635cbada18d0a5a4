/**
 * Livestreams: sessions that report each second while their viewers buy. From the POST of a pulse to the number on the wall's
 * scene Live in Chromium; the raw limit is the POST alone: commit and answer, before anything is shown.
 * `npm run bench -- live [--sessions 20] [--rate 500] [--seconds 60]`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@zhanggui/shared/platform/database.ts';
import { launchBrowser } from '../support/browser.ts';
import { liveEvent, pulseOf, runLive } from './support/live-load.ts';
import { pairedWall } from './support/probe-wall.ts';
import { foundCompany, openPostgres, processUsage, startServer } from './support/rig.ts';
import { option, printTable, quantile, say } from './support/table.ts';

const [count, rate, seconds] = [option('sessions', 20), option('rate', 500), option('seconds', 60)];
const WARM_S = 8;
/** So that the probed room is the first on the wall, and each of its pulses a number of its own. */
const VIEWERS = 1_000_000;

const postgres = await openPostgres();
const { key } = await foundCompany(postgres, 'bench_live');
const databaseUrl = postgres.url('bench_live');
const server = await startServer(databaseUrl);
const sessions = Array.from({ length: count }, (_, i) => `show-${i}`);
const probed = sessions[0]!;

/** Milliseconds of a POST until it is answered. */
async function post(events: object[]): Promise<number> {
  const started = performance.now();
  const answer = await fetch(`${server.url}/api/v1/events`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/cloudevents-batch+json', Authorization: `Bearer ${key}` },
    body: JSON.stringify(events),
  });
  if (answer.status !== 200) throw new Error(`a pulse was answered with ${answer.status}`);
  await answer.arrayBuffer();
  return performance.now() - started;
}
const now = Date.now();
await post(
  sessions.flatMap((sessionId, i) => [
    liveEvent('live.started', `s${i}`, now, { roomId: `room-${i}`, sessionId, title: `直播间 ${i}` }),
    liveEvent('live.featured', `f${i}`, now, { sessionId, sku: 'SKU-00001', price: 9900 }),
  ]),
);
await post([liveEvent('live.pulse', 'first', now, pulseOf(probed, VIEWERS))]);

const browser = await launchBrowser();
const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
const token = await pairedWall(databaseUrl, 'live');
await page.context().addCookies([{ name: 'zg_wall', value: token, url: server.url }]);
await page.goto(`${server.url}/wall`);
await page.locator(`[data-viewers="${VIEWERS}"]`).waitFor({ timeout: 20_000 });
type Seen = { seen: [viewers: number, at: number][] };
await page.evaluate(() => {
  const seen: Seen['seen'] = ((globalThis as unknown as Seen).seen = []);
  const look = () => {
    for (const element of document.querySelectorAll('[data-viewers]'))
      seen.push([Number(element.getAttribute('data-viewers')), Date.now()]);
  };
  new MutationObserver(look).observe(document.body, { subtree: true, attributeFilter: ['data-viewers'] });
});

let begun: () => void = () => undefined;
const sending = new Promise<void>((resolve) => (begun = resolve));
const load = runLive({ url: server.url, key, sessions, seconds: seconds + WARM_S, rate }, begun);
await sending;
await sleep(WARM_S * 1000);
const sent: { viewers: number; at: number }[] = [];
const answered: number[] = [];
const [cpu, began] = [server.usage().cpu, performance.now()];
for (let i = 1; i <= seconds; i++) {
  const viewers = VIEWERS + i;
  sent.push({ viewers, at: Date.now() });
  answered.push(await post([liveEvent('live.pulse', `probe-${i}`, Date.now(), pulseOf(probed, viewers))]));
  // A second apart, and at no fixed distance from the board's looks.
  await sleep(Math.max(0, began + i * 1000 + Math.random() * 200 - performance.now()));
}
await sleep(2000);
const busy = (server.usage().cpu - cpu) / ((performance.now() - began) / 1000);
const seen = await page.evaluate(() => (globalThis as unknown as Seen).seen);
const shown = sent.flatMap(({ viewers, at }) => {
  // A newer pulse stands for those before it: what is shown is never older than that.
  const first = seen.find(([value]) => value >= viewers);
  return first ? [first[1] - at] : [];
});
const { failures, latencies } = await load;
const sql = connect(databaseUrl, { max: 1, application: 'bench' });
const [sum] = await sql<[{ orders: number; rows: number }]>`
  select sum(orders)::int as orders, (select count(*)::int from orders where session_id is not null) as rows from live_session`;
await sql.end();
await browser.close();
const { rss } = processUsage(server.pid);
await server.stop();
await postgres.drop('bench_live');
await postgres.stop();

if (Object.keys(failures).length > 0) say(`load: ${JSON.stringify(failures)}`);
if (shown.length < sent.length)
  say(`${sent.length - shown.length} of ${sent.length} pulses were never shown`);
if (sum.orders !== sum.rows) throw new Error(`sessions say ${sum.orders} orders, there are ${sum.rows}`);
printTable(
  ['pulse → number on the wall, ms', 'p50', 'p99', 'wanted', 'POST alone p50', 'POST alone p99', 'load p99', 'server % of a core', 'server MB'],
  [
    [
      `${count} sessions, ${rate} orders/s`,
      quantile(shown, 0.5),
      quantile(shown, 0.99),
      'p99 ≤ 1,000',
      quantile(answered, 0.5),
      quantile(answered, 0.99),
      quantile(latencies, 0.99),
      busy * 100,
      rss,
    ],
  ],
); // prettier-ignore
