/** Campaigns of coupons, from their plan to their report: over HTTP, on real Postgres. */
import { describe, expect, it } from 'vitest';
import type { Problem } from '@zhanggui/shared/contract/errors.ts';
import { createLog } from '@zhanggui/shared/platform/log.ts';
import { stepByClock } from '@zhanggui/shared/coupons/campaign-store.ts';
import { doRange } from '@zhanggui/workers/src/coupons/fan-out.ts';
import type { JobContext } from '@zhanggui/workers/src/job.ts';
import keepReports from '@zhanggui/workers/src/jobs/keep-reports.ts';
import { event } from '../support/books.ts';
import { couponCompany, time, type Campaign, type Coupon } from '../support/coupons.ts';
import { call, person, type Credentials } from '../support/running-server.ts';

const {
  at,
  wish,
  amountOff,
  post,
  refusal,
  running,
  look,
  claim,
  redeem,
  tell,
  basket,
  settle,
  expectSound,
  members,
  next,
} = couponCompany();

describe('a campaign', () => {
  it('is approved, launched, paused, resumed and cancelled, each once', async () => {
    const { body } = await post('/campaigns', wish(), at.shop, { 'Idempotency-Key': 'make-1' });
    const again = await post('/campaigns', { ...wish(), name: 'another' }, at.shop, {
      'Idempotency-Key': 'make-1',
    });
    expect(again.status).toBe(409);
    expect((await refusal(`/campaigns/${body.id}/launch`)).body.code).toBe('conflict');
    expect((await post(`/campaigns/${body.id}/approve`)).body.status).toBe('approved');
    expect((await post(`/campaigns/${body.id}/launch`)).body.status).toBe('running');
    expect((await post(`/campaigns/${body.id}/pause`)).body.status).toBe('paused');
    expect((await post(`/campaigns/${body.id}/pause`)).body.status).toBe('paused');
    expect((await refusal(`/campaigns/${body.id}/claims`, { memberId: 'm' })).body.code).toBe(
      'campaign_not_running',
    );
    expect((await post(`/campaigns/${body.id}/resume`)).body.status).toBe('running');
    expect((await post(`/campaigns/${body.id}/cancel`)).body.status).toBe('cancelled');
    expect((await refusal(`/campaigns/${body.id}/resume`)).body.code).toBe('conflict');
  });

  it('gives nothing any more once it is finished, and can be stopped until the last of it is settled', async () => {
    const id = await running();
    const code = await claim(id, 'late');
    const soon = await running({ endsAt: new Date(Date.now() + 3_600_000).toISOString() });
    const mine = await claim(soon, 'late');
    const now = () => new Date();
    const hourOn = () => new Date(Date.now() + 3_700_000);
    expect((await post(`/campaigns/${id}/finish`)).body).toMatchObject({ status: 'finished' });
    expect((await refusal(`/campaigns/${id}/claims`, { memberId: 'later' })).body.code).toBe(
      'campaign_not_running',
    );
    // The clock ends neither what somebody paused nor lets it be good again.
    await post(`/campaigns/${soon}/pause`);
    await at.server.sql.begin((tx) => stepByClock(tx, hourOn()));
    expect((await look(soon)).status).toBe('paused');
    expect((await redeem(mine, 'fin-1')).body.code).toBe('campaign_not_running');
    // What was given is good, until somebody stops that too.
    await post(`/campaigns/${id}/pause`);
    expect((await redeem(code, 'fin-2')).body.code).toBe('campaign_not_running');
    expect((await post(`/campaigns/${id}/resume`)).body.status).toBe('finished');
    await at.server.sql.begin((tx) => stepByClock(tx, now()));
    expect((await redeem(code, 'fin-2')).status).toBe(200);
    expect((await post(`/campaigns/${id}/cancel`)).body.status).toBe('cancelled');
    expect((await refusal(`/campaigns/${id}/finish`)).body.code).toBe('conflict');
    // Settled, there is nothing to stop.
    const old = await running();
    await post(`/campaigns/${old}/finish`);
    await at.server.sql`update campaign set settled_at = now() where id = ${old}`;
    expect((await refusal(`/campaigns/${old}/pause`)).body.code).toBe('conflict');
    await expectSound();
  });

  it('gives nothing after its end, also while nobody watches the clock', async () => {
    const id = await running({ endsAt: new Date(Date.now() + 3_600_000).toISOString() });
    const { audience } = await members(3);
    const sent = await running({
      give: 'push',
      audience,
      endsAt: new Date(Date.now() + 3_600_000).toISOString(),
    });
    await at.server.sql`update campaign set ends_at = now() where id in (${id}, ${sent})`;
    expect((await refusal(`/campaigns/${id}/claims`, { memberId: 'late' })).status).toBe(409);
    await doRange(at.server.sql, sent, time, new Date());
    for (const each of [id, sent]) expect(await look(each)).toMatchObject({ status: 'running', issued: 0 });
    // One whose coupons are all over is over itself.
    const fixed = await running({
      give: 'push',
      audience,
      template: amountOff(500, {
        validity: {
          kind: 'fixed',
          from: '2026-01-01T00:00:00Z',
          to: new Date(Date.now() + 60_000).toISOString(),
        },
      }),
    });
    const step = (ms: number) => at.server.sql.begin((tx) => stepByClock(tx, new Date(Date.now() + ms)));
    await step(0);
    expect((await look(fixed)).status).toBe('running');
    await step(61_000);
    expect((await look(fixed)).status).toBe('finished');
  });

  it('begins before its time where somebody says so', async () => {
    const startsAt = new Date(Date.now() + 3_600_000).toISOString();
    const make = async () => {
      const { body } = await post<Campaign & { startsAt: string }>('/campaigns', wish({ startsAt }));
      await post(`/campaigns/${body.id}/approve`, undefined, at.boss);
      return body.id;
    };
    const [waits, early] = [await make(), await make()];
    expect((await post(`/campaigns/${waits}/launch`)).body.status).toBe('scheduled');
    expect((await post(`/campaigns/${early}/launch`, { startNow: true })).body.status).toBe('running');
    const { body } = await post<Campaign & { startsAt: string }>(`/campaigns/${waits}/launch`, {
      startNow: true,
    });
    expect(body.status).toBe('running');
    expect(Date.parse(body.startsAt)).toBeLessThanOrEqual(Date.now());
    expect(await claim(waits, 'early')).toBeTypeOf('string');
  });

  it('does not let a marketer pass their budget by any route', async () => {
    const dear = wish({ limits: { total: 20_000, budget: 6_000_000 } });
    const { body } = await post('/campaigns', dear, at.marketer);
    expect((await refusal(`/campaigns/${body.id}/approve`, undefined, at.marketer)).body.code).toBe(
      'second_person_needed',
    );
    expect((await refusal(`/campaigns/${body.id}/launch`, undefined, at.marketer)).status).toBe(409);
    // Without any bound it is dear too.
    const endless = await post('/campaigns', wish({ limits: {} }), at.marketer);
    expect((await refusal(`/campaigns/${endless.body.id}/approve`, undefined, at.marketer)).status).toBe(403);
    // In pieces: the second of these makes more than one person decides alone.
    const pieces = [3_000_000, 3_000_000].map((budget) => wish({ limits: { total: 100_000, budget } }));
    const made = await Promise.all(pieces.map((piece) => post('/campaigns', piece, at.marketer)));
    const both = await Promise.all(
      made.map(({ body: { id } }) => post(`/campaigns/${id}/approve`, undefined, at.marketer)),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 403]);
    // Approved by somebody else, it stays as it was approved.
    const put = (more: object, revision: number) =>
      call<Problem & Campaign>(at.server, 'PUT', `/api/v1/campaigns/${body.id}`, {
        as: at.marketer,
        body: { ...dear, ...more, revision },
      });
    const changed = await put({ limits: { total: 20_000, budget: 7_000_000 } }, body.revision);
    expect(changed.status, changed.text).toBe(200);
    const stale = await refusal(`/campaigns/${body.id}/approve`, { revision: body.revision }, at.boss);
    expect(stale.body.code).toBe('conflict');
    expect(
      (await post(`/campaigns/${body.id}/approve`, { revision: changed.body.revision }, at.boss)).status,
    ).toBe(200);
    expect(
      (await put({ limits: { total: 20_000, budget: 9_000_000 } }, changed.body.revision)).body.code,
    ).toBe('conflict');
    expect((await refusal(`/campaigns/${body.id}/approve`, undefined, at.marketer)).status).toBe(200);
    expect((await look(body.id)).budget).toBe(7_000_000);
  });

  it('is not approved alone by whoever changed a draft of somebody else', async () => {
    const colleague = await person(at.server.sql, 'marketer');
    const small = wish({ limits: { total: 10, budget: 5_000 } });
    const { body } = await post('/campaigns', small, colleague);
    const dear = await call<Campaign>(at.server, 'PUT', `/api/v1/campaigns/${body.id}`, {
      as: at.marketer,
      body: { ...small, limits: { budget: 100_000_000 }, revision: body.revision },
    });
    expect(dear.status, dear.text).toBe(200);
    // Neither who wrote it last nor who made it; and changing it once more does not wash it clean.
    for (const as of [at.marketer, colleague])
      expect((await refusal(`/campaigns/${body.id}/approve`, undefined, as)).body.code).toBe(
        'second_person_needed',
      );
    expect((await refusal(`/campaigns/${body.id}/approve`, undefined, at.boss)).status).toBe(200);
    // What they approve of each other's drafts counts as approved alone, once they changed them.
    const third = await person(at.server.sql, 'marketer');
    const pieces = await Promise.all(
      [1, 2].map(async () => {
        const made = await post('/campaigns', small, colleague);
        const put = await call(at.server, 'PUT', `/api/v1/campaigns/${made.body.id}`, {
          as: third,
          body: { ...small, limits: { budget: 3_000_000 }, revision: 1 },
        });
        expect(put.status, put.text).toBe(200);
        return made.body.id;
      }),
    );
    expect((await refusal(`/campaigns/${pieces[0]!}/approve`, undefined, third)).status).toBe(200);
    expect((await refusal(`/campaigns/${pieces[1]!}/approve`, undefined, third)).status).toBe(403);
  });

  it('for a list of members keeps the list that it has, where a change does not bring another', async () => {
    const ids = [`l${next()}`, `l${next()}`, `l${next()}`];
    const list = { kind: 'members', members: ids };
    const small = { ...wish({ give: 'push', limits: { total: 10, budget: 5_000 } }), audience: list };
    const { body, text } = await post('/campaigns', small);
    expect(body.revision, text).toBe(1);
    type Listed = Campaign & { audience: object } & Problem;
    const put = (change: object, revision: number) =>
      call<Listed>(at.server, 'PUT', `/api/v1/campaigns/${body.id}`, {
        as: at.marketer,
        body: { ...small, ...change, revision },
      });
    const kept = { audience: { kind: 'members', holdoutPercent: 10 } };
    const preview = { ...small, ...kept, id: body.id };
    expect((await post<{ audience: number }>('/campaigns/preview', preview)).body.audience).toBe(3);
    const changed = await put(kept, 1);
    expect(changed.body.audience, changed.text).toEqual({ kind: 'members', count: 3, holdoutPercent: 10 });
    const shorter = await put({ audience: { ...list, members: ids.slice(1) } }, 2);
    expect(shorter.body.audience).toEqual({ kind: 'members', count: 2, holdoutPercent: 0 });
    expect((await put({ audience: { kind: 'members' } }, 3)).body.audience).toEqual(shorter.body.audience);
    await post(`/campaigns/${body.id}/approve`, undefined, at.boss);
    await post(`/campaigns/${body.id}/launch`);
    expect((await look(body.id)).targeted).toBe(2);
    // There is nothing to keep of what is new, nor of a draft that is for others.
    const other = await post('/campaigns', wish());
    for (const refused of [
      await refusal('/campaigns', { ...small, audience: { kind: 'members' } }),
      await refusal('/campaigns/preview', { ...small, audience: { kind: 'members' } }),
      await call<Problem>(at.server, 'PUT', `/api/v1/campaigns/${other.body.id}`, {
        as: at.marketer,
        body: { ...wish(), audience: { kind: 'members' }, revision: 1 },
      }),
    ])
      expect([refused.status, refused.body.errors?.map(({ field }) => field)]).toEqual([
        400,
        ['audience.members'],
      ]);
  });

  it('is as dear as its price lies below what the goods are worth, whatever its maker says of them', async () => {
    await at.server.sql`
      insert into sku (code, known, name_zh, name_en, list_price, cost) values
        ('TV', true, '电视', 'TV', 1_000_000, 500_000), ('NEW', true, '新品', 'New', null, null)`;
    const group = (sku: string, price: number, limits: object) => ({
      kind: 'group',
      name: `G${next()}`,
      template: { title: '团', goods: [{ sku }], price, size: 2, hours: 1 },
      limits,
    });
    const bargain = (limits: object) => ({
      kind: 'bargain',
      name: `B${next()}`,
      template: { title: '砍', goods: [{ sku: 'TV' }], startPrice: 11, floorPrice: 1, helpers: 10, hours: 1 },
      limits,
    });
    const alone = async (body: object, as: Credentials) => {
      const preview = await post<{ secondPerson: boolean; stake: number | null }>(
        '/campaigns/preview',
        body,
        as,
      );
      const made = await post('/campaigns', body, as);
      const { status } = await refusal(`/campaigns/${made.body.id}/approve`, undefined, as);
      return [status, preview.body.secondPerson, preview.body.stake];
    };
    const marketer = () => person(at.server.sql, 'marketer');
    const [one, two, three] = [await marketer(), await marketer(), await marketer()];
    // A television for one 分; as many as one likes, or only ten.
    expect(await alone(group('TV', 1, {}), one)).toEqual([403, true, null]);
    expect(await alone(group('TV', 1, { total: 10 }), one)).toEqual([403, true, 9_999_990]);
    // Nobody knows what it is worth.
    expect(await alone(group('NEW', 990, { total: 10 }), one)).toEqual([403, true, null]);
    // Cut from 0.11: by its own words it costs ten 分.
    expect(await alone(bargain({ total: 10 }), one)).toEqual([403, true, 9_999_990]);
    // What lies within one person's limit; and for the full price any number.
    expect(await alone(group('TV', 900_000, { total: 40 }), two)).toEqual([200, false, 4_000_000]);
    expect(await alone(group('TV', 900_000, { total: 40 }), two)).toEqual([403, true, 4_000_000]);
    expect(await alone(group('TV', 1_000_000, {}), three)).toEqual([200, false, 0]);
  });

  it('spends no more than its budget, whichever way coupons go out and come back', async () => {
    const id = await running({ limits: { budget: 5_000 }, template: amountOff(500) });
    const other = await at.server.another();
    const within = async () => {
      const { spent, reserved } = await look(id);
      expect(spent + reserved).toBeLessThanOrEqual(5_000);
    };
    const rush = async (prefix: string) => {
      const answers = await Promise.all(
        Array.from({ length: 14 }, (_, i) =>
          call<Coupon & Problem>(i % 2 ? at.server : other, 'POST', `/api/v1/campaigns/${id}/claims`, {
            as: at.shop,
            body: { memberId: `${prefix}-${i}` },
          }),
        ),
      );
      await within();
      return answers.flatMap(({ status, body }) => (status === 201 ? [body.code] : []));
    };
    const codes = await rush('in');
    expect(codes).toHaveLength(10);
    // Used for less than they could take off: the rest stays reserved, since they may come back.
    for (const [i, code] of codes.slice(0, 5).entries())
      expect((await redeem(code, `within-${i}`, 300)).body.off).toBe(300);
    await within();
    expect(await rush('rest')).toEqual([]);
    // They come back with their orders, and are worth all of it again.
    for (const i of [0, 1, 2]) {
      await tell('order.placed', {
        ...basket(`within-${i}`, 300),
        total: 0,
        couponCodes: [codes[i]],
        fulfilment: { method: 'carry', location: 'S01' },
      });
      await tell('order.cancelled', { orderId: `within-${i}` });
    }
    await settle();
    await within();
    expect(await rush('back')).toEqual([]);
    for (const i of [0, 1, 2]) await redeem(codes[i]!, `again-${i}`, 9_000);
    await within();
    // Whoever made it cannot make more of it, nor approve it once more.
    const more = await call<Problem>(at.server, 'PUT', `/api/v1/campaigns/${id}`, {
      as: at.marketer,
      body: { ...wish({ limits: { budget: 900_000 } }), revision: 1 },
    });
    expect(more.body.code).toBe('conflict');
    await post(`/campaigns/${id}/approve`, undefined, at.marketer);
    for (const action of ['pause', 'resume'])
      await post(`/campaigns/${id}/${action}`, undefined, at.marketer);
    expect(await rush('more')).toEqual([]);
    expect(await look(id)).toMatchObject({ budget: 5_000, issued: 10 });
    // Sent instead of claimed, by several workers at once.
    const { audience } = await members(30);
    const sent = await running({ give: 'push', audience, limits: { budget: 5_000 } });
    await Promise.all([1, 2, 3].map(() => doRange(at.server.sql, sent, time, new Date())));
    expect(await look(sent)).toMatchObject({ issued: 10, reserved: 5_000 });
    await other.close();
    await expectSound();
  });

  it('says before it is made what it would cost', async () => {
    const { audience } = await members(30);
    const { body } = await post<{
      audience: number;
      coupons: number;
      exposure: number;
      secondPerson: boolean;
    }>('/campaigns/preview', wish({ give: 'push', audience, limits: { budget: 12_400 } }), at.boss);
    expect(body).toMatchObject({ audience: 30, coupons: 24, exposure: 12_400, secondPerson: false });
    const held = { ...audience, holdoutPercent: 50 };
    const preview = await post<{ audience: number }>('/campaigns/preview', wish({ audience: held }), at.boss);
    expect(preview.body.audience).toBeGreaterThan(5);
    expect(preview.body.audience).toBeLessThan(25);
  });
});
describe('before it is launched', () => {
  type Flight = {
    checks: { subject: string; level: string; says: string; numbers: Record<string, number> }[];
    expectation: { used: { expected: number }; use: { campaigns: number } };
    stock: {
      short: number;
      locations: { location: string; need: number; have: number; short: number }[];
      moves: { sku: { code: string }; from: { code: string } | null; to: { code: string }; qty: number }[];
    };
    belowCost: { code: string; lowest: number }[];
    overlaps: { id: string; members: number | null }[];
  };
  const flightOf = async (id: string) =>
    (await call<Flight>(at.server, 'GET', `/api/v1/campaigns/${id}/preflight`, { as: at.shop })).body;

  it('is held against shelves, prices and other campaigns', async () => {
    const { audience } = await members(1_000);
    await at.server.sql`
      insert into location (code, known, kind, name_zh, name_en, latitude, longitude) values
        ('PF1', true, 'store', '一店', 'One', 31, 121), ('PF2', true, 'store', '二店', 'Two', 31.1, 121)`;
    await at.server.sql`
      insert into sku (code, known, name_zh, name_en, category, cost, list_price) values
        ('PF-A', true, '茶', 'Tea', 'PF', 400, 600), ('PF-B', true, '杯', 'Cup', 'PF', 10, 900)`;
    const nos = sql2nos(
      await at.server.sql<{ code: string; no: number }[]>`
      select code, no from location where code like 'PF_' union all select code, no from sku where code like 'PF-_'`,
    );
    await at.server.sql`
      insert into stock (sku_no, location_no, on_hand) values
        (${nos['PF-A']!}, ${nos['PF1']!}, 10), (${nos['PF-A']!}, ${nos['PF2']!}, 90)`;
    await at.server.sql`
      insert into forecast (sku_no, first_day, made_at, method, mean, low, high, rate, sd, location_nos, location_rate, location_sd)
      values (${nos['PF-A']!}, current_date, now(), 'test', '{2}', '{1}', '{3}', 2, 1, ${[nos['PF1']!, nos['PF2']!]}::int[], '{1.5,0.5}', '{1,1}')`;
    const other = await running({ template: amountOff(100, { scope: { categories: ['PF'] } }), audience });
    const { body } = await post(
      '/campaigns',
      wish({
        give: 'push',
        audience,
        template: amountOff(500, { scope: { skus: ['PF-A', 'PF-Z'] } }),
        limits: { budget: 400_000 },
      }),
    );
    const flight = await flightOf(body.id);
    // 28 pieces sell in two weeks anyway; of the 800 who get one three of a hundred use it, where as much sells today.
    expect(flight.stock.locations).toMatchObject([
      { location: 'PF1', need: 39, have: 10, short: 29 },
      { location: 'PF2', need: 13, have: 90, short: 0 },
    ]);
    expect(flight.stock.moves).toMatchObject([
      { sku: { code: 'PF-A' }, from: { code: 'PF2' }, to: { code: 'PF1' }, qty: 29 },
    ]);
    expect(flight.belowCost).toMatchObject([{ code: 'PF-A', lowest: 100 }]);
    // Newest first; other tests' campaigns are about everything.
    expect(flight.overlaps[0]).toMatchObject({ id: other, members: 1_000 });
    const said = Object.fromEntries(flight.checks.map(({ subject, ...rest }) => [subject, rest]));
    expect(said).toMatchObject({
      audience: { level: 'ok', numbers: { members: 1_000 } },
      stock: { level: 'warn', says: 'stock_unknown', numbers: { skus: 1 } },
      budget: { level: 'warn', says: 'budget_small', numbers: { missing: 200 } },
      price: { level: 'warn', says: 'price_below_cost', numbers: { skus: 1, worst: 300 } },
      overlap: { level: 'warn', numbers: { members: 1_000 } },
    });
    // Warnings are a person's to judge.
    await post(`/campaigns/${body.id}/approve`, undefined, at.boss);
    expect((await post(`/campaigns/${body.id}/launch`)).body.status).toBe('running');
    await post(`/campaigns/${other}/cancel`);
  });

  it('is not launched where nothing could come of it', async () => {
    const nobody = await post(
      '/campaigns',
      wish({ give: 'push', audience: { kind: 'rule', rule: { field: 'tags', anyOf: ['nobody'] } } }),
    );
    const nothing = await post('/campaigns', wish({ limits: { budget: 499 } }));
    for (const [{ body }, says] of [
      [nobody, 'audience_empty'],
      [nothing, 'budget_nothing'],
    ] as const) {
      await post(`/campaigns/${body.id}/approve`, undefined, at.boss);
      const refused = await refusal(`/campaigns/${body.id}/launch`);
      expect([refused.body.code, refused.text]).toEqual(['conflict', expect.stringContaining(says)]);
      expect((await look(body.id)).status).toBe('approved');
    }
  });
});
/** Numbers by code. */
const sql2nos = (rows: readonly { code: string; no: number }[]) =>
  Object.fromEntries(rows.map(({ code, no }) => [code, no]));
