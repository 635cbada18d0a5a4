/** Livestreams through a whole server: facts in, cockpit and board out, and what is asked of hosts. */
import { beforeAll, expect, test } from 'vitest';
import type { LiveFeatured, LiveTile, Snapshot } from '@zhanggui/shared/contract/board.ts';
import { verifyBooks } from '@zhanggui/server/src/cli/verify/books.ts';
import {
  call,
  machine,
  person,
  startServer,
  type Credentials,
  type TestServer,
} from '../support/running-server.ts';
import { until } from '../support/company.ts';
import { foundSupply, setBalance, type Supply } from '../support/supply.ts';

let server: TestServer;
let till: Credentials;
let marketer: Credentials;
let supply: Supply;
const MINUTE = 60_000;
/** A whole minute, so that minutes of the show are minutes of the clock. */
const START = Math.floor(Date.now() / MINUTE) * MINUTE - 20 * MINUTE;

beforeAll(async () => {
  server = await startServer();
  till = await machine(server.sql, 'ingest');
  marketer = await person(server.sql, 'marketer');
  supply = await foundSupply(server.sql);
  await setBalance(server.sql, supply, 'A', 'WEB', { onHand: 100 });
  await setBalance(server.sql, supply, 'A', 'HQ', { onHand: 500, reorderPoint: 100 });
  await setBalance(server.sql, supply, 'A', 'S1', { onHand: 40, reorderPoint: 60 });
});

let facts = 0;
async function tell(...list: [type: string, at: number, data: object][]) {
  const events = list.map(([type, at, data]) => ({
    specversion: '1.0', id: `f${(facts += 1)}`, source: 'live', type, time: new Date(at).toISOString(), data,
  })); // prettier-ignore
  const answer = await call<{ accepted: number; rejected: unknown[] }>(server, 'POST', '/api/v1/events', {
    as: till,
    body: events,
    headers: { 'content-type': 'application/cloudevents-batch+json' },
  });
  expect(answer.body).toMatchObject({ accepted: events.length, rejected: [] });
}
const pulse = (sessionId: string, viewers: number, entered: number, clicks = 0) => ({
  sessionId, viewers, entered, likes: 2, comments: 1, clicks, bySku: clicks ? [{ sku: 'A', clicks }] : [],
}); // prettier-ignore
const order = (sessionId: string, orderId: string, qty: number, total: number) => ({
  orderId, channel: 'live', sessionId, lines: [{ sku: 'A', qty, unitPrice: total / qty }], total,
  fulfilment: { method: 'ship', location: 'WEB' },
}); // prettier-ignore

/** A show of yesterday in the same room: a quarter of its sales in its first ten minutes, the rest in the next ten. */
async function tellPast() {
  const day = START - 24 * 60 * MINUTE;
  await tell(
    ['live.started', day, { roomId: 'room', sessionId: 'past', title: '昨天' }],
    ['live.pulse', day + 1000, pulse('past', 50, 80)],
    ['order.placed', day + 9 * MINUTE, order('past', 'p1', 1, 10_000)],
    ['order.placed', day + 19 * MINUTE, order('past', 'p2', 3, 30_000)],
    ['live.ended', day + 20 * MINUTE, { roomId: 'room', sessionId: 'past' }],
  );
}

type Detail = {
  state: string;
  viewers: number;
  peak: number;
  perThousand: number;
  funnel: object;
  id: string;
  plan: { amount: number; minutes: number; byNow: number; vsPlan: number; asSet: object };
  last: { byNow: number; vsLast: number; sessions: { id: string; placed: number }[] };
  channels: { channel: string; orders: number; units: number; placed: number }[];
  curve: { minute: string; viewers: number; orders: number; placed: number }[];
  products: (LiveFeatured & { up: boolean; places: { location: string; available: number }[] })[];
  marks: { kind: string; sku: string; price: number | null; note: string | null }[];
  requests: { id: string; kind: string; order: string | null; seenAt: string | null }[];
};
const get = async <T>(path: string) => (await call<T>(server, 'GET', path, { as: marketer })).body;
const show = (id = 'show') => get<Detail>(`/api/v1/live/sessions/${id}`);
const board = () => get<Snapshot>('/api/v1/board/live');
const tile = async () => (await board()).data['session:show'] as unknown as LiveTile | undefined;
const verify = async () => {
  const { results } = await verifyBooks(server.sql, {
    limit: 5,
    signal: new AbortController().signal,
    onResult: () => undefined,
  });
  return results.filter(({ differences }) => differences.total > 0);
};

