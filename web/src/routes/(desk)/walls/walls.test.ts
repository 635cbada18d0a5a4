import { fireEvent, screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { drawDesk, FakeApi } from '#lib/testing/desk.ts';
import WallsPage from './+page.svelte';
import { codeTrouble, plainCode, secondsOf } from './wall.ts';

type Refusal = { status: number; body: unknown };

async function pairing(refusal: Refusal) {
  const api = new FakeApi(({ method }) =>
    method === 'POST' ? refusal : { body: { rows: [], nextCursor: null } },
  );
  await drawDesk(api, WallsPage, {});
  await fireEvent.click(screen.getByRole('button', { name: '配对新大屏' }));
  const code = screen.getByLabelText('配对码');
  const type = (text: string) => fireEvent.input(code, { target: { value: text } });
  await fireEvent.input(screen.getByLabelText('名称'), { target: { value: '总部大堂' } });
  return { api, code, type, send: () => fireEvent.click(screen.getByRole('button', { name: '配对' })) };
}

/** What is said about a field, found the way a screen reader finds it. */
const noteOf = (field: HTMLElement) =>
  document.getElementById(field.getAttribute('aria-describedby') ?? '')?.textContent;

describe('a pairing code', () => {
  it('that no screen shows is said beside the field, and stays as it was typed', async () => {
    const detail = 'No screen shows this code now';
    const body = { code: 'not_found', title: 'x', detail, errors: [{ field: 'code', detail }] };
    const { api, code, type, send } = await pairing({ status: 404, body });
    await type('abc-def');
    await send();
    await expect.poll(() => noteOf(code)).toContain('没有大屏正在显示这个配对码');
    expect(api.sent('POST')[0]?.body).toMatchObject({ code: 'ABCDEF', name: '总部大堂', scope: 'all' });
    expect(code).toHaveProperty('value', 'abc-def');
    expect(screen.queryByText(detail)).toBeNull();

    await type('abc-deg');
    expect(code.getAttribute('aria-invalid')).toBeNull();
  });

  it('tried too often is said beside the field', async () => {
    const { code, type, send } = await pairing({
      status: 429,
      body: { code: 'too_many_requests', title: 'x' },
    });
    await type('ABCDEF');
    await send();
    await expect.poll(() => noteOf(code)).toContain('试错太多次');
  });

  it('that can be none is refused while typing, without asking', async () => {
    const { api, code, type, send } = await pairing({ status: 500, body: {} });
    await type('AB0');
    expect(noteOf(code)).toContain('不会有 0');
    await type('AB');
    await send();
    expect(noteOf(code)).toContain('6 位');
    expect(api.sent('POST')).toEqual([]);
  });

  it('is read as it was meant', () => {
    expect(plainCode(' abc-2 df')).toBe('ABC2DF');
    expect(codeTrouble('abc-2df')).toBeNull();
    expect(codeTrouble('abc')).toEqual({ kind: 'length' });
    expect(codeTrouble('AIO2DF')).toEqual({ kind: 'letters', letters: 'I O' });
    expect([secondsOf('30'), secondsOf('4'), secondsOf('3601'), secondsOf('3.5'), secondsOf('')]).toEqual([
      30,
      null,
      null,
      null,
      null,
    ]);
  });
});
