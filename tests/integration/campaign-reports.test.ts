/** What campaigns cost and what they did, through a whole server: spend that facts tell of, and like compared with like. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { CampaignReport } from '@zhanggui/shared/campaigns/report.ts';
import { doRange } from '@zhanggui/workers/src/coupons/fan-out.ts';
import { event } from '../support/books.ts';
import { couponCompany, time } from '../support/coupons.ts';
import { call } from '../support/running-server.ts';

const { at, wish, post, running, launched, claim, redeem, members, next } = couponCompany();

async function reportOf(id: string): Promise<CampaignReport> {
  const path = `/api/v1/campaigns/${id}/report`;
  // Kept for a moment: the next look is at another one.
  await at.server.sql`update campaign_report set made_at = made_at - interval '1 hour'`;
  const { body, status, text } = await call<CampaignReport>(at.server, 'GET', path, { as: at.shop });
  expect(status, text).toBe(200);
  return body;
}
const tell = async (...facts: object[]) => {
  const { body, text } = await call<{ accepted: number }>(at.server, 'POST', '/api/v1/events', {
    as: at.till,
    body: facts,
  });
  return { accepted: body.accepted, text };
};
const order = (orderId: string, memberId: string, codes: string[] = []) =>
  event(`f${next()}`, 'order.placed', new Date().toISOString(), {
    orderId, channel: 'pos', location: 'S01', memberId, lines: [{ sku: 'A', qty: 1, unitPrice: 2_000 }],
    total: codes.length ? 1_500 : 2_000, couponCodes: codes, fulfilment: { method: 'carry', location: 'S01' },
  }); // prettier-ignore

it('what was spent on a campaign counts once, whenever it is told, and is a part of what an order cost', async () => {
  const spend = (campaignId: string, amount: number, channel = 'mall') =>
    event(`f${next()}`, 'spend.recorded', new Date().toISOString(), { channel, campaignId, amount }, 'ads');
  const id = await running();
  const [first, second] = [spend(id, 700), spend(id, 300, 'miniapp')];
  expect((await tell(first, second, spend(randomUUID(), 9_999), first)).accepted).toBe(3);
  // Money that names no campaign belongs to none.
  const nobodys = event(`f${next()}`, 'spend.recorded', new Date().toISOString(), {
    channel: 'mall',
    amount: 5,
  });
  expect((await tell(second, nobodys)).accepted).toBe(1);
  expect((await reportOf(id)).sales).toMatchObject({ spend: 1_000, orders: 0, discount: 0 });

  const member = `m${next()}`;
  await at.server.sql`insert into member (id) values (${member})`;
  const code = await claim(id, member);
  await redeem(code, `o-${member}`);
  await tell(order(`o-${member}`, member, [code]));
  const { sales } = await reportOf(id);
  expect(sales).toMatchObject({ orders: 1, spend: 1_000, discount: 500, net: 1_500 });
  const { body } = await call<{ rows: CampaignReport[] }>(
    at.server,
    'GET',
    `/api/v1/campaign-reports?ids=${id}`,
    { as: at.shop },
  );
  expect(body.rows[0]!.sales.spend).toBe(1_000);
});

it('who came back while the campaign paused leaves neither side of the comparison', async () => {
  const tag = `t${next()}`;
  await at.server.sql`
    insert into member (id, tags, last_visit_at)
    select ${tag} || '-' || n, array[${tag}], now() - interval '90 days' from generate_series(1, 1200) n`;
  const id = await running({
    give: 'push',
    audience: {
      kind: 'rule',
      rule: {
        all: [
          { field: 'tags', anyOf: [tag] },
          { field: 'seenDays', min: 60 },
        ],
      },
      holdoutPercent: 50,
    },
    limits: { budget: 1_000_000 },
  });
  // Its audience is cut. Days go by before anybody has their turn: every third member comes back and buys, whether held out or not: the coupon has done nothing yet.
  const back = Array.from({ length: 400 }, (_, i) => `${tag}-${i * 3 + 1}`);
  await tell(...back.map((member) => order(`o-${member}`, member)));
  await at.server.sql`update member set last_visit_at = now() where id = any(${back})`;
  while ((await doRange(at.server.sql, id, time, new Date())) === 'done');

  const { reach, uplift, withoutUplift } = await reportOf(id);
  expect(reach.taken).toBeLessThan(reach.targeted);
  expect(uplift!.orders.enough).toBe(true);
  expect([uplift!.orders.low <= 0, uplift!.orders.high >= 0]).toEqual([true, true]);
  for (const { orders, members: all } of [uplift!.given, uplift!.held])
    expect(orders / all).toBeCloseTo(1 / 3, 1);
  expect(withoutUplift).toBeNull();
  // Everybody who was to be given one, as it was decided for both sides at once.
  expect(uplift!.given.members).toBe(reach.targeted);
  expect(uplift!.given.members + uplift!.held.members).toBe(1200);
});

it('says that nobody was held out only where it is so', async () => {
  const { audience } = await members(300);
  const push = { give: 'push', limits: { total: 1000 } };
  const held = { ...audience, holdoutPercent: 20 };
  const work = async (id: string) => {
    while ((await doRange(at.server.sql, id, time, new Date())) === 'done');
  };
  const why = async (id: string) => {
    const { withoutUplift, uplift, reach } = await reportOf(id);
    return [withoutUplift, uplift === null, reach.held > 0];
  };
  const all = await running({ ...push, audience });
  await work(all);
  expect(await why(all)).toEqual(['nobody_held', true, false]);

  const early = await running({ ...push, audience: held });
  expect(await why(early)).toEqual(['nobody_yet', true, true]);
  await work(early);
  expect(await why(early)).toEqual([null, false, true]);

  // Nobody was reached: those held out are there all the same.
  const broke = await running({ ...push, audience: held });
  await at.server.sql`update campaign set failed = 240 where id = ${broke}`;
  expect(await why(broke)).toEqual(['nobody_yet', true, true]);

  // Coupons that a rule gives: its automation holds members out, and compares them.
  const { body } = await post('/campaigns', wish({ give: 'rule', audience: held }));
  expect(body).toMatchObject({ code: 'invalid_request', errors: [{ field: 'audience.holdoutPercent' }] });
});

it('measures what members come to by themselves by all whom it was for', async () => {
  const group = {
    kind: 'group',
    template: { title: '团', goods: [{ sku: 'A' }], price: 990, size: 2, hours: 1 },
    limits: {},
  };
  const startsAt = new Date(Date.now() + 3_600_000).toISOString();
  for (const more of [{ give: 'claim' }, group, { give: 'claim', startsAt }]) {
    const { audience, tag } = await members(800);
    const id = await launched({ ...more, audience: { ...audience, holdoutPercent: 50 } });
    // Its time has come.
    await at.server
      .sql`update campaign set state = 'running', starts_at = now() - interval '1 second' where id = ${id}`;
    const lots = await at.server.sql<{ id: string; held: boolean }[]>`
      select m.id, m.no in (select unnest(h.member_nos) from campaign_holdout h join campaign c on c.no = h.campaign_no where c.id = ${id}) as held
      from member m where ${tag} = any(m.tags) order by m.no`;
    const [given, held] = [false, true].map((each) => lots.filter((lot) => lot.held === each));
    // Every other one of those whom it is for buys, most of them without it; of those held out every tenth.
    const buyers = [...given!.filter((_, i) => i % 2 === 0), ...held!.filter((_, i) => i % 10 === 0)];
    await tell(...buyers.map((member) => order(`o-${tag}-${member.id}`, member.id)));
    const { uplift, withoutUplift, reach } = await reportOf(id);
    expect(withoutUplift).toBeNull();
    expect(uplift).toMatchObject({
      given: { members: given!.length, orders: Math.ceil(given!.length / 2) },
      held: { members: held!.length, orders: Math.ceil(held!.length / 10) },
      orders: { enough: true },
    });
    expect(given!.length + held!.length).toBe(800);
    expect(reach.held).toBe(held!.length);
    expect(uplift!.orders.low).toBeGreaterThan(0.3);
    if ('kind' in more) continue;
    const claimOf = (memberId: string) => post<{ code: string }>(`/campaigns/${id}/claims`, { memberId });
    expect((await claimOf(held![0]!.id)).body.code).toBe('not_eligible');
    expect((await claimOf(given![0]!.id)).status).toBe(201);
  }
});