test(
  'a show is its facts: curve, funnel, products, marks, and how it compares',
  { timeout: 30_000 },
  async () => {
    await tellPast();
    const now = Date.now();
    await tell(
      // The room reports before anybody said that the show began, and a pulse comes late.
      ['live.pulse', START + 2 * MINUTE, pulse('show', 900, 300, 40)],
      ['live.pulse', START + MINUTE, pulse('show', 400, 500, 20)],
      [
        'live.started',
        START,
        { roomId: 'room', sessionId: 'show', host: '小鹿', title: '今晚', skus: ['B'] },
      ],
      ['live.featured', START + MINUTE, { sessionId: 'show', sku: 'A', price: 1900 }],
      ['live.featured', START + 2 * MINUTE, { sessionId: 'show', sku: 'A', price: 1500 }],
      ['order.placed', START + 2 * MINUTE + 5, order('show', 's1', 2, 3000)],
      ['order.placed', now, { ...order('show', 's2', 4, 6000), channel: 'miniapp' }],
      ['order.paid', now, { orderId: 's1' }],
      ['live.pulse', now, pulse('show', 700, 200, 0)],
    );
    const session = await show();
    expect(session).toMatchObject({
      state: 'running',
      host: '小鹿',
      viewers: 700,
      peak: 900,
      entered: 1000,
      orders: 2,
      units: 6,
      placed: 9000,
      paid: 3000,
      perThousand: 9000,
      funnel: { entered: 1000, clicks: 60, orders: 2, clickRate: 0.06, orderRate: 0.0333, conversion: 0.002 },
    });
    expect(session.channels).toEqual([
      { channel: 'miniapp', orders: 1, units: 4, placed: 6000 },
      { channel: 'live', orders: 1, units: 2, placed: 3000 },
    ]);
    expect(session.curve[0]).toMatchObject({
      minute: new Date(START + MINUTE).toISOString(),
      viewers: 400,
      orders: 0,
    });
    expect(session.curve[1]).toMatchObject({ viewers: 900, orders: 1, placed: 3000 });
    // The show is 20 minutes old or a little more: all that yesterday's had sold.
    expect(session.last).toMatchObject({
      byNow: 40_000,
      vsLast: -0.775,
      sessions: [{ id: 'past', placed: 40_000 }],
    });
    expect(session.marks.map(({ kind, price }) => [kind, price])).toEqual([['price', 1500], ['featured', 1900]]); // prettier-ignore
    // Coupons that were given in the show are marked; those that are not good in it, or came before, are not.
    const launch = (
      name: string,
      launchedAt: number,
      scope: Record<string, string[]>,
      give = 'claim',
    ) => server.sql`
      insert into campaign (kind, name, state, template, audience, give, launched_at, created_by, created_by_ref)
      values ('coupon', ${name}, 'running', ${server.sql.json({ scope })}, '{}', ${give}, ${new Date(launchedAt)}, 'Li', 'user 1')`;
    await launch('直播间券', START + 5 * MINUTE, { channels: ['live', 'mall'] });
    await launch('到店券', START + 6 * MINUTE, { channels: ['pos'] });
    await launch('全场券', START + 7 * MINUTE, {});
    await launch('昨天的券', START - MINUTE, {});
    // An automation gives one after the other, whatever is on air.
    await launch('生日券', START + 8 * MINUTE, {}, 'rule');
    const dropped = (await show()).marks.filter(({ kind }) => kind === 'coupon');
    expect(dropped.map(({ note }) => note)).toEqual(['全场券', '直播间券']);
    const [a, b] = session.products;
    expect(a).toMatchObject({
      sku: 'A',
      units: 6,
      clicks: 60,
      price: 1500,
      up: true,
      available: 90,
      location: 'WEB',
      elsewhere: null,
    });
    // Four in the three minutes until now, the unfinished one not whole.
    expect(a!.perHour).toBeGreaterThanOrEqual(80);
    expect(a!.perHour).toBeLessThanOrEqual(120);
    expect(b).toMatchObject({ sku: 'B', units: 0, available: 0 });

    const { rows } = await get<{ rows: { id: string; state: string }[] }>('/api/v1/live/sessions');
    expect(rows.map(({ id, state }) => [id, state])).toEqual([['show', 'running'], ['past', 'ended']]); // prettier-ignore
    expect((await get<{ rows: unknown[] }>('/api/v1/live/sessions?state=running')).rows).toHaveLength(1);
  },
);

