/**
 * Trigger: from the POST of the sale that takes a balance across its reorder point to the alert on a manager's open page in
 * Chromium, with 1,000 other orders a second; on Postgres alone and, where there is a Redis, through Redis. The raw limit is
 * the POST alone: commit and answer. `npm run bench -- trigger [--probes 60] [--rate 1000] [--coupons 0]`: with coupons, campaigns
 * of so many are fanned out meanwhile, one after the other.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright';
import { startSession } from '@zhanggui/shared/access/session-store.ts';
import { insertUser } from '@zhanggui/shared/access/user-store.ts';
import { connect } from '@zhanggui/shared/platform/database.ts';
import { launchBrowser } from '../support/browser.ts';
import { hasRedis, noRedis, startRedis } from '../support/redis.ts';
import { launchCampaign, letApprove, makeMembers } from './support/campaigns.ts';
import { runLoad } from './support/load.ts';
import { placeCode } from './support/orders.ts';
import { foundCompany, openPostgres, settle, startServer, startWorkers } from './support/rig.ts';
import { median, option, printTable, quantile, say } from './support/table.ts';

const probes = option('probes', 60);
const rate = option('rate', 1000);
const coupons = option('coupons', 0);
const WARM_MS = 5000;
const PLACE = placeCode(1);
const ON_HAND = 11;
const REORDER_POINT = 10;

const postgres = await openPostgres();
const rows: (string | number)[][] = [];
for (const mode of ['Postgres', 'Redis'] as const) {
  if (mode === 'Redis' && !hasRedis()) {
    say(noRedis);
    continue;
  }
  const redis = mode === 'Redis' ? await startRedis() : undefined;
  const { key } = await foundCompany(postgres, 'bench_trigger');
  const databaseUrl = postgres.url('bench_trigger');
  const token = await stockUp(databaseUrl);
  const workers = startWorkers(databaseUrl, redis?.url);
  const server = await startServer(databaseUrl, redis?.url);
  const browser = await launchBrowser();
  const page = await openAlerts(
    browser.newPage({ locale: 'zh-CN', viewport: { width: 390, height: 844 } }),
    server.url,
    token,
  );

  let begun: () => void = () => undefined;
  const sending = new Promise<void>((resolve) => (begun = resolve));
  const seconds = Math.ceil(probes * 0.6 + WARM_MS / 1000) + 6;
  const load = runLoad(
    { url: server.url, key, run: `bg${mode}`, first: 0, batch: 20, connections: 0, seconds, rate, most: 0 },
    begun,
  );
  await sending;
  await sleep(WARM_MS);
  const [shown, answered]: [number[], number[]] = [[], []];
  const fanOuts = sendCoupons(databaseUrl, { url: server.url, key });
  for (let i = 1; i <= probes; i++) {
    const arrived = page.evaluate((name) => (globalThis as unknown as Watch).shows(name), nameOf(i));
    // The page must be waiting already.
    await sleep(20);
    const started = Date.now();
    await post(server.url, key, sale(i));
    answered.push(Date.now() - started);
    shown.push((await arrived) - started);
    await sleep(50 + Math.random() * 150);
  }
  const given = await fanOuts.stop();
  if (coupons > 0) say(`${mode}: ${given} coupons meanwhile`);
  const { failures } = await load;
  if (Object.keys(failures).length > 0) say(`background: ${JSON.stringify(failures)}`);
  rows.push([
    mode,
    median(shown),
    quantile(shown, 0.99),
    'p99 ≤ 1000',
    median(answered),
    median(shown) / median(answered),
  ]);
  await browser.close();
  await server.stop();
  await workers.stop();
  await redis?.stop();
  await postgres.drop('bench_trigger');
}
await postgres.stop();
printTable(
  [
    `sale → alert on the page, ms, ${rate} orders/s behind it`,
    'p50',
    'p99',
    'wanted',
    'POST alone p50',
    'ratio of p50',
  ],
  rows,
);

/** Sends one campaign after the other until it is stopped; answers how many coupons that were. */
function sendCoupons(databaseUrl: string, target: { url: string; key: string }): { stop(): Promise<number> } {
  const sql = connect(databaseUrl, { max: 1, application: 'bench' });
  let stopped = false;
  const issued = async () =>
    (await sql<[{ issued: number }]>`select coalesce(sum(issued), 0)::int as issued from campaign`)[0].issued;
  const run = async () => {
    for (let campaigns = 1; coupons > 0 && !stopped; campaigns++) {
      await launchCampaign(target, { give: 'push', limits: { budget: coupons * 500 } });
      while (!stopped && (await issued()) < campaigns * coupons) await sleep(100);
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopped = true;
      await running;
      const sum = await issued();
      await sql.end();
      return sum;
    },
  };
}

