import { fireEvent, screen, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { drawDesk, FakeApi, type Asked } from '#lib/testing/desk.ts';
import DeliveriesPage from './+page.svelte';
import { reasonOf, type Delivery } from './delivery.ts';
import { minuteOfDay, rateOf, timeText, webhookSecret, type Endpoint } from './endpoint.ts';

const group: Endpoint = {
  id: 'e1',
  kind: 'dingtalk',
  name: '华东店长群',
  events: ['alert.opened'],
  scope: 'all',
  supplier: null,
  minSeverity: 'warning',
  locale: 'zh-CN',
  perMinute: 20,
  quietFrom: 1320,
  quietTo: 450,
  medium: null,
  enabled: true,
  address: 'https://oapi.dingtalk.com/…9f3c',
  signed: true,
  createdAt: '2026-11-20T01:00:00Z',
};
const delivery: Delivery = {
  id: 'd1',
  endpointId: 'e1',
  endpoint: '华东店长群',
  event: 'test',
  status: 'sent',
  attempts: 1,
  lastStatus: 200,
  error: null,
  createdAt: '2026-11-23T12:00:00Z',
  nextAt: null,
  doneAt: '2026-11-23T12:00:01Z',
  body: '{}',
};

/** A server with one group; `answer` says what it makes of everything that is no list. */
const server = (answer: (asked: Asked) => { status?: number; body?: unknown }, tested: Delivery = delivery) =>
  new FakeApi((asked) => {
    if (asked.method !== 'GET') return answer(asked);
    const rows = asked.address.startsWith('/api/v1/deliveries')
      ? [tested]
      : asked.address.startsWith('/api/v1/delivery-endpoints')
        ? [group]
        : [];
    return { body: { rows, nextCursor: null } };
  });

const button = (name: string) => screen.getByRole('button', { name });
const type = (label: string | RegExp, value: string) =>
  fireEvent.input(screen.getByLabelText(label), { target: { value } });

describe('a receiver', () => {
  it('is added as it was filled in; what is wrong is said first, and asks nobody', async () => {
    const api = server(({ body }) => ({ status: 201, body: { ...group, ...(body as object) } }));
    await drawDesk(api, DeliveriesPage, {});
    await screen.findByText('华东店长群');
    await fireEvent.click(button('添加通知'));
    await fireEvent.change(screen.getByLabelText('发到'), { target: { value: 'webhook' } });
    await type('地址', 'http://shop.example/hook');
    await fireEvent.click(button('添加'));
    expect(screen.getByText('请填名称')).toBeTruthy();
    expect(screen.getByText('要以 https:// 开头的完整地址')).toBeTruthy();
    expect(api.sent('POST')).toEqual([]);

    await type('名称', ' 仓库系统 ');
    await type('地址', 'https://shop.example/hook');
    await fireEvent.click(button('生成一个'));
    await fireEvent.click(screen.getByLabelText(/调拨采购单/));
    await type('从', '22:00');
    await fireEvent.click(button('添加'));
    expect(screen.getByText('开始和结束要一起填')).toBeTruthy();
    await type('到', '07:30');
    await fireEvent.click(button('添加'));
    expect(api.sent('POST')[0]?.body).toEqual({
      kind: 'webhook',
      name: '仓库系统',
      url: 'https://shop.example/hook',
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{32}$/) as unknown,
      events: ['alert.opened', 'supply_order.sent'],
      scope: 'all',
      supplier: null,
      minSeverity: 'info',
      locale: 'zh-CN',
      perMinute: 120,
      quietFrom: 1320,
      quietTo: 450,
      medium: null,
    });
    expect(await screen.findByText('已添加 仓库系统，发条测试消息看看')).toBeTruthy();
  });

  it('keeps address and secret when they are left alone, and shows neither', async () => {
    const api = server(({ body }) => ({ body: { ...group, ...(body as object) } }));
    await drawDesk(api, DeliveriesPage, {});
    await fireEvent.click(await screen.findByRole('button', { name: '修改 华东店长群' }));
    expect(screen.getByLabelText('地址')).toHaveProperty('value', '');
    expect(screen.getByLabelText('签名密钥')).toHaveProperty('value', '');
    await type('名称', '华东群');
    await fireEvent.click(button('保存'));
    const sent = api.sent('PATCH')[0]?.body;
    expect(sent).toMatchObject({ name: '华东群', quietFrom: 1320, quietTo: 450 });
    expect(sent).not.toHaveProperty('url');
    expect(sent).not.toHaveProperty('secret');
    // And back, as it was.
    await fireEvent.click(await screen.findByRole('button', { name: '撤销' }));
    await expect.poll(() => api.sent('PATCH')[1]?.body).toMatchObject({ name: '华东店长群', enabled: true });
  });

  it('that a test did not reach says why, in words', async () => {
    const refused: Delivery = { ...delivery, status: 'failed', error: '310000 sign not match' };
    const api = server(() => ({ status: 202, body: { deliveryId: 'd1' } }), refused);
    await drawDesk(api, DeliveriesPage, {});
    await fireEvent.click(await screen.findByRole('button', { name: '给 华东店长群 发测试消息' }));
    expect(await screen.findByText('没有送到 华东店长群：机器人拒收')).toBeTruthy();
    expect(api.sent('POST').map(({ address }) => address)).toEqual(['/api/v1/delivery-endpoints/e1/test']);
  });

  it('is deleted only when that was confirmed', async () => {
    const api = server(() => ({ status: 204 }));
    await drawDesk(api, DeliveriesPage, {});
    await fireEvent.click(await screen.findByRole('button', { name: '删除 华东店长群' }));
    const dialog = screen.getByRole('dialog');
    expect(api.sent('DELETE')).toEqual([]);
    await fireEvent.click(within(dialog).getByRole('button', { name: '删除' }));
    expect(await screen.findByText('还没有通知对象')).toBeTruthy();
    expect(api.sent('DELETE')[0]?.address).toBe('/api/v1/delivery-endpoints/e1');
  });

  it('is nobody’s business but the administrators’', async () => {
    await drawDesk(
      server(() => ({})),
      DeliveriesPage,
      {},
      'manager',
    );
    expect(screen.getByText('这里只对管理员开放')).toBeTruthy();
  });
});

it('times, rates, secrets and reasons are read as they are meant', () => {
  expect(['22:30', '00:00', '24:00', '', 'x'].map(minuteOfDay)).toEqual([1350, 0, null, null, null]);
  expect([timeText(1350), timeText(5), timeText(null)]).toEqual(['22:30', '00:05', '']);
  expect(['1', '600', '0', '601', '2.5', ''].map(rateOf)).toEqual([1, 600, null, null, null, null]);
  expect(webhookSecret(new Uint8Array([1, 2, 3]))).toBe('whsec_AQID');
  const reason = (error: string | null, lastStatus: number | null) => reasonOf({ error, lastStatus });
  expect([
    reason(null, 200),
    reason('the endpoint is switched off', null),
    reason('no answer within 10 s', null),
    reason('ECONNREFUSED', null),
    reason('the address must begin with https://', null),
    reason('93000 invalid webhook url', 200),
    reason('HTTP 302: redirects are not followed', 302),
    reason('HTTP 404', 404),
    reason('HTTP 429', 429),
    reason('HTTP 502', 502),
  ]).toEqual([
    null,
    'off',
    'timeout',
    'unreachable',
    'address',
    'bot',
    'redirect',
    'missing',
    'busy',
    'server',
  ]);
});