describe('afterwards', () => {
  type Report = {
    final: boolean;
    reach: { targeted: number; held: number; taken: number; used: number };
    sales: { orders: number; net: number; discount: number; margin: number };
    uplift: {
      given: { orders: number };
      held: { orders: number };
      orders: { enough: boolean; low: number };
    } | null;
    expected: { audience: number } | null;
  };
  const reportOf = (id: string) =>
    call<Report & Problem>(at.server, 'GET', `/api/v1/campaigns/${id}/report`, { as: at.shop });

  it('a campaign is measured against those who were held out, and its report is kept when nothing changes any more', async () => {
    const { audience, tag } = await members(600);
    const id = await running({
      give: 'push',
      audience: { ...audience, holdoutPercent: 50 },
      limits: { budget: 1_000_000 },
    });
    const before = await post('/campaigns', wish({ give: 'push', audience, limits: { budget: 100_000 } }));
    expect((await reportOf(before.body.id)).status).toBe(404);
    while ((await doRange(at.server.sql, id, time, new Date())) === 'done');
    const { targeted } = await look(id);
    const lots = await at.server.sql<{ id: string; given: boolean }[]>`
      select m.id, exists (select from coupon c where c.member_no = m.no and c.campaign_no = (select no from campaign where id = ${id})) as given
      from member m where ${tag} = any(m.tags) order by m.no`;
    const [given, held] = [true, false].map((each) =>
      lots.filter((lot) => lot.given === each).map((lot) => lot.id),
    );
    expect(given).toHaveLength(targeted);
    await at.server
      .sql`insert into sku (code, name_zh, name_en, cost) values ('UP', 'UP', 'UP', 700) on conflict do nothing`;
    // Of those who were given one half buy something, of those held out every tenth; one redeems.
    const orderOf = (memberId: string, codes: string[] = []) => ({
      orderId: `up-${memberId}`,
      channel: 'pos',
      location: 'S01',
      memberId,
      lines: [{ sku: 'UP', qty: 1, unitPrice: 2_000 }],
      total: codes.length ? 1_500 : 2_000,
      couponCodes: codes,
      fulfilment: { method: 'carry', location: 'S01' },
    });
    const [first] = (
      await call<{ rows: Coupon[] }>(at.server, 'GET', `/api/v1/coupons?memberId=${given![0]!}`, {
        as: at.shop,
      })
    ).body.rows;
    await redeem(first!.code, `up-${given![0]!}`);
    const buyers = [...given!.filter((_, i) => i % 2 === 0), ...held!.filter((_, i) => i % 10 === 0)];
    const told = await call(at.server, 'POST', '/api/v1/events', {
      as: at.till,
      body: buyers.map((memberId) =>
        event(
          `f${next()}`,
          'order.placed',
          new Date().toISOString(),
          orderOf(memberId, memberId === given![0] ? [first!.code] : []),
        ),
      ),
    });
    expect(told.status, told.text).toBe(200);
    const { body, text } = await reportOf(id);
    expect(body.reach, text).toMatchObject({ targeted, held: 600 - targeted, taken: targeted, used: 1 });
    expect(body.sales).toMatchObject({ orders: 1, net: 1_500, discount: 500, margin: 800 });
    expect(body.uplift).toMatchObject({
      given: { orders: Math.ceil(targeted / 2) },
      held: { orders: Math.ceil((600 - targeted) / 10) },
      orders: { enough: true },
    });
    expect(body.uplift!.orders.low).toBeGreaterThan(0.2);
    expect(body).toMatchObject({ final: false, expected: { audience: targeted } });

    // Months later nothing of it changes any more, and campaigns like it are expected to do alike.
    await at.server
      .sql`update coupon set open = false where campaign_no = (select no from campaign where id = ${id})`;
    await at.server
      .sql`update campaign set launched_at = launched_at - interval '40 days', reserved = 0 where id = ${id}`;
    await keepReports.run(
      { sql: at.server.sql, now: new Date(), log: createLog('test', 'silent') } as JobContext,
      {},
    );
    const kept = await reportOf(id);
    expect(kept.body).toMatchObject({ final: true, sales: { orders: 1 } });
    await at.server.sql`update campaign set redeemed = 30 where id = ${id}`;
    expect((await reportOf(id)).body).toEqual(kept.body);
    const { body: preview } = await post<{ expectation: { use: { campaigns: number; expected: number } } }>(
      '/campaigns/preview',
      wish({ give: 'push', audience, limits: { budget: 100_000 } }),
    );
    expect(preview.expectation.use).toMatchObject({ campaigns: 1, expected: 30 / targeted });
    const both = await call<{ rows: Report[] }>(
      at.server,
      'GET',
      `/api/v1/campaign-reports?ids=${id},${id}`,
      {
        as: at.shop,
      },
    );
    expect(both.body.rows).toHaveLength(1);
  });
});
