/** A coupon from the form to the till: written, approved by somebody else, sent to everybody, redeemed online and in a store. */
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
    for (let from = 0; from < MEMBERS; from += 1_000)
      await shop.call('PUT', '/members', {
        rows: Array.from({ length: 1_000 }, (_, i) => ({ memberId: `M${from + i}` })),
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

  const picture = async (page: Page, name: string): Promise<void> => {
    if (pictures) await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true });
  };

  test(
    'is written, approved by somebody else, sent to everybody and redeemed',
    { timeout: 120_000 },
    async () => {
      await marketer.goto(`${company.url}/campaigns`);
      await marketer.getByRole('link', { name: '新建优惠券' }).click();
      await marketer.getByLabel('券名').fill('双十二满减券');
      await marketer.getByLabel('活动名称').fill('双十二返场 · 全部会员');
      await marketer.getByText('满减', { exact: true }).click();
      await marketer.getByLabel('第 1 档 满多少可用').fill('100');
      await marketer.getByLabel('第 1 档 减多少').fill('10');
      await marketer.getByLabel('第 2 档 满多少可用').fill('200');
      await marketer.getByLabel('第 2 档 减多少').fill('30');
      await marketer.getByLabel('预算', { exact: true }).fill('360000');
      await marketer.getByText('超过额度，需要另一个人批准').waitFor();
      expect(await textOf(marketer)).toContain('12,000');
      await picture(marketer, 'campaign-form');
      await marketer.getByRole('button', { name: '保存草稿' }).click();
      await marketer.getByRole('button', { name: '批准' }).click();
      await marketer.getByText('这个活动要花的超过一个人能定的额度，请让别人批准。').waitFor();

      const { pathname } = new URL(marketer.url());
      await boss.goto(company.url + pathname);
      await boss.getByRole('button', { name: '批准' }).click();
      await boss.getByText('已批准').first().waitFor();
      await marketer.reload();
      await marketer.getByRole('button', { name: '启动' }).click();
      await marketer.getByText('已发完').waitFor({ timeout: 30_000 });
      const bar = marketer.getByRole('progressbar', { name: '发放进度' });
      expect(await bar.getAttribute('aria-valuenow')).toBe('100');

      // One member at the till, one in the mall: the better step of the basket, once each.
      const codeOf = async (memberId: string) => {
        const { rows } = await shop.call<{ rows: { code: string }[] }>(
          'GET',
          `/coupons?memberId=${memberId}`,
        );
        return rows[0]!.code;
      };
      const redeem = async (memberId: string, channel: string, unitPrice: number) =>
        shop.call<{ off: number }>('POST', `/coupons/${await codeOf(memberId)}/redeem`, {
          orderId: `order-${memberId}`,
          channel,
          ...(channel === 'pos' && { location: 'S001' }),
          lines: [{ sku: 'TEA', qty: 2, unitPrice }],
        });
      expect((await redeem('M7', 'pos', 6_000)).off).toBe(1_000);
      expect((await redeem('M11999', 'mall', 12_000)).off).toBe(3_000);
      await expect.poll(() => textOf(marketer), { timeout: 10_000 }).toMatch(/已花\s*¥40/);
      expect(await textOf(marketer)).toMatch(/已核销\s*2/);
      await picture(marketer, 'campaign-detail');
      await picture(boss, 'campaign-detail-phone');
      await marketer.goto(`${company.url}/campaigns`);
      await marketer.getByText('12,000 / 1.2万').waitFor();
      await picture(marketer, 'campaign-list');
    },
  );
});
