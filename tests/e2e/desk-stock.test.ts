/** A day's other work on stock at the desk: a count, a slow mover, a customer whom the shop next door can serve. */
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser, launchBrowser, noBrowser } from '../support/browser.ts';
import { startCompany, until, type Company } from '../support/company.ts';
import {
  carried,
  machineOf,
  openPage,
  signInAs,
  signInByLink,
  textOf,
  type Fact,
  type Machine,
} from '../support/stage.ts';

const found = await findBrowser();
if (!found) console.warn(noBrowser);

const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);

describe.skipIf(!found)('stock at the desk', () => {
  let company: Company;
  let browser: Browser;
  let desk: Page;
  let clerk: Page;
  let erp: Machine;

  beforeAll(async () => {
    [company, browser] = await Promise.all([startCompany(), launchBrowser()]);
    erp = await machineOf(company, 'ingest', 'read', 'command');
    [desk, clerk] = await Promise.all([openPage(browser), openPage(browser, 390, 844)]);
    await erp.call('PUT', '/catalog/locations', {
      rows: [
        { code: 'S001', nameZh: '南京路店', nameEn: 'Nanjing Road', kind: 'store' },
        { code: 'S002', nameZh: '人民广场店', nameEn: 'People’s Square', kind: 'store' },
      ],
    });
    await erp.call('PUT', '/catalog/skus', {
      rows: [
        { code: 'COLA', nameZh: '可乐 330 毫升', nameEn: 'Cola 330 ml', cost: 200, listPrice: 300 },
        { code: 'SCARF', nameZh: '羊绒围巾', nameEn: 'Cashmere scarf', cost: 20_000, listPrice: 39_900 },
      ],
    });
    const received = (location: string, sku: string, qty: number, at: Date): Fact => ({
      type: 'stock.received',
      data: { location, ref: 'opening', lines: [{ sku, qty }] },
      at,
    });
    // The scarf lies in Nanjing Road since the spring, and goes like mad at People's Square.
    await erp.facts([
      received('S001', 'COLA', 40, daysAgo(1)),
      received('S002', 'COLA', 12, daysAgo(1)),
      received('S001', 'SCARF', 300, daysAgo(200)),
      received('S002', 'SCARF', 365, daysAgo(200)),
      ...Array.from({ length: 120 }, (_, i) => ({
        type: 'order.placed',
        data: carried('SCARF', 3, 39_900, 'S002'),
        at: daysAgo(121 - i),
      })),
    ]);
    await Promise.all([
      signInByLink(desk, company),
      signInAs(clerk, company, {
        email: 'li@example.com',
        name: '李华',
        role: 'manager',
        locations: ['S001', 'S002'],
      }),
    ]);
  });

  afterAll(async () => {
    await browser?.close();
    await company?.stop();
  });

  async function balance(sku: string, location: string) {
    const { rows } = await erp.call<{
      rows: { onHand: number; reserved: number; available: number; inbound: number }[];
    }>('GET', `/stock?sku=${sku}&location=${location}`);
    return rows[0]!;
  }
  const shows = (page: Page, words: string) =>
    expect.poll(() => textOf(page), { timeout: 10_000 }).toContain(words);

  test('a count by file changes nothing until its differences were seen and booked', async () => {
    await desk.goto(`${company.url}/counts`);
    await desk.getByRole('button', { name: '新盘点' }).click();
    await desk.getByLabel('位置').last().selectOption({ label: '南京路店' });
    await desk.getByLabel('上传 CSV').setInputFiles({
      name: '11 月盘点 A 区.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('sku,qty\nCOLA,37\nSCARF,300\n'),
    });
    await desk.getByRole('button', { name: '核对差异' }).click();
    await shows(desk, '11 月盘点 A 区');
    await desk.getByRole('row', { name: '可乐 330 毫升' }).waitFor();
    // What agrees with the book is not worth a look.
    expect(await desk.getByRole('row', { name: '羊绒围巾' }).count()).toBe(0);
    expect(await balance('COLA', 'S001')).toMatchObject({ onHand: 40 });
    await desk.getByRole('button', { name: '入账' }).click();
    await expect.poll(() => balance('COLA', 'S001'), { timeout: 10_000 }).toMatchObject({ onHand: 37 });
    await shows(desk, '已入账');
  });

  test('a customer is sent to the shop that has it, and the shelf there promises it to nobody else', async () => {
    await clerk.goto(`${company.url}/availability?location=S001`);
    await clerk.getByRole('searchbox').fill('可乐');
    await clerk.getByRole('button', { name: '可乐 330 毫升' }).click();
    await shows(clerk, '可用 12');
    await clerk.getByRole('button', { name: '在此预留 1 件' }).click();
    await shows(clerk, '告诉顾客');
    await shows(clerk, '到 人民广场店 报下面的预留码');
    expect(await balance('COLA', 'S002')).toMatchObject({ onHand: 12, reserved: 1, available: 11 });
    await clerk.getByRole('button', { name: '关闭' }).click();
    await shows(clerk, '可用 11');
    // The question that became a sale is counted.
    const day = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(new Date());
    const { totals } = await erp.call<{ totals: object }>('GET', `/lookups/summary?from=${day}&to=${day}`);
    expect(totals).toMatchObject({ lookups: 1, followed: 1 });
  });

  test('a slow mover goes where it sells: one tap makes the transfer', async () => {
    await erp.call('POST', '/plans');
    await until(async () => {
      const { rows } = await erp.call<{ rows: { finishedAt: string | null }[] }>('GET', '/plans');
      return rows[0]?.finishedAt ? true : undefined;
    }, 15_000);
    await desk.goto(`${company.url}/slow-movers`);
    const row = desk.getByRole('row', { name: '羊绒围巾' });
    await row.getByRole('button', { name: /去 人民广场店/ }).click();
    await shows(desk, '已生成调拨单 TR-000001');
    const [here, there] = await Promise.all([balance('SCARF', 'S001'), balance('SCARF', 'S002')]);
    expect(there.inbound).toBeGreaterThan(0);
    // What is promised to the other shop can't be sold here any more.
    expect(here).toMatchObject({ onHand: 300, reserved: there.inbound });
    await desk.goto(`${company.url}/orders`);
    await desk.getByRole('row', { name: 'TR-000001' }).waitFor();
    const verified = await company.zg(['verify']);
    expect(verified.code, verified.stdout + verified.stderr).toBe(0);
  });
});