test('a plan grows as the last shows did', async () => {
  const put = (body: object, id = 'show') =>
    call<Detail>(server, 'PUT', `/api/v1/live/sessions/${id}/plan`, { as: marketer, body });
  // Half of 40 minutes have gone: of yesterday's 20 that were 10, with a quarter of its sales.
  const { body } = await put({ amount: 80_000, minutes: 40 });
  expect(body.plan).toMatchObject({ amount: 80_000, minutes: 40 });
  expect(body.plan.byNow).toBeGreaterThanOrEqual(20_000);
  expect(body.plan.byNow).toBeLessThan(30_000);
  expect((await put({ amount: -1 })).status).toBe(400);

  // A plan is put whole, and told as it was put: what is changed in it leaves the rest.
  const tomorrow = {
    amount: 7000, minutes: null, room: 'room 3', title: '后天', startsAt: new Date(START + 48 * 60 * MINUTE).toISOString(),
  }; // prettier-ignore
  await put(tomorrow, 'later');
  const told = (await show('later')).plan;
  expect(told).toMatchObject({ amount: 7000, minutes: 120, asSet: tomorrow });
  await put({ ...told.asSet, amount: 8000 }, 'later');
  expect(await show('later')).toMatchObject({
    room: 'room 3', title: '后天', startsAt: tomorrow.startsAt, plan: { asSet: { ...tomorrow, amount: 8000 } },
  }); // prettier-ignore

  await put({ amount: 5000, room: 'room', title: '明晚', startsAt: new Date(Date.now() + 3_600_000).toISOString() }, 'soon'); // prettier-ignore
  expect(await show('soon')).toMatchObject({ state: 'planned', title: '明晚', plan: { byNow: 0 } });
});

test('the board says the same, and what is asked of the host', async () => {
  const live = await until(async () => ((await tile())?.planAmount === 80_000 ? tile() : undefined), 5000);
  expect(live).toMatchObject({ state: 'running', viewers: 700, placed: 9000, vsLast: -0.775 });
  expect(live!.featured).toMatchObject({ sku: 'A', price: 1500, available: 90, paused: false });
  const snapshot = await board();
  expect(snapshot.data['summary']).toEqual({ running: 1, viewers: 700, orders: 2, placed: 9000 });
  expect(snapshot.data['past:1']).toMatchObject({ id: 'past', placed: 40_000 });

  const ask = (body: object) =>
    call<{ id: string }>(server, 'POST', '/api/v1/live/sessions/show/requests', { as: marketer, body });
  expect((await ask({ kind: 'pause' })).status).toBe(400);
  expect((await ask({ kind: 'pause', sku: 'nope' })).status).toBe(404);
  const paused = await ask({ kind: 'pause', sku: 'A', note: '快卖完了' });
  expect(paused.status).toBe(201);
  const key = `request:${paused.body.id}`;
  const told = await until(async () => (await board()).data[key], 5000);
  expect(told).toMatchObject({ session: 'show', kind: 'pause', sku: 'A', note: '快卖完了' });
  expect((await tile())!.featured!.paused).toBe(true);
  const seen = `/api/v1/live/sessions/show/requests/${paused.body.id}/seen`;
  expect((await call(server, 'POST', seen, { as: marketer })).status).toBe(204);
  expect((await call(server, 'POST', seen, { as: marketer })).status).toBe(204);
  await until(async () => ((await board()).data[key] === undefined ? true : undefined), 5000);
  expect((await ask({ kind: 'resume', sku: 'A' })).status).toBe(201);
  await until(async () => ((await tile())!.featured!.paused ? undefined : true), 5000);
  const [audit] = await server.sql`select action, target from audit_log order by at desc limit 1`;
  expect(audit).toEqual({ action: 'live.resume', target: 'show' });
});