function nameOf(no: number): string {
  return `探针商品${String(no).padStart(3, '0')}`;
}

/** A SKU for each probe, one piece above its reorder point at one store, and that store's manager. Answers a session. */
async function stockUp(databaseUrl: string): Promise<string> {
  const sql = connect(databaseUrl, { max: 1, application: 'bench' });
  for (let no = 1; no <= probes; no++) {
    const [sku] = await sql<{ no: number }[]>`
      insert into sku (code, known, name_zh, name_en) values (${`PROBE-${no}`}, true, ${nameOf(no)}, ${`Probe ${no}`})
      returning no`;
    await sql`
      insert into policy (sku_no, location_no, abc, xyz, rate, reorder_point, order_up_to)
      select ${sku!.no}, no, 'A', 'X', 2, ${REORDER_POINT}, 40 from location where code = ${PLACE}`;
    await sql`
      insert into stock (sku_no, location_no, on_hand, reorder_point)
      select ${sku!.no}, no, ${ON_HAND}, ${REORDER_POINT} from location where code = ${PLACE}`;
  }
  await sql`update stock_location set balances = balances + ${probes}
    where location_no = (select no from location where code = ${PLACE})`;
  if (coupons > 0) {
    await makeMembers(sql, coupons);
    await letApprove(sql);
    await settle(sql);
  }
  const user = await insertUser(sql, {
    email: 'manager@bench.example',
    name: '店长',
    role: 'manager',
    locations: [PLACE],
    regions: [],
  });
  const { token } = await startSession(sql, user.id, { byLink: true });
  await sql.end();
  return token;
}

function sale(no: number): object {
  const id = `probe-${no}`;
  return {
    specversion: '1.0',
    id,
    source: `pos/${PLACE}`,
    type: 'order.placed',
    time: new Date().toISOString(),
    data: {
      orderId: id,
      channel: 'pos',
      lines: [{ sku: `PROBE-${no}`, qty: 1, unitPrice: 100 }],
      total: 100,
      fulfilment: { method: 'carry', location: PLACE },
    },
  };
}

async function post(url: string, key: string, event: object): Promise<void> {
  const answer = await fetch(`${url}/api/v1/events`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/cloudevents+json', Authorization: `Bearer ${key}` },
    body: JSON.stringify(event),
  });
  if (answer.status !== 200) throw new Error(`the sale was answered with ${answer.status}`);
  await answer.arrayBuffer();
}

type Watch = { shows(name: string): Promise<number> };

/** The manager's alert page, which can tell when the alert of a SKU appeared on it, in epoch ms. */
async function openAlerts(opened: Promise<Page>, url: string, token: string): Promise<Page> {
  const page = await opened;
  await page.context().addCookies([{ name: 'zg_session', value: token, url }]);
  await page.goto(`${url}/alerts`);
  await page.locator('main h1').waitFor({ timeout: 20_000 });
  await page.evaluate(() => {
    const watch = globalThis as unknown as Watch;
    watch.shows = (name) =>
      new Promise((resolve, reject) => {
        const main = document.querySelector('main')!;
        const look = () => {
          if (!main.textContent.includes(name)) return;
          observer.disconnect();
          resolve(Date.now());
        };
        const observer = new MutationObserver(look);
        observer.observe(main, { childList: true, subtree: true, characterData: true });
        setTimeout(() => reject(new Error(`no alert of ${name} came`)), 15_000);
        look();
      });
  });
  return page;
}
