import { fireEvent, screen } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import { drawDesk, FakeApi } from '#lib/testing/desk.ts';
import type { Role } from '@zhanggui/shared/contract/words.ts';
import { TargetDraft } from './draft.svelte.ts';
import Targets from './Targets.svelte';

const store = {
  code: 'SH01',
  nameZh: '南京西路店',
  nameEn: 'West Nanjing Road',
  kind: 'store',
  region: null,
};

async function page(role: Role = 'admin', rejected: { index: number }[] = []) {
  const api = new FakeApi(({ method, address }) => {
    if (method === 'PUT') return { body: { upserted: 1, rejected } };
    if (address.startsWith('/api/v1/company'))
      return { body: { currency: 'CNY', timeZone: 'Asia/Shanghai' } };
    const rows = address.startsWith('/api/v1/targets')
      ? [{ day: '2026-03-01', location: 'SH01', amount: 100_00 }]
      : [store];
    return { body: { rows, nextCursor: null } };
  });
  await drawDesk(
    api,
    Targets,
    { draft: new TargetDraft(), asked: '2026-03', onmonth: () => undefined },
    role,
  );
  const cell = (await screen.findByLabelText('南京西路店 2026-03-01')) as HTMLInputElement;
  const enter = (text: string) => {
    cell.value = text;
    return fireEvent.change(cell);
  };
  return { api, cell, enter };
}

const click = (name: string) => fireEvent.click(screen.getByRole('button', { name }));

describe('targets', () => {
  it('take an edit back, by button and by key', async () => {
    const { api, cell, enter } = await page();
    expect(cell.value).toBe('100');
    await enter('1.2万');
    expect(cell.value).toBe('12,000');
    expect(screen.getByText('1 处未保存')).toBeTruthy();

    await click('撤销上一步');
    expect(cell.value).toBe('100');
    expect(screen.getByText('0 处未保存')).toBeTruthy();
    await click('重做');
    expect(cell.value).toBe('12,000');
    await fireEvent.keyDown(cell, { key: 'z', ctrlKey: true });
    expect(cell.value).toBe('100');
    expect(api.sent('PUT')).toEqual([]);
  });

  it('leave the browser’s own undo to what is still being typed', async () => {
    const { cell, enter } = await page();
    await enter('200');
    cell.value = '2001';
    await fireEvent.keyDown(cell, { key: 'z', ctrlKey: true });
    expect(screen.getByText('1 处未保存')).toBeTruthy();
  });

  it('are saved together, and what was saved can be taken back', async () => {
    const { api, cell, enter } = await page();
    await enter('200');
    await click('保存');
    await screen.findByText('已保存 1 处');
    expect(api.sent('PUT')[0]?.body).toEqual({
      rows: [{ day: '2026-03-01', location: 'SH01', amount: 200_00 }],
    });

    await click('撤销');
    await screen.findByText('已撤销');
    expect(api.sent('PUT')[1]?.body).toEqual({
      rows: [{ day: '2026-03-01', location: 'SH01', amount: 100_00 }],
    });
    expect(cell.value).toBe('100');
  });

  it('keep what is no amount, mark it, and do not send it', async () => {
    const { cell, enter } = await page();
    await enter('一万二');
    expect([cell.value, cell.getAttribute('aria-invalid')]).toEqual(['一万二', 'true']);
    expect(screen.getByText(/1 处需要改正/)).toBeTruthy();
    expect(screen.getByRole('button', { name: '保存' })).toHaveProperty('disabled', true);
  });

  it('mark what the server refuses, and keep it as a change', async () => {
    const { cell, enter } = await page('admin', [{ index: 0 }]);
    await enter('200');
    await click('保存');
    await screen.findByText('1 处没有保存，已标出');
    expect([cell.value, cell.getAttribute('aria-invalid')]).toEqual(['200', 'true']);
    expect(screen.getByText('1 处未保存')).toBeTruthy();
  });

  it('take a piece of a spreadsheet in one step', async () => {
    const { cell } = await page();
    const paste = new Event('paste', { bubbles: true, cancelable: true });
    Object.assign(paste, { clipboardData: { getData: () => '1\t2\t3\n' } });
    cell.dispatchEvent(paste);
    flushSync();
    expect(screen.getByText('3 处未保存')).toBeTruthy();
    await click('撤销上一步');
    expect([cell.value, screen.queryByText('3 处未保存')]).toEqual(['100', null]);
  });

  it('can only be read by others', async () => {
    const { cell } = await page('viewer');
    expect(cell.readOnly).toBe(true);
    expect(screen.getByText('只有管理员能修改目标')).toBeTruthy();
  });
});
