import { fireEvent, screen, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { drawDesk, FakeApi, type Asked } from '#lib/testing/desk.ts';
import type { Campaign, CampaignDetail } from './campaign.ts';
import CampaignEditor from './CampaignEditor.svelte';
import CampaignView from './CampaignView.svelte';

const draft: CampaignDetail = {
  id: 'c1',
  kind: 'coupon',
  name: '双十二返场',
  status: 'draft',
  give: 'push',
  template: {
    title: '满 100 减 20',
    offer: { kind: 'threshold', steps: [{ from: 10_000, off: 2_000 }] },
    scope: { locations: ['S1'], categories: ['TEA', 'CUPS'] },
    validity: { kind: 'fixed', from: '2026-12-01T02:00:00Z', to: '2026-12-31T16:00:00Z' },
    stacking: { class: 'shipping', alone: false },
    returned: true,
  },
  audience: { kind: 'rule', rule: { field: 'tags', anyOf: ['invited'] }, holdoutPercent: 10 },
  limits: { perMember: 1, total: null, budget: 1_000_000, brakePerMinute: null },
  targeted: 0,
  issued: 0,
  failed: 0,
  redeemed: 0,
  returned: 0,
  conflicts: 0,
  budget: 1_000_000,
  spent: 0,
  reserved: 0,
  liability: 2_000,
  exposure: 1_000_000,
  startsAt: '2026-12-01T02:00:00.000Z',
  endsAt: null,
  settledAt: null,
  createdAt: '2026-11-23T01:00:00Z',
  createdBy: '王芳',
  revision: 3,
  approvedBy: null,
  launchedAt: null,
  pausedBecause: null,
  progress: null,
  messages: { waiting: 0, told: 0, failed: 0, media: [] },
  flags: [],
};

const server = (row: () => CampaignDetail, answer: (asked: Asked) => { status?: number; body?: unknown }) =>
  new FakeApi((asked) => {
    if (asked.address.endsWith('/preview')) return { status: 503, body: {} };
    if (asked.method !== 'GET') return answer(asked);
    if (asked.address.endsWith('/minutes')) return { body: { rows: [] } };
    if (/(preflight|report)$/.test(asked.address)) return { status: 503, body: {} };
    if (asked.address.includes('/catalog/locations'))
      return {
        body: {
          rows: [
            { code: 'S1', nameZh: '一店', nameEn: 'One', kind: 'store', region: 'R' },
            { code: 'S2', nameZh: '二店', nameEn: 'Two', kind: 'store', region: 'R' },
          ],
          nextCursor: null,
        },
      };
    if (asked.address.includes('/catalog/regions'))
      return { body: { rows: [{ code: 'R', nameZh: '一区', nameEn: 'First' }], nextCursor: null } };
    if (asked.address.startsWith('/api/v1/campaigns/')) return { body: row() };
    return { body: { rows: [], nextCursor: null } };
  });
const field = (label: string) => screen.getByLabelText<HTMLInputElement>(label);
const type = (label: string, value: string) => fireEvent.input(field(label), { target: { value } });
const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));

