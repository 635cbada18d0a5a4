/** From a paired screen to the right number, through a killed server. A real company, a real browser. */
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser, launchBrowser, noBrowser } from '../support/browser.ts';
import { startCompany, type Company } from '../support/company.ts';
import {
  carried,
  machineOf,
  openPage,
  pairWall,
  send,
  signInAs,
  signInByLink,
  textOf,
  type Machine,
} from '../support/stage.ts';

const found = await findBrowser();
if (!found) console.warn(noBrowser);

describe.skipIf(!found)('the wall', () => {
  let company: Company;
  let browser: Browser;
  let desk: Page;
  let wall: Page;
  let till: Machine;

  beforeAll(async () => {
    [company, browser] = await Promise.all([startCompany(), launchBrowser()]);
    till = await machineOf(company, 'ingest', 'read');
    [desk, wall] = await Promise.all([openPage(browser), openPage(browser, 1920, 1080)]);
  });

  afterAll(async () => {
    await browser?.close();
    await company?.stop();
  });

  /** A carried sale of `amount` 分. */
  const sell = (amount: number) => till.fact('order.placed', carried('SKU-1', 1, amount));

  const hero = () => wall.locator('[data-hero]').getAttribute('data-value');
  const heroIs = (minor: number) => expect.poll(hero, { timeout: 10_000 }).toBe(String(minor));

  test('the sign-in link signs in once', async () => {
    await signInByLink(desk, company);
    const page = await openPage(browser);
    const token = company.signInLink.split('link=')[1]!;
    await page.goto(`${company.url}/sign-in`);
    expect(await send(page, '/api/v1/session/link', { token })).toBe(401);
    await page.context().close();
  });

  test('a screen shows a code, an administrator enters it, and the wall comes up', async () => {
    // One scene: each has a number of its own that is the largest, and the wall would show them in turn.
    await pairWall(wall, desk, company, { name: '大堂', scenes: ['overview'] });
    await wall.locator('[data-hero]').waitFor({ timeout: 15_000 });
    expect(await textOf(wall)).toContain('大堂');
  });

  test('a sale changes the number', async () => {
    expect(await sell(19_900)).toMatchObject({ accepted: 1 });
    await heroIs(19_900);
    expect(await sell(100)).toMatchObject({ accepted: 1 });
    await heroIs(20_000);
  });

  test('a dead server is seen, the last numbers stay, and after the restart they are right', async () => {
    company.killAndHold('server');
    // Promised within 3 seconds; the poll allows for a busy machine.
    await expect.poll(() => textOf(wall), { timeout: 8_000 }).toContain('与服务器失去联系');
    expect(await hero()).toBe('20000');
    company.resume();
    await company.ready();
    await sell(500);
    await heroIs(20_500);
    await expect.poll(() => textOf(wall), { timeout: 10_000 }).not.toContain('与服务器失去联系');
  });

  test('a killed server loses nothing that it had acknowledged', async () => {
    let acknowledged = 0;
    const selling = Array.from({ length: 8 }, async () => {
      for (let i = 0; i < 25; i++)
        try {
          await sell(1);
          acknowledged += 1;
        } catch {
          // The server was killed under this request: nobody was promised anything.
        }
    });
    await new Promise((resolve) => setTimeout(resolve, 60));
    company.kill('server');
    await Promise.all(selling);
    await company.ready();
    const day = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(new Date());
    const { rows } = await till.call<{ rows: { net: number }[] }>(
      'GET',
      `/sales/summary?from=${day}&to=${day}&groupBy=day`,
    );
    expect(rows[0]!.net).toBeGreaterThanOrEqual(20_500 + acknowledged);
    await heroIs(rows[0]!.net);
    const verified = await company.zg(['verify']);
    expect(verified.code, verified.stdout + verified.stderr).toBe(0);
  });

  test('a viewer cannot administer', async () => {
    const page = await openPage(browser);
    await signInAs(page, company, { email: 'viewer@example.com', role: 'viewer' });
    expect(await send(page, '/api/v1/keys', { name: 'mine', scopes: ['read'] })).toBe(403);
    const user = { email: 'x@example.com', name: 'X', role: 'admin' };
    expect(await send(page, '/api/v1/users', user)).toBe(403);
    await page.context().close();
  });

  test('a revoked wall goes dark at once', async () => {
    await desk.evaluate(async () => {
      const { rows } = (await (await fetch('/api/v1/walls')).json()) as { rows: { id: string }[] };
      for (const { id } of rows) await fetch(`/api/v1/walls/${id}`, { method: 'DELETE' });
    });
    await wall.locator('[data-pairing-code]').waitFor({ timeout: 10_000 });
    expect(await wall.locator('[data-hero]').count()).toBe(0);
  });
});
