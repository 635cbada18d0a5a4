/**
 * A coupon from the form to the report: for a segment, written, approved by somebody else, looked over, sent, redeemed online and in a
 * store, measured.
 */
import path from 'node:path';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser, launchBrowser, noBrowser } from '../support/browser.ts';
import { startCompany, type Company } from '../support/company.ts';
import { machineOf, openPage, signInAs, signInByLink, textOf, type Machine } from '../support/stage.ts';

const found = await findBrowser();
if (!found) console.warn(noBrowser);

/** Where pictures go, if they are wanted. */
const pictures = process.env['PICTURES'];

describe.skipIf(!found)('a coupon campaign', () => {
  let company: Company;
  let browser: Browser;
  let marketer: Page;
  let boss: Page;
  let shop: Machine;
  const MEMBERS = 12_000;

  beforeAll(async () => {
    [company, browser] = await Promise.all([startCompany(), launchBrowser()]);
    shop = await machineOf(company, 'ingest', 'read', 'command');
    [marketer, boss] = await Promise.all([openPage(browser), openPage(browser, 390, 844)]);
    await shop.call('PUT', '/catalog/locations', {
      rows: [{ code: 'S001', nameZh: '南京路店', nameEn: 'Nanjing Road', kind: 'store' }],
    });
    await shop.call('PUT', '/catalog/skus', {
      rows: [{ code: 'TEA', nameZh: '龙井', nameEn: 'Longjing', cost: 5_900, listPrice: 6_000 }],
    });
    for (let from = 0; from < MEMBERS + 1_000; from += 1_000)
      await shop.call('PUT', '/members', {
        rows: Array.from({ length: 1_000 }, (_, i) => ({
          memberId: `M${from + i}`,
          level: from + i < MEMBERS ? '金卡' : '普通',
        })),
      });
    await Promise.all([
      signInByLink(boss, company),
      signInAs(marketer, company, { email: 'fang@example.com', name: '王芳', role: 'marketer' }),
    ]);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await company?.stop();
  });

  type Holder = { memberId: string; code: string };
  /** The first members of the segment who were not held out. */
  async function withCoupons(howMany: number): Promise<Holder[]> {
    const found: Holder[] = [];
    for (let i = 0; found.length < howMany; i++) {
      const memberId = `M${i}`;
      const path = `/coupons?memberId=${memberId}`;
      const { rows } = await shop.call<{ rows: { code: string }[] }>('GET', path);
      if (rows[0]) found.push({ memberId, code: rows[0].code });
    }
    return found;
  }

  const picture = async (page: Page, name: string): Promise<void> => {
    if (pictures) await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true });
  };

  test(
    'is written for a segment, approved by somebody else, looked over, sent, redeemed and measured',
    { timeout: 120_000 },
    async () => {
      await marketer.goto(`${company.url}/segments/new`);
      await marketer.getByLabel('名称', { exact: true }).fill('金卡会员');
      await marketer.getByRole('combobox', { name: '条件' }).selectOption('level');
      await marketer.getByRole('combobox', { name: '等级 选择…' }).selectOption('金卡');
      await marketer.getByRole('status').filter({ hasText: '12,000' }).waitFor();
      await marketer.getByRole('button', { name: '保存', exact: true }).click();
      await marketer.waitForURL(/segments\/[0-9a-f-]{36}/);
      await marketer.goto(`${company.url}/campaigns`);
      await marketer.getByRole('link', { name: '新建优惠券' }).click();
      await marketer.getByLabel('人群', { exact: true }).selectOption({ label: '金卡会员' });
      await marketer.getByLabel('留出对照组').fill('10');
      await marketer.getByLabel('券名').fill('双十二满减券');
      await marketer.getByLabel('活动名称').fill('双十二返场 · 金卡会员');
      await marketer.getByText('满减', { exact: true }).click();
      await marketer.getByLabel('第 1 档 满多少可用').fill('100');
      await marketer.getByLabel('第 1 档 减多少').fill('10');
      await marketer.getByLabel('第 2 档 满多少可用').fill('200');
      await marketer.getByLabel('第 2 档 减多少').fill('30');
      await marketer.getByLabel('预算', { exact: true }).fill('360000');
      await marketer.getByText('超过额度，需要另一个人批准').waitFor();
      // A tenth of the 12,000 gets none, so that the effect can be measured.
      await expect.poll(() => textOf(marketer)).toMatch(/人群人数\s*1[01],\d{3}/);
      await marketer.getByText('还没有类似的活动，先按常见情况估').first().waitFor();
      await picture(marketer, 'campaign-form');
      await marketer.getByRole('button', { name: '保存草稿' }).click();
      await marketer.getByRole('button', { name: '批准' }).click();
      await marketer.getByText('这个活动要花的超过一个人能定的额度，请让别人批准。').waitFor();

      const { pathname } = new URL(marketer.url());
      await boss.goto(company.url + pathname);
      await boss.getByRole('button', { name: '批准' }).click();
      await boss.getByText('已批准').first().waitFor();
      await marketer.reload();
      await marketer.getByText('1 种商品可能卖到成本以下，最多每件亏 ¥6.50').waitFor();
      await picture(marketer, 'campaign-preflight');
      await picture(boss, 'campaign-preflight-phone');
      await marketer.getByRole('button', { name: '启动' }).click();
      await marketer.getByRole('button', { name: '还是启动' }).click();
      await marketer.getByText('已发完').waitFor({ timeout: 30_000 });
      const bar = marketer.getByRole('progressbar', { name: '发放进度' });
      expect(await bar.getAttribute('aria-valuenow')).toBe('100');

      // One member at the till, one in the mall: the better step of the basket, once each.
      const [till, online] = await withCoupons(2);
      const redeem = async ({ memberId, code }: Holder, channel: string, unitPrice: number) => {
        const lines = [{ sku: 'TEA', qty: 2, unitPrice }];
        const order = { orderId: `order-${memberId}`, channel, location: 'S001', lines };
        const { off } = await shop.call<{ off: number }>('POST', `/coupons/${code}/redeem`, order);
        await shop.fact('order.placed', {
          ...order,
          memberId,
          total: 2 * unitPrice - off,
          couponCodes: [code],
          fulfilment: { method: 'carry', location: 'S001' },
        });
        return off;
      };
      expect(await redeem(till!, 'pos', 6_000)).toBe(1_000);
      expect(await redeem(online!, 'mall', 12_000)).toBe(3_000);
      await expect.poll(() => textOf(marketer), { timeout: 10_000 }).toMatch(/已花\s*¥40/);
      expect(await textOf(marketer)).toMatch(/核销\s*2/);
      await expect
        .poll(() => textOf(marketer), { timeout: 15_000 })
        .toMatch(/用到的订单\s*2\s*净销售\s*¥320/);
      expect(await textOf(marketer)).toContain('买的人或对照组太少，还说不出什么。');
      await picture(marketer, 'campaign-detail');
      await picture(boss, 'campaign-detail-phone');
      await marketer.goto(`${company.url}/campaigns`);
      await marketer.getByText(/^1[01],\d{3} \/ 1\.\d万$/).waitFor();
      await picture(marketer, 'campaign-list');
    },
  );
});