describe('a draft that is changed', () => {
  it('is shown as it is, and saved with what was changed and all that the form does not say', async () => {
    const api = server(
      () => draft,
      () => ({ body: draft }),
    );
    await drawDesk(api, CampaignEditor, { id: 'c1', as: 'change' as const }, 'marketer');
    await screen.findByLabelText('活动名称');
    expect(field('活动名称').value).toBe('双十二返场');
    expect(field('开始时间').value).toBe('2026-12-01T10:00');
    expect(field('用到什么时候为止').value).toBe('2027-01-01T00:00');
    expect(field('人群').value).toBe('rule');
    expect(await screen.findByText('一店')).toBeTruthy();
    await type('结束时间', '2026-11-30T10:00');
    expect(screen.getByText('要晚于开始')).toBeTruthy();
    await type('结束时间', '2026-12-12T23:59');
    // Stores alone are offered, not their regions.
    await fireEvent.click(screen.getByRole('combobox', { name: '可用门店' }));
    expect(screen.getAllByRole('option', { name: /二店|一区/ }).map((each) => each.textContent)).toEqual([
      '二店S2',
    ]);
    await fireEvent.click(screen.getByRole('option', { name: /二店/ }));
    await press('保存草稿');
    await expect.poll(() => api.sent('PUT')[0]?.address).toBe('/api/v1/campaigns/c1');
    const { kind, name, give, template, audience, limits, startsAt } = draft;
    expect(api.sent('PUT')[0]?.body).toEqual({
      ...{ kind, name, give, audience, limits, startsAt },
      template: { ...template, scope: { ...template.scope, locations: ['S1', 'S2'] } },
      endsAt: '2026-12-12T15:59:00.000Z',
      revision: 3,
    });
  });

  it('for a list of members keeps it, also in what is shown beside the form', async () => {
    const listed: CampaignDetail = {
      ...draft,
      audience: { kind: 'members', count: 12, holdoutPercent: 10 },
    };
    const api = server(
      () => listed,
      () => ({ body: listed }),
    );
    await drawDesk(api, CampaignEditor, { id: 'c1', as: 'change' as const }, 'marketer');
    await screen.findByLabelText('活动名称');
    expect(field('人群').value).toBe('list');
    await type('结束时间', '2026-12-12T23:59');
    const audience = { kind: 'members', holdoutPercent: 10 };
    const asked = (method: string) => api.sent(method)[0]?.body as Record<string, unknown> | undefined;
    await expect.poll(() => asked('POST')?.['id']).toBe('c1');
    await press('保存草稿');
    await expect.poll(() => asked('PUT')?.['revision']).toBe(3);
    for (const method of ['POST', 'PUT']) expect(asked(method)?.['audience']).toEqual(audience);
  });

  it('that somebody else changed is told, and shown as it is now when that is wanted', async () => {
    let now: CampaignDetail = draft;
    const api = server(
      () => now,
      () => ({ status: 409, body: { code: 'conflict', title: 'x', status: 409, type: '' } }),
    );
    await drawDesk(api, CampaignEditor, { id: 'c1', as: 'change' as const }, 'marketer');
    await screen.findByLabelText('活动名称');
    await type('活动名称', '我的名字');
    now = { ...draft, name: '别人的名字', revision: 4 };
    await press('保存草稿');
    await screen.findByText(/有人改了它，或者已经批准了/);
    await press('先留在这里');
    expect(field('活动名称').value).toBe('我的名字');
    await press('保存草稿');
    await screen.findByText(/有人改了它，或者已经批准了/);
    await press('载入现在的内容');
    await expect.poll(() => field('活动名称').value).toBe('别人的名字');
    now = { ...now, status: 'approved' };
    await press('保存草稿');
    await screen.findByText(/有人改了它，或者已经批准了/);
    await press('载入现在的内容');
    expect(await screen.findByText(/现在是「已批准」，只有草稿能改/)).toBeTruthy();
    expect(screen.getByRole('link', { name: '复制' }).getAttribute('href')).toBe('/campaigns/new?from=c1');
  });
});

describe('a copy', () => {
  it('begins as the campaign is, under another name and at no time', async () => {
    const over: CampaignDetail = { ...draft, status: 'cancelled', endsAt: '2026-11-20T02:00:00Z' };
    const api = server(
      () => over,
      () => ({ status: 201, body: draft }),
    );
    await drawDesk(api, CampaignEditor, { id: 'c1', as: 'copy' as const }, 'marketer');
    await screen.findByRole('heading', { name: '新建优惠券' });
    expect(field('活动名称').value).toBe('双十二返场 副本');
    for (const label of ['开始时间', '结束时间', '从什么时候起能用', '用到什么时候为止'])
      expect(field(label).value).toBe('');
    await press('保存草稿');
    expect(screen.getAllByText('请填')).toHaveLength(2);
    expect(document.activeElement).toBe(field('从什么时候起能用'));
    await fireEvent.click(screen.getByRole('radio', { name: '拿到后若干天' }));
    await press('保存草稿');
    await expect
      .poll(() => api.sent('POST').find(({ address }) => address === '/api/v1/campaigns')?.body)
      .toEqual({
        kind: 'coupon',
        name: '双十二返场 副本',
        give: 'push',
        template: { ...draft.template, validity: { kind: 'days', days: 30 } },
        audience: draft.audience,
        limits: draft.limits,
        startsAt: null,
        endsAt: null,
      });
  });

  it('of a group-buy is a group-buy', async () => {
    const group = {
      ...draft,
      kind: 'group',
      give: null,
      audience: { kind: 'all', holdoutPercent: 0 },
      template: {
        title: '两人团',
        goods: [{ sku: 'TEA', qty: 2 }],
        price: 5_000,
        size: 2,
        hours: 24,
        leaderBonus: 0,
        newcomersOnly: false,
        virtualFrom: null,
        location: null,
      },
    } as unknown as CampaignDetail;
    await drawDesk(
      server(
        () => group,
        () => ({}),
      ),
      CampaignEditor,
      { id: 'c1', as: 'copy' as const },
      'marketer',
    );
    await screen.findByRole('heading', { name: '新建拼团' });
    expect(field('商品').value).toBe('TEA×2');
    expect(field('团购价').value).toBe('50');
  });
});

