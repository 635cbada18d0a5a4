import { fireEvent, screen, within } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';
import { Notices } from '#lib/desk/notices.svelte.ts';
import { drawDesk, FakeApi } from '#lib/testing/desk.ts';
import type { CampaignDetail, Messages } from './campaign.ts';
import Told from './Told.svelte';

const messages: Messages = {
  waiting: 1_000,
  told: 9_000,
  failed: 2_000,
  media: [
    { medium: 'sms', waiting: 1_000, told: 3_000, failed: 2_000 },
    { medium: null, waiting: 0, told: 6_000, failed: 0 },
  ],
};
const nothing: Messages = { waiting: 0, told: 0, failed: 0, media: [] };
const progress = {
  chunks: 20,
  done: 18,
  failedChunks: 2,
  seen: 100_000,
  had: 0,
  perSecond: null,
  secondsLeft: 0,
  error: 'x',
};
type Row = Pick<CampaignDetail, 'id' | 'status' | 'progress' | 'messages'>;

async function drawn(row: Omit<Row, 'id'>, role: 'marketer' | 'viewer' = 'marketer', members = 2_000) {
  const api = new FakeApi(() => ({ body: { members } }));
  const notices = new Notices();
  const look = vi.fn(() => Promise.resolve());
  await drawDesk(api, Told, { row: { id: 'c1', ...row }, notices, look }, role);
  return { api, notices, look };
}
const button = (name: string) => screen.queryByRole('button', { name });

describe('what came of the messages of a campaign', () => {
  it('is shown by medium, and what failed is sent again', async () => {
    const { api, notices, look } = await drawn({ status: 'finished', progress: null, messages });
    const sms = within(screen.getByRole('row', { name: /短信/ }));
    expect(sms.getAllByRole('cell').map(({ textContent }) => textContent)).toEqual([
      '1,000',
      '3,000',
      '2,000',
    ]);
    expect(screen.getByRole('row', { name: /只接收的系统/ })).toBeTruthy();
    expect(button('再发一次')).toBeNull();
    await fireEvent.click(button('重发没送到的')!);
    await expect.poll(() => notices.now?.text).toBe('正在重发给 2,000 人');
    expect(api.sent('POST').map(({ address }) => address)).toEqual(['/api/v1/campaigns/c1/messages/retry']);
    await expect.poll(() => look).toHaveBeenCalledOnce();
  });

  it('says so where nothing could be sent again', async () => {
    const { notices } = await drawn({ status: 'running', progress: null, messages }, 'marketer', 0);
    await fireEvent.click(button('重发没送到的')!);
    await expect.poll(() => notices.now?.text).toContain('没有能重发的');
  });

  it('is not to be changed by who only looks, nor once its coupons are void; nothing is said of nothing', async () => {
    await drawn({ status: 'running', progress, messages }, 'viewer');
    expect(screen.getByText('没送到')).toBeTruthy();
    expect(screen.queryAllByRole('button')).toEqual([]);
    document.body.replaceChildren();
    await drawn({ status: 'cancelled', progress, messages });
    expect(screen.queryAllByRole('button')).toEqual([]);
    document.body.replaceChildren();
    await drawn({ status: 'running', progress: { ...progress, failedChunks: 0 }, messages: nothing });
    expect(screen.queryByRole('table')).toBeNull();
    expect(screen.queryByRole('alert')).toBeNull();
  });
});

it('ranges that were given up are begun anew with one tap', async () => {
  const { api, notices } = await drawn({ status: 'paused', progress, messages: nothing }, 'marketer', 10_000);
  expect(screen.getByRole('alert').textContent).toContain('有 2 段会员没发成');
  await fireEvent.click(button('再发一次')!);
  await expect.poll(() => notices.now?.text).toBe('正在补发 10,000 人');
  expect(api.sent('POST').map(({ address }) => address)).toEqual(['/api/v1/campaigns/c1/retry']);
});