test('goods are sent after a show that runs out, once', async () => {
  const path = '/api/v1/live/sessions/show/moves';
  const moves = await get<{ to: string; rows: { location: string; spare: number; qty: number }[] }>(
    `${path}?sku=A`,
  );
  // S1 is below its own reorder point and has none to spare.
  expect(moves.to).toBe('WEB');
  expect(moves.rows).toMatchObject([{ location: 'HQ', spare: 400 }]);
  const send = (body: object) =>
    call<{ order: string; qty: number; code?: string }>(server, 'POST', path, {
      as: marketer,
      body,
      headers: { 'idempotency-key': 'once' },
    });
  const first = await send({ sku: 'A', qty: 200 });
  expect(first).toMatchObject({ status: 201, body: { kind: 'move', qty: 200 } });
  expect((await send({ sku: 'A', qty: 200 })).body.order).toBe(first.body.order);
  const orders = await server.sql`
    select o.kind, f.code as from, t.code as to, n.qty from supply_order o join supply_order_line n on n.order_no = o.no
    join location f on f.no = o.from_location_no join location t on t.no = o.to_location_no`;
  expect([...orders]).toEqual([{ kind: 'transfer', from: 'HQ', to: 'WEB', qty: 200 }]);
  const live = await until(
    async () => ((await tile())!.featured!.inbound === 200 ? tile() : undefined),
    5000,
  );
  expect(live!.featured!.available).toBe(90);
  const tooMany = await call(server, 'POST', path, {
    as: marketer,
    body: { sku: 'A', from: 'HQ', qty: 900 },
  });
  expect(tooMany).toMatchObject({ status: 409, body: { code: 'insufficient_stock' } });
  const self = await call(server, 'POST', path, { as: marketer, body: { sku: 'A', from: 'WEB', qty: 1 } });
  expect(self.status).toBe(409);
  // One tap in the cockpit: the place and the number that it was offered. Anywhere else a marketer moves nothing.
  const [best] = (await get<typeof moves>(`${path}?sku=A`)).rows;
  const tap = await call<{ order: string }>(server, 'POST', path, {
    as: marketer,
    body: { sku: 'A', from: best!.location, qty: best!.qty },
  });
  expect(tap.status).toBe(201);
  const [sent] = await server.sql<{ state: string; held: boolean }[]>`
    select o.state, exists (select from reservation r where r.holds and r.reference = o.code) as held
    from supply_order o where o.code = ${tap.body.order}`;
  expect(sent).toEqual({ state: 'open', held: true });
  const transfer = { kind: 'transfer', from: 'HQ', to: 'S1', lines: [{ sku: 'A', qty: 1 }] };
  expect((await call(server, 'POST', '/api/v1/supply-orders', { as: marketer, body: transfer })).status).toBe(
    403,
  );
});

