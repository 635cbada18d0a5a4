/** A livestream sells what the host holds up until it is gone; a marketer sends goods after it, and the show goes on. */
import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser, launchBrowser, noBrowser } from '../support/browser.ts';
import { startCompany, type Company } from '../support/company.ts';
import {
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

describe.skipIf(!found)('a livestream', () => {
  let company: Company;
  let browser: Browser;
  let cockpit: Page;
  let host: Page;
  let wall: Page;
  let platform: Machine;

  beforeAll(async () => {
    [company, browser] = await Promise.all([startCompany(), launchBrowser()]);
    platform = await machineOf(company, 'ingest', 'read', 'command');
    [host, cockpit, wall] = await Promise.all([
      openPage(browser, 1280, 800),
      openPage(browser),
      openPage(browser, 1920, 1080),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await company?.stop();
  });

  const shows = (page: Page, words: string) =>
    expect.poll(() => textOf(page), { timeout: 15_000 }).toContain(words);
  const pulse = (viewers: number) =>
    platform.fact('live.pulse', {
      sessionId: 'show',
      viewers,
      entered: 50,
      likes: 9,
      comments: 3,
      clicks: 20,
    });
  const buy = (qty: number) =>
    platform.fact('order.placed', {
      orderId: randomUUID(),
      channel: 'live',
      sessionId: 'show',
      lines: [{ sku: 'MASK', qty, unitPrice: 9900 }],
      total: qty * 9900,
      fulfilment: { method: 'ship', location: 'WEB' },
    });

  test('a show begins, and is on the wall, the cockpit and the host’s screen', async () => {
    await platform.call('PUT', '/catalog/locations', {
      rows: [
        { code: 'WEB', nameZh: '网仓', nameEn: 'Online', kind: 'online_warehouse' },
        { code: 'HQ', nameZh: '总仓', nameEn: 'HQ warehouse', kind: 'hq_warehouse' },
      ],
    });
    await platform.call('PUT', '/catalog/skus', {
      rows: [{ code: 'MASK', nameZh: '补水面膜', nameEn: 'Mask', packSize: 12 }],
    });
    for (const [location, qty] of [
      ['WEB', 40],
      ['HQ', 900],
    ] as const)
      await platform.fact('stock.received', { location, ref: 'opening', lines: [{ sku: 'MASK', qty }] });
    await platform.fact('live.started', {
      roomId: 'room',
      sessionId: 'show',
      host: '小鹿',
      title: '今晚专场',
    });
    await platform.fact('live.featured', { sessionId: 'show', sku: 'MASK', price: 9900 });
    await pulse(1234);

    await signInByLink(host, company);
    await pairWall(wall, host, company, { name: '直播大屏', scenes: ['live', 'promotions'] });
    // It stays where it is put.
    await wall.locator('[data-tile]').first().waitFor({ timeout: 15_000 });
    await wall.keyboard.press(' ');
    await signInAs(cockpit, company, { email: 'li@example.com', name: '李', role: 'marketer' });
    await cockpit.goto(`${company.url}/live/show`);
    await host.goto(`${company.url}/live/show/host`);
    await shows(wall, '今晚专场');
    await shows(cockpit, '1,234');
    await shows(host, '补水面膜');
  });

  test('coupons are given in the show: marked on its curve, and on the wall’s scene of promotions', async () => {
    const { id } = await platform.call<{ id: string }>('POST', '/campaigns', {
      kind: 'coupon',
      name: '直播间券',
      give: 'claim',
      template: {
        title: '直播间券',
        offer: { kind: 'amount', off: 500 },
        scope: { channels: ['live'] },
        validity: { kind: 'days', days: 3 },
      },
      limits: { total: 100 },
    });
    for (const step of ['approve', 'launch']) await platform.call('POST', `/campaigns/${id}/${step}`, {});
    await platform.call('POST', `/campaigns/${id}/claims`, { memberId: 'm1' });
    await wall.keyboard.press('ArrowRight');
    const campaign = wall.locator(`[data-campaign="${id}"]`);
    await expect.poll(() => campaign.innerText(), { timeout: 15_000 }).toContain('发 1');
    expect(await textOf(wall)).toContain('现在没有拼团');
    await wall.keyboard.press('ArrowLeft');
    await shows(cockpit, '发券');
  });

  test('viewers buy the last piece: sold out, everywhere', async () => {
    await buy(15);
    await shows(host, '25');
    await buy(25);
    await pulse(1500);
    for (const page of [wall, cockpit, host]) await shows(page, '已售罄');
  });

  test('the marketer sends goods from the warehouse with two taps; the host reads it', async () => {
    await cockpit.getByRole('button', { name: '调货' }).first().click();
    await cockpit.getByRole('dialog').getByText('总仓').waitFor({ timeout: 10_000 });
    await cockpit.getByRole('button', { name: /^调 \d/ }).click();
    await shows(cockpit, 'TR-000001');
    await shows(host, '补货在路上');
    await host.getByRole('button', { name: '知道了' }).click();
    await expect.poll(() => textOf(host), { timeout: 10_000 }).not.toContain('补货在路上');
  });

  test('the goods leave, arrive, and the show goes on', async () => {
    const code = '/supply-orders/TR-000001';
    const { lines } = await platform.call<{ lines: { qty: number }[] }>('GET', code);
    const qty = lines[0]!.qty;
    await platform.call('POST', `${code}/ship`, {});
    await platform.call('POST', `${code}/receive`, { deliveryId: 'van', lines: [{ sku: 'MASK', qty }] });
    await buy(1);
    await shows(host, (qty - 1).toLocaleString('en-US'));
    for (const page of [wall, cockpit, host])
      await expect.poll(() => textOf(page), { timeout: 15_000 }).not.toContain('已售罄');
    await platform.fact('live.ended', { roomId: 'room', sessionId: 'show' });
    await shows(wall, '现在没有直播');
    await shows(host, '直播已结束');
    const verified = await company.zg(['verify']);
    expect(verified.code, verified.stdout + verified.stderr).toBe(0);
  });
});
