import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openAlerts, resolveAlerts, type AlertDraft } from '@zhanggui/shared/alerts/alert-store.ts';
import { upsertLocations, upsertSkus } from '@zhanggui/shared/catalog/catalog-store.ts';
import { catalogRows } from '@zhanggui/shared/catalog/rows.ts';
import type { JobName } from '@zhanggui/shared/contract/jobs.ts';
import type { Severity } from '@zhanggui/shared/contract/words.ts';
import { listGateways, queueMessages } from '@zhanggui/shared/coupons/message-store.ts';
import { queueDelivery } from '@zhanggui/shared/delivery/delivery-store.ts';
import { minuteOfDay } from '@zhanggui/shared/delivery/minute-of-day.ts';
import type { Hints } from '@zhanggui/shared/platform/hints.ts';
import { createLog } from '@zhanggui/shared/platform/log.ts';
import type { Settings } from '@zhanggui/shared/platform/settings.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { isInside, post } from '@zhanggui/workers/src/delivery/post.ts';
import { handlers } from '@zhanggui/workers/src/handlers.ts';
import { byName, type Handler, type JobContext } from '@zhanggui/workers/src/job.ts';
import { call, person, startServer, type Credentials, type TestServer } from '../support/running-server.ts';

type Received = { path: string; query: URLSearchParams; headers: IncomingHttpHeaders; body: string };
type Endpoint = { id: string; address: string };
type Delivery = {
  id: string;
  status: string;
  attempts: number;
  lastStatus: number | null;
  error: string | null;
  nextAt: string | null;
  body: string;
};
type Body = {
  type: string;
  data: { alerts: { id: string; location: string | null; why: string; kind: string }[] };
};

let server: TestServer;
let admin: Credentials;
let receiver: Server;
let base = '';
const received: Received[] = [];
/** What the receiver answers next; when it is empty, that all is well. */
let answers: { status: number; headers?: Record<string, string>; body?: string }[] = [];

