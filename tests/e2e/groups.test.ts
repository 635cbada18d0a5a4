/**
 * A group-buy from the form to its end: one group forms, one runs out of time and is paid back, and whoever watches sees it happen.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '@zhanggui/shared/platform/database.ts';
import { findBrowser, launchBrowser, noBrowser } from '../support/browser.ts';
import { startCompany, type Company } from '../support/company.ts';
import { machineOf, openPage, pairWall, signInByLink, textOf, type Machine } from '../support/stage.ts';

const found = await findBrowser();
if (!found) console.warn(noBrowser);

/** Where pictures go, if they are wanted. */
const pictures = process.env['PICTURES'];

describe.skipIf(!found)('a group-buy', () => {
  let company: Company;
  let browser: Browser;
  let desk: Page;
  let wall: Page;
  let shop: Machine;
  /** The shop's own books: it is asked for refunds here, and pays them. */
  let hook: Server;
  const asked: { orderId: string; amount: number }[] = [];
  let campaignId: string;

  beforeAll(async () => {
    [company, browser] = await Promise.all([
      startCompany({ env: { DELIVERY_LOCAL: 'on' } }),
      launchBrowser(),
    ]);
    hook = createServer((req, res) => {
      let text = '';
      req.on('data', (chunk: Buffer) => (text += chunk.toString()));
      req.on('end', () => {
        asked.push(...(JSON.parse(text) as { data: { refunds: typeof asked } }).data.refunds);
        res.end();
      });
    }).listen(0, '127.0.0.1');
    await once(hook, 'listening');
    shop = await machineOf(company, 'ingest', 'read', 'command');
    [desk, wall] = await Promise.all([openPage(browser), openPage(browser, 1920, 1080)]);
    await shop.call('PUT', '/catalog/locations', {
      rows: [{ code: 'W01', nameZh: '线上仓', nameEn: 'Online', kind: 'online_warehouse' }],
    });
    await shop.call('PUT', '/catalog/skus', {
      rows: [{ code: 'NUTS', nameZh: '每日坚果', nameEn: 'Daily nuts', cost: 3_000, listPrice: 6_900 }],
    });
    await signInByLink(desk, company);
  }, 180_000);
  afterAll(async () => {
    hook?.close();
    await browser?.close();
    await company?.stop();
  });

  const picture = async (page: Page, name: string): Promise<void> => {
    if (pictures) await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true });
  };
  /** A member's paid order of the group. */
  const buys = async (memberId: string, groupId: string): Promise<void> => {
    const orderId = `order-${memberId}`;
    await shop.facts([
      {
        type: 'order.placed',
        data: {
          orderId,
          channel: 'group',
          memberId,
          groupId,
          lines: [{ sku: 'NUTS', qty: 1, unitPrice: 4_990 }],
          total: 4_990,
          fulfilment: { method: 'ship', location: 'W01' },
        },
      },
      { type: 'order.paid', data: { orderId } },
    ]);
  };
  const open = async (memberId: string): Promise<string> => {
    const { id } = await shop.call<{ id: string }>('POST', '/groups', { campaignId, memberId });
    await buys(memberId, id);
    return id;
  };

  test('is written, seen as members see it, approved and launched', { timeout: 60_000 }, async () => {
    await pairWall(wall, desk, company, { name: '大厅', scenes: ['promotions'] });
    await desk.goto(`${company.url}/campaigns`);
    await desk.getByRole('link', { name: '新建拼团' }).click();
    for (const [label, text] of [
      ['标题', '每日坚果三人团'],
      ['活动名称', '周末拼团'],
      ['商品', 'NUTS'],
      ['团购价', '49.9'],
      ['几人成团', '3'],
      ['限时', '24'],
      ['最多几人', '300'],
    ] as const)
      await desk.getByLabel(label, { exact: true }).fill(text);
    await desk.getByText('¥49.90 · 3 人团').waitFor();
    await picture(desk, 'group-form');
    await desk.getByRole('button', { name: '保存草稿' }).click();
    await desk.getByRole('button', { name: '批准' }).click();
    await desk.getByText('已批准').first().waitFor();
    await desk.getByRole('button', { name: '启动' }).click();
    // What the preflight warns of a person judges.
    const anyway = desk.getByRole('button', { name: '还是启动' });
    await expect
      .poll(async () => {
        if (await anyway.isVisible()) await anyway.click();
        return textOf(desk);
      })
      .toContain('进行中');
    campaignId = new URL(desk.url()).pathname.split('/').at(-1)!;
  });

  test('forms with its last member, in front of everybody', { timeout: 60_000 }, async () => {
    const id = await open('li');
    await wall.getByText('周末拼团').first().waitFor({ timeout: 20_000 });
    for (const memberId of ['wang', 'zhao']) {
      await shop.call('POST', `/groups/${id}/joins`, { memberId });
      await buys(memberId, id);
    }
    await desk.goto(`${company.url}/groups/${id}`);
    await expect.poll(() => textOf(desk)).toContain('已成团');
    await expect.poll(() => textOf(wall), { timeout: 20_000 }).toMatch(/今日成团\s*1\b/);
    await picture(wall, 'group-wall');
  });

  test(
    'runs out of time, and every paid seat is asked back once and followed until it is paid',
    { timeout: 90_000 },
    async () => {
      const id = await open('sun');
      await shop.call('POST', `/groups/${id}/joins`, { memberId: 'zhou' });
      await buys('zhou', id);
      await desk.goto(`${company.url}/groups`);
      await expect.poll(() => textOf(desk)).toMatch(/差 1 人/);
      const address = `http://127.0.0.1:${(hook.address() as AddressInfo).port}`;
      await shop.call('GET', `/groups/${id}`);
      // As if its day had passed.
      const sql = connect(company.databaseUrl, { max: 1, application: 'test' });
      await sql`
      insert into delivery_endpoint (name, kind, url, secret, events, locale, per_minute)
      values ('shop', 'webhook', ${address}, 'whsec_c2VjcmV0', '{refund.asked,refund.reminded}', 'zh-CN', 600)`;
      await sql`update group_buy set expires_at = now() where id = ${id}`;
      await sql.end();
      await expect.poll(() => asked.length, { timeout: 40_000 }).toBe(2);
      expect(asked.toSorted((a, b) => a.orderId.localeCompare(b.orderId))).toMatchObject([
        { orderId: 'order-sun', amount: 4_990 },
        { orderId: 'order-zhou', amount: 4_990 },
      ]);
      await desk.goto(`${company.url}/groups?view=refunds`);
      await expect.poll(() => textOf(desk)).toMatch(/已请求/);
      for (const { orderId, amount } of asked)
        await shop.fact('order.refunded', { orderId, amount, lines: [] });
      await expect
        .poll(
          async () => {
            await desk.reload();
            await desk.getByRole('table').waitFor();
            return (await textOf(desk)).match(/已退/g)?.length ?? 0;
          },
          { timeout: 40_000, interval: 1_000 },
        )
        .toBeGreaterThanOrEqual(2);
      await picture(desk, 'group-refunds');
      await desk.goto(`${company.url}/groups/${id}`);
      await expect.poll(() => textOf(desk)).toMatch(/未成团[\s\S]*到时未满/);
      expect(asked).toHaveLength(2);
      // And in the campaign's report: five paid, two of them paid back.
      await desk.goto(`${company.url}/campaigns/${campaignId}`);
      await expect.poll(() => textOf(desk), { timeout: 15_000 }).toMatch(/净销售\s*¥150/);
      await expect.poll(() => textOf(desk), { timeout: 15_000 }).toMatch(/要退的款\s*¥100\s*已退 2 笔/);
      // Coupons by the minute are of coupons.
      expect(await textOf(desk)).not.toContain('最近一小时');
      await picture(desk, 'group-campaign');
    },
  );
});
