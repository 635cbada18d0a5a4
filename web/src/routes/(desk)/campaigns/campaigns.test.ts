import { fireEvent, screen, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { drawDesk, FakeApi, type Asked } from '#lib/testing/desk.ts';
import CampaignsPage from './+page.svelte';
import type { CampaignDetail } from './campaign.ts';
import CampaignCompare from './CampaignCompare.svelte';
import CampaignView from './CampaignView.svelte';
import CouponEditor from './CouponEditor.svelte';
import GroupEditor from './GroupEditor.svelte';
import { transfersOf, type Flight, type Report } from './plan.ts';

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
  audience: { kind: 'all', holdoutPercent: 0 },
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
  startsAt: null,
  endsAt: null,
  settledAt: null,
  createdAt: '2026-11-23T01:00:00Z',
  createdBy: '王芳',
  revision: 1,
  approvedBy: '李强',
  launchedAt: '2026-11-23T01:00:00Z',
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
  messages: { waiting: 0, told: 0, failed: 0, media: [] },
  flags: [{ source: 'device-7', minute: '2026-11-23T01:00:00Z', claims: 45 }],
};

const learnt = { low: 0.01, expected: 0.03, high: 0.08, campaigns: 0 };
const expectation = {
  audience: 1_000,
  take: learnt,
  use: learnt,
  taken: { low: 1_000, expected: 1_000, high: 1_000 },
  used: { low: 10, expected: 30, high: 80 },
  pieces: { low: 10, expected: 30, high: 80 },
  depth: learnt,
  cost: { low: 5_000, expected: 15_000, high: 40_000 },
  extraShare: { ...learnt, campaigns: 2 },
  extra: { low: 5, expected: 15, high: 40 },
};
const place = { location: 'S1', nameZh: '一店', nameEn: 'One', need: 44, have: 10, inbound: 0, short: 34 };
const named = (code: string, name: string) => ({ code, nameZh: name, nameEn: name });
const flight: Flight = {
  checks: [
    { subject: 'audience', level: 'ok', says: 'audience', numbers: { members: 1_000 } },
    {
      subject: 'stock',
      level: 'warn',
      says: 'stock_short',
      numbers: { need: 12_000, have: 9_300, short: 2_700, locations: 1 },
    },
  ],
  expectation,
  stock: {
    skus: 1,
    looked: 1,
    days: 14,
    short: 34,
    locations: [place],
    moves: [
      {
        sku: named('TEA', '茶'),
        from: named('S2', '二店'),
        supplier: null,
        to: named('S1', '一店'),
        qty: 34,
        expectedAt: '2026-11-25T01:00:00Z',
      },
    ],
  },
  belowCost: [{ ...named('CUP', '杯'), cost: 500, lowest: 300 }],
  overlaps: [{ id: 'c9', name: '周年庆', kind: 'coupon', members: 120 }],
};
const effect = { difference: 0.04, low: 0.02, high: 0.06, enough: true };
const report: Report = {
  id: 'c1',
  name: '双十二返场',
  status: 'running',
  madeAt: '2026-11-23T02:00:00Z',
  final: false,
  kind: 'coupon',
  from: '2026-11-23T01:00:00Z',
  until: '2026-11-23T02:00:00Z',
  reach: { targeted: 9_000, held: 1_000, taken: 9_000, used: 270, returned: 0 },
  group: null,
  bargain: null,
  sales: {
    orders: 250,
    net: 2_500_000,
    refunded: 0,
    discount: 500_000,
    spend: 250_000,
    costedNet: 2_500_000,
    cost: 1_500_000,
    margin: 1_000_000,
  },
  uplift: {
    given: { members: 9_000, buyers: 900, orders: 900, net: 9_000_000 },
    held: { members: 1_000, buyers: 60, orders: 60, net: 600_000 },
    buyers: effect,
    orders: effect,
    net: { difference: 400, low: 100, high: 700, enough: true },
    extraOrders: { low: 180, expected: 360, high: 540 },
    extraNet: { low: 900_000, expected: 3_600_000, high: 6_300_000 },
  },
  withoutUplift: null,
  expected: expectation,
};

