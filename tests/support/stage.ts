/** What end-to-end tests do to a whole company from outside: its machine that tells facts, its people at their pages, its walls. */
import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright';
import { expect } from 'vitest';
import type { KeyScope, Role } from '@zhanggui/shared/contract/words.ts';
import { until, type Company } from './company.ts';

export const PASSWORD = 'correct horse battery staple';

export type Fact = { type: string; data: object; at?: Date };
type Taken = { accepted: number; duplicates: number };

/** A machine with a key of the company. */
export type Machine = {
  /** Calls `/api/v1` and answers what it says; fails the test when it is refused. */
  call<T>(method: string, path: string, body?: object): Promise<T>;
  /** Tells a fact of this moment and answers what the server said. */
  fact(type: string, data: object): Promise<Taken>;
  /** Tells many in one request. */
  facts(list: readonly Fact[]): Promise<Taken>;
};

export async function machineOf(company: Company, ...scopes: KeyScope[]): Promise<Machine> {
  const created = await company.zg(['key', 'create', '--name', 'machine', '--scopes', scopes.join(',')]);
  expect(created.code, created.stderr).toBe(0);
  const authorization = `Bearer ${created.stdout.trim()}`;

  async function call<T>(method: string, path: string, body?: object, type = 'application/json'): Promise<T> {
    const answer = await fetch(`${company.url}/api/v1${path}`, {
      method,
      headers: { authorization, 'content-type': type },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    expect(answer.ok, `${method} ${path}: ${answer.status} ${text}`).toBe(true);
    return JSON.parse(text || 'null') as T;
  }
  const event = ({ type, data, at = new Date() }: Fact) => ({
    specversion: '1.0',
    id: randomUUID(),
    source: 'pos/S001',
    type,
    time: at.toISOString(),
    data,
  });
  return {
    call,
    fact: (type, data) => call('POST', '/events', event({ type, data }), 'application/cloudevents+json'),
    facts: (list) => call('POST', '/events', list.map(event), 'application/cloudevents-batch+json'),
  };
}

/** A sale whose goods leave the shelf at once. */
export const carried = (sku: string, qty: number, unitPrice: number, location = 'S001') => ({
  orderId: randomUUID(),
  channel: 'pos',
  location,
  lines: [{ sku, qty, unitPrice }],
  total: qty * unitPrice,
  fulfilment: { method: 'carry', location },
});

/** A window of a browser that nobody else shares, in Chinese. */
export const openPage = async (browser: Browser, width = 1440, height = 900): Promise<Page> =>
  (await browser.newContext({ locale: 'zh-CN', viewport: { width, height } })).newPage();

export const textOf = (page: Page): Promise<string> => page.locator('body').innerText();

/** Sends JSON from the page, as its own script would, with its cookies. Answers the status. */
export const send = (page: Page, path: string, body: object): Promise<number> =>
  page.evaluate(
    async ([path, body]) =>
      (
        await fetch(path, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        })
      ).status,
    [path, JSON.stringify(body)] as const,
  );

/** Signs the administrator in by the link that the company printed, at the address that tests use: cookies are of a host. */
export async function signInByLink(page: Page, company: Company): Promise<void> {
  const { pathname, hash } = new URL(company.signInLink);
  await page.goto(company.url + pathname + hash);
  await until(
    async () => (await page.evaluate(async () => (await fetch('/api/v1/session')).ok)) || undefined,
    10_000,
  );
}

/** Adds a person and signs them in. Nobody else may have that e-mail address. */
export async function signInAs(
  page: Page,
  company: Company,
  {
    email,
    name = email,
    role,
    locations = [],
  }: { email: string; name?: string; role: Role; locations?: string[] },
): Promise<void> {
  const added = await company.zg(
    [
      ...['user', 'add', '--email', email, '--name', name, '--role', role, '--password-stdin'],
      ...(locations.length ? ['--locations', locations.join(',')] : []),
    ],
    `${PASSWORD}\n`,
  );
  expect(added.code, added.stderr).toBe(0);
  await page.goto(`${company.url}/sign-in`);
  expect(await send(page, '/api/v1/session', { email, password: PASSWORD })).toBe(200);
}

/** Pairs the screen `wall` from the desk of an administrator. */
export async function pairWall(
  wall: Page,
  desk: Page,
  company: Company,
  settings: { name: string; scenes?: string[] },
): Promise<void> {
  await wall.goto(`${company.url}/wall`);
  const shown = wall.locator('[data-pairing-code]');
  await expect.poll(() => shown.getAttribute('data-pairing-code'), { timeout: 15_000 }).toMatch(/^\w{6}$/);
  const code = await shown.getAttribute('data-pairing-code');
  expect(await send(desk, '/api/v1/walls', { code, ...settings })).toBe(201);
}
