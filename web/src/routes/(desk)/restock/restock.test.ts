import { fireEvent, screen, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { drawDesk, FakeApi } from '#lib/testing/desk.ts';
import RestockPage from './+page.svelte';
import { quantityOf, sumOf, type Proposal } from './restock.ts';

const chosen = {
  kind: 'warehouse' as const,
  locationNo: 1,
  location: 'DC-HQ',
  supplier: null,
  qty: 48,
  expectedAt: '2026-11-25T02:00:00Z',
  cost: 540,
  handling: 540,
  lost: 0,
  holding: 30,
  relief: 0,
  total: 570,
  outOfQuestion: null,
};
const proposal = (id: string, more: Partial<Proposal> = {}): Proposal => ({
  id,
  status: 'open',
  sku: `SKU-${id}`,
  skuNameZh: `商品${id}`,
  skuNameEn: `Thing ${id}`,
  location: 'SH01',
  locationNameZh: '上海南京西路店',
  locationNameEn: 'Shanghai',
  sourceKind: 'warehouse',
  source: 'DC-HQ',
  sourceNameZh: '总仓',
  sourceNameEn: 'HQ',
  qty: 48,
  cost: 540,
  expectedAt: '2026-11-25T02:00:00Z',
  why: {
    available: 3,
    inbound: 2,
    reorderPoint: 12,
    orderUpTo: 48,
    rate: 2,
    packSize: 12,
    minOrder: 1,
    wanted: 43,
    coverDays: 24,
    waiting: null,
    chosen,
    rejected: [{ ...chosen, kind: 'transfer', location: 'SH02', outOfQuestion: 'no_surplus' }],
    warnings: [],
  },
  createdAt: '2026-11-24T02:00:00Z',
  decidedAt: null,
  decidedBy: null,
  reason: null,
  approvedQty: null,
  order: null,
  ...more,
});

/** A server that approves all but `short`, of which the source has 5. */
const server = (rows: Proposal[], short = '') =>
  new FakeApi(({ method, address, body }) => {
    if (method === 'GET')
      return { body: { rows: address.startsWith('/api/v1/proposals') ? rows : [], nextCursor: null } };
    if (address.endsWith('/proposals/approve')) {
      const { ids } = body as { ids: string[] };
      const results = ids.map((id) =>
        id === short
          ? { id, order: null, refused: 'insufficient_stock', available: 5 }
          : { id, order: 'TR-000001', refused: null },
      );
      return { body: { results } };
    }
    return { body: { order: 'TR-000002', results: [] } };
  });
const posts = (api: FakeApi) => api.sent('POST').map(({ address, body }) => [address, body]);

describe('the restock board', () => {
  it('approves many at once; what is refused stays and says why; the way back calls the order off', async () => {
    const api = server([proposal('a'), proposal('b'), proposal('c')], 'b');
    await drawDesk(api, RestockPage, {});
    await fireEvent.click(await screen.findByLabelText('选择 商品a'));
    await fireEvent.click(screen.getByLabelText('选择 商品b'));
    const bar = within(screen.getByRole('region', { name: '已选 2 条' }));
    await fireEvent.click(bar.getByRole('button', { name: '批准 2 条' }));
    await expect.poll(() => screen.queryByText('来源只剩 5 件')).not.toBeNull();
    expect(screen.queryByText('商品a')).toBeNull();
    expect(screen.getByText('商品c')).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: '撤销' }));
    await expect
      .poll(() => posts(api))
      .toEqual([
        ['/api/v1/proposals/approve', { ids: ['a', 'b'] }],
        ['/api/v1/supply-orders/TR-000001/cancel', undefined],
      ]);
  });

  it('sends a changed quantity, and none that is no quantity', async () => {
    const api = server([proposal('a')]);
    await drawDesk(api, RestockPage, {});
    const field = await screen.findByLabelText('商品a 的数量');
    const approve = () => screen.getByRole('button', { name: '批准 商品a' });
    await fireEvent.input(field, { target: { value: '0' } });
    expect(approve()).toHaveProperty('disabled', true);
    expect(screen.getByText('填 1 到 100,000 的整数')).toBeTruthy();
    await fireEvent.input(field, { target: { value: '36' } });
    expect(screen.getByText('建议 48')).toBeTruthy();
    await fireEvent.click(approve());
    await expect.poll(() => posts(api)).toEqual([['/api/v1/proposals/a/approve', { qty: 36 }]]);
  });

  it('sends from another source, of those that can give it', async () => {
    const shop = (location: string, nameZh: string, more: object = {}) => ({
      ...chosen,
      ...{ kind: 'transfer', location, nameZh, nameEn: location, current: false },
      ...more,
    });
    const offers = [
      { ...chosen, nameZh: '总仓', nameEn: 'HQ', current: true },
      shop('SH02', '二店', { cost: 123_400 }),
      shop('SH03', '三店', { qty: 12 }),
      shop('SH04', '四店', { outOfQuestion: 'no_surplus' }),
    ];
    const api = new FakeApi(({ method, address }) => {
      if (address.includes('/sources')) return { body: { rows: offers } };
      if (method !== 'GET') return { body: { order: 'TR-000009' } };
      return {
        body: { rows: address.startsWith('/api/v1/proposals') ? [proposal('a')] : [], nextCursor: null },
      };
    });
    await drawDesk(api, RestockPage, {});
    await fireEvent.input(await screen.findByLabelText('商品a 的数量'), { target: { value: '36' } });
    await fireEvent.click(screen.getByRole('button', { name: '换一个来源补 商品a' }));
    const dialog = within(screen.getByRole('dialog', { hidden: true }));
    expect(await dialog.findByText('只能给 12 件')).toBeTruthy();
    expect(dialog.getByText('没有多余的')).toBeTruthy();
    expect(dialog.queryByRole('button', { name: '从 三店 来', hidden: true })).toBeNull();
    await fireEvent.click(dialog.getByRole('button', { name: '从 二店 来', hidden: true }));
    // The row says what was chosen, and what that costs.
    expect(screen.getByText('二店')).toBeTruthy();
    expect(screen.getByText('¥1,234')).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: '批准 商品a' }));
    await expect
      .poll(() => posts(api))
      .toEqual([['/api/v1/proposals/a/approve', { qty: 36, source: { location: 'SH02' } }]]);
    expect(api.asked.find(({ address }) => address.includes('/sources'))?.address).toContain('qty=36');
  });

  it('rejects with a reason, and not without', async () => {
    const api = server([proposal('a')]);
    await drawDesk(api, RestockPage, {});
    await fireEvent.click(await screen.findByRole('button', { name: '拒绝 商品a' }));
    const dialog = within(screen.getByRole('dialog', { hidden: true }));
    await fireEvent.click(dialog.getByRole('button', { name: '拒绝', hidden: true }));
    expect(api.sent('POST')).toEqual([]);
    await fireEvent.click(dialog.getByRole('button', { name: '快下架了', hidden: true }));
    await fireEvent.click(dialog.getByRole('button', { name: '拒绝', hidden: true }));
    await expect
      .poll(() => posts(api))
      .toEqual([['/api/v1/proposals/reject', { ids: ['a'], reason: '快下架了' }]]);
  });

  it('lets a viewer look, and ask why', async () => {
    await drawDesk(server([proposal('a')]), RestockPage, {}, 'viewer');
    await fireEvent.click(await screen.findByRole('button', { name: '为什么建议补 商品a' }));
    expect(screen.getByText('没有多余的')).toBeTruthy();
    expect(screen.queryByRole('button', { name: '批准 商品a' })).toBeNull();
  });

  it('adds up to what it proposes', () => {
    const terms = sumOf(proposal('a').why);
    const upToWanted = terms.slice(
      0,
      terms.findIndex(({ kind }) => kind === 'wanted'),
    );
    expect(upToWanted.reduce((sum, { value }) => sum + value, 0)).toBe(43);
    expect(terms.at(-1)).toEqual({ kind: 'qty', value: 48 });
    expect(['1,200', ' 24 ', '0', '-1', '2.5', '', '100001'].map(quantityOf)).toEqual([
      1200,
      24,
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});
