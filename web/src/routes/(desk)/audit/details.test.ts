import { describe, expect, it } from 'vitest';
import { adminWords } from '#lib/i18n/desk-admin.ts';
import { actionName, detailsOf, targetName } from './details.ts';

const zh = adminWords({ locale: 'zh-CN' });

describe('an audit entry', () => {
  it('tells what was changed in the reader’s words', () => {
    const details = { role: 'manager', scopes: ['read', 'command'], hideMoney: true, scope: 'store:SH01' };
    expect(detailsOf({ details }, zh)).toEqual([
      { name: '角色', value: '店长' },
      { name: '权限', value: '读取、操作' },
      { name: '不显示金额', value: '是' },
      { name: '数据范围', value: '门店 SH01' },
    ]);
  });

  it('shows nothing raw of what it does not know', () => {
    expect(detailsOf({ details: { id: '0199', leftover: true, prefix: { a: 1 } } }, zh)).toEqual([]);
    expect(actionName('campaign.explode', zh)).toBe('其他操作');
  });

  it('calls a book of the catalog by its name', () => {
    expect(targetName({ action: 'catalog.upsert', target: 'skus' }, zh)).toBe('商品');
  });
});
