/**
 * A campaign over its whole life at the desk: written for a time, changed beside somebody else, launched for its time, started now,
 * finished, and copied.
 */
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser, launchBrowser, noBrowser } from '../support/browser.ts';
import { startCompany, type Company } from '../support/company.ts';
import { machineOf, openPage, signInAs, signInByLink, textOf, type Machine } from '../support/stage.ts';

const found = await findBrowser();
if (!found) console.warn(noBrowser);

describe.skipIf(!found)('a campaign at the desk', () => {
  let company: Company;
  let browser: Browser;
  let marketer: Page;
  let boss: Page;
  let shop: Machine;
  let path: string;

  beforeAll(async () => {
    [company, browser] = await Promise.all([startCompany(), launchBrowser()]);
    shop = await machineOf(company, 'read', 'command');
    [marketer, boss] = await Promise.all([openPage(browser), openPage(browser, 390, 844)]);
    await shop.call('PUT', '/catalog/locations', {
      rows: [{ code: 'S001', nameZh: '南京路店', nameEn: 'Nanjing Road', kind: 'store' }],
    });
    await shop.call('PUT', '/members', { rows: [{ memberId: 'M1' }, { memberId: 'M2' }] });
    await Promise.all([
      signInByLink(boss, company),
      signInAs(marketer, company, { email: 'fang@example.com', name: '王芳', role: 'marketer' }),
    ]);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await company?.stop();
  });

  type Told = { startsAt: string | null; endsAt: string | null; template: { scope: object } };
  const told = () => shop.call<Told>('GET', path);
  const save = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: '保存草稿' }).click();
    await page.waitForURL(/campaigns\/[0-9a-f-]{36}$/);
  };

  test('is written for a time and some stores', { timeout: 60_000 }, async () => {
    await marketer.goto(`${company.url}/campaigns/new`);
    for (const [label, text] of [
      ['券名', '跨年券'],
      ['活动名称', '跨年'],
      ['减多少', '10'],
      ['预算', '1000'],
      ['开始时间', '2098-12-31T20:00'],
      ['结束时间', '2098-12-31T20:00'],
    ] as const)
      await marketer.getByLabel(label, { exact: true }).fill(text);
    await marketer.getByText('要晚于开始').waitFor();
    await marketer.getByLabel('结束时间').fill('2099-01-01T00:30');
    await marketer.getByRole('combobox', { name: '可用门店' }).fill('南京');
    await marketer.keyboard.press('Enter');
    await marketer.getByRole('button', { name: '去掉 南京路店' }).waitFor();
    await save(marketer);
    path = new URL(marketer.url()).pathname;
    expect(await told()).toMatchObject({
      startsAt: '2098-12-31T12:00:00.000Z',
      endsAt: '2098-12-31T16:30:00.000Z',
      template: { scope: { locations: ['S001'] } },
    });
  });

  test('is changed, and whoever changes it at the same time is told', { timeout: 60_000 }, async () => {
    await boss.goto(`${company.url}${path}/change`);
    await boss.getByLabel('活动名称').fill('跨年 2099');
    await marketer.getByRole('link', { name: '修改' }).click();
    await marketer.getByLabel('活动名称').fill('跨年夜');
    await save(marketer);
    await boss.getByRole('button', { name: '保存草稿' }).click();
    await boss.getByRole('button', { name: '载入现在的内容' }).click();
    await expect.poll(() => boss.getByLabel('活动名称').inputValue()).toBe('跨年夜');
    await boss.getByLabel('结束时间').fill('');
    await save(boss);
    expect(await told()).toMatchObject({ startsAt: '2098-12-31T12:00:00.000Z', endsAt: null });
  });

  test('waits for its time, starts now, and is finished', { timeout: 60_000 }, async () => {
    await boss.getByRole('button', { name: '批准' }).click();
    await marketer.reload();
    // What the preflight warns of a person judges.
    const launch = async (name: string, anyway: string, state: string): Promise<void> => {
      await marketer.getByRole('button', { name, exact: true }).click();
      await expect
        .poll(async () => {
          const sure = marketer.getByRole('button', { name: anyway });
          if (await sure.isVisible()) await sure.click();
          return textOf(marketer);
        })
        .toContain(state);
    };
    await launch('到时启动', '还是启动', '待开始');
    await launch('立即开始', '还是立即开始', '进行中');
    expect(Date.parse((await told()).startsAt!)).toBeLessThanOrEqual(Date.now());
    await expect.poll(() => textOf(marketer), { timeout: 30_000 }).toContain('已发完');
    await marketer.getByRole('button', { name: '结束', exact: true }).click();
    await marketer.getByText(/已发的券在有效期内照常能用/).waitFor();
    await marketer.getByRole('button', { name: '确定结束' }).click();
    await marketer.getByText('已结束', { exact: true }).waitFor();
    const { rows } = await shop.call<{ rows: { usable: boolean }[] }>('GET', '/coupons?memberId=M1');
    expect(rows).toMatchObject([{ usable: true }]);
  });

  test('is copied', { timeout: 60_000 }, async () => {
    await marketer.getByRole('link', { name: '复制' }).click();
    await expect.poll(() => marketer.getByLabel('活动名称').inputValue()).toBe('跨年夜 副本');
    expect(await marketer.getByLabel('开始时间').inputValue()).toBe('');
    const before = path;
    await save(marketer);
    path = new URL(marketer.url()).pathname;
    expect(path).not.toBe(before);
    expect(await told()).toMatchObject({ startsAt: null, template: { scope: { locations: ['S001'] } } });
  });

  test('for a list of members keeps it when it is changed', { timeout: 60_000 }, async () => {
    const { id } = await shop.call<{ id: string }>('POST', '/campaigns', {
      kind: 'coupon',
      name: '回访',
      template: {
        title: '回访券',
        offer: { kind: 'amount', off: 500 },
        validity: { kind: 'days', days: 30 },
      },
      audience: { kind: 'members', members: ['M1', 'M2'] },
      limits: { budget: 10_000 },
    });
    path = `/campaigns/${id}`;
    await marketer.goto(`${company.url}${path}/change`);
    await marketer.getByText('名单上的 2 人').waitFor({ state: 'attached' });
    await marketer.getByLabel('活动名称').fill('回访老客');
    await save(marketer);
    expect(await told()).toMatchObject({ name: '回访老客', audience: { kind: 'members', count: 2 } });
  });
});
