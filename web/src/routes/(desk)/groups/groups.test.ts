import { fireEvent, screen } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import { Notices } from '#lib/desk/notices.svelte.ts';
import { drawDesk, FakeApi } from '#lib/testing/desk.ts';
import { NOW } from '#lib/testing/screen.ts';
import GroupView from './[id]/GroupView.svelte';
import type { Group, GroupDetail, Refund } from './group.ts';
import Groups from './Groups.svelte';
import Refunds from './Refunds.svelte';

const at = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString();
const group = (id: string, more: Partial<Group> = {}): Group => ({
  id,
  campaignId: 'c',
  campaign: '三人团',
  campaignRef: null,
  source: 'ours',
  state: 'open',
  because: null,
  size: 5,
  members: 3,
  virtual: 0,
  leader: 'M1',
  openedAt: at(-60),
  expiresAt: at(40),
  formedAt: null,
  endedAt: null,
  flags: [],
  ...more,
});
const nothing = new FakeApi(() => ({ body: {} }));
const row = (text: string) => screen.getByText(text).closest('tr')!.textContent.replaceAll(/\s+/g, ' ');

it('says of each group how many are missing and how long it has; virtual members and differences are never hidden', async () => {
  await drawDesk(nothing, Groups, {
    rows: [
      group('g1'),
      group('g2', { state: 'formed', because: 'filled', members: 3, virtual: 2, formedAt: at(-5) }),
      group('g3', {
        source: 'theirs',
        size: 2,
        members: 3,
        state: 'formed',
        because: 'full',
        formedAt: at(-9),
        flags: ['over_full'],
      }),
      group('g4', { state: 'expired', because: 'time', members: 1, endedAt: at(-1), leader: null }),
      group('g5', { source: 'theirs', size: null, campaign: null, campaignRef: 'THEIR-9', members: 2 }),
      group('g6', { source: 'theirs', size: null, state: 'expired', because: 'unheard', endedAt: at(-1) }),
    ],
  });
  expect(row('g1')).toMatch(/拼团中.*3 \/ 5.*差 2 人.*40 分钟/);
  expect(row('g2')).toMatch(/已成团到时补满.*3 \/ 5.*虚拟 2 人/);
  expect(row('g3 · 商城自办')).toMatch(/3 \/ 2.*超员/);
  expect(row('g4')).toMatch(/未成团到时未满.*1 \/ 5/);
  expect(row('g4')).not.toMatch(/差 \d/);
  expect(row('g5 · 商城自办')).toMatch(/THEIR-9.*2 人/);
  expect(row('g6 · 商城自办')).toMatch(/没有下文一天没有消息/);
  expect(row('g6 · 商城自办')).not.toContain('未成团');
  expect(screen.getAllByRole('link').map((link) => link.getAttribute('href'))).toContain('/groups/g3');
});

const refund = (more: Partial<Refund> = {}): Refund => ({
  id: 'r1',
  state: 'late',
  groupId: 'g4',
  memberId: 'M2',
  orderId: 'O-1',
  amount: 990,
  reason: 'expired',
  askedAt: at(-90),
  reminders: 2,
  confirmedAt: null,
  confirmedBy: null,
  ...more,
});

it('follows refunds: what is late stands out, and who may says that it is paid back', async () => {
  const api = new FakeApi(() => ({
    body: refund({ state: 'confirmed', confirmedAt: at(0), confirmedBy: '我' }),
  }));
  const said: Refund[] = [];
  const rows = [
    refund(),
    refund({ id: 'r2', orderId: 'O-2', state: 'confirmed', confirmedAt: at(-3), confirmedBy: 'fact' }),
  ];
  const given = { rows, notices: new Notices(), onconfirm: (each: Refund) => void said.push(each) };
  const { unmount } = await drawDesk(api, Refunds, given, 'marketer');
  expect(row('O-1')).toMatch(/逾期已催 2 次.*¥9\.90.*未成团/);
  expect(row('O-2')).toMatch(/已退订单事实/);
  await fireEvent.click(screen.getByRole('button', { name: '已退款' }));
  await expect.poll(() => said).toHaveLength(1);
  expect(api.sent('POST').map(({ address }) => address)).toEqual(['/api/v1/refund-requests/r1/confirm']);
  unmount();
  await drawDesk(api, Refunds, given, 'viewer');
  expect(screen.queryByRole('button', { name: '已退款' })).toBeNull();
});

it('shows who was in a group, who left, and whose money is on its way back', async () => {
  const detail: GroupDetail = {
    ...group('g4', { state: 'expired', because: 'left', members: 1, endedAt: at(-1) }),
    seats: [
      { position: 1, memberId: 'M1', joinedAt: at(-50), leftAt: null, orderId: null, refund: null },
      {
        position: 2,
        memberId: 'M2',
        joinedAt: at(-40),
        leftAt: at(-30),
        orderId: 'O-1',
        refund: { id: 'r1', amount: 990, confirmed: false },
      },
    ],
  };
  await drawDesk(new FakeApi(() => ({ body: detail })), GroupView, { id: 'g4' });
  expect(await screen.findByText('全部退出')).toBeTruthy();
  expect(row('M1')).toContain('团长');
  expect(row('M2')).toMatch(/20:11 退出.*O-1.*¥9\.90已请求/);
});
