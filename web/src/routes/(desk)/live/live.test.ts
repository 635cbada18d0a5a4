import { fireEvent, screen, within } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import type { BoardValue, LiveRequest } from '@zhanggui/shared/contract/board.ts';
import { liveTile } from '#lib/testing/board-data.ts';
import { drawDesk, FakeApi } from '#lib/testing/desk.ts';
import { NOW, TestScreen } from '#lib/testing/screen.ts';
import Cockpit from './[id]/Cockpit.svelte';
import Host from './[id]/host/Host.svelte';
import { wholeCurve, type Detail, type Place, type Plan, type Product, type Session } from './live.ts';
import Page from './+page.svelte';

const at = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString();
const web: Place = {
  location: 'WEB', locationNameZh: '网仓', locationNameEn: 'Web', available: 30, inbound: 0, share: 1, perHour: 600, soldOutAt: at(3),
}; // prettier-ignore
const shop: Place = {
  ...web,
  location: 'S1',
  locationNameZh: '一店',
  locationNameEn: 'Shop 1',
  available: 500,
  share: 0,
  soldOutAt: null,
};
const product = (more: Partial<Product> = {}): Product => ({
  sku: 'MASK', nameZh: '面膜', nameEn: 'Mask', clicks: 100, orders: 5, units: 6, amount: 59_400, featured: 1, price: 9900,
  up: true, paused: false, location: 'WEB', available: 30, inbound: 0, perHour: 600, soldOutAt: at(3), elsewhere: null,
  places: [web], ...more,
}); // prettier-ignore
const detail = (more: Partial<Detail> = {}): Detail => ({
  id: 'show', room: 'room', host: '小鹿', platform: '抖音', title: '今晚专场', state: 'running', startedAt: at(-40),
  endedAt: null, startsAt: null, heardAt: at(0), viewers: 900, peak: 1000, entered: 4000, clicks: 800, orders: 60, units: 80,
  placed: 600_000, paid: 1, perThousand: 150_000, planAmount: null, plan: null,
  last: { byNow: null, vsLast: null, sessions: [] }, curve: [], products: [product()], marks: [],
  channels: [{ channel: 'live', orders: 45, units: 60, placed: 450_000 }, { channel: 'miniapp', orders: 15, units: 20, placed: 150_000 }],
  ...more,
}); // prettier-ignore
const featured = {
  sku: 'MASK', nameZh: '面膜', nameEn: 'Mask', price: 9900, since: at(-4), units: 6, clicks: 100, location: 'WEB', locationNameZh: '网仓', locationNameEn: 'Web', available: 30, inbound: 0,
  elsewhere: null as number | null, perHour: 600, soldOutAt: at(3), paused: false,
}; // prettier-ignore
const move = {
  location: 'HQ',
  locationNameZh: '总仓',
  locationNameEn: 'HQ',
  available: 500,
  spare: 400,
  qty: 240,
};

async function draw(
  role: 'marketer' | 'viewer' = 'marketer',
  show = detail(),
  { places = [web], tile = featured } = {},
) {
  const api = new FakeApi(({ method, address }) => {
    if (address.includes('/moves?'))
      return {
        body: {
          to: address.includes('to=S1') ? 'S1' : 'WEB',
          wanted: address.includes('to=S1') ? 12 : 240,
          places,
          rows: [move],
        },
      };
    if (method === 'POST')
      return { status: 201, body: { id: 'r', kind: 'move', order: 'TR-000001', qty: 240 } };
    return { body: show };
  });
  const on = new TestScreen();
  await drawDesk(api, Cockpit, { id: 'show' }, role, on);
  on.snapshot('live', { summary: {}, 'session:show': liveTile({ featured: tile, viewers: 1234 }) });
  await screen.findByRole('heading', { name: '商品' });
  return { api, on };
}

it('says through which channels the orders of the show came, and marks the coupons given in it', async () => {
  const coupon = {
    at: at(-5),
    kind: 'coupon' as const,
    sku: null,
    nameZh: null,
    nameEn: null,
    price: null,
    note: '直播间券',
  };
  await draw('viewer', detail({ marks: [coupon] }));
  const arrivals = screen.getByRole('heading', { name: '订单来自' }).parentElement!;
  expect(arrivals.textContent).toContain('小程序');
  expect(arrivals.textContent).toContain('15 单 · ¥1,500');
  expect(screen.getByText('发券').parentElement?.textContent).toContain('直播间券');
});

