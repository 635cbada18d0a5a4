/** A company that gives coupons: who calls, campaigns that run, and what is done with their coupons. */
import { beforeAll, expect } from 'vitest';
import type { Problem } from '@zhanggui/shared/contract/errors.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { checksOf } from '@zhanggui/server/src/cli/verify/checks.ts';
import { settleCoupons } from '@zhanggui/workers/src/coupons/settle.ts';
import { event, TIME_ZONE } from './books.ts';
import { call, machine, person, startServer, type Credentials, type TestServer } from './running-server.ts';

export type Campaign = {
  id: string;
  status: string;
  targeted: number;
  issued: number;
  failed: number;
  redeemed: number;
  returned: number;
  conflicts: number;
  budget: number | null;
  spent: number;
  reserved: number;
  revision: number;
  pausedBecause: string | null;
  progress: { seen: number; done: number } | null;
  flags: { source: string; claims: number }[];
};
export type Coupon = { code: string; validTo: string };
type Redeemed = { off: number; payable: number; lines: number[] };

export const time = new BusinessTime(TIME_ZONE);

/** Starts a server for the tests of a file. What `at` holds is there as soon as they run. */
export function couponCompany() {
  const at = {} as Record<'shop' | 'marketer' | 'boss' | 'till', Credentials> & { server: TestServer };
  let count = 0;
  /** A number of its own. */
  const next = (): number => (count += 1);
  beforeAll(async () => {
    at.server = await startServer();
    const { sql } = at.server;
    at.shop = await machine(sql, 'command', 'read');
    at.marketer = await person(sql, 'marketer');
    at.boss = await person(sql, 'admin');
    at.till = await machine(sql, 'ingest');
  });

  const amountOff = (off: number, more: object = {}) => ({
    title: '满减券',
    offer: { kind: 'amount', off },
    validity: { kind: 'days', days: 30 },
    ...more,
  });

  /** A campaign of ¥5 coupons that members claim, unless said otherwise. */
  const wish = (more: object = {}) => ({
    kind: 'coupon',
    name: `C${next()}`,
    template: amountOff(500),
    give: 'claim',
    limits: { total: 100 },
    ...more,
  });

  const post = <T = Campaign>(
    path: string,
    body?: unknown,
    as = at.shop,
    headers: Record<string, string> = {},
  ) => call<T>(at.server, 'POST', `/api/v1${path}`, { as, body, headers });
  const refusal = (path: string, body?: unknown, as = at.shop) => post<Problem>(path, body, as);

  /** Approved by somebody else, and launched. */
  async function launched(more: object = {}): Promise<string> {
    const { body, text } = await post('/campaigns', wish(more));
    expect(body.status, text).toBe('draft');
    for (const action of ['approve', 'launch']) {
      const { status, text } = await post(
        `/campaigns/${body.id}/${action}`,
        undefined,
        action === 'approve' ? at.boss : at.shop,
      );
      expect(status, text).toBe(200);
    }
    return body.id;
  }
  async function running(more: object = {}): Promise<string> {
    const id = await launched(more);
    expect((await look(id)).status).toBe('running');
    return id;
  }

  const look = async (id: string) =>
    (await call<Campaign>(at.server, 'GET', `/api/v1/campaigns/${id}`, { as: at.shop })).body;
  const claim = async (id: string, memberId: string) =>
    (await post<Coupon>(`/campaigns/${id}/claims`, { memberId })).body.code;
  const basket = (orderId: string, unitPrice = 2_000, sku = 'A') => ({
    orderId,
    channel: 'pos',
    location: 'S01',
    lines: [{ sku, qty: 1, unitPrice }],
  });
  const redeem = (code: string, orderId: string, unitPrice?: number) =>
    post<Redeemed & Problem>(`/coupons/${code}/redeem`, basket(orderId, unitPrice));
  const tell = (type: string, data: object, when = new Date()) =>
    call(at.server, 'POST', '/api/v1/events', {
      as: at.till,
      body: [event(`f${next()}`, type, when.toISOString(), data)],
    });
  const settle = () => settleCoupons(at.server.sql, new Date());

  async function expectSound(): Promise<void> {
    for (const { name, promise, run } of checksOf({ ledgerIsWhole: false }))
      if (promise === 4)
        expect({ name, ...(await run(at.server.sql, { timeZone: TIME_ZONE, limit: 5 })) }).toEqual({
          name,
          total: 0,
          first: [],
        });
  }

  /** Members of a test of its own, by a rule that nobody else fits. */
  async function members(howMany: number): Promise<{ tag: string; audience: object }> {
    const tag = `t${next()}`;
    await at.server.sql`
      insert into member (id, tags) select ${tag} || '-' || n, array[${tag}] from generate_series(1, ${howMany}::int) n`;
    return { tag, audience: { kind: 'rule', rule: { field: 'tags', anyOf: [tag] } } };
  }

  return {
    at,
    wish,
    amountOff,
    post,
    refusal,
    running,
    launched,
    look,
    claim,
    basket,
    redeem,
    tell,
    settle,
    expectSound,
    members,
    next,
  };
}
