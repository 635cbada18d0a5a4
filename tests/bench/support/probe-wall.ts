/** A paired wall in a real Chromium, and sales that can be told from all others when their amount arrives on it. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright';
import { collectPairing, pairWall, startPairing } from '@zhanggui/shared/access/wall-store.ts';
import type { Scene } from '@zhanggui/shared/contract/words.ts';
import { connect } from '@zhanggui/shared/platform/database.ts';
import { launchBrowser } from '../../support/browser.ts';
import { orderEvent } from './orders.ts';
import { processUsage } from './rig.ts';

/** Minor units of a probe's sale: more than all other sales of a run together. */
const AMOUNT = 10_000_000_000;

export type ProbeWall = {
  /** Posts one sale; milliseconds from before the request until the number on the page holds it. */
  probe(): Promise<number>;
  /** Processor seconds of all of the browser's processes so far. */
  cpu(): number;
  /** MB that the page's scripts hold, after a garbage collection. */
  heapMb(): Promise<number>;
  close(): Promise<void>;
};

/** Pairs a wall that shows one scene; its token. */
export async function pairedWall(databaseUrl: string, scene: Scene): Promise<string> {
  const sql = connect(databaseUrl, { max: 1, application: 'bench' });
  const pairing = await startPairing(sql);
  await pairWall(sql, pairing.code, {
    name: 'Bench wall',
    scenes: [scene],
    scope: 'all',
    hideMoney: false,
    locale: 'zh-CN',
    rotateSeconds: 3600,
    sound: false,
  });
  const collected = await collectPairing(sql, pairing.id, pairing.secret);
  await sql.end();
  if (collected.state !== 'paired') throw new Error('the wall was not paired');
  return collected.token;
}

/** Opens the wall of a server whose company has no sales today but for the orders of `orders.ts`. */
export async function openProbeWall(url: string, databaseUrl: string, key: string): Promise<ProbeWall> {
  const token = await pairedWall(databaseUrl, 'overview');
  const before = new Set(descendants(process.pid));
  const browser: Browser = await launchBrowser();
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
  await page.context().addCookies([{ name: 'zg_wall', value: token, url }]);
  await page.goto(`${url}/wall`);
  await page.locator('[data-hero]').waitFor({ timeout: 20_000 });
  await watchHero(page);
  const devtools = await page.context().newCDPSession(page);
  const processes = descendants(process.pid).filter((pid) => !before.has(pid));
  const run = Date.now().toString(36);
  let sent = 0;
  return {
    async probe() {
      sent += 1;
      const event = orderEvent(`probe-${run}`, sent, Date.now());
      const data = event['data'] as { lines: object[]; total: number };
      data.total = AMOUNT;
      const body = JSON.stringify(event);
      const arrived = page.evaluate(
        (wanted) => (globalThis as unknown as HeroWatch).heroAt(wanted),
        sent * AMOUNT,
      );
      // The page must be waiting already.
      await sleep(20);
      const started = Date.now();
      const answer = await fetch(`${url}/api/v1/events`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/cloudevents+json', Authorization: `Bearer ${key}` },
        body,
      });
      if (answer.status !== 200) throw new Error(`the probe was answered with ${answer.status}`);
      await answer.arrayBuffer();
      return (await arrived) - started;
    },
    cpu: () => processes.reduce((sum, pid) => sum + (processUsage(pid).cpu || 0), 0),
    async heapMb() {
      await devtools.send('HeapProfiler.collectGarbage');
      const { usedSize } = await devtools.send('Runtime.getHeapUsage');
      return usedSize / 1e6;
    },
    close: () => browser.close(),
  };
}

type HeroWatch = { heroAt(value: number): Promise<number> };

/** Puts a function into the page that tells when the hero number reached a value, in epoch ms. */
async function watchHero(page: Page): Promise<void> {
  await page.evaluate(() => {
    const watch = globalThis as unknown as HeroWatch;
    watch.heroAt = (value) =>
      new Promise((resolve, reject) => {
        const hero = document.querySelector('[data-hero]')!;
        const shown = () => Number(hero.getAttribute('data-value'));
        const look = () => {
          if (shown() < value) return;
          observer.disconnect();
          resolve(Date.now());
        };
        const observer = new MutationObserver(look);
        // This one attribute only: watching the whole page would be most of what the page has to do.
        observer.observe(hero, { attributeFilter: ['data-value'] });
        setTimeout(() => reject(new Error(`the wall shows ${shown()}, not ${value}`)), 10_000);
        look();
      });
  });
}

/** Processes below this one (Linux; none elsewhere). */
function descendants(root: number): number[] {
  const parents = new Map<number, number>();
  try {
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
      } catch {
        // It ended while we looked.
      }
    }
  } catch {
    return [];
  }
  const below = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent !== undefined && (parent === root || below(parent));
  };
  return [...parents.keys()].filter(below);
}