it('a curve has a point for every minute, also those in which nothing was heard', () => {
  const row = {
    viewers: 5,
    entered: 0,
    clicks: 0,
    orders: 1,
    units: 1,
    placed: 100,
    planned: null,
    last: null,
  };
  const curve = wholeCurve([
    { ...row, minute: at(0) },
    { ...row, minute: at(2) },
  ]);
  expect(curve.map(({ viewers, placed }) => [viewers, placed])).toEqual([[5, 100], [0, 0], [5, 100]]); // prettier-ignore
  expect(wholeCurve([])).toEqual([]);
});

describe('the cockpit', () => {
  it('shows what the board says, newer than what was read', async () => {
    await draw();
    expect(document.body.textContent).toContain('1,234');
    expect(document.body.textContent).toContain('3:00');
  });

  it('sends goods with two taps, from the best place, and says which transfer it made', async () => {
    const { api } = await draw();
    await fireEvent.click(screen.getAllByRole('button', { name: '调货' })[0]!);
    const dialog = await screen.findByRole('dialog');
    await fireEvent.click(await within(dialog).findByRole('button', { name: '调 240 件' }));
    await screen.findByText(/TR-000001/);
    expect(api.sent('POST')).toEqual([
      {
        method: 'POST',
        address: '/api/v1/live/sessions/show/moves',
        body: { sku: 'MASK', to: 'WEB', from: 'HQ', qty: 240 },
      },
    ]);
  });

  it('says what is a span and what a time of day, which look alike', async () => {
    const products = [3, 180, 900].map((minutes, i) =>
      product({ sku: `P${i}`, nameZh: `品${i}`, soldOutAt: at(minutes) }),
    );
    await draw('viewer', detail({ products }));
    const cell = (name: string) => screen.getByRole('row', { name: new RegExp(name) }).textContent;
    expect(cell('品0')).toMatch(/0?3:00 后|02:59 后/);
    expect(cell('品1')).toMatch(/约 \d\d:\d\d/);
    // Tomorrow.
    expect(cell('品2')).toContain('约 11-24 11:41');
  });

  it('says where it ends first, and sends goods there or to another place of the show', async () => {
    const two = product({ elsewhere: 500, places: [web, shop] });
    const { api } = await draw('marketer', detail({ products: [two] }), {
      places: [web, shop],
      tile: { ...featured, elsewhere: 500 },
    });
    expect(screen.getByRole('region', { name: '正在讲解' }).textContent.replace(/\s+/g, ' ')).toContain(
      '网仓剩余 30 件 · 每小时卖 600 件 · 别处另有 500 件',
    );
    expect(screen.getByRole('table').textContent.replace(/\s+/g, ' ')).toContain('在网仓别处另有 500 件');
    await fireEvent.click(screen.getAllByRole('button', { name: '调货' })[0]!);
    const dialog = await screen.findByRole('dialog');
    const to: HTMLSelectElement = await within(dialog).findByLabelText('送到');
    expect([to.value, [...to.options].map(({ text }) => text)]).toEqual([
      'WEB',
      ['网仓（剩 30 件）', '一店（剩 500 件）'],
    ]);
    await fireEvent.change(to, { target: { value: 'S1' } });
    await within(dialog).findByText('按目前速度，播完那里还缺约 12 件');
    await fireEvent.click(within(dialog).getByRole('button', { name: '调 240 件' }));
    await screen.findByText(/TR-000001/);
    expect(api.sent('POST')[0]?.body).toEqual({ sku: 'MASK', to: 'S1', from: 'HQ', qty: 240 });
  });

  it('a plan that is changed keeps its room, title, start and length', async () => {
    const asSet: Plan = {
      amount: 900_000,
      minutes: null,
      room: 'room',
      title: '今晚专场',
      startsAt: at(-45.5),
    };
    const { api } = await draw(
      'marketer',
      detail({ plan: { amount: 900_000, minutes: 120, asSet, byNow: 1, vsPlan: 1 } }),
    );
    await fireEvent.click(screen.getByRole('button', { name: '改目标' }));
    const dialog = await screen.findByRole('dialog');
    await fireEvent.input(within(dialog).getByLabelText('目标下单金额（元）'), {
      target: { value: '1.2万' },
    });
    await fireEvent.click(within(dialog).getByRole('button', { name: '保存' }));
    await screen.findByText(/，目标 /);
    expect(api.sent('PUT')[0]?.body).toEqual({ ...asSet, amount: 1_200_000 });
  });

  it('asks the host to pause what is held up', async () => {
    const { api } = await draw();
    await fireEvent.click(screen.getByRole('button', { name: '暂停' }));
    await screen.findByText('已请主播暂停');
    expect(api.sent('POST')[0]?.body).toEqual({ kind: 'pause', sku: 'MASK' });
  });

  it('offers nothing to whoever may only look', async () => {
    await draw('viewer');
    expect(screen.queryByRole('button', { name: '暂停' })).toBeNull();
    expect(screen.queryByRole('button', { name: '调货' })).toBeNull();
  });
});

