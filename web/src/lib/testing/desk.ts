import { render } from '@testing-library/svelte';
import type { Component } from 'svelte';
import type { Role } from '@zhanggui/shared/contract/words.ts';
import { Preferences } from '#lib/desk/preferences.svelte.ts';
import { Session } from '#lib/desk/session.svelte.ts';
import OnDesk from './OnDesk.svelte';
import { TestScreen } from './screen.ts';

// jsdom draws no dialogs: here one is open or closed, and that is all.
HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
  this.open = true;
};
HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
  this.open = false;
};

// Nor does it scroll.
Element.prototype.scrollIntoView ??= () => undefined;

export type Asked = { method: string; address: string; body: unknown; key?: string };
type Answer = { status?: number; body?: unknown };

/** A server of answers: what was asked is kept, what comes back is up to the test. */
export class FakeApi {
  readonly asked: Asked[] = [];
  readonly #answer: (asked: Asked) => Answer;

  constructor(answer: (asked: Asked) => Answer) {
    this.#answer = answer;
  }

  readonly fetch = (address: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const key = new Headers(init.headers).get('idempotency-key');
    const asked: Asked = {
      method: init.method ?? 'GET',
      address: String(address),
      body: typeof init.body === 'string' ? (JSON.parse(init.body) as unknown) : undefined,
      ...(key === null ? {} : { key }),
    };
    this.asked.push(asked);
    const { status = 200, body } = this.#answer(asked);
    return Promise.resolve(new Response(status === 204 ? null : JSON.stringify(body), { status }));
  };

  sent(method: string): Asked[] {
    return this.asked.filter((each) => each.method === method);
  }
}

/** Draws a part of the desk, in Chinese, for someone of that role. */
export async function drawDesk<Props extends Record<string, unknown>>(
  api: FakeApi,
  of: Component<Props>,
  given: Props,
  role: Role = 'admin',
  screen = new TestScreen(),
) {
  const user = {
    id: 'u',
    email: 'me@shop.cn',
    name: '我',
    role,
    locations: [],
    regions: [],
    hasPassword: true,
  };
  globalThis.fetch = (address, init) =>
    String(address) === '/api/v1/session'
      ? Promise.resolve(Response.json({ user, scopes: [] }))
      : api.fetch(address, init);
  const session = new Session(new Preferences());
  await session.load();
  return render(OnDesk<Props>, { props: { screen, session, of, given } });
}