test('a show is planned before anybody knows its id: the first that begins in its room near that time is it', async () => {
  const plan = (body: object) =>
    call<Detail>(server, 'POST', '/api/v1/live/sessions', { as: marketer, body });
  const startsAt = new Date(Date.now() + 20 * MINUTE).toISOString();
  const wish = { amount: 60_000, minutes: 90, room: 'room 9', title: '周年庆', startsAt };
  expect((await plan({ ...wish, room: undefined })).status).toBe(400);
  expect((await plan({ ...wish, startsAt: undefined })).status).toBe(400);
  const planned = await plan(wish);
  expect(planned).toMatchObject({
    status: 201,
    body: { state: 'planned', title: '周年庆', plan: { asSet: wish } },
  });
  const twin = await plan({ ...wish, startsAt: new Date(Date.now() + 50 * MINUTE).toISOString() });
  const { id } = planned.body;

  const now = Date.now();
  await tell(
    ['live.started', now - 200 * MINUTE, { roomId: 'room 9', sessionId: 'morning' }],
    ['live.started', now, { roomId: 'room 8', sessionId: 'next door' }],
    ['live.started', now, { roomId: 'room 9', sessionId: 'anniversary' }],
    ['order.placed', now, order('anniversary', 'a1', 1, 30_000)],
  );
  expect(await show('anniversary')).toMatchObject({
    state: 'running',
    title: '周年庆',
    plan: { asSet: wish },
  });
  for (const other of ['morning', 'next door']) expect((await show(other)).plan).toBeNull();
  // Whoever has the planned one open, or its link, is led on; and changes the plan of the show.
  expect((await show(id)).id).toBe('anniversary');
  await call(server, 'PUT', `/api/v1/live/sessions/${id}/plan`, {
    as: marketer,
    body: { ...wish, amount: 70_000 },
  });
  expect((await show('anniversary')).plan.amount).toBe(70_000);
  const { rows } = await get<{ rows: { id: string }[] }>('/api/v1/live/sessions?state=planned');
  expect(rows.map((row) => row.id)).toContain(twin.body.id);
  expect(rows.map((row) => row.id)).not.toContain(id);
  await tell(
    ['live.ended', Date.now(), { roomId: 'room 9', sessionId: 'anniversary' }],
    ['live.ended', Date.now(), { roomId: 'room 8', sessionId: 'next door' }],
    ['live.ended', now - 190 * MINUTE, { roomId: 'room 9', sessionId: 'morning' }],
  );
});

