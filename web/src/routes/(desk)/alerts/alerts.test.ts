import { fireEvent, screen, within } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import type { AlertTile } from '@zhanggui/shared/contract/board.ts';
import { alertTile } from '#lib/testing/board-data.ts';
import { drawDesk, FakeApi } from '#lib/testing/desk.ts';
import { NOW, TestScreen } from '#lib/testing/screen.ts';
import Now from './Now.svelte';

const at = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString();
const proposal = { id: 'p1', qty: 24, sourceKind: 'warehouse', expectedAt: at(600) } as const;
const sums = { open: 1, acknowledged: 0, critical: 1, acknowledgeMinutes: null, resolveMinutes: null };
const board = (...tiles: AlertTile[]) => ({
  summary: { ...sums, open: tiles.length },
  ...Object.fromEntries(tiles.map((tile) => [`alert:${tile.id}`, tile])),
});

/** The list, with its server's two ends in the test's hand. */
async function list(api: FakeApi, tiles: AlertTile[], role: 'manager' | 'viewer' = 'manager') {
  const desk = new TestScreen();
  await drawDesk(api, Now, { scopes: ['all'], kind: null, place: '' }, role, desk);
  flushSync();
  desk.snapshot('alerts', board(...tiles));
  return desk;
}
const cards = () =>
  screen.queryAllByRole('article').map((card) => within(card).getByRole('heading').textContent);

describe('the alerts of now', () => {
  it('are taken on, then restocked, with one button, in the same place; and each can be taken back', async () => {
    const mine = { status: 'acknowledged', ownerId: 'u', owner: '我', dueAt: at(60), snoozedUntil: null };
    const api = new FakeApi(({ address }) => {
      if (address.endsWith('/acknowledge')) return { body: mine };
      if (address.endsWith('/p1/approve')) return { body: { order: 'TR-000007' } };
      return { body: {} };
    });
    const other = alertTile({ id: 'a0', nameZh: '酱油', openedAt: at(-90) });
    await list(api, [other, alertTile({ id: 'a1', proposal, openedAt: at(-5) })]);
    expect(cards()).toEqual(['酱油', '花生油 5L']);

    const card = () => within(screen.getAllByRole('article')[1]!);
    await fireEvent.click(card().getByRole('button', { name: '我来处理' }));
    await expect.poll(() => card().queryByRole('button', { name: '批准补货 24 件' })).not.toBeNull();
    expect(cards()).toEqual(['酱油', '花生油 5L']);

    await fireEvent.click(card().getByRole('button', { name: '批准补货 24 件' }));
    await expect.poll(() => card().queryByRole('link', { name: '看哪里有货' })).not.toBeNull();
    await fireEvent.click(screen.getByRole('button', { name: '撤销' }));
    await expect
      .poll(() => api.sent('POST').map(({ address }) => address))
      .toEqual([
        '/api/v1/alerts/a1/acknowledge',
        '/api/v1/proposals/p1/approve',
        '/api/v1/supply-orders/TR-000007/cancel',
      ]);
  });

  it('come and go by themselves, and an empty list says that all is well', async () => {
    const desk = await list(new FakeApi(() => ({})), []);
    expect(screen.getByText('全部安好')).toBeTruthy();
    desk.server.last.delta({
      topic: 'alerts',
      from: 0,
      to: 1,
      at: at(0),
      put: { 'alert:a1': alertTile(), summary: sums },
    });
    desk.live(1);
    flushSync();
    expect(cards()).toEqual(['花生油 5L']);
    desk.server.last.delta({ topic: 'alerts', from: 1, to: 2, at: at(0), del: ['alert:a1'] });
    desk.live(1);
    flushSync();
    expect(screen.getByText('全部安好')).toBeTruthy();
  });

  it('say who was faster, and stay as they were', async () => {
    const api = new FakeApi(() => ({ status: 409, body: { code: 'conflict', title: 'x' } }));
    await list(api, [alertTile()]);
    await fireEvent.click(screen.getByRole('button', { name: '我来处理' }));
    await expect.poll(() => screen.queryByText(/冲突/)).not.toBeNull();
    expect(screen.getByRole('button', { name: '我来处理' })).toBeTruthy();
  });

  it('of others and those put off are folded away; a viewer gets no buttons that change', async () => {
    await list(
      new FakeApi(() => ({})),
      [
        alertTile({ id: 'a1', status: 'acknowledged', ownerId: 'v', owner: '我' }),
        alertTile({ id: 'a2', snoozedUntil: at(30) }),
        alertTile({ id: 'a3' }),
      ],
      'viewer',
    );
    expect(screen.getByText('别人在处理 1')).toBeTruthy();
    expect(screen.getByText('已推迟 1')).toBeTruthy();
    expect(screen.queryByRole('button', { name: '我来处理' })).toBeNull();
    expect(screen.queryByRole('button', { name: /更多操作/ })).toBeNull();
  });
});
