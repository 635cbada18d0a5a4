import { describe, expect, it } from 'vitest';
import { adminWords } from '#lib/i18n/desk-admin.ts';
import { actionName, detailsOf, targetName } from './details.ts';

const zh = adminWords({ locale: 'zh-CN' });
const money = (minor: number) => `¥${minor / 100}`;

describe('an audit entry', () => {
  it('tells what was changed in the reader’s words', () => {
    const details = { role: 'manager', scopes: ['read', 'command'], hideMoney: true, scope: 'store:SH01' };
    expect(detailsOf({ details }, zh, money)).toEqual([
      { name: '角色', value: '店长' },
      { name: '权限', value: '读取、操作' },
      { name: '不显示金额', value: '是' },
      { name: '数据范围', value: '门店 SH01' },
    ]);
  });

  it('tells amounts as amounts, and points as they are', () => {
    const details = { approvalAbove: 5_000_000, points: -20, budget: null };
    expect(detailsOf({ details }, zh, money)).toEqual([
      { name: '一个人最多能定', value: '¥50000' },
      { name: '积分', value: '-20' },
    ]);
    expect(actionName('campaign.rule', zh)).toBe('设置活动批准额度');
  });

  it('shows nothing raw of what it does not know', () => {
    expect(detailsOf({ details: { id: '0199', leftover: true, prefix: { a: 1 } } }, zh, money)).toEqual([]);
    expect(actionName('campaign.explode', zh)).toBe('其他操作');
  });

  it('calls a book of the catalog by its name', () => {
    expect(targetName({ action: 'catalog.upsert', target: 'skus' }, zh)).toBe('商品');
  });
});
