/** From a paired screen to the right number, through a killed server. A real company, a real browser. */
import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser, launchBrowser, noBrowser } from '../support/browser.ts';
import { startCompany, type Company } from '../support/company.ts';

const found = await findBrowser();
if (!found) console.warn(noBrowser);

describe.skipIf(!found)('the wall', () => {
  let company: Company;
  let browser: Browser;
  let desk: Page;
  let wall: Page;
  let key: string;

  beforeAll(async () => {
    [company, browser] = await Promise.all([startCompany(), launchBrowser()]);
    const created = await company.zg(['key', 'create', '--name', 'till', '--scopes', 'ingest,read']);
    expect(created.code, created.stderr).toBe(0);
    key = created.stdout.trim();
    desk = await (await browser.newContext({ locale: 'zh-CN' })).newPage();
    wall = await (
      await browser.newContext({ locale: 'zh-CN', viewport: { width: 1920, height: 1080 } })
    ).newPage();
  });

  afterAll(async () => {
    await browser?.close();
    await company?.stop();
  });

  /** Sends a carried sale of `amount` 分 and answers what the server said. */
  async function sell(amount: number): Promise<{ accepted: number; duplicates: number }> {
    const id = randomUUID();
    const answer = await fetch(`${company.url}/api/v1/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify({
        specversion: '1.0',
        id,
        source: 'pos/S001',
        type: 'order.placed',
        time: new Date().toISOString(),
        data: {
          orderId: id,
          channel: 'pos',
          location: 'S001',
          lines: [{ sku: 'SKU-1', qty: 1, unitPrice: amount }],
          total: amount,
          fulfilment: { method: 'carry', location: 'S001' },
        },
      }),
    });
    expect(answer.status).toBe(200);
    return (await answer.json()) as { accepted: number; duplicates: number };
  }

  const hero = () => wall.locator('[data-hero]').getAttribute('data-value');
  const heroIs = (minor: number) => expect.poll(hero, { timeout: 10_000 }).toBe(String(minor));

  test('the sign-in link signs in once', async () => {
    await desk.goto(company.signInLink);
    await expect
      .poll(() => desk.evaluate(async () => (await fetch('/api/v1/session')).status), { timeout: 10_000 })
      .toBe(200);
    const second = await browser.newContext();
    const page = await second.newPage();
    const token = company.signInLink.split('link=')[1]!;
    await page.goto(`${company.url}/sign-in`);
    const status = await page.evaluate(async (token) => {
      const answer = await fetch('/api/v1/session/link', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token }),
      });
      return answer.status;
    }, token);
    expect(status).toBe(401);
    await second.close();
  });

  test('a screen shows a code, an administrator enters it, and the wall comes up', async () => {
    await wall.goto(`${company.url}/wall`);
    const shown = wall.locator('[data-pairing-code]');
    await expect.poll(() => shown.getAttribute('data-pairing-code'), { timeout: 15_000 }).toMatch(/^\w{6}$/);
    const code = (await shown.getAttribute('data-pairing-code'))!;
    const status = await desk.evaluate(async (code) => {
      const answer = await fetch('/api/v1/walls', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code, name: '大堂' }),
      });
      return answer.status;
    }, code);
    expect(status).toBe(201);
    await wall.locator('[data-hero]').waitFor({ timeout: 15_000 });
    expect(await wall.locator('body').innerText()).toContain('大堂');
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
    await expect
      .poll(() => wall.locator('body').innerText(), { timeout: 8_000 })
      .toContain('与服务器失去联系');
    expect(await hero()).toBe('20000');
    company.resume();
    await company.ready();
    await sell(500);
    await heroIs(20_500);
    await expect
      .poll(() => wall.locator('body').innerText(), { timeout: 10_000 })
      .not.toContain('与服务器失去联系');
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
    const answer = await fetch(`${company.url}/api/v1/sales/summary?from=${day}&to=${day}&groupBy=day`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const { rows } = (await answer.json()) as { rows: { net: number }[] };
    expect(rows[0]!.net).toBeGreaterThanOrEqual(20_500 + acknowledged);
    await heroIs(rows[0]!.net);
    const verified = await company.zg(['verify']);
    expect(verified.code, verified.stdout + verified.stderr).toBe(0);
  });

  test('a viewer cannot administer', async () => {
    const added = await company.zg(
      ['user', 'add', '--email', 'viewer@example.com', '--role', 'viewer', '--password-stdin'],
      'correct horse battery staple\n',
    );
    expect(added.code, added.stderr).toBe(0);
    const context = await browser.newContext({ locale: 'zh-CN' });
    const page = await context.newPage();
    await page.goto(`${company.url}/sign-in`);
    const statuses = await page.evaluate(async () => {
      const send = async (path: string, body: unknown) =>
        (
          await fetch(path, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(body),
          })
        ).status;
      return {
        signIn: await send('/api/v1/session', {
          email: 'viewer@example.com',
          password: 'correct horse battery staple',
        }),
        key: await send('/api/v1/keys', { name: 'mine', scopes: ['read'] }),
        user: await send('/api/v1/users', { email: 'x@example.com', name: 'X', role: 'admin' }),
      };
    });
    expect(statuses).toEqual({ signIn: 200, key: 403, user: 403 });
    await context.close();
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