describe('a coupon that is not sent', () => {
  it('asks who is held out, unless an automation does that', async () => {
    await drawDesk(
      server(
        () => draft,
        () => ({}),
      ),
      CampaignEditor,
      { id: 'c1', as: 'change' as const },
      'marketer',
    );
    await screen.findByLabelText('留出对照组');
    await fireEvent.click(screen.getByRole('radio', { name: '按规则发' }));
    expect(screen.queryByLabelText('留出对照组')).toBeNull();
    await fireEvent.click(screen.getByRole('radio', { name: '会员来领' }));
    expect(screen.getByLabelText('留出对照组')).toBeTruthy();
  });
});

describe('a campaign from its screen', () => {
  const draw = async (part: Partial<Campaign>, role: 'marketer' | 'viewer' = 'marketer') => {
    const row = { ...draft, ...part };
    const api = server(
      () => row,
      () => ({ body: row }),
    );
    await drawDesk(api, CampaignView, { id: 'c1' }, role);
    await screen.findByRole('heading', { name: '双十二返场' });
    return api;
  };
  const posts = (api: FakeApi) => api.sent('POST').map(({ address, body }) => ({ address, body }));

  it('is changed while it is a draft, and copied at any time, by who may', async () => {
    await draw({});
    expect(screen.getByRole('link', { name: '修改' }).getAttribute('href')).toBe('/campaigns/c1/change');
    expect(screen.getByRole('link', { name: '复制' }).getAttribute('href')).toBe('/campaigns/new?from=c1');
    expect(screen.getByText('开始').textContent).toContain('12-01 10:00');
  });

  it('is neither changed nor copied by a viewer, nor changed once it runs', async () => {
    await draw({ status: 'running', launchedAt: '2026-11-23T01:00:00Z' }, 'viewer');
    expect(screen.queryByRole('link', { name: '修改' })).toBeNull();
    expect(screen.queryByRole('link', { name: '复制' })).toBeNull();
  });

  it('is finished only after it was said what that does', async () => {
    const api = await draw({ status: 'running', launchedAt: '2026-11-23T01:00:00Z' });
    await press('结束');
    expect(posts(api)).toEqual([]);
    const dialog = within(screen.getByRole('dialog', { hidden: true }));
    expect(dialog.getByText(/已发的券在有效期内照常能用/)).toBeTruthy();
    await fireEvent.click(dialog.getByText('确定结束'));
    await expect.poll(() => posts(api)).toEqual([{ address: '/api/v1/campaigns/c1/finish', body: {} }]);
  });

  it('is called off before it begins with nothing to lose', async () => {
    await draw({});
    await press('取消活动');
    const dialog = within(screen.getByRole('dialog', { hidden: true }));
    expect(dialog.getByText(/还没开始，什么都没发/)).toBeTruthy();
  });

  it('can be stopped when it is over, until nothing of it is open', async () => {
    await draw({ status: 'finished', launchedAt: '2026-11-23T01:00:00Z' });
    await press('取消活动');
    expect(screen.getByText(/已发的券也不能再用/)).toBeTruthy();
    expect(screen.getByRole('button', { name: '暂停' })).toBeTruthy();
  });

  it('is launched for its time, or started now', async () => {
    const api = await draw({ status: 'approved' });
    await expect.poll(() => screen.queryByRole('button', { name: '到时启动' })).toBeTruthy();
    await press('立即开始');
    await expect
      .poll(() => posts(api))
      .toEqual([{ address: '/api/v1/campaigns/c1/launch', body: { startNow: true } }]);
  });
});
