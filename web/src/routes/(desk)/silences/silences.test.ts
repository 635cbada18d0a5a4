import { fireEvent, screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { drawDesk, FakeApi, type Asked } from '#lib/testing/desk.ts';
import SilencesPage from './+page.svelte';
import { endOf, type Silence } from './silence.ts';

const silence: Silence = {
  id: 'q1',
  kind: 'sold_out',
  sku: null,
  skuNameZh: null,
  skuNameEn: null,
  category: null,
  location: 'SH01',
  region: null,
  until: '2036-11-24T00:00:00Z',
  reason: '装修',
  by: '王芳',
  createdAt: '2026-11-23T01:00:00Z',
};
const place = { code: 'SH01', nameZh: '南京路店', nameEn: 'Nanjing Road', kind: 'store', region: 'EAST' };

const server = (answer: (asked: Asked) => { status?: number; body?: unknown }, rows: Silence[] = []) =>
  new FakeApi((asked) => {
    if (asked.method !== 'GET') return answer(asked);
    const listed = asked.address.startsWith('/api/v1/alert-silences')
      ? rows
      : asked.address.startsWith('/api/v1/catalog/locations')
        ? [place]
        : [];
    return { body: { rows: listed, nextCursor: null } };
  });
const button = (name: string) => screen.getByRole('button', { name });

describe('a silence', () => {
  it('needs something to be silent about, and a reason; then says in a sentence what it will do', async () => {
    const api = server(() => ({ status: 201, body: silence }));
    await drawDesk(api, SilencesPage, {});
    expect(await screen.findByText('没有生效中的静默')).toBeTruthy();
    await fireEvent.click(button('新建静默'));
    await fireEvent.click(button('开始静默'));
    expect(screen.getByText('至少选一项，不能静默全部预警')).toBeTruthy();
    expect(screen.getByText('请填原因')).toBeTruthy();
    await fireEvent.input(screen.getByLabelText('原因'), { target: { value: ' 装修 ' } });
    await fireEvent.click(button('开始静默'));
    expect(api.sent('POST')).toEqual([]);

    await fireEvent.change(screen.getByLabelText('预警类型'), { target: { value: 'sold_out' } });
    expect(screen.getByText(/不再提醒全公司的“售罄”预警/)).toBeTruthy();
    const picker = screen.getByLabelText('门店或区域');
    await fireEvent.input(picker, { target: { value: '南京' } });
    await fireEvent.click(await screen.findByRole('option', { name: /南京路店/ }));
    expect(screen.getByText(/不再提醒南京路店的“售罄”预警/)).toBeTruthy();
    await fireEvent.change(screen.getByLabelText('多久'), { target: { value: '60' } });
    await fireEvent.click(button('开始静默'));
    const sent = api.sent('POST')[0]?.body as { until: string };
    expect(sent).toEqual({
      kind: 'sold_out',
      location: 'SH01',
      reason: '装修',
      until: expect.any(String) as unknown,
    });
    // By the server's clock, which the test set.
    expect(sent.until).toBe('2026-11-23T13:41:07.000Z');
  });

  it('of a SKU that is none is said beside the field', async () => {
    const body = {
      code: 'invalid_request',
      title: 'x',
      errors: [{ field: 'sku', detail: 'there is no sku X' }],
    };
    await drawDesk(
      server(() => ({ status: 400, body })),
      SilencesPage,
      {},
    );
    await fireEvent.click(button('新建静默'));
    await fireEvent.input(screen.getByLabelText('商品编码'), { target: { value: 'X' } });
    await fireEvent.input(screen.getByLabelText('原因'), { target: { value: '停售' } });
    await fireEvent.click(button('开始静默'));
    expect(await screen.findByText('没有这个商品')).toBeTruthy();
    expect(screen.queryByText('there is no sku X')).toBeNull();
  });

  it('is ended with one tap, and can be taken up again as it was', async () => {
    const api = server(
      ({ method }) => (method === 'DELETE' ? { status: 204 } : { status: 201, body: silence }),
      [silence],
    );
    await drawDesk(api, SilencesPage, {});
    await fireEvent.click(await screen.findByRole('button', { name: '结束静默：南京路店的“售罄”预警' }));
    expect(await screen.findByText('已恢复提醒：南京路店的“售罄”预警')).toBeTruthy();
    await fireEvent.click(button('撤销'));
    await expect
      .poll(() => api.sent('POST')[0]?.body)
      .toEqual({ kind: 'sold_out', location: 'SH01', until: silence.until, reason: '装修' });
  });

  it('until the morning ends at the next eight o’clock', () => {
    const now = Date.parse('2026-11-23T12:41:07Z');
    const at = (span: 'morning' | '60', clock: string) => new Date(endOf(span, now, clock)).toISOString();
    expect(at('60', '20:41')).toBe('2026-11-23T13:41:07.000Z');
    expect(at('morning', '20:41')).toBe('2026-11-24T00:00:00.000Z');
    expect(at('morning', '08:00')).toBe('2026-11-24T12:41:00.000Z');
    expect(at('morning', '07:30')).toBe('2026-11-23T13:11:00.000Z');
  });
});