beforeAll(async () => {
  receiver = createServer((req, res) => {
    let body = '';
    req.on('data', (chunk: Buffer) => (body += chunk.toString()));
    req.on('end', () => {
      const { pathname, searchParams } = new URL(req.url ?? '', 'http://x');
      received.push({ path: pathname, query: searchParams, headers: req.headers, body });
      const { status, headers, body: said } = answers.shift() ?? { status: 200 };
      res.writeHead(status, headers).end(said ?? '{"errcode":0,"errmsg":"ok","code":0}');
    });
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  base = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  server = await startServer({ env: { DELIVERY_LOCAL: 'on', PUBLIC_URL: 'http://zg.example' } });
  admin = await person(server.sql, 'admin');
  const stores = Array.from({ length: 40 }, (_, i) =>
    catalogRows.locations.parse({
      code: `S${String(i + 1).padStart(2, '0')}`,
      region: i < 20 ? 'EAST' : 'WEST',
      kind: 'store',
      nameZh: `${i + 1}号店`,
    }),
  );
  await upsertLocations(server.sql, stores);
  await upsertSkus(
    server.sql,
    ['TEA', 'RICE'].map((code) => catalogRows.skus.parse({ code, nameZh: code })),
  );
});
afterAll(() => receiver.close());
beforeEach(async () => {
  received.length = 0;
  answers = [];
  await server.sql`truncate alert_event, alert, alert_silence, delivery, delivery_endpoint, refund_request`;
});

const START = Date.now() + 60_000;
const at = (seconds: number) => new Date(START + seconds * 1000);
const known = byName(handlers);

/** Runs a job at a time, and what it enqueues without delay; answers the delays of the rest. */
async function run(
  name: JobName,
  now: Date,
  payload: object = {},
  settings: Partial<Settings> = {},
): Promise<number[]> {
  const later: number[] = [];
  const next: { name: JobName; payload: object }[] = [];
  const context: JobContext = {
    sql: server.sql,
    hints: server.server.parts.hints satisfies Hints,
    queues: {
      add: (added, ...jobs) => {
        for (const job of jobs)
          if (job.delayMs === undefined) next.push({ name: added, payload: job.payload });
          else later.push(job.delayMs);
        return Promise.resolve();
      },
    },
    settings: { ...server.server.parts.settings, ...settings },
    log: createLog('test', 'silent'),
    now,
  };
  await (known.get(name) as Handler<typeof name>).run(context, payload as never);
  for (const job of next) later.push(...(await run(job.name, now, job.payload, settings)));
  return later;
}

async function endpoint(kind: string, more: object = {}): Promise<Endpoint> {
  const body = { kind, name: kind, url: `${base}/${kind}?key=topsecretkey`, locale: 'en', ...more };
  const { status, body: made } = await call<Endpoint>(server, 'POST', '/api/v1/delivery-endpoints', {
    as: admin,
    body,
  });
  expect(status).toBe(201);
  return made;
}
const deliveries = async (query = '') =>
  (await call<{ rows: Delivery[] }>(server, 'GET', `/api/v1/deliveries${query}`, { as: admin })).body.rows;
const draft = (locationNo: number, skuNo = 1, severity: Severity = 'critical'): AlertDraft => ({
  family: 'stock',
  kind: 'sold_out',
  severity,
  skuNo,
  locationNo,
  supplyOrderNo: 0,
  params: { available: 0 },
});
const bodies = () => received.map(({ body }) => JSON.parse(body) as Body);

describe('news of alerts', () => {
  it('goes nowhere from a copy that is rehearsed on', async () => {
    await endpoint('webhook');
    await openAlerts(server.sql, [draft(1)], at(0));
    await run('tell-alerts', at(11), {}, { delivers: false });
    expect(received).toHaveLength(0);
    expect(await deliveries()).toMatchObject([
      { status: 'failed', error: expect.stringContaining('DELIVERY') as string },
    ]);
  });

  it('of a burst makes one message, is told once by however many workers, and so is their end', async () => {
    await endpoint('webhook');
    await openAlerts(server.sql, [draft(1)], at(0));
    await openAlerts(server.sql, [draft(2)], at(8));
    await run('tell-alerts', at(9));
    expect(received).toHaveLength(0);
    await Promise.all([1, 2, 3].map(() => run('tell-alerts', at(11))));
    expect(bodies().map(({ type, data }) => [type, data.alerts.map(({ location }) => location)])).toEqual([
      ['alert.opened', ['S01', 'S02']],
    ]);
    await resolveAlerts(server.sql, [draft(1), draft(2)], 'cause', at(30));
    await run('tell-alerts', at(41));
    expect(bodies()[1]).toMatchObject({
      type: 'alert.resolved',
      data: { alerts: [{ why: 'resolved' }, { why: 'resolved' }] },
    });
    await run('tell-alerts', at(60));
    expect(received).toHaveLength(2);
  });

  it('of forty stores that lack one SKU is one alert', async () => {
    await endpoint('webhook');
    const all = Array.from({ length: 40 }, (_, i) => draft(i + 1));
    await openAlerts(server.sql, all, at(0));
    await run('tell-alerts', at(11));
    await run('tell-alerts', at(22));
    expect(bodies().map(({ data }) => data.alerts)).toMatchObject([
      [{ kind: 'widespread', location: null, params: { stores: 40 } }],
    ]);
    // What is left when the matter is over is told by itself.
    await resolveAlerts(server.sql, all.slice(2), 'cause', at(30));
    await run('tell-alerts', at(41));
    await run('tell-alerts', at(52));
    const later = bodies()
      .slice(1)
      .map(({ type, data }) => [type, data.alerts.map(({ kind }) => kind)]);
    expect(later).toEqual([
      ['alert.opened', ['sold_out', 'sold_out']],
      ['alert.resolved', ['widespread']],
    ]);
  });

  it('is kept from whoever is on it, from what is silenced, and from the night unless it is critical', async () => {
    await endpoint('webhook', { events: ['alert.opened'] });
    await openAlerts(server.sql, [draft(1), draft(2), draft(3, 2)], at(0));
    await server.sql`update alert set status = 'acknowledged', owner_name = 'Li' where location_no = 1`;
    await server.sql`insert into alert_silence (sku_no, until, reason, by) values (2, ${at(999)}, 'x', 'x')`;
    await run('tell-alerts', at(11));
    expect(bodies().flatMap(({ data }) => data.alerts.map(({ location }) => location))).toEqual(['S02']);

    const minute = Math.floor((START + 8 * 3_600_000) / 60_000) % 1440;
    const quiet = { quietFrom: minute, quietTo: (minute + 120) % 1440 };
    await server.sql`truncate alert_event, alert, delivery, delivery_endpoint, refund_request`;
    received.length = 0;
    await endpoint('webhook', { events: ['alert.opened'], ...quiet });
    await openAlerts(server.sql, [draft(4, 1, 'warning')], at(0));
    await run('tell-alerts', at(11));
    await openAlerts(server.sql, [draft(5, 1, 'warning')], at(20));
    await run('tell-alerts', at(31));
    expect(received).toHaveLength(0);
    await openAlerts(server.sql, [draft(6)], at(40));
    await run('tell-alerts', at(51));
    await run('tell-alerts', at(7300));
    expect(bodies().map(({ data }) => data.alerts.map(({ location }) => location))).toEqual([
      ['S06'],
      ['S04', 'S05'],
    ]);
  });
});

describe('messages', () => {
  const sha = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest('base64');

  it('are signed as each receiver checks it', async () => {
    const raw = Buffer.from('0123456789abcdef01234567');
    await endpoint('webhook', { secret: `whsec_${raw.toString('base64')}` });
    await endpoint('dingtalk', { secret: 'SECabcdefgh' });
    await endpoint('feishu', { secret: 'feishusecret' });
    await endpoint('wecom');
    await openAlerts(server.sql, [draft(1)], at(0));
    await run('tell-alerts', at(11));
    const of = (kind: string) => received.find(({ path }) => path === `/${kind}`)!;

    const hook = of('webhook');
    const [id, stamp] = [hook.headers['webhook-id'] as string, hook.headers['webhook-timestamp'] as string];
    expect(hook.headers['webhook-signature']).toBe(`v1,${sha(raw, `${id}.${stamp}.${hook.body}`)}`);
    expect((await deliveries()).some((row) => row.id === id)).toBe(true);

    const ding = of('dingtalk').query;
    expect(ding.get('timestamp')).toBe(String(at(11).getTime()));
    expect(ding.get('sign')).toBe(sha('SECabcdefgh', `${ding.get('timestamp')}\nSECabcdefgh`));
    expect(ding.get('key')).toBe('topsecretkey');

    const feishu = JSON.parse(of('feishu').body) as { timestamp: string; sign: string; msg_type: string };
    expect(feishu.sign).toBe(sha(`${feishu.timestamp}\nfeishusecret`, ''));
    expect(feishu.msg_type).toBe('interactive');
    expect(of('wecom').body).toContain('http://zg.example/alerts');

    const log =
      JSON.stringify(await deliveries()) + JSON.stringify(await server.sql`select * from audit_log`);
    const shown = (await call(server, 'GET', '/api/v1/delivery-endpoints', { as: admin })).text;
    for (const secret of ['SECabcdefgh', 'feishusecret', 'topsecretkey', raw.toString('base64'), feishu.sign])
      expect(log + shown).not.toContain(secret);
  });

  it('are tried again after an error under the same id, wait as they are told, and give up on a refusal', async () => {
    const { id } = await endpoint('webhook', { events: ['supply_order.sent'] });
    answers = [{ status: 500 }, { status: 429, headers: { 'retry-after': '40' } }];
    const [delivery] = await queueDelivery(server.sql, {
      event: 'supply_order.sent',
      data: { code: 'PO-1' },
    });
    expect(await run('send-delivery', at(0), { id: delivery })).toEqual([1000]);
    // Too soon, and by two at once: neither sends it.
    await Promise.all([1, 2].map(() => run('send-delivery', at(0.5), { id: delivery })));
    expect(received).toHaveLength(1);
    expect(await run('send-delivery', at(1), { id: delivery })).toEqual([40_000]);
    expect((await deliveries())[0]).toMatchObject({ status: 'waiting', attempts: 2, lastStatus: 429 });
    // The job was lost: the sweep finds it.
    await Promise.all([1, 2].map(() => run('tell-alerts', at(42))));
    expect((await deliveries(`?endpoint=${id}&status=sent`))[0]).toMatchObject({
      attempts: 3,
      lastStatus: 200,
      error: null,
    });
    expect(new Set(received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([delivery]));
    expect(received).toHaveLength(3);

    answers = [
      { status: 400, body: `who is topsecretkey? ${'x'.repeat(9000)}` },
      { status: 302, headers: { location: `${base}/else` } },
    ];
    const [bad] = await queueDelivery(server.sql, { event: 'supply_order.sent', data: {} });
    expect(await run('send-delivery', at(50), { id: bad })).toEqual([]);
    const [failed] = await deliveries('?status=failed');
    expect(failed).toMatchObject({ attempts: 1, lastStatus: 400 });
    expect(failed?.error).toMatch(/^HTTP 400 who is …/);
    expect(failed?.error?.length).toBeLessThanOrEqual(300);

    const retry = () => call<Delivery>(server, 'POST', `/api/v1/deliveries/${bad}/retry`, { as: admin });
    expect((await retry()).body).toMatchObject({ status: 'waiting', attempts: 0 });
    expect((await retry()).status).toBe(409);
    await run('send-delivery', at(60), { id: bad });
    expect(received.at(-1)?.path).toBe('/webhook');
    expect((await deliveries('?status=failed'))[0]).toMatchObject({ lastStatus: 302 });
  });

  it('keep to an endpoint’s rate, and stop when it is switched off', async () => {
    const { id } = await endpoint('wecom', { perMinute: 4, events: ['supply_order.sent'] });
    const queue = () => queueDelivery(server.sql, { event: 'supply_order.sent', data: {} });
    for (let i = 0; i < 4; i += 1) await queue();
    // Those whose turn is later are not even tried.
    expect(await run('tell-alerts', at(0))).toEqual([]);
    expect(received).toHaveLength(2);
    expect(await deliveries('?status=waiting')).toMatchObject([{ attempts: 0 }, { attempts: 0 }]);
    await run('tell-alerts', at(30));
    expect(received).toHaveLength(3);
    await call(server, 'PATCH', `/api/v1/delivery-endpoints/${id}`, { as: admin, body: { enabled: false } });
    await run('tell-alerts', at(120));
    expect(received).toHaveLength(3);
    expect(await deliveries('?status=failed')).toMatchObject([{ error: 'the endpoint is switched off' }]);
    expect(await queue()).toEqual([]);
  });

  it('go to the supplier whose order it is', async () => {
    const theirs = await endpoint('webhook', { supplier: 'SUP1' });
    await endpoint('webhook', { supplier: 'SUP2' });
    await queueDelivery(server.sql, { event: 'supply_order.sent', data: { code: 'PO-7' }, supplier: 'SUP1' });
    expect(await server.sql`select endpoint_id from delivery`).toEqual([{ endpoint_id: theirs.id }]);
  });

  it('can be tried out; what does not fit is named; a removed endpoint keeps no secret', async () => {
    const { id, address } = await endpoint('feishu', { secret: 'feishusecret' });
    expect(address).toBe(`${base}/…tkey`);
    const test = await call<{ deliveryId: string }>(server, 'POST', `/api/v1/delivery-endpoints/${id}/test`, {
      as: admin,
    });
    expect(test.status).toBe(202);
    await run('tell-alerts', at(0));
    expect(received[0]?.body).toContain('Alerts will be told here');
    expect(await deliveries(`?id=${test.body.deliveryId}`)).toMatchObject([{ status: 'sent' }]);

    const change = async (body: object) => {
      const answer = await call<{ errors?: { field: string }[] }>(
        server,
        'PATCH',
        `/api/v1/delivery-endpoints/${id}`,
        { as: admin, body },
      );
      return answer.body.errors?.[0]?.field ?? answer.status;
    };
    expect(await change({ url: 'http://10.0.0.1/' })).toBe('url');
    expect(await change({ scope: 'store:NOWHERE' })).toBe('scope');
    expect(await change({ quietFrom: 5 })).toBe('quietTo');
    expect(await change({ quietFrom: 5, quietTo: 6 })).toBe(200);
    expect((await call(server, 'DELETE', `/api/v1/delivery-endpoints/${id}`, { as: admin })).status).toBe(
      204,
    );
    expect(await server.sql`select url, secret from delivery_endpoint`).toEqual([{ url: '', secret: null }]);
  });
});

describe('messages about coupons', () => {
  type Told = { data: { title: string; coupons: { memberId: string; code: string }[] } };
  const told = () =>
    received.map(({ body }) => (JSON.parse(body) as Told).data.coupons.map((coupon) => coupon.memberId));

  /** A campaign that gave three members a coupon: one agreed to text messages, one said no, one was never asked. */
  async function given(): Promise<string> {
    const { sql } = server;
    await sql`
      insert into member (id, phone, mail, consents) values
        ('yes', '13800001234', 'yes@mail.example', '{"sms": true, "mail": false}'),
        ('no', '13800005678', 'no@mail.example', '{"sms": false, "mail": true}'), ('never', null, null, '{}')
      on conflict do nothing`;
    const [campaign] = await sql<[{ id: string; no: number }]>`
      insert into campaign (kind, name, state, template, audience, created_by, created_by_ref)
      values ('coupon', 'k', 'running', '{"title": "生日券"}', '{"kind": "all", "holdoutPercent": 0}', 'test', 'test') returning id, no`;
    await sql.begin(async (tx) => {
      await tx`
        insert into coupon (campaign_no, member_no, nth, valid_from, valid_to)
        select ${campaign.no}, no, 1, now(), now() + interval '30 days' from member where id in ('yes', 'no', 'never')`;
      const [row] = await tx<[{ at: string; from: number; to: number }]>`
        select now()::text as at, min(no) as "from", max(no) as "to" from member where id in ('yes', 'no', 'never')`;
      await queueMessages(tx, await listGateways(tx), [{ campaignId: campaign.id, ...row, count: 3 }], () =>
        at(0),
      );
    });
    return campaign.id;
  }

  it('name those only who agreed to the medium, and nobody where nobody did', async () => {
    for (const medium of ['sms', 'push', null])
      await endpoint('webhook', { name: medium ?? 'crm', medium, events: ['coupon.issued'] });
    await given();
    await run('tell-alerts', at(1));
    expect(told().sort()).toEqual([['yes', 'no', 'never'], ['yes']].sort());
    const rows = await deliveries('?status=sent');
    expect(rows.map(({ lastStatus }) => lastStatus).sort()).toEqual([200, 200, 204]);
    // Codes are worth money: the log keeps none.
    const codes = received.flatMap(({ body }) => (JSON.parse(body) as Told).data.coupons);
    for (const { code } of codes) expect(JSON.stringify(rows)).not.toContain(code);
    const wrong = await call<{ errors: { field: string }[] }>(server, 'POST', '/api/v1/delivery-endpoints', {
      as: admin,
      body: { kind: 'webhook', name: 'x', url: base, medium: 'Not a medium' },
    });
    expect(wrong.body.errors[0]?.field).toBe('medium');
  });

  it('hold the number or address that the medium needs; nothing that is kept has it, nor what the gateway says of it', async () => {
    for (const medium of ['sms', 'mail', null])
      await endpoint('webhook', { name: medium ?? 'crm', medium, events: ['coupon.issued'] });
    await given();
    answers = Array(3).fill({
      status: 400,
      body: '{"refused":"13800001234, 138 0000 1234, +86-138-0000-1234, a.b@mail.example: not at this hour"}',
    });
    await run('tell-alerts', at(1));
    const coupons = received.flatMap(({ body }) => (JSON.parse(body) as Told).data.coupons);
    const of = (memberId: string) => coupons.filter((coupon) => coupon.memberId === memberId);
    expect(coupons.filter((coupon) => 'phone' in coupon)).toMatchObject([
      { memberId: 'yes', phone: '13800001234' },
    ]);
    expect(coupons.filter((coupon) => 'mail' in coupon)).toMatchObject([
      { memberId: 'no', mail: 'no@mail.example' },
    ]);
    expect([of('yes').length, of('no').length, of('never').length]).toEqual([2, 2, 1]);
    expect((await deliveries()).map(({ error }) => error)).toEqual(
      Array(3).fill('HTTP 400 {"refused":"…, …, …, …: not at this hour"}'),
    );
    const kept = JSON.stringify(await server.sql`select * from delivery`);
    for (const { code } of coupons) expect(kept).not.toContain(code);
    expect(kept).not.toMatch(/138.?0000|mail\.example/);
  });

  it('are counted by campaign, and what failed is sent again when a marketer asks for it', async () => {
    const gateway = await endpoint('webhook', { name: 'sms', medium: 'sms', events: ['coupon.issued'] });
    await endpoint('webhook', { name: 'crm', events: ['coupon.issued'] });
    const id = await given();
    const other = await given();
    const marketer = await person(server.sql, 'marketer');
    const counted = async (campaign = id) =>
      (await call<{ messages: object }>(server, 'GET', `/api/v1/campaigns/${campaign}`, { as: marketer }))
        .body.messages;
    const retry = (key?: string) =>
      call<{ messages: number; members: number }>(server, 'POST', `/api/v1/campaigns/${id}/messages/retry`, {
        as: marketer,
        headers: key === undefined ? {} : { 'Idempotency-Key': key },
      });
    // Who agreed is looked at when they are sent.
    expect(await counted()).toEqual({
      waiting: 6,
      told: 0,
      failed: 0,
      media: [
        { medium: 'sms', waiting: 3, told: 0, failed: 0 },
        { medium: null, waiting: 3, told: 0, failed: 0 },
      ],
    });
    answers = Array(4).fill({ status: 400 });
    await run('tell-alerts', at(1));
    const failed = {
      waiting: 0,
      told: 0,
      failed: 4,
      media: [
        { medium: 'sms', waiting: 0, told: 0, failed: 1 },
        { medium: null, waiting: 0, told: 0, failed: 3 },
      ],
    };
    expect(await counted()).toEqual(failed);
    const first = await retry('once');
    expect(first.body, first.text).toEqual({ messages: 2, members: 4 });
    expect((await retry('once')).body).toEqual({ messages: 2, members: 4 });
    expect((await retry()).body).toEqual({ messages: 0, members: 0 });
    expect(await counted(other)).toEqual(failed);
    await run('tell-alerts', at(2));
    expect(await counted()).toMatchObject({
      waiting: 0,
      told: 4,
      failed: 0,
      media: [
        { medium: 'sms', told: 1 },
        { medium: null, told: 3 },
      ],
    });
    expect(
      await server.sql`select target, details from audit_log where action = 'campaign.retry-messages'`,
    ).toMatchObject([{ target: 'k', details: { id, messages: 2, members: 4 } }]);

    // To a receiver that is gone nothing is sent again, nor of a campaign that was called off, nor of coupons that are over by then.
    await server.sql`update delivery set status = 'failed' where campaign_id = ${id}`;
    await call(server, 'DELETE', `/api/v1/delivery-endpoints/${gateway.id}`, { as: admin });
    expect((await retry()).body).toEqual({ messages: 1, members: 3 });
    await server.sql`update coupon set valid_to = now() - interval '1 hour' where campaign_no = (select no from campaign where id = ${id})`;
    received.length = 0;
    await run('tell-alerts', at(3));
    expect(told()).toEqual([]);
    expect(await counted()).toMatchObject({ waiting: 0, told: 0 });
    await server.sql`update campaign set state = 'cancelled', ended_at = now() where id = ${id}`;
    expect((await retry()).status).toBe(409);
  });

  it('wait for the end of the quiet time, also where it began after they were made', async () => {
    const time = new BusinessTime(server.server.parts.settings.timeZone);
    const minute = minuteOfDay(time, at(0));
    const { id } = await endpoint('webhook', { medium: 'sms', events: ['coupon.issued'] });
    await given();
    const body = { quietFrom: minute, quietTo: (minute + 10) % 1440 };
    expect(
      (await call(server, 'PATCH', `/api/v1/delivery-endpoints/${id}`, { as: admin, body })).status,
    ).toBe(200);
    await run('tell-alerts', at(1));
    expect(told()).toEqual([]);
    await run('tell-alerts', at(9 * 60));
    expect(told()).toEqual([]);
    await run('tell-alerts', at(11 * 60));
    expect(told()).toEqual([['yes']]);
  });

  it('wait while their campaign is paused, and are never sent once it is called off', async () => {
    await endpoint('webhook', { medium: 'sms', events: ['coupon.issued'] });
    const [paused, off] = [await given(), await given()];
    const { sql } = server;
    await sql`update campaign set state = 'paused' where id = ${paused}`;
    await sql`update campaign set state = 'cancelled', ended_at = now() where id = ${off}`;
    await run('tell-alerts', at(1));
    expect(told()).toEqual([]);
    expect(await deliveries('?status=failed')).toMatchObject([{ error: 'the campaign was cancelled' }]);
    await sql`update campaign set state = 'running' where id = ${paused}`;
    await run('tell-alerts', at(30));
    expect(told()).toEqual([['yes']]);
  });
});

describe('posting', () => {
  const message = (url: string) => ({ url, headers: {}, body: '{}' });

  it('reaches nothing inside, by address or by name', async () => {
    for (const address of [
      '127.0.0.1',
      '::1',
      '::ffff:127.0.0.1',
      '169.254.169.254',
      '0.0.0.0',
      '100.100.100.200',
      'fe80::1',
    ])
      expect([address, isInside(address)]).toEqual([address, true]);
    expect(isInside('8.8.8.8')).toBe(false);
    const port = new URL(base).port;
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '2130706433', '[::ffff:7f00:1]'])
      expect([host, await post(message(`https://${host}:${port}/`), false)]).toEqual([
        host,
        { refused: expect.any(String) },
      ]);
    expect(await post(message(`${base}/`), false)).toEqual({ refused: expect.any(String) });
    expect(received).toHaveLength(0);
  });

  it('reads no more than it needs, and says why nothing came', async () => {
    answers = [{ status: 200, body: 'y'.repeat(1_000_000) }];
    expect(await post(message(`${base}/`), true)).toMatchObject({ status: 200, body: 'y'.repeat(4096) });
    expect(await post(message('http://127.0.0.1:9/'), true)).toEqual({ broken: expect.any(String) });
  });
});
