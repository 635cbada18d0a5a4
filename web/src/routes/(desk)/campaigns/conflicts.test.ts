import { fireEvent, screen, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { drawDesk, FakeApi } from '#lib/testing/desk.ts';
import { NOW } from '#lib/testing/screen.ts';
import CampaignConflicts from './CampaignConflicts.svelte';
import type { Conflict } from './conflict.ts';
import ConflictsPage from './conflicts/+page.svelte';
import LimitLine from './LimitLine.svelte';

const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();
const CODE = '00010000008GBDHP33MM8SVA72QPZ0';
const conflict = (orderId: string, more: Partial<Conflict> = {}): Conflict => ({
  code: CODE,
  orderId,
  at: ago(30),
  verdict: 'conflict',
  channel: 'pos',
  location: 'S1',
  campaignId: 'c1',
  campaign: '双十一',
  counted: { orderId: 'O-first', at: ago(60), channel: 'mall', location: null },
  ...more,
});
const rows = [
  conflict('O-second'),
  conflict('O-late', { verdict: 'late', counted: null, at: ago(3 * 24 * 60) }),
  conflict('O-void', { verdict: 'void', counted: null }),
  conflict('O-odd', { verdict: 'odd', counted: null, campaignId: null, campaign: null }),
];
const server = (listed: Conflict[]) =>
  new FakeApi(({ address }) => {
    if (address.includes('/catalog/locations'))
      return {
        body: {
          rows: [{ code: 'S1', nameZh: '一店', nameEn: 'One', kind: 'store', region: null }],
          nextCursor: null,
        },
      };
    if (address.includes('cursor=next')) return { body: { rows: [conflict('O-more')], nextCursor: null } };
    if (address.includes('/coupons/conflicts'))
      return { body: { rows: listed, nextCursor: listed.length > 1 ? 'next' : null } };
    return { body: { rows: [], nextCursor: null } };
  });
const row = (text: string) => screen.getByText(text).closest('tr')!.textContent.replaceAll(/\s+/g, ' ');

describe('conflicts of coupons', () => {
  it('say what happened, which order counts, where and how long ago, page by page', async () => {
    await drawDesk(server(rows), ConflictsPage, {}, 'marketer');
    await screen.findByText('O-second');
    await expect.poll(() => row('O-second')).toContain('一店');
    expect(row('O-second')).toMatch(/重复使用.*排在后面.*O-second.*门店 · 一店.*20:11.*O-first.*商城.*19:41/);
    expect(row('O-second')).toMatch(/双十一.*00010-00000-8GBDH-P33MM-8SVA7-2QPZ0.*30 分钟前/);
    expect(row('O-late')).toMatch(/过期才用.*没有.*3 天前/);
    expect(row('O-void')).toMatch(/取消后才用/);
    expect(row('O-odd')).toMatch(/没有这张券/);
    await fireEvent.click(screen.getByRole('button', { name: '显示更多' }));
    expect(await screen.findByText('O-more')).toBeTruthy();
    expect(screen.getByText('O-late')).toBeTruthy();
  });

  it('are none where all was right', async () => {
    await drawDesk(server([]), ConflictsPage, {}, 'marketer');
    expect(await screen.findByText('收银台补报的核销都对得上。')).toBeTruthy();
  });

  it('stand in their campaign, with the way to all of them', async () => {
    const api = server(rows.slice(0, 1));
    await drawDesk(api, CampaignConflicts, { id: 'c1', count: 12 }, 'viewer');
    const part = within(await screen.findByRole('region', { name: '冲突' }));
    expect(await part.findByText('O-second')).toBeTruthy();
    expect(api.asked[0]?.address).toBe('/api/v1/coupons/conflicts?campaignId=c1&limit=5');
    expect(part.getByRole('link', { name: '看全部冲突' }).getAttribute('href')).toBe(
      '/campaigns/conflicts?campaign=c1',
    );
    // It is this campaign's: its name is above.
    expect(part.queryByText('双十一')).toBeNull();
  });
});

describe('how much one person decides about', () => {
  const api = () => new FakeApi(() => ({ body: { approvalAbove: 5_000_000 } }));

  it('is told a marketer, and led to by an administrator', async () => {
    const drawn = await drawDesk(api(), LimitLine, {}, 'marketer');
    expect(await screen.findByText(/一个人最多能定 ¥50,000/)).toBeTruthy();
    expect(screen.queryByRole('link')).toBeNull();
    drawn.unmount();
    await drawDesk(api(), LimitLine, {});
    expect((await screen.findByRole('link', { name: '修改额度' })).getAttribute('href')).toBe('/settings');
  });
});
