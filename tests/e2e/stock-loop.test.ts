/** A shelf runs empty, the phone says so, somebody takes it, the goods come, the alert ends; the wall shows each step. */
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser, launchBrowser, noBrowser } from '../support/browser.ts';
import { startCompany, type Company } from '../support/company.ts';
import {
  carried,
  machineOf,
  openPage,
  pairWall,
  signInAs,
  signInByLink,
  textOf,
  type Machine,
} from '../support/stage.ts';

const found = await findBrowser();
if (!found) console.warn(noBrowser);

describe.skipIf(!found)('the stock loop', () => {
  let company: Company;
  let browser: Browser;
  let phone: Page;
  let desk: Page;
  let wall: Page;
  let erp: Machine;

  beforeAll(async () => {
    [company, browser] = await Promise.all([startCompany(), launchBrowser()]);
    erp = await machineOf(company, 'ingest', 'read', 'command');
    [phone, desk, wall] = await Promise.all([
      openPage(browser, 390, 844),
      openPage(browser),
      openPage(browser, 1920, 1080),
    ]);
  });

  afterAll(async () => {
    await browser?.close();
    await company?.stop();
  });

  const wallShows = (words: string) => expect.poll(() => textOf(wall), { timeout: 15_000 }).toContain(words);
  const balance = async () => {
    const { rows } = await erp.call<{ rows: { available: number; inbound: number }[] }>(
      'GET',
      '/stock?sku=COLA&location=S001',
    );
    return rows[0]!;
  };

  test('a company with a shelf, a warehouse, a policy by hand and a manager', async () => {
    await erp.call('PUT', '/catalog/locations', {
      rows: [
        { code: 'S001', nameZh: '南京路店', nameEn: 'Nanjing Road', kind: 'store' },
        { code: 'HQ', nameZh: '总仓', nameEn: 'HQ warehouse', kind: 'hq_warehouse' },
      ],
    });
    await erp.call('PUT', '/catalog/skus', {
      rows: [{ code: 'COLA', nameZh: '可乐 330 毫升', nameEn: 'Cola 330 ml', packSize: 12 }],
    });
    for (const [location, qty] of [
      ['S001', 5],
      ['HQ', 600],
    ] as const)
      await erp.fact('stock.received', { location, ref: 'opening', lines: [{ sku: 'COLA', qty }] });
    await erp.call('PUT', '/policies', { rows: [{ sku: 'COLA', location: 'S001', min: 3, max: 24 }] });

    await signInByLink(desk, company);
    await pairWall(wall, desk, company, { name: '库存大屏', scenes: ['stock'] });
    await wallShows('货架充足，没有预警');

    await signInAs(phone, company, {
      email: 'zhang@example.com',
      name: '张敏',
      role: 'manager',
      locations: ['S001'],
    });
    await phone.goto(`${company.url}/alerts`);
    await expect.poll(() => textOf(phone), { timeout: 10_000 }).toContain('全部安好');
  });

  test('the sale that empties the shelf rings on the phone and takes over the wall', async () => {
    expect(await erp.fact('order.placed', carried('COLA', 5, 300))).toMatchObject({ accepted: 1 });
    await expect.poll(() => textOf(phone), { timeout: 10_000 }).toContain('可乐 330 毫升');
    expect(await textOf(phone)).toContain('售罄');
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
    const { rows } = await erp.call<{ rows: { available: number }[] }>('GET', '/stock?sku=COLA&location=HQ');
    expect(rows[0]!.available).toBe(576);
    // The goods are not there yet.
    expect(await textOf(phone)).toContain('售罄');
    await wallShows('路上共 24 件');
  });

  test('headquarters ships it', async () => {
    await desk.goto(`${company.url}/orders/TR-000001`);
    await desk.getByRole('button', { name: '已发货' }).click();
    await expect.poll(() => textOf(desk), { timeout: 10_000 }).toContain('在路上');
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
    await expect.poll(() => textOf(phone), { timeout: 10_000 }).toContain('全部安好');
    await wallShows('货架充足，没有预警');
    const { rows } = await erp.call<{ rows: { status: string; resolvedBy: string; owner: string }[] }>(
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
