import { fireEvent, screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { drawDesk, FakeApi } from '#lib/testing/desk.ts';
import RulesPage from './+page.svelte';
import { piecesOf, wouldApprove, type Rule, type Weighed } from './rule.ts';

const proposal = (more: Partial<Weighed> = {}): Weighed => ({
  sourceKind: 'warehouse',
  qty: 20,
  cost: 5000,
  why: { warnings: [] },
  ...more,
});
const proposals = [
  proposal(),
  proposal({ qty: 100, cost: 20_000 }),
  proposal({ sourceKind: 'purchase' }),
  proposal({ why: { warnings: ['over_replenishment'] } }),
  proposal({ why: { warnings: ['late'] } }),
];
const never: Rule = { kinds: [], maxCost: 0, maxQty: 1, updatedAt: null, updatedBy: null };
const set: Rule = {
  kinds: ['warehouse'],
  maxCost: 10_000,
  maxQty: 50,
  updatedAt: '2026-11-20T01:00:00Z',
  updatedBy: '王芳',
};

function server(rule: Rule) {
  let kept = rule;
  return new FakeApi(({ method, address, body }) => {
    if (address.startsWith('/api/v1/proposals')) return { body: { rows: proposals, nextCursor: null } };
    if (method === 'PUT') kept = { ...set, ...(body as Partial<Rule>) };
    return { body: kept };
  });
}
const button = (name: string) => screen.getByRole('button', { name });
const type = (label: string, value: string) =>
  fireEvent.input(screen.getByLabelText(label), { target: { value } });

describe('the rule of approval', () => {
  it('says what it would do to what is open before it is saved', async () => {
    const api = server(never);
    await drawDesk(api, RulesPage, {});
    expect(await screen.findByText(/没有补货会自动批准/)).toBeTruthy();
    await fireEvent.click(screen.getByLabelText('自动批准'));
    await fireEvent.click(button('保存'));
    expect(screen.getByText('至少选一种来源')).toBeTruthy();
    expect(api.sent('PUT')).toEqual([]);

    await fireEvent.click(screen.getByLabelText(/仓库发货/));
    await type('每条最多花费', '100');
    await type('每条最多件数', '50');
    expect(await screen.findByText(/来源是仓库发货、不超过 50 件、花费不超过 ¥100/)).toBeTruthy();
    expect(screen.getByText(/按现在的 5 条待批准建议：会自动批准 2 条，共 ¥100。/)).toBeTruthy();
    await fireEvent.click(button('保存'));
    expect(await screen.findByText('规则已保存')).toBeTruthy();
    expect(api.sent('PUT')[0]?.body).toEqual({ kinds: ['warehouse'], maxCost: 10_000, maxQty: 50 });
  });

  it('is switched off without losing its limits, and comes back with one tap', async () => {
    const api = server(set);
    await drawDesk(api, RulesPage, {});
    await fireEvent.click(await screen.findByLabelText('全部由人批准'));
    await fireEvent.click(button('保存'));
    expect(await screen.findByText('已改为全部由人批准')).toBeTruthy();
    expect(api.sent('PUT')[0]?.body).toEqual({ kinds: [], maxCost: 10_000, maxQty: 50 });
    await fireEvent.click(button('撤销'));
    await expect
      .poll(() => api.sent('PUT')[1]?.body)
      .toEqual({ kinds: ['warehouse'], maxCost: 10_000, maxQty: 50 });
    expect(await screen.findByLabelText('每条最多件数')).toHaveProperty('value', '50');
  });

  it('weighs each proposal as the server does', () => {
    expect(wouldApprove(set, proposals)).toEqual({ count: 2, cost: 10_000 });
    expect(wouldApprove({ ...set, maxCost: 4999 }, proposals)).toEqual({ count: 0, cost: 0 });
    expect(['1', '1,000', '0', '100001', '2.5', ''].map(piecesOf)).toEqual([1, 1000, null, null, null, null]);
  });
});
