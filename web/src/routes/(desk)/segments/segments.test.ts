import { fireEvent, screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { drawDesk, FakeApi, type Asked } from '#lib/testing/desk.ts';
import TagRulesPage from '../tag-rules/+page.svelte';
import type { TagRule } from '../tag-rules/tag-rule.ts';
import SegmentEditor from './SegmentEditor.svelte';

const member = (id: string) => ({
  id,
  name: `会员${id}`,
  phone: '138****0001',
  level: null,
  tags: [],
  autoTags: [],
  orders: 3,
  net: 12_300,
  points: 0,
  lastOrderAt: null,
  lastSeenAt: null,
  forgottenAt: null,
});
const values = {
  levels: ['金卡'],
  tags: ['frequent', '老街坊'],
  media: ['sms'],
  categories: [{ code: 'C1', nameZh: '茶', nameEn: 'Tea' }],
  stores: [],
};

const server = (count: (asked: Asked) => { status?: number; body?: unknown }) =>
  new FakeApi((asked) => {
    if (asked.address.endsWith('/values')) return { body: values };
    if (asked.address.endsWith('/count')) return count(asked);
    return { status: 409, body: { code: 'conflict', title: 'x' } };
  });
const counts = (api: FakeApi) =>
  api
    .sent('POST')
    .filter(({ address, body }) => address.endsWith('/count') && (body as { preview?: boolean }).preview)
    .map(({ body }) => (body as { rule: unknown }).rule);

describe('a segment', () => {
  it('is counted as it is written, once the typing rests and all of it is said', async () => {
    const api = server(({ body }) => {
      const { preview } = body as { preview?: boolean };
      return { body: { count: preview ? 4_200 : 10_000, ms: 12, preview: preview ? [member('1')] : [] } };
    });
    await drawDesk(api, SegmentEditor, { id: null }, 'marketer');
    expect(await screen.findByText('还有条件没填完')).toBeTruthy();
    expect(counts(api)).toEqual([]);

    await fireEvent.input(screen.getByLabelText('距上次购买 至多'), { target: { value: '6' } });
    await fireEvent.input(screen.getByLabelText('距上次购买 至多'), { target: { value: '60' } });
    expect(await screen.findByText('4,200')).toBeTruthy();
    expect(counts(api)).toEqual([{ all: [{ field: 'recencyDays', max: 60 }] }]);
    expect(screen.getByText(/占全部会员 42/)).toBeTruthy();
    expect(screen.getByText('会员1')).toBeTruthy();

    await fireEvent.click(screen.getByRole('button', { name: '加条件' }));
    const fields = screen.getAllByLabelText('条件');
    await fireEvent.change(fields[1]!, { target: { value: 'tags' } });
    await fireEvent.change(screen.getByLabelText('标签 选择…'), { target: { value: 'frequent' } });
    await fireEvent.click(screen.getAllByLabelText('排除')[1]!);
    await expect
      .poll(() => counts(api).at(-1))
      .toEqual({
        all: [{ field: 'recencyDays', max: 60 }, { not: { field: 'tags', anyOf: ['frequent'] } }],
      });
    expect(screen.getByRole('button', { name: '去掉 常来' })).toBeTruthy();
  });

  it('needs a name of its own, said beside the field, and keeps what was entered', async () => {
    const api = server(() => ({ body: { count: 1, ms: 1, preview: [] } }));
    await drawDesk(api, SegmentEditor, { id: null }, 'marketer');
    await fireEvent.input(await screen.findByLabelText('距上次购买 至少'), { target: { value: '90' } });
    await fireEvent.click(screen.getByRole('button', { name: '保存' }));
    expect(screen.getByText('请填名称')).toBeTruthy();
    await fireEvent.input(screen.getByLabelText('名称'), { target: { value: ' 沉睡 ' } });
    await fireEvent.click(screen.getByRole('button', { name: '保存' }));
    expect(await screen.findByText('已有同名人群')).toBeTruthy();
    expect(api.sent('POST').find(({ address }) => address === '/api/v1/segments')?.body).toEqual({
      name: '沉睡',
      description: null,
      rule: { all: [{ field: 'recencyDays', min: 90 }] },
    });
    expect(screen.getByLabelText<HTMLInputElement>('距上次购买 至少').value).toBe('90');
  });
});

describe('the rule of a tag', () => {
  const rule = (tag: string, nameZh: string, builtIn: boolean): TagRule => ({
    tag,
    nameZh,
    nameEn: tag,
    rule: { all: [{ field: 'orders', min: 3 }] },
    builtIn,
    updatedAt: '2026-11-20T04:00:00Z',
  });

  it('is written in the language of segments without looking at tags; only one’s own is deleted, and comes back', async () => {
    const rows = [rule('frequent', '常来', true), rule('jade', '玉会员', false)];
    const api = new FakeApi(({ method, address, body }) => {
      if (address.endsWith('/values')) return { body: values };
      if (method === 'DELETE') return { status: 204 };
      if (method === 'PUT') return { body: { ...rows[1], ...(body as object) } };
      return { body: { rows, nextCursor: null } };
    });
    await drawDesk(api, TagRulesPage, {}, 'marketer');
    expect(await screen.findByRole('button', { name: '删除 玉会员' })).toBeTruthy();
    expect(screen.queryByRole('button', { name: '删除 常来' })).toBeNull();

    await fireEvent.click(screen.getByRole('button', { name: '修改 玉会员' }));
    await fireEvent.change(screen.getByLabelText('条件'), { target: { value: 'tags' } });
    await fireEvent.change(screen.getByLabelText('标签 选择…'), { target: { value: 'frequent' } });
    expect(screen.getByText('标签规则里不能再看标签')).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: '保存' }));
    expect(api.sent('PUT')).toEqual([]);
    await fireEvent.change(screen.getByLabelText('条件'), { target: { value: 'orders' } });
    await fireEvent.input(screen.getByLabelText('订单数 至少'), { target: { value: '5' } });
    await fireEvent.click(screen.getByRole('button', { name: '保存' }));
    expect(await screen.findByText('已保存“玉会员”，正在重新打标签')).toBeTruthy();
    expect(api.sent('PUT').map(({ address, body }) => [address, body])).toEqual([
      [
        '/api/v1/tag-rules/jade',
        { nameZh: '玉会员', nameEn: 'jade', rule: { all: [{ field: 'orders', min: 5 }] } },
      ],
    ]);

    await fireEvent.click(await screen.findByRole('button', { name: '删除 玉会员' }));
    await fireEvent.click(await screen.findByRole('button', { name: '撤销' }));
    await expect.poll(() => api.sent('PUT').at(-1)?.body).toMatchObject({ nameZh: '玉会员' });
  });
});