describe('the host’s screen', () => {
  const request: LiveRequest = {
    id: 'r1', session: 'show', kind: 'pause', at: at(0), by: 'li@shop.cn', sku: 'MASK', nameZh: '面膜', nameEn: 'Mask',
    qty: null, note: '快卖完了',
  }; // prettier-ignore
  async function drawHost(more: Record<string, BoardValue> = {}) {
    const api = new FakeApi(() => ({ status: 204 }));
    const on = new TestScreen();
    await drawDesk(api, Host, { id: 'show' }, 'marketer', on);
    on.snapshot('live', { summary: {}, 'session:show': liveTile({ featured }), ...more });
    return { api, on, text: () => document.body.textContent.replace(/\s+/g, ' ') };
  }

  it('says what to do first, until the host has seen it; not what is asked of others', async () => {
    const other = { ...request, id: 'r2', session: 'other', note: '别的' };
    const { api, text } = await drawHost({ 'request:r1': request, 'request:r2': other });
    expect(text()).toContain('请先别卖 面膜');
    expect(text()).toContain('快卖完了');
    expect(text()).not.toContain('别的');
    await fireEvent.click(screen.getByRole('button', { name: '知道了' }));
    expect(api.sent('POST')[0]?.address).toBe('/api/v1/live/sessions/show/requests/r1/seen');
  });

  it('counts down, and says that it is old once nothing is heard', async () => {
    const { on, text } = await drawHost();
    expect(text()).toContain('30剩余');
    on.live(5);
    expect(text()).toContain('2:55');
    on.silence(8);
    flushSync();
    expect(screen.getByRole('alert').textContent).toContain('20:41');
  });

  it('is told that the show is over', async () => {
    const { on, text } = await drawHost();
    on.snapshot('live', { summary: {} });
    expect(text()).toContain('直播已结束');
  });
});

describe('the list of shows', () => {
  const planned: Session = {
    ...detail(), id: 'planned-1', state: 'planned', startedAt: null, startsAt: at(600), room: 'room 3',
  }; // prettier-ignore
  async function drawList(role: 'marketer' | 'viewer' = 'marketer', status = 201) {
    const api = new FakeApi(({ method }) =>
      method === 'POST'
        ? { status, body: status === 201 ? planned : { code: 'internal' } }
        : { body: { rows: [planned], next: null } },
    );
    await drawDesk(api, Page, {}, role, new TestScreen());
    await screen.findByRole('table');
    return api;
  }
  const fill = (label: string, value: string) =>
    fireEvent.input(within(screen.getByRole('dialog')).getByLabelText(label), { target: { value } });
  const save = () =>
    fireEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: '保存' }));

  it('plans a show that is to come, by its room and time', async () => {
    const api = await drawList();
    await fireEvent.click(screen.getByRole('button', { name: '计划一场' }));
    await save();
    for (const wrong of ['请填写直播间', '请选择开播时间', '请输入金额']) screen.getByText(wrong);
    expect(api.sent('POST')).toEqual([]);
    await fill('直播间', 'room 3');
    await fill('场次名称', ' 周年庆 ');
    await fill('开播时间', '2026-12-01T20:00');
    await fill('目标下单金额（元）', '60万');
    await fill('计划时长（分钟）', '90');
    await save();
    expect(api.sent('POST')).toEqual([
      {
        method: 'POST',
        address: '/api/v1/live/sessions',
        body: {
          room: 'room 3',
          title: '周年庆',
          startsAt: '2026-12-01T12:00:00.000Z',
          amount: 60_000_000,
          minutes: 90,
        },
      },
    ]);
    await screen.findByText(/已计划/);
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('keeps what was typed where it was not saved, and says so', async () => {
    await drawList('marketer', 500);
    await fireEvent.click(screen.getByRole('button', { name: '计划一场' }));
    await fill('直播间', 'room 3');
    await fill('开播时间', '2026-12-01T20:00');
    await fill('目标下单金额（元）', '60万');
    await save();
    await within(screen.getByRole('dialog')).findByRole('alert');
    expect(within(screen.getByRole('dialog')).getByLabelText<HTMLInputElement>('直播间').value).toBe(
      'room 3',
    );
  });

  it('offers no plan to whoever may only look', async () => {
    await drawList('viewer');
    expect(screen.queryByRole('button', { name: '计划一场' })).toBeNull();
  });
});
