import { fireEvent, screen, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { drawDesk, FakeApi, type Asked } from '#lib/testing/desk.ts';
import AutomationEditor from './AutomationEditor.svelte';
import AutomationView from './AutomationView.svelte';
import { automationOf, emptyForm, formOf } from './automation-form.ts';
import type { Automation, Report } from './automation.ts';

const automation: Automation = {
  id: 'a1',
  name: '看了没买',
  campaignId: 'c1',
  campaignName: '回头券',
  campaignStatus: 'running',
  trigger: { kind: 'looked', hours: 24, channels: ['pos'], categories: ['C1'] },
  condition: null,
  holdoutPercent: 10,
  windowDays: 14,
  cap: { coupons: 1, days: 30 },
  on: false,
  issued: 0,
  onAt: null,
  startedAt: null,
  createdAt: '2026-11-20T04:00:00Z',
  createdBy: '小李',
  revision: 1,
};
const report: Report = {
  asOf: '2026-11-24T04:00:00Z',
  windowDays: 14,
  holdoutPercent: 10,
  treated: { members: 900, buyers: 180, orders: 190, net: 1_800_000 },
  holdout: { members: 100, buyers: 8, orders: 8, net: 90_000 },
  unmeasured: 40,
  rate: { difference: 0.12, low: 0.04, high: 0.17, enough: true, clear: true },
  money: { difference: 1_100, low: -200, high: 2_400, enough: true, clear: false },
  waiting: 3,
  outcomes: { given: 40, holdout: 4, bought: 25, unfit: 0, capped: 2, limit: 0, late: 0 },
};

const server = (answer: (asked: Asked) => { status?: number; body?: unknown } | undefined) =>
  new FakeApi((asked) => {
    const said = answer(asked);
    if (said) return said;
    if (asked.address.startsWith('/api/v1/campaigns'))
      return {
        body: {
          rows: [
            { id: 'c1', name: '回头券', give: 'rule', status: 'running', template: { title: '满减' } },
            { id: 'c2', name: '群发券', give: 'push', status: 'running', template: { title: '满减' } },
          ],
          nextCursor: null,
        },
      };
    if (asked.address.endsWith('/categories')) return { body: { rows: [], nextCursor: null } };
    return { body: { rows: [], nextCursor: null } };
  });

describe('an automation', () => {
  it('is written as it was filled in, of campaigns that a rule gives; what is missing is said', async () => {
    const api = server(({ method }) => (method === 'POST' ? { status: 201, body: automation } : undefined));
    await drawDesk(api, AutomationEditor, { id: null }, 'marketer');
    const campaign = await screen.findByLabelText('优惠券活动');
    expect(within(campaign).queryByText(/群发券/)).toBeNull();
    await fireEvent.click(screen.getByRole('button', { name: '保存' }));
    expect(screen.getAllByText('请填')).toHaveLength(2);
    expect(api.sent('POST')).toEqual([]);
    await fireEvent.input(screen.getByLabelText('规则名称'), { target: { value: ' 沉睡唤醒 ' } });
    await fireEvent.change(campaign, { target: { value: 'c1' } });
    await fireEvent.click(screen.getByLabelText('很久没来'));
    await fireEvent.input(screen.getByLabelText('最多多久没来'), { target: { value: '30' } });
    expect(screen.getByText('不能比前一个少')).toBeTruthy();
    await fireEvent.input(screen.getByLabelText('最多多久没来'), { target: { value: '' } });
    expect(screen.getByText('60 天没来，就发一张“满减”。')).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: '保存' }));
    expect(api.sent('POST')[0]?.body).toEqual({
      name: '沉睡唤醒',
      campaignId: 'c1',
      trigger: { kind: 'lapsed', days: 60 },
      condition: null,
      holdoutPercent: 10,
      windowDays: 14,
      cap: { coupons: 1, days: 30 },
    });
  });

  it('is switched on, and off again by undoing; its effect is told as far as it is known', async () => {
    let on = false;
    const api = server(({ method, address }) => {
      if (address.endsWith('/report')) return { body: report };
      if (method === 'POST') on = address.endsWith('/on');
      if (address.includes('/automations/a1')) return { body: { ...automation, on } };
      return undefined;
    });
    await drawDesk(api, AutomationView, { id: 'a1' }, 'marketer');
    await fireEvent.click(await screen.findByRole('button', { name: '打开' }));
    expect(await screen.findByText('开着')).toBeTruthy();
    await fireEvent.click(await screen.findByRole('button', { name: '撤销' }));
    await expect
      .poll(() => api.sent('POST').map(({ address }) => address))
      .toEqual(['/api/v1/automations/a1/on', '/api/v1/automations/a1/off']);
    const rate = screen.getByRole('article', { name: '买了的人' });
    expect(within(rate).getByText('发券有效：差别大于碰巧能解释的。')).toBeTruthy();
    expect(within(rate).getByText('+12.0 个百分点')).toBeTruthy();
    expect(
      within(screen.getByRole('article', { name: '每人净消费' })).getByText(
        '还看不出来：这点差别可能只是碰巧。',
      ),
    ).toBeTruthy();
    expect(screen.getByText('25 次')).toBeTruthy();
    expect(screen.queryByText('错过了')).toBeNull();
  });

  it('says where nothing can be known yet', async () => {
    const none = { members: 0, buyers: 0, orders: 0, net: 0 };
    const unknown = { difference: 0, low: 0, high: 0, enough: false, clear: false };
    let shown: Report = { ...report, treated: none, holdout: none, rate: unknown, money: unknown };
    const api = server(({ address }) => {
      if (address.endsWith('/report')) return { body: shown };
      return address.includes('/automations/a1') ? { body: automation } : undefined;
    });
    const drawn = await drawDesk(api, AutomationView, { id: 'a1' }, 'viewer');
    expect(await screen.findByText(/现在等着 40 人/)).toBeTruthy();
    expect(screen.queryByRole('button', { name: '打开' })).toBeNull();
    drawn.unmount();
    shown = { ...shown, holdoutPercent: 0 };
    await drawDesk(api, AutomationView, { id: 'a1' }, 'viewer');
    expect(await screen.findByText(/没有对照组/)).toBeTruthy();
  });
});

it('a form says the automation that it was made of, and leaves alone what it cannot say', () => {
  const body = (wish: Partial<Automation>) => {
    const form = formOf({ ...automation, ...wish });
    const read = form && automationOf(form);
    return read && 'body' in read ? read.body : read;
  };
  for (const trigger of [
    automation.trigger,
    { kind: 'looked', hours: 3, skus: ['A', 'B'] },
    { kind: 'basket', minutes: 45 },
    { kind: 'birthday', days: 0 },
    { kind: 'lapsed', days: 30, upTo: 40 },
  ] as Automation['trigger'][])
    expect(body({ trigger })).toMatchObject({ trigger });
  expect(body({ cap: null, condition: { kind: 'segment', segmentId: 's' } })).toMatchObject({
    cap: null,
    condition: { kind: 'segment', segmentId: 's' },
  });
  expect(body({ condition: { kind: 'rule', rule: { all: [] } } })).toBeNull();
  expect(body({ trigger: { kind: 'looked', hours: 1, locations: ['S1'] } })).toBeNull();
  expect(automationOf({ ...emptyForm(), name: 'x', campaignId: 'c', capDays: '' })).toEqual({
    errors: { capDays: 'required' },
  });
  expect(automationOf({ ...emptyForm(), name: 'x', campaignId: 'c', holdoutPercent: '51' })).toEqual({
    errors: { holdoutPercent: 'number' },
  });
});
