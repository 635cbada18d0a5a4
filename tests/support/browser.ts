import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Browser } from 'playwright';
import { repositoryRoot } from '@zhanggui/shared/platform/settings.ts';

/** Quiet and without a way out: a page under test that asks the internet for something fails at once. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
];

const SYSTEM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export const noBrowser =
  'no Chromium: set CHROMIUM to one, install Debian\'s "chromium", or use an x64 Linux, for which npm brings one';

type Found = { executablePath: string; args: string[] };

let found: Promise<Found | undefined> | undefined;

/** A Chromium to test with: $CHROMIUM, the one from npm (Linux on x64), or the system's. Undefined where there is none. */
export function findBrowser(): Promise<Found | undefined> {
  found ??= find();
  return found;
}

async function find(): Promise<Found | undefined> {
  const named = process.env['CHROMIUM'];
  if (named) return { executablePath: named, args: [] };
  const system = SYSTEM.find((file) => existsSync(file));
  if (system !== undefined) return { executablePath: system, args: [] };
  const packed = await unpack();
  if (packed === undefined) return undefined;
  const browser = { executablePath: packed, args: ['--headless=shell'] };
  return (await drawsInputs(browser)) ? browser : undefined;
}

/**
 * The packed Chromium of some versions has no theme font and dies at the first `<input type="time">`: then it is of no use
 * here, and a test that says why it skips is better than one that fails for no fault of ours.
 */
async function drawsInputs({ executablePath, args }: Found): Promise<boolean> {
  const browser = await chromium.launch({ executablePath, args: [...ARGS, ...args] });
  try {
    const page = await browser.newPage();
    await page.setContent('<input type="time"><input type="number">');
    await page.screenshot();
    return browser.isConnected();
  } catch {
    return false;
  } finally {
    await browser.close().catch(() => undefined);
  }
}

/** The package unpacks itself into TMPDIR, with its libraries only where it believes to be on Lambda. */
async function unpack(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const before = { ...process.env };
  const cache = path.join(repositoryRoot, '.cache/chromium');
  mkdirSync(cache, { recursive: true });
  process.env['TMPDIR'] = cache;
  process.env['AWS_EXECUTION_ENV'] = 'AWS_Lambda_nodejs22.x';
  try {
    const { default: packed } = await import('@sparticuz/chromium');
    return await packed.executablePath();
  } catch {
    return undefined;
  } finally {
    for (const name of ['TMPDIR', 'AWS_EXECUTION_ENV'])
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
  }
}

/** Starts it. Throws where `findBrowser` finds none: tests ask that first, and skip. */
export async function launchBrowser(): Promise<Browser> {
  const browser = await findBrowser();
  if (!browser) throw new Error(noBrowser);
  return chromium.launch({ executablePath: browser.executablePath, args: [...ARGS, ...browser.args] });
}
