/** Coupons claimed, redeemed and told of: over HTTP, with the workers' own steps, on real Postgres. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Problem } from '@zhanggui/shared/contract/errors.ts';
import { verifyCode } from '@zhanggui/shared/coupons/code.ts';
import { claimGroup } from '@zhanggui/server/src/coupons/claim-group.ts';
import { again } from '@zhanggui/server/src/http/grouped.ts';
import { couponCompany, time, type Coupon } from '../support/coupons.ts';
import { waiting } from '../support/database.ts';
import { call } from '../support/running-server.ts';

const { at, amountOff, post, refusal, running, look, claim, redeem, tell, settle, expectSound, members } =
  couponCompany();

describe('a claim', () => {
  it('gives exactly as many as there are to a rush over two servers', async () => {
    const id = await running({ limits: { total: 500 } });
    const other = await at.server.another();
    const answers = await Promise.all(
      Array.from({ length: 1_500 }, (_, i) =>
        call<Coupon & Problem>(i % 2 ? at.server : other, 'POST', `/api/v1/campaigns/${id}/claims`, {
          as: at.shop,
          body: { memberId: `rush-${i % 1_200}` },
        }),
      ),
    );
    await other.close();
    const codes = answers.flatMap(({ body, status }) => (status === 201 ? [body.code] : []));
    expect(codes).toHaveLength(500);
    expect(new Set(codes).size).toBe(500);
    const refused = answers.filter(({ status }) => status !== 201).map(({ body }) => body.code);
    expect(refused.filter((code) => code !== 'sold_out' && code !== 'limit_reached')).toEqual([]);
    expect(await look(id)).toMatchObject({ issued: 500, reserved: 250_000 });
    await expectSound();
  });

  it('keeps to the limit of a member, and to the audience', async () => {
    const { audience, tag } = await members(2);
    const id = await running({ audience, limits: { perMember: 2, total: 100 } });
    const mine = await Promise.all(
      Array.from({ length: 6 }, () =>
        post<Coupon & Problem>(`/campaigns/${id}/claims`, { memberId: `${tag}-1` }),
      ),
    );
    expect(mine.map(({ status }) => status).sort()).toEqual([201, 201, 409, 409, 409, 409]);
    expect(mine.filter(({ status, body }) => status === 409 && body.code === 'limit_reached')).toHaveLength(
      4,
    );
    expect((await refusal(`/campaigns/${id}/claims`, { memberId: 'stranger' })).body.code).toBe(
      'not_eligible',
    );
    expect(
      (await refusal('/campaigns/00000000-0000-7000-8000-000000000000/claims', { memberId: 'm' })).status,
    ).toBe(404);
  });

  it('is answered as before with the same key, and gives a code that proves itself offline', async () => {
    const id = await running();
    const send = () =>
      post<Coupon>(`/campaigns/${id}/claims`, { memberId: 'keyed' }, at.shop, {
        'Idempotency-Key': `claim-${id}`,
      });
    const [one, two] = [await send(), await send()];
    expect(two.body).toEqual(one.body);
    expect((await look(id)).issued).toBe(1);
    const { body } = await call<{ campaignNo: number; key: string }>(
      at.server,
      'GET',
      `/api/v1/campaigns/${id}/key`,
      { as: at.shop },
    );
    const key = Buffer.from(body.key, 'base64url');
    expect(verifyCode(one.body.code, (no) => (no === body.campaignNo ? key : null))).toMatchObject({
      nth: 1,
    });
  });

  it('that another at.server takes between two looks is answered as there', async () => {
    const id = await running();
    const send = () =>
      post<Coupon & Problem>(`/campaigns/${id}/claims`, { memberId: 'twice' }, at.shop, {
        'Idempotency-Key': `twice-${id}`,
      });
    const first = await send();
    const { sql } = at.server;
    const isOurs = sql`campaign_no = (select no from campaign where id = ${id})`;
    await sql`create table taken as select * from coupon where ${isOurs}`;
    await sql`create table told as select * from idempotency_key where key = ${`twice-${id}`}`;
    await sql`delete from coupon where ${isOurs}`;
    await sql`delete from idempotency_key where key = ${`twice-${id}`}`;
    // The look at members waits until the other server's claim is there; the look at answers came before it.
    let second: ReturnType<typeof send> | undefined;
    await sql.begin(async (tx) => {
      await tx`lock table member in access exclusive mode`;
      second = send();
      await waiting(tx);
      await tx`insert into coupon select * from taken`;
      await tx`insert into idempotency_key select * from told`;
    });
    expect(await second).toMatchObject({ status: 201, body: first.body });
  });

  it('is not refused for one that it stood behind and that came to nothing', async () => {
    const id = await running({ limits: { total: 2 } });
    await at.server.sql`insert into member (id) values ('ahead'), ('behind')`;
    const { sql } = at.server.server.parts;
    const requests = ['ahead', 'behind'].map((memberId) => ({
      campaignId: id,
      memberId,
      command: null,
      flag: null,
    }));
    // Another at.server gives the first one theirs after the look at members, and before the look at the campaign.
    let looked = false;
    const late = new Proxy(sql, {
      apply(target, self, args: [TemplateStringsArray, ...unknown[]]) {
        const ask = (): unknown => Reflect.apply(target, self, args);
        if (looked || !args[0].join('').includes('from campaign where id = any(')) return ask();
        looked = true;
        return sleep(200)
          .then(() => claim(id, 'ahead'))
          .then(ask);
      },
    });
    const decide = (on: typeof sql) =>
      claimGroup({ sql: on, time, now: () => new Date(), encode: () => null }, requests);
    expect(await decide(late)).toEqual([again, again]);
    expect(await decide(sql)).toMatchObject([
      { kind: 'refused', error: { code: 'limit_reached' } },
      { kind: 'given' },
    ]);
    expect(await look(id)).toMatchObject({ issued: 2 });
  });

  it('shows a source that claims more than a person does', async () => {
    const id = await running();
    for (let i = 0; i < 33; i++)
      await post(`/campaigns/${id}/claims`, { memberId: `bot-${i}`, source: 'device-7' });
    expect((await look(id)).flags).toMatchObject([{ source: 'device-7', claims: 33 }]);
  });
});
describe('a redemption', () => {
  it('happens once, whoever asks, and says why not', async () => {
    const id = await running();
    const code = await claim(id, 'r1');
    const answers = await Promise.all(['o-1', 'o-2', 'o-3', 'o-1'].map((orderId) => redeem(code, orderId)));
    const won = answers.findIndex(({ status }) => status === 200);
    expect(answers[won]!.body).toMatchObject({ off: 500, payable: 1_500, lines: [500] });
    expect(new Set(answers.filter(({ status }) => status !== 200).map(({ body }) => body.code))).toEqual(
      new Set(['coupon_used']),
    );
    expect(await look(id)).toMatchObject({ redeemed: 1, spent: 500 });
    expect((await redeem(code.slice(0, -1) + (code.endsWith('0') ? '1' : '0'), 'o-9')).status).toBe(404);
    const other = await claim(id, 'r2');
    expect((await redeem(other, 'o-4', 0)).body.code).toBe('coupon_not_applicable');
    await post(`/campaigns/${id}/cancel`);
    expect((await redeem(other, 'o-4')).body.code).toBe('campaign_not_running');
    await expectSound();
  });

  it('takes what the basket costs at most, beside the other coupons of the order', async () => {
    const [one, two, alike] = await Promise.all([
      running(),
      running({ template: amountOff(800, { stacking: { class: 'brand' } }) }),
      running({ template: amountOff(300) }),
    ]);
    const codes = await Promise.all([one, two, alike].map((id) => claim(id, 'r3')));
    const [first, second] = [await redeem(codes[0]!, 'o-5', 1_000), await redeem(codes[1]!, 'o-5', 1_000)];
    expect([first.body.off, second.body.off, second.body.payable]).toEqual([500, 500, 0]);
    expect((await redeem(codes[2]!, 'o-5', 1_000)).body.code).toBe('coupon_not_combinable');
    await expectSound();
  });

  it('is quoted as it will be: the best of the wallet, with reasons for the codes that do not work', async () => {
    const [one, better, elsewhere] = await Promise.all([
      running(),
      running({ template: amountOff(700) }),
      running({ template: amountOff(900, { scope: { channels: ['mall'] } }) }),
    ]);
    const codes = await Promise.all([one, better, elsewhere].map((id) => claim(id, 'q1')));
    const { body } = await post<{
      off: number;
      payable: number;
      coupons: { code: string }[];
      refused: { reason: string }[];
    }>('/coupons/quote', {
      memberId: 'q1',
      codes: [codes[2], 'nonsense'],
      channel: 'pos',
      lines: [{ sku: 'A', qty: 2, unitPrice: 600 }],
    });
    expect(body).toMatchObject({ off: 700, payable: 500, coupons: [{ code: codes[1] }] });
    expect(body.refused.map(({ reason }) => reason).sort()).toEqual(['coupon_not_applicable', 'not_found']);
  });

  it('stops a campaign that spends faster than its brake allows', async () => {
    const id = await running({ limits: { total: 100, brakePerMinute: 1_200 } });
    const codes = await Promise.all([1, 2, 3, 4].map((n) => claim(id, `b${n}`)));
    for (const [i, code] of codes.entries()) await redeem(code, `o-b${i}`);
    expect(await look(id)).toMatchObject({
      status: 'paused',
      pausedBecause: 'brake',
      redeemed: 3,
      spent: 1_500,
    });
    expect((await redeem(codes[3]!, 'o-b9')).body.code).toBe('campaign_not_running');
    const [entry] = await at.server
      .sql`select action from audit_log where details->>'id' = ${id} order by no desc limit 1`;
    expect(entry).toEqual({ action: 'campaign.brake' });
  });
});

describe('facts', () => {
  it('stop a campaign that tills spend faster than its brake allows, by the minute in which they did', async () => {
    const limits = { total: 100, brakePerMinute: 1_200 };
    const [slow, fast] = [await running({ limits }), await running({ limits })];
    const now = Date.now();
    for (const [i, n] of [1, 2, 3].entries()) {
      // What an offline till took in a quarter of an hour is told of at once.
      const at = new Date(now - (20 - 5 * i) * 60_000);
      await tell('coupon.redeemed', { code: await claim(slow, `t${n}`), orderId: `o-s${n}` }, at);
      await tell(
        'coupon.redeemed',
        { code: await claim(fast, `t${n}`), orderId: `o-t${n}` },
        new Date(now - 20 * 60_000),
      );
    }
    await settle();
    expect(await look(slow)).toMatchObject({ status: 'running', spent: 1_500 });
    expect(await look(fast)).toMatchObject({ status: 'paused', pausedBecause: 'brake', spent: 1_500 });
    await expectSound();
  });

  const placed = (orderId: string, codes: string[], unitPrice = 2_000) => ({
    orderId,
    channel: 'pos',
    location: 'S01',
    lines: [{ sku: 'A', qty: 1, unitPrice }],
    total: Math.max(0, unitPrice - 500),
    couponCodes: codes,
    fulfilment: { method: 'carry', location: 'S01' },
  });

  type Conflict = {
    orderId: string;
    verdict: string;
    campaignId: string | null;
    counted: { orderId: string } | null;
  };
  const conflicts = (query = '') =>
    call<{ rows: Conflict[]; nextCursor: string | null }>(
      at.server,
      'GET',
      `/api/v1/coupons/conflicts${query}`,
      { as: at.shop },
    );

  it('settle what tills did offline; who came second is shown, not counted', async () => {
    const id = await running();
    const code = await claim(id, 'f1');
    const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000);
    await tell('order.placed', placed('o-f2', [code]), ago(10));
    await settle();
    // The earlier one is heard of later.
    await tell('coupon.redeemed', { code, orderId: 'o-f1' }, ago(60));
    await tell('order.placed', placed('o-f1', [code], 300), ago(60));
    await settle();
    expect(await look(id)).toMatchObject({ redeemed: 1, spent: 300, conflicts: 1, reserved: 200 });
    const { body } = await conflicts();
    expect(body.rows).toMatchObject([
      { orderId: 'o-f2', verdict: 'conflict', campaignId: id, counted: { orderId: 'o-f1', location: 'S01' } },
    ]);
    expect((await redeem(code, 'o-f3')).body.code).toBe('coupon_used');
    await expectSound();
  });

  it('that should not have been are listed page by page, of one campaign too', async () => {
    const [one, other] = [await running(), await running()];
    const codes = [await claim(one, 'k1'), await claim(one, 'k2'), await claim(other, 'k3')];
    for (const [i, code] of codes.entries()) expect((await redeem(code, `o-k${i}`)).status).toBe(200);
    // Tills that sent their day in one batch: all of it at the same moment. And what no coupon has.
    const at = new Date(Date.now() - 5_000);
    for (const [i, code] of [
      ...codes,
      codes[0]!.slice(0, -1) + (codes[0]!.endsWith('0') ? '1' : '0'),
    ].entries())
      await tell('coupon.redeemed', { code, orderId: `o-l${i}` }, at);
    await settle();
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body, text } = await conflicts(`?limit=1${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      expect(body.rows, text).toHaveLength(1);
      seen.push(body.rows[0]!.orderId);
      cursor = body.nextCursor;
    }
    expect(seen.filter((id) => id.startsWith('o-l')).sort()).toEqual(['o-l0', 'o-l1', 'o-l2', 'o-l3']);
    expect(new Set(seen).size).toBe(seen.length);
    const { body } = await conflicts(`?campaignId=${one}`);
    expect(body.rows.map(({ orderId, counted }) => [orderId, counted?.orderId]).sort()).toEqual([
      ['o-l0', 'o-k0'],
      ['o-l1', 'o-k1'],
    ]);
    const odd = (await conflicts()).body.rows.find(({ verdict }) => verdict === 'odd');
    expect(odd).toMatchObject({ orderId: 'o-l3', campaignId: null, campaign: null, counted: null });
    expect((await conflicts('?campaignId=00000000-0000-4000-8000-000000000000')).status).toBe(404);
  });

  it('bring a coupon back with its order, where its template says so', async () => {
    const [back, kept] = [await running(), await running({ template: amountOff(500, { returned: false }) })];
    const codes = [await claim(back, 'f2'), await claim(kept, 'f2')];
    for (const [i, code] of codes.entries()) {
      await redeem(code, `o-c${i}`);
      await tell('order.placed', placed(`o-c${i}`, [code]));
      await tell('order.refunded', { orderId: `o-c${i}`, amount: 1_000, lines: [] });
    }
    await settle();
    expect(await look(back)).toMatchObject({ redeemed: 1, spent: 500, reserved: 0 });
    for (const i of [0, 1]) await tell('order.refunded', { orderId: `o-c${i}`, amount: 500, lines: [] });
    await settle();
    expect(await look(back)).toMatchObject({ redeemed: 0, returned: 1, spent: 0, reserved: 500 });
    expect(await look(kept)).toMatchObject({ redeemed: 1, returned: 0, spent: 500, reserved: 0 });
    expect((await redeem(codes[0]!, 'o-c9')).status).toBe(200);
    await expectSound();
  });
});