const server = (row: CampaignDetail, answer: (asked: Asked) => { status?: number; body?: unknown }) =>
  new FakeApi((asked) => {
    if (asked.method !== 'GET') return answer(asked);
    if (asked.address.endsWith('/minutes')) return { body: { rows: [] } };
    if (asked.address.endsWith('/preflight')) return { body: flight };
    if (asked.address.endsWith('/report')) return { body: report };
    if (asked.address.includes('campaign-reports')) return { body: { rows: [report] } };
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
      expectation,
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

describe('a campaign before it is launched', () => {
  const approved = { ...campaign, status: 'approved' as const, launchedAt: null, progress: null, flags: [] };

  it('says what stands in its way and what to move, and is launched over warnings only on purpose', async () => {
    const api = server(approved, () => ({ body: { ...approved, status: 'running' } }));
    await drawDesk(api, CampaignView, { id: 'c1' }, 'marketer');
    expect(await screen.findByText('需要 12,000 件，现有 9,300 件；1 处合计缺 2,700 件')).toBeTruthy();
    expect(screen.getByText('茶：二店 → 一店 34 件')).toBeTruthy();
    expect(screen.getByText('成本 ¥5.00，最低卖到 ¥3.00')).toBeTruthy();
    expect(screen.getByText('120 人都在里面')).toBeTruthy();
    expect(screen.getByText('10 – 80')).toBeTruthy();
    expect(screen.getByText('从 2 个类似的活动学来')).toBeTruthy();
    // A marketer moves no goods.
    expect(screen.queryByRole('button', { name: '开 1 张调拨单' })).toBeNull();
    await fireEvent.click(button('启动'));
    expect(api.sent('POST')).toEqual([]);
    await fireEvent.click(button('还是启动'));
    await expect.poll(() => api.sent('POST')[0]?.address).toBe('/api/v1/campaigns/c1/launch');
  });

  it('has its goods moved by who may, one transfer for each way', async () => {
    const api = server(approved, () => ({ status: 201, body: {} }));
    await drawDesk(api, CampaignView, { id: 'c1' }, 'admin');
    await fireEvent.click(await screen.findByRole('button', { name: '开 1 张调拨单' }));
    await expect
      .poll(() => api.sent('POST')[0])
      .toMatchObject({
        address: '/api/v1/supply-orders',
        body: { kind: 'transfer', from: 'S2', to: 'S1', lines: [{ sku: 'TEA', qty: 34 }] },
      });
    expect(await screen.findByText('已开 1 张调拨单')).toBeTruthy();
    const [move] = flight.stock.moves;
    const bought = { ...move!, from: null, supplier: 'V1' };
    expect(transfersOf([move!, { ...move!, sku: named('CUP', '杯') }, bought])).toMatchObject([
      { lines: [{ sku: 'TEA' }, { sku: 'CUP' }] },
    ]);
  });

  it('cannot be launched where nothing could come of it', async () => {
    const check = { subject: 'audience', level: 'stop', says: 'audience_empty', numbers: {} } as const;
    const api = new FakeApi(({ address }) => ({
      body: address.endsWith('/preflight')
        ? { ...flight, checks: [check] }
        : /minutes$|conflicts/.test(address)
          ? { rows: [] }
          : approved,
    }));
    await drawDesk(api, CampaignView, { id: 'c1' }, 'marketer');
    expect(await screen.findByText('这样启动什么也不会发生，请先改好。')).toBeTruthy();
    expect((button('启动') as HTMLButtonElement).disabled).toBe(true);
  });
});

describe('a campaign afterwards', () => {
  it('says what it came to, and what it did beside those held out', async () => {
    await drawDesk(
      server(campaign, () => ({})),
      CampaignView,
      { id: 'c1' },
      'viewer',
    );
    expect(await screen.findByText('多带来约 360 单（180 到 540 之间，二十次里对十九次）')).toBeTruthy();
    const row = within(screen.getByRole('row', { name: /^对照组/ }));
    expect(row.getByText('6.0%')).toBeTruthy();
    expect(screen.getByText('预计 10 – 80')).toBeTruthy();
    // ¥5,000 off and ¥2,500 of advertising for 250 orders.
    expect(screen.getByText('投放费用').nextElementSibling?.textContent).toBe('¥2,500');
    expect(screen.getByText('每单成本').nextElementSibling?.textContent).toBe('¥30');
  });

  it.each([
    ['nobody_held', /^没有留对照组/],
    ['nobody_yet', /还没有人可比/],
    ['not_noted', /还不记对照组/],
    ['automation', /自动化里/],
  ] as const)('says why nothing can be said of what it did: %s', async (withoutUplift, says) => {
    const api = new FakeApi(({ address }) => {
      if (address.endsWith('/report')) return { body: { ...report, uplift: null, withoutUplift } };
      if (/minutes$|conflicts/.test(address)) return { body: { rows: [] } };
      return { body: address.endsWith('/preflight') ? flight : campaign };
    });
    await drawDesk(api, CampaignView, { id: 'c1' }, 'viewer');
    expect(await screen.findByText(says)).toBeTruthy();
  });

  it('is compared with others, chosen in the address', async () => {
    const api = server(campaign, () => ({}));
    await drawDesk(api, CampaignCompare, { ids: ['c1'] }, 'viewer');
    expect(await screen.findByRole('row', { name: '多带来的订单 180 到 540' })).toBeTruthy();
    expect(screen.getByRole('row', { name: '毛利 ¥1.0万' })).toBeTruthy();
    expect(api.sent('GET').some(({ address }) => address === '/api/v1/campaign-reports?ids=c1')).toBe(true);
  });
});

describe('a new group-buy or bargain', () => {
  it('is shown as members see it, and saved as it was written', async () => {
    const template = {
      title: '两人团',
      goods: [{ sku: 'TEA', qty: 2 }],
      price: 5_000,
      size: 2,
      hours: 24,
      leaderBonus: 0,
      newcomersOnly: false,
      virtualFrom: null,
      location: null,
    };
    const preview = {
      audience: 1_000,
      liability: 0,
      exposure: 0,
      coupons: 1_000,
      secondPerson: false,
      expectation,
      template,
    };
    const api = server(campaign, ({ address }) => ({
      status: address.endsWith('/preview') ? 200 : 201,
      body: address.endsWith('/preview') ? preview : campaign,
    }));
    await drawDesk(api, GroupEditor, { kind: 'group' as const }, 'marketer');
    const type = (label: string, value: string) =>
      fireEvent.input(screen.getByLabelText(label), { target: { value } });
    await type('标题', '两人团');
    await type('活动名称', '周末拼团');
    await type('商品', 'TEA×2');
    await type('团购价', '50');
    await type('到时满几人也成团', '2');
    expect(screen.getByText('要比成团人数少')).toBeTruthy();
    await type('到时满几人也成团', '');
    expect(await screen.findByText('¥50 · 2 人团')).toBeTruthy();
    await fireEvent.click(button('保存草稿'));
    await expect
      .poll(() => api.sent('POST').at(-1))
      .toMatchObject({
        address: '/api/v1/campaigns',
        body: {
          kind: 'group',
          name: '周末拼团',
          template: { goods: [{ sku: 'TEA', qty: 2 }], price: 5_000, size: 2, hours: 24, virtualFrom: null },
          audience: { kind: 'all' },
        },
      });
  });
});
