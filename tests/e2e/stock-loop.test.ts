/** A shelf runs empty, the phone says so, somebody takes it, the goods come, the alert ends; the wall shows each step. */
import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser, launchBrowser, noBrowser } from '../support/browser.ts';
import { startCompany, type Company } from '../support/company.ts';

const found = await findBrowser();
if (!found) console.warn(noBrowser);
const PASSWORD = 'correct horse battery staple';

describe.skipIf(!found)('the stock loop', () => {
  let company: Company;
  let browser: Browser;
  let phone: Page;
  let desk: Page;
  let wall: Page;
  let key: string;

  beforeAll(async () => {
    [company, browser] = await Promise.all([startCompany(), launchBrowser()]);
    const created = await company.zg(['key', 'create', '--name', 'erp', '--scopes', 'ingest,read,command']);
    expect(created.code, created.stderr).toBe(0);
    key = created.stdout.trim();
    const added = await company.zg(
      [
        ...['user', 'add', '--email', 'zhang@example.com', '--name', '张敏', '--role', 'manager'],
        ...['--locations', 'S001', '--password-stdin'],
      ],
      `${PASSWORD}\n`,
    );
    expect(added.code, added.stderr).toBe(0);
    const page = async (width: number, height: number) =>
      (await browser.newContext({ locale: 'zh-CN', viewport: { width, height } })).newPage();
    [phone, desk, wall] = await Promise.all([page(390, 844), page(1440, 900), page(1920, 1080)]);
  });

  afterAll(async () => {
    await browser?.close();
    await company?.stop();
  });

  async function call<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(`${company.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    expect(answer.ok, `${method} ${path}: ${answer.status} ${text}`).toBe(true);
    return JSON.parse(text || 'null') as T;
  }

  async function fact(type: string, data: object): Promise<void> {
    const id = randomUUID();
    const answer = await fetch(`${company.url}/api/v1/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify({
        specversion: '1.0',
        id,
        source: 'pos/S001',
        type,
        time: new Date().toISOString(),
        data,
      }),
    });
    expect(await answer.json()).toMatchObject({ accepted: 1 });
  }

  const sell = (qty: number) =>
    fact('order.placed', {
      orderId: randomUUID(),
      channel: 'pos',
      location: 'S001',
      lines: [{ sku: 'COLA', qty, unitPrice: 300 }],
      total: qty * 300,
      fulfilment: { method: 'carry', location: 'S001' },
    });

  const text = (page: Page) => page.locator('body').innerText();
  const wallShows = (words: string) => expect.poll(() => text(wall), { timeout: 15_000 }).toContain(words);
  const balance = async () => {
    const { rows } = await call<{ rows: { available: number; inbound: number }[] }>(
      'GET',
      '/stock?sku=COLA&location=S001',
    );
    return rows[0]!;
  };

  test('a company with a shelf, a warehouse, a policy by hand and a manager', async () => {
    await call('PUT', '/catalog/locations', {
      rows: [
        { code: 'S001', nameZh: '南京路店', nameEn: 'Nanjing Road', kind: 'store' },
        { code: 'HQ', nameZh: '总仓', nameEn: 'HQ warehouse', kind: 'hq_warehouse' },
      ],
    });
    await call('PUT', '/catalog/skus', {
      rows: [{ code: 'COLA', nameZh: '可乐 330 毫升', nameEn: 'Cola 330 ml', packSize: 12 }],
    });
    for (const [location, qty] of [
      ['S001', 5],
      ['HQ', 600],
    ] as const)
      await fact('stock.received', { location, ref: 'opening', lines: [{ sku: 'COLA', qty }] });
    await call('PUT', '/policies', { rows: [{ sku: 'COLA', location: 'S001', min: 3, max: 24 }] });

    await desk.goto(company.signInLink);
    await expect
      .poll(() => desk.evaluate(async () => (await fetch('/api/v1/session')).status), { timeout: 10_000 })
      .toBe(200);
    await wall.goto(`${company.url}/wall`);
    const shown = wall.locator('[data-pairing-code]');
    await expect.poll(() => shown.getAttribute('data-pairing-code'), { timeout: 15_000 }).toMatch(/^\w{6}$/);
    const code = await shown.getAttribute('data-pairing-code');
    const status = await desk.evaluate(async (code) => {
      const answer = await fetch('/api/v1/walls', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code, name: '库存大屏', scenes: ['stock'] }),
      });
      return answer.status;
    }, code);
    expect(status).toBe(201);
    await wallShows('货架充足，没有预警');

    await phone.goto(`${company.url}/sign-in`);
    const signedIn = await phone.evaluate(
      async (body) =>
        (
          await fetch('/api/v1/session', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(body),
          })
        ).status,
      { email: 'zhang@example.com', password: PASSWORD },
    );
    expect(signedIn).toBe(200);
    await phone.goto(`${company.url}/alerts`);
    await expect.poll(() => text(phone), { timeout: 10_000 }).toContain('全部安好');
  });

  test('the sale that empties the shelf rings on the phone and takes over the wall', async () => {
    await sell(5);
    await expect.poll(() => text(phone), { timeout: 10_000 }).toContain('可乐 330 毫升');
    expect(await text(phone)).toContain('售罄');
    await wallShows('可乐 330 毫升');
  });

  test('“I’m on it” puts a name to it, on the wall too', async () => {
    await phone.getByRole('button', { name: '我来处理' }).click();
    await phone.getByRole('button', { name: '批准补货 24 件' }).waitFor({ timeout: 10_000 });
    await wallShows('张敏');
  });

  test('approving the transfer makes an order, and holds the pieces at the warehouse', async () => {
    await phone.getByRole('button', { name: '批准补货 24 件' }).click();
    await expect.poll(async () => (await balance()).inbound, { timeout: 10_000 }).toBe(24);
    const { rows } = await call<{ rows: { available: number }[] }>('GET', '/stock?sku=COLA&location=HQ');
    expect(rows[0]!.available).toBe(576);
    // The goods are not there yet.
    expect(await text(phone)).toContain('售罄');
    await wallShows('路上共 24 件');
  });

  test('headquarters ships it', async () => {
    // Where the link signed in: a cookie of localhost is not sent to 127.0.0.1.
    await desk.goto(new URL('/orders/TR-000001', company.signInLink).href);
    await desk.getByRole('button', { name: '已发货' }).click();
    await expect.poll(() => text(desk), { timeout: 10_000 }).toContain('在路上');
  });

  test('received by scan, booked; the alert ends by itself and the wall is calm', async () => {
    await phone.goto(`${company.url}/orders/TR-000001/receive`);
    const scan = phone.getByLabel('扫码或输入商品编码');
    await scan.waitFor({ timeout: 10_000 });
    await scan.fill('COLA');
    await scan.press('Enter');
    await scan.fill('COLA*23');
    await scan.press('Enter');
    await phone.getByRole('button', { name: '核对并入账' }).click();
    await phone.getByRole('button', { name: '入账并完成' }).click();
    await expect
      .poll(balance, { timeout: 10_000 })
      .toEqual(expect.objectContaining({ available: 24, inbound: 0 }));
    await phone.goto(`${company.url}/alerts`);
    await expect.poll(() => text(phone), { timeout: 10_000 }).toContain('全部安好');
    await wallShows('货架充足，没有预警');
    const { rows } = await call<{ rows: { status: string; resolvedBy: string; owner: string }[] }>(
      'GET',
      '/alerts?status=resolved&sku=COLA&location=S001',
    );
    expect(rows).toEqual([
      expect.objectContaining({ status: 'resolved', resolvedBy: 'cause', owner: '张敏' }),
    ]);
    const verified = await company.zg(['verify']);
    expect(verified.code, verified.stdout + verified.stderr).toBe(0);
  });
});