test(
  'a show that sells from several places is out where it ends first, and goods are sent there',
  { timeout: 30_000 },
  async () => {
    await setBalance(server.sql, supply, 'C', 'WEB', { onHand: 420 });
    await setBalance(server.sql, supply, 'C', 'S1', { onHand: 501 });
    await setBalance(server.sql, supply, 'C', 'HQ', { onHand: 2000 });
    const now = Date.now();
    const sold = (orderId: string, qty: number, fulfilment: object) => ({
      orderId, channel: 'live', sessionId: 'many', lines: [{ sku: 'C', qty, unitPrice: 300 }], total: qty * 300, fulfilment,
    }); // prettier-ignore
    await tell(
      ['live.started', now - 2 * MINUTE, { roomId: 'room 2', sessionId: 'many', title: '多仓' }],
      ['live.featured', now - 2 * MINUTE, { sessionId: 'many', sku: 'C', price: 300 }],
      ['live.pulse', now, pulse('many', 500, 900)],
      ...Array.from({ length: 40 }, (_, i): [string, number, object] => [
        'order.placed', now, sold(`m${i}`, 10, { method: 'ship', location: 'WEB' }),
      ]), // prettier-ignore
      ['order.placed', now, sold('pickup', 1, { method: 'pickup', location: 'S1' })],
    );
    const many = async () => (await board()).data['session:many'] as unknown as LiveTile | undefined;
    const live = await until(async () => ((await many())?.units === 401 ? many() : undefined), 5000);
    expect(live!.featured).toMatchObject({
      available: 20,
      location: 'WEB',
      locationNameEn: 'Web',
      elsewhere: 500,
    });
    const left = Date.parse(live!.featured!.soldOutAt!) - now;
    expect(left).toBeLessThan(MINUTE);
    const [product] = (await show('many')).products;
    expect(product).toMatchObject({ available: 20, location: 'WEB', elsewhere: 500 });
    expect(product!.places).toMatchObject([
      { location: 'WEB', available: 20 }, { location: 'S1', available: 500 },
    ]); // prettier-ignore

    const path = '/api/v1/live/sessions/many/moves';
    type Moves = { to: string; wanted: number; places: object[]; rows: { location: string; qty: number }[] };
    const moves = await get<Moves>(`${path}?sku=C`);
    expect(moves.to).toBe('WEB');
    // The shop sells little for the show: it may give of its 500, the warehouse first.
    expect(moves.rows.map(({ location }) => location)).toEqual(['HQ', 'S1']);
    const toShop = await get<Moves>(`${path}?sku=C&to=S1`);
    expect(toShop.to).toBe('S1');
    expect(toShop.wanted).toBeLessThan(moves.wanted);
    // What the online warehouse has left it needs itself.
    expect(toShop.rows.map(({ location }) => location)).toEqual(['HQ']);
    expect((await call(server, 'GET', `${path}?sku=C&to=S2`, { as: marketer })).status).toBe(409);

    const send = (body: object) =>
      call<{ order: string; code?: string }>(server, 'POST', path, {
        as: marketer,
        body: { sku: 'C', ...body },
      });
    const ways = async (code: string) => [
      ...(await server.sql`
        select f.code as from, t.code as to from supply_order o join location f on f.no = o.from_location_no
        join location t on t.no = o.to_location_no where o.code = ${code}`),
    ];
    const best = await send({ qty: 100 });
    expect(best.status).toBe(201);
    expect(await ways(best.body.order)).toEqual([{ from: 'HQ', to: 'WEB' }]);
    const chosen = await send({ from: 'HQ', to: 'S1', qty: 5 });
    expect(await ways(chosen.body.order)).toEqual([{ from: 'HQ', to: 'S1' }]);
    // A place of the show may be a source for another one.
    const between = await send({ from: 'S1', qty: 50 });
    expect(await ways(between.body.order)).toEqual([{ from: 'S1', to: 'WEB' }]);
    expect(await send({ from: 'HQ', to: 'S2', qty: 1 })).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });
    expect(await send({ from: 'S1', to: 'S1', qty: 1 })).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });
    await tell(['live.ended', Date.now(), { roomId: 'room 2', sessionId: 'many' }]);
  },
);

test(
  'what is over is asked nothing; verify finds nothing, and finds what was changed by hand',
  { timeout: 30_000 },
  async () => {
    await tell(['live.ended', Date.now(), { roomId: 'room', sessionId: 'show' }]);
    await until(async () => ((await tile()) === undefined ? true : undefined), 5000);
    expect((await show()).state).toBe('ended');
    const asked = await call(server, 'POST', '/api/v1/live/sessions/show/requests', {
      as: marketer,
      body: { kind: 'say', note: '加油' },
    });
    expect(asked).toMatchObject({ status: 409, body: { code: 'conflict' } });

    const live = (found: { name: string }[]) => found.filter(({ name }) => name.startsWith('live'));
    expect(live(await verify())).toEqual([]);
    await server.sql`update live_session set viewers = 1 where session_id = 'show'`;
    await server.sql`update live_minute set orders = orders + 1 where session_id = 'past' and orders = 1`;
    await server.sql`delete from live_mark where session_id = 'show' and price = 1500`;
    // By minute it is elsewhere: the sum by product is right all the same.
    await server.sql`
      update live_product_minute set location_no = ${supply.location('S3')} where session_id = 'past' and units = 3`;
    expect(live(await verify()).map(({ name }) => name)).toEqual([
    'live-sessions', 'live-minutes', 'live-products', 'live-marks',
  ]); // prettier-ignore
  },
);
