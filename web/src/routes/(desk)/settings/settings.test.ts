import { fireEvent, screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { drawDesk, FakeApi, type Asked } from '#lib/testing/desk.ts';
import SettingsPage from './+page.svelte';
import { rateOf } from './rate.ts';

function server(refuse: (asked: Asked) => { status: number; body: unknown } | null = () => null) {
  let limit = 5_000_000;
  const rates: object[] = [{ fromAt: null, perUnit: 1, createdBy: null }];
  return new FakeApi((asked) => {
    const { method, address, body } = asked;
    const refused = refuse(asked);
    if (refused) return refused;
    if (address.endsWith('/campaign-rules')) {
      if (method === 'PUT') limit = (body as { approvalAbove: number }).approvalAbove;
      return { body: { approvalAbove: limit } };
    }
    if (address.endsWith('/point-rates')) {
      if (method === 'POST')
        rates.unshift({ ...(body as object), fromAt: '2026-11-23T01:00:00Z', createdBy: '我' });
      return { body: { rows: rates } };
    }
    return { body: { coupons: 3, days: 7 } };
  });
}
const part = async (name: string) => {
  const region = await screen.findByRole('region', { name });
  await expect.poll(() => region.querySelector('input')).toBeTruthy();
  const input = region.querySelector('input')!;
  return {
    region,
    input,
    type: (value: string) => fireEvent.input(input, { target: { value } }),
    save: () => fireEvent.submit(region.querySelector('form')!),
  };
};

describe('settings of the company', () => {
  it('say who may approve how much, change it, and take it back', async () => {
    const api = server();
    await drawDesk(api, SettingsPage, {});
    const { region, input, type, save } = await part('活动批准');
    expect(region.textContent).toContain('一个人最多能定 ¥50,000');
    await save();
    await type('很多');
    expect(region.textContent).toContain('请填金额');
    await save();
    expect(api.sent('PUT')).toEqual([]);
    await type('2万');
    expect(region.textContent).toContain('有改动未保存');
    await save();
    expect(await screen.findByText('额度已保存')).toBeTruthy();
    expect(region.textContent).toContain('一个人最多能定 ¥20,000');
    expect(input.value).toBe('20,000');
    await fireEvent.click(screen.getByRole('button', { name: '撤销' }));
    await expect
      .poll(() => api.sent('PUT').map(({ body }) => body))
      .toEqual([{ approvalAbove: 2_000_000 }, { approvalAbove: 5_000_000 }]);
    await type('0');
    await save();
    await expect.poll(() => region.textContent).toContain('每个要花钱的活动都要由');
  });

  it('set how many points are earned from now on, once for each change however often it is sent', async () => {
    let away = true;
    const api = server(({ method }) =>
      method === 'POST' && away ? { status: 503, body: { code: 'database_away' } } : null,
    );
    await drawDesk(api, SettingsPage, {});
    const { region, type, save } = await part('积分');
    expect(region.textContent).toContain('每付满 ¥1 得 1 分');
    await type('1.23456');
    expect(region.textContent).toContain('最多四位小数');
    await type('2.5');
    await save();
    expect(await screen.findByText(/数据库暂时不可用/)).toBeTruthy();
    away = false;
    await save();
    await expect.poll(() => region.textContent).toContain('每付满 ¥1 得 2.5 分');
    const sent = api.sent('POST');
    expect(sent.map(({ body }) => body)).toEqual([{ perUnit: 2.5 }, { perUnit: 2.5 }]);
    expect(sent[0]?.key).toMatch(/^[0-9a-f]{32}$/);
    expect(sent[1]?.key).toBe(sent[0]?.key);
    expect(region.querySelector('table')?.textContent).toMatch(/一开始.*每付满 ¥1 得 1 分/s);
    // Back to what it was is another change.
    await type('1');
    await save();
    await expect.poll(() => api.sent('POST')[2]?.key).toMatch(/^[0-9a-f]{32}$/);
    expect(api.sent('POST')[2]?.key).not.toBe(sent[0]?.key);
  });

  it('are for administrators', async () => {
    await drawDesk(server(), SettingsPage, {}, 'marketer');
    expect(await screen.findByText('这里只对管理员开放')).toBeTruthy();
  });

  it('take rates as they are written', () => {
    expect(['1', '0', '1,000', '2.5', '1000.1', '-1', '1.23456', ''].map(rateOf)).toEqual([
      ...[1, 0, 1000, 2.5],
      ...[null, null, null, null],
    ]);
  });
});
