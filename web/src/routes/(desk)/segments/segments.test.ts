import { fireEvent, screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { drawDesk, FakeApi, type Asked } from '#lib/testing/desk.ts';
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
