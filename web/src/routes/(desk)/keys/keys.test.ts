import { fireEvent, screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { drawDesk, FakeApi } from '#lib/testing/desk.ts';
import KeysPage from './+page.svelte';

const KEY = 'zg_secret-of-a-till';
const row = {
  id: 'k1',
  name: '南京路店收银',
  scopes: ['ingest'],
  prefix: 'zg_secr',
  createdAt: '2026-11-20T01:00:00Z',
  createdBy: 'me@shop.cn',
  lastUsedAt: null,
  revokedAt: null,
};

function server() {
  const rows: (typeof row)[] = [];
  return new FakeApi(({ method }) => {
    if (method === 'POST') {
      rows.push(row);
      return { status: 201, body: { id: row.id, key: KEY } };
    }
    return method === 'DELETE' ? { status: 204 } : { body: { rows, nextCursor: null } };
  });
}

const button = (name: string) => screen.getByRole('button', { name });

describe('a new key', () => {
  it('is shown once, until its reader has kept it', async () => {
    const api = server();
    const { container } = await drawDesk(api, KeysPage, {});
    await screen.findByText('还没有密钥');
    await fireEvent.click(button('新建密钥'));
    await fireEvent.input(screen.getByLabelText('名称'), { target: { value: ' 南京路店收银 ' } });
    await fireEvent.click(screen.getByLabelText(/写入/));
    await fireEvent.click(button('创建'));

    const field = await screen.findByDisplayValue(KEY);
    expect(api.sent('POST')[0]?.body).toEqual({ name: '南京路店收银', scopes: ['ingest'] });
    // Escape is no way out: what is gone is gone.
    await fireEvent(field.closest('dialog')!, new Event('cancel', { cancelable: true }));
    expect(screen.getByDisplayValue(KEY)).toBe(field);

    await fireEvent.click(button('我已保存'));
    expect(screen.queryByDisplayValue(KEY)).toBeNull();
    expect(container.innerHTML).not.toContain(KEY);
    await fireEvent.click(button('新建密钥'));
    expect(screen.queryByDisplayValue(KEY)).toBeNull();
  });

  it('says beside the fields what is missing, and asks nobody', async () => {
    const api = server();
    await drawDesk(api, KeysPage, {});
    await fireEvent.click(button('新建密钥'));
    await fireEvent.click(button('创建'));
    expect(screen.getByLabelText('名称').getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByText('请填名称')).toBeTruthy();
    expect(screen.getByText('至少选一项权限')).toBeTruthy();
    expect(api.sent('POST')).toEqual([]);
  });
});

describe('the page of keys', () => {
  it('is not there for who is no administrator', async () => {
    const refusing = new FakeApi(() => ({ status: 403, body: { code: 'forbidden', title: 'No' } }));
    await drawDesk(refusing, KeysPage, {}, 'viewer');
    expect(screen.getByText('这里只对管理员开放')).toBeTruthy();
    expect(screen.queryByRole('button', { name: '新建密钥' })).toBeNull();
  });

  it('says in the reader’s words when the list does not come', async () => {
    await drawDesk(
      new FakeApi(() => ({ status: 503, body: { code: 'database_away', title: 'x' } })),
      KeysPage,
      {},
    );
    expect((await screen.findByRole('alert')).textContent).toContain('数据库暂时不可用');
    expect(screen.queryByText('还没有密钥')).toBeNull();
  });
});
