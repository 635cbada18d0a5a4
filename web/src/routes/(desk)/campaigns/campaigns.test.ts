import { fireEvent, screen, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { drawDesk, FakeApi, type Asked } from '#lib/testing/desk.ts';
import CampaignsPage from './+page.svelte';
import type { CampaignDetail } from './campaign.ts';
import CampaignView from './CampaignView.svelte';
import CouponEditor from './CouponEditor.svelte';

const campaign: CampaignDetail = {
  id: 'c1',
  kind: 'coupon',
  name: '双十二返场',
  status: 'running',
  give: 'push',
  template: {
    title: '满 100 减 20',
    offer: { kind: 'threshold', steps: [{ from: 10_000, off: 2_000 }] },
    scope: { channels: ['mall'] },
    validity: { kind: 'days', days: 30 },
    stacking: { class: 'order', alone: false },
    returned: true,
  },
  limits: { perMember: 1, total: null, budget: 2_000_000_00, brakePerMinute: null },
  targeted: 100_000,
  issued: 40_000,
  failed: 0,
  redeemed: 800,
  returned: 2,
  conflicts: 1,
  budget: 2_000_000_00,
  spent: 1_600_000,
  reserved: 78_400_000,
  liability: 2_000,
  exposure: 2_000_000_00,
  createdAt: '2026-11-23T01:00:00Z',
  createdBy: '王芳',
  revision: 1,
  approvedBy: '李强',
  pausedBecause: null,
  progress: {
    chunks: 20,
    done: 8,
    failedChunks: 0,
    seen: 40_000,
    had: 0,
    perSecond: 30_000,
    secondsLeft: 2,
    error: null,
  },
  flags: [{ source: 'device-7', minute: '2026-11-23T01:00:00Z', claims: 45 }],
};

const server = (row: CampaignDetail, answer: (asked: Asked) => { status?: number; body?: unknown }) =>
  new FakeApi((asked) => {
    if (asked.method !== 'GET') return answer(asked);
    if (asked.address.endsWith('/minutes')) return { body: { rows: [] } };
    if (asked.address.startsWith('/api/v1/campaigns/')) return { body: row };
    return { body: { rows: asked.address.startsWith('/api/v1/campaigns') ? [row] : [], nextCursor: null } };
  });
const button = (name: string) => screen.getByRole('button', { name });

describe('campaigns', () => {
  it('are listed with what they give, how far they are and what they cost', async () => {
    await drawDesk(
      server(campaign, () => ({})),
      CampaignsPage,
      {},
      'marketer',
    );
    const row = within(await screen.findByRole('row', { name: /双十二返场/ }));
    expect(row.getByText('满 ¥100 减 ¥20')).toBeTruthy();
    expect(row.getByText('进行中')).toBeTruthy();
    expect(row.getByText('40,000 / 10.0万')).toBeTruthy();
    expect(screen.getByRole('link', { name: '新建优惠券' }).getAttribute('href')).toBe('/campaigns/new');
  });

  it('are only looked at by a viewer', async () => {
    await drawDesk(
      server(campaign, () => ({})),
      CampaignView,
      { id: 'c1' },
      'viewer',
    );
    await screen.findByText('进行中');
    expect(screen.queryByRole('button', { name: '暂停' })).toBeNull();
  });
});

describe('a campaign that runs', () => {
  it('shows its progress, rate, time left, money and odd claims, and is paused with one tap', async () => {
    const api = server(campaign, () => ({ body: { ...campaign, status: 'paused', pausedBecause: '我' } }));
    await drawDesk(api, CampaignView, { id: 'c1' }, 'marketer');
    const bar = await screen.findByRole('progressbar', { name: '发放进度' });
    expect(bar.getAttribute('aria-valuenow')).toBe('40');
    expect(screen.getByText('每秒 30,000 张 · 还要 2 秒')).toBeTruthy();
    expect(screen.getByText('device-7 一分钟领了 45 次')).toBeTruthy();
    expect(screen.getByText('离线核销撞到一起的，不计入已花')).toBeTruthy();
    expect(screen.getByText('¥1,200,000')).toBeTruthy();
    await fireEvent.click(button('暂停'));
    expect(await screen.findByText('已暂停：不再发，也不再核销')).toBeTruthy();
    expect(api.sent('POST')[0]?.address).toBe('/api/v1/campaigns/c1/pause');
  });

  it('is called off only after a word of warning', async () => {
    const api = server(campaign, () => ({ body: { ...campaign, status: 'cancelled' } }));
    await drawDesk(api, CampaignView, { id: 'c1' }, 'marketer');
    await fireEvent.click(await screen.findByRole('button', { name: '取消活动' }));
    expect(api.sent('POST')).toEqual([]);
    expect(screen.getByText('取消后不能恢复，已发的券也不能再用。')).toBeTruthy();
    await fireEvent.click(button('确定取消活动'));
    await expect.poll(() => api.sent('POST')[0]?.address).toBe('/api/v1/campaigns/c1/cancel');
  });

  it('that is dear says who has to approve it', async () => {
    const api = server({ ...campaign, status: 'draft' }, () => ({
      status: 403,
      body: { code: 'second_person_needed', title: 'x', status: 403, type: '' },
    }));
    await drawDesk(api, CampaignView, { id: 'c1' }, 'marketer');
    await fireEvent.click(await screen.findByRole('button', { name: '批准' }));
    expect(await screen.findByText('这个活动要花的超过一个人能定的额度，请让别人批准。')).toBeTruthy();
    expect(api.sent('POST')[0]?.body).toEqual({ revision: 1 });
  });
});

describe('a new coupon', () => {
  it('is shown as members see it and with its cost while it is written, then saved', async () => {
    const preview = {
      audience: 1_000,
      liability: 2_000,
      exposure: 1_000_000,
      coupons: 500,
      secondPerson: true,
      template: campaign.template,
    };
    const api = server(campaign, ({ address }) => ({
      status: address.endsWith('/preview') ? 200 : 201,
      body: address.endsWith('/preview') ? preview : campaign,
    }));
    await drawDesk(api, CouponEditor, {}, 'marketer');
    await fireEvent.click(button('保存草稿'));
    expect(screen.getAllByText('请填').length).toBeGreaterThanOrEqual(3);
    const type = (label: RegExp | string, value: string) =>
      fireEvent.input(screen.getByLabelText(label), { target: { value } });
    await type('券名', '满 100 减 20');
    await type('活动名称', '双十二返场');
    await type('减多少', '20');
    await type('满多少可用', '100');
    await type('预算', '10000');
    expect(await screen.findByText('预算不够发给所有人，差 500 张')).toBeTruthy();
    expect(screen.getByText('超过额度，需要另一个人批准')).toBeTruthy();
    expect(screen.getByText('¥10,000')).toBeTruthy();
    await fireEvent.click(button('保存草稿'));
    await expect
      .poll(() => api.sent('POST').at(-1))
      .toMatchObject({
        address: '/api/v1/campaigns',
        body: {
          kind: 'coupon',
          name: '双十二返场',
          give: 'push',
          limits: { budget: 1_000_000 },
          template: { offer: { kind: 'amount', off: 2_000, from: 10_000 } },
        },
      });
  });
});
