import { describe, expect, it } from 'vitest';
import type { AlertNews } from '../alerts/news.ts';
import { outcomeOf, slot, slotsWithin } from './attempt.ts';
import {
  addressProblem,
  atOnceOf,
  perMinuteOf,
  quietUntil,
  recipients,
  shownAddress,
  type Endpoint,
} from './endpoint.ts';
import { bodyOf, requestOf, type Message } from './message.ts';

const now = new Date('2026-11-25T04:00:00Z');
const news = (more: Partial<AlertNews> = {}): AlertNews => ({
  id: '0',
  kind: 'sold_out',
  severity: 'critical',
  level: 'store',
  why: 'opened',
  sku: 'TEA',
  skuNameZh: '乌龙茶',
  skuNameEn: 'Oolong',
  location: 'S01',
  locationNameZh: '静安店',
  locationNameEn: 'Jing’an',
  region: 'EAST',
  openedAt: now.toISOString(),
  resolvedAt: null,
  params: { available: 0, inbound: 12 },
  ...more,
});
const message = (alerts: AlertNews[]): Message => ({
  id: 'm1',
  event: 'alert.opened',
  data: { alerts },
  createdAt: now,
});
const around = { locale: 'zh-CN', timeZone: 'Asia/Shanghai', publicUrl: 'https://zg.example' } as const;

describe('a slot', () => {
  /** When messages go that are all there from the start, in ms. */
  const sentTimes = (perMinute: number, atOnce: number): number[] => {
    let freeAt = new Date(0);
    const sent: number[] = [];
    for (let ms = 0; ms < 600_000; ms += 50) {
      for (;;) {
        const got = slot(freeAt, new Date(ms), perMinute, atOnce);
        if (got.at.getTime() > ms) break;
        freeAt = got.freeAt;
        sent.push(ms);
      }
    }
    return sent;
  };
  const mostWithin = (sent: number[], ms: number) =>
    Math.max(...sent.map((at) => sent.filter((other) => other >= at && other < at + ms).length));

  it('never lets more than the rate into any minute, and uses it', () => {
    for (const perMinute of [1, 2, 7, 20]) {
      const sent = sentTimes(perMinute, 10);
      expect(mostWithin(sent, 60_000)).toBeLessThanOrEqual(perMinute);
      expect(sent.length).toBeGreaterThanOrEqual(10 * Math.floor(perMinute / 2));
    }
  });

  it('says how many go through within a while, whenever it is asked', () => {
    for (const perMinute of [1, 2, 7, 20, 120])
      for (const ms of [0, 1_000, 5_000, 60_000]) {
        let freeAt = new Date(0);
        for (let now = 0; now < 120_000; now += 700) {
          const foreseen = slotsWithin(ms, freeAt, new Date(now), perMinute, 10);
          let [taken, free] = [0, freeAt];
          for (;;) {
            const got = slot(free, new Date(now), perMinute, 10);
            if (got.at.getTime() > now + ms) break;
            [taken, free] = [taken + 1, got.freeAt];
          }
          // Instants have whole milliseconds, so a long row of slots may be one off.
          expect(Math.abs(foreseen - taken)).toBeLessThanOrEqual(1);
          if (now % 2_100 === 0) freeAt = slot(freeAt, new Date(now), perMinute, 10).freeAt;
        }
      }
  });

  it('of Feishu lets fewer than five into any second', () => {
    const sent = sentTimes(perMinuteOf.feishu, atOnceOf.feishu);
    expect(mostWithin(sent, 1000)).toBeLessThan(5);
    expect(mostWithin(sent, 60_000)).toBeLessThanOrEqual(100);
    expect(sent.length).toBeGreaterThan(900);
  });
});

describe('an answer', () => {
  const reply = (status: number, body = '', retryAfter: string | null = null) => ({
    status,
    body,
    retryAfter,
  });
  it.each([
    ['webhook', reply(204), { kind: 'sent' }],
    ['webhook', reply(400, 'no'), { kind: 'failed', error: 'HTTP 400 no' }],
    ['webhook', reply(301), { kind: 'failed' }],
    ['webhook', reply(500), { kind: 'retry', afterMs: 1000 }],
    ['webhook', { broken: 'ECONNRESET' }, { kind: 'retry', error: 'ECONNRESET' }],
    ['webhook', { refused: 'no' }, { kind: 'failed' }],
    ['webhook', reply(429, '', '90'), { kind: 'retry', afterMs: 90_000 }],
    ['webhook', reply(429, '', 'Wed, 25 Nov 2026 04:02:00 GMT'), { kind: 'retry', afterMs: 120_000 }],
    ['webhook', reply(429, '', '999999'), { kind: 'retry', afterMs: 3_600_000 }],
    ['wecom', reply(200, '{"errcode":0,"errmsg":"ok"}'), { kind: 'sent' }],
    [
      'wecom',
      reply(200, '{"errcode":93000,"errmsg":"invalid webhook url"}'),
      { kind: 'failed', error: '93000 invalid webhook url' },
    ],
    [
      'wecom',
      reply(200, '{"errcode":45009,"errmsg":"api freq out of limit"}'),
      { kind: 'retry', afterMs: 60_000 },
    ],
    [
      'dingtalk',
      reply(200, '{"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}'),
      { kind: 'retry', afterMs: 600_000 },
    ],
    ['dingtalk', reply(200, '{"errcode":310000,"errmsg":"sign not match"}'), { kind: 'failed' }],
    ['feishu', reply(200, '{"code":0,"msg":"success"}'), { kind: 'sent' }],
    ['feishu', reply(200, '{"code":19021,"msg":"sign match fail"}'), { kind: 'failed' }],
    ['feishu', reply(200, '{"code":9499,"msg":"Bad Request"}'), { kind: 'failed' }],
    [
      'feishu',
      reply(200, '{"code":11232,"msg":"frequency limited psm[lark.oapi.app_platform_runtime]"}'),
      { kind: 'retry', afterMs: 60_000 },
    ],
    [
      'feishu',
      reply(400, '{"code":99991400,"msg":"request trigger frequency limit"}'),
      { kind: 'retry', afterMs: 60_000 },
    ],
    ['feishu', reply(404, '{"code":404,"msg":"not found"}'), { kind: 'failed' }],
    ['feishu', reply(502, '<html>'), { kind: 'retry' }],
    ['feishu', reply(200, '<html>'), { kind: 'failed' }],
  ] as const)('of %s %o means %o', (kind, said, meaning) => {
    expect(outcomeOf(kind, said, 1, now)).toMatchObject(meaning);
  });

  it('is waited for eight times, ever longer', () => {
    const waits = Array.from({ length: 8 }, (_, i) => outcomeOf('webhook', { broken: 'x' }, i + 1, now));
    expect(waits.map((each) => each.kind)).toEqual([...Array<string>(7).fill('retry'), 'failed']);
    const times = waits.flatMap((each) => (each.kind === 'retry' ? each.afterMs : []));
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });
});

describe('who is told', () => {
  const endpoint = (id: string, scope: Endpoint['scope'], more: Partial<Endpoint> = {}): Endpoint => ({
    id,
    kind: 'wecom',
    events: ['alert.opened'],
    scope,
    minSeverity: 'info',
    locale: 'en',
    quietFrom: null,
    quietTo: null,
    ...more,
  });
  const all = [
    endpoint('store', 'store:S01'),
    endpoint('other', 'store:S02'),
    endpoint('region', 'region:EAST'),
    endpoint('hq', 'all'),
    endpoint('machine', 'all', { kind: 'webhook' }),
  ];
  const place = { code: 'S01', region: 'EAST' };
  const alert = { severity: 'warning', level: 'store', location: 'S01', places: [place] } as const;
  const who = (list: Endpoint[], more: object = {}) =>
    recipients(list, 'alert.opened', { ...alert, ...more }).map(({ id }) => id);

  it('is the group of the level, or the next wider one, and every machine in whose scope it is', () => {
    expect(who(all)).toEqual(['store', 'machine']);
    expect(who(all, { level: 'region' })).toEqual(['region', 'machine']);
    expect(who(all, { level: 'hq' })).toEqual(['hq', 'machine']);
    expect(who(all.slice(1))).toEqual(['region', 'machine']);
    expect(who(all.slice(0, 2), { level: 'hq' })).toEqual(['store']);
    expect(who([endpoint('calm', 'all', { minSeverity: 'critical' })])).toEqual([]);
    expect(who([endpoint('ends', 'all', { events: ['alert.resolved'] })])).toEqual([]);
  });

  it('of a company-wide alert is every group with a store in it', () => {
    const wide = { location: null, level: 'hq', places: [place, { code: 'S09', region: 'WEST' }] };
    expect(who(all, wide)).toEqual(['store', 'region', 'hq', 'machine']);
  });

  it('is not woken at night but by what is critical', () => {
    const night = { quietFrom: 22 * 60, quietTo: 7 * 60 };
    expect(quietUntil(night, 'warning', 23 * 60, now)).toEqual(new Date(now.getTime() + 8 * 3_600_000));
    expect(quietUntil(night, 'warning', 6 * 60 + 59, now)).toEqual(new Date(now.getTime() + 60_000));
    expect(quietUntil(night, 'warning', 7 * 60, now)).toBe(now);
    expect(quietUntil(night, 'critical', 23 * 60, now)).toBe(now);
  });
});

describe('an address', () => {
  it('is https, or this machine where that is allowed', () => {
    expect(addressProblem('https://hook.example/x', false)).toBeNull();
    expect(addressProblem('http://localhost:9/x', true)).toBeNull();
    for (const url of [
      'http://localhost/',
      'http://hook.example/',
      'ftp://x/',
      'file:///etc/passwd',
      'x',
      'https://a:b@x/',
    ])
      expect(addressProblem(url, false)).not.toBeNull();
    expect(addressProblem('http://hook.example/', true)).not.toBeNull();
    expect(shownAddress('https://oapi.example/robot/send?access_token=abcdef1234')).toBe(
      'https://oapi.example/…1234',
    );
  });
});

describe('a message', () => {
  it('says it in each language, in each bot’s form', () => {
    const wecom = JSON.parse(bodyOf('wecom', message([news()]), around)) as { markdown: { content: string } };
    expect(wecom.markdown.content).toBe(
      '**库存告警 1 条，紧急 1 条**\n🔴 静安店 乌龙茶：已售罄，在途 12\n[打开告警](https://zg.example/alerts)',
    );
    const feishu = bodyOf('feishu', message([news({ why: 'escalated', severity: 'warning' })]), {
      ...around,
      locale: 'en',
    });
    expect(feishu).toContain('🟠 Jing’an Oolong: sold out, inbound 12 (unanswered, escalated)');
    expect(feishu).toContain('"template":"orange"');
    expect(bodyOf('dingtalk', message([news()]), around)).toContain('#### 库存告警');
    const hook = JSON.parse(bodyOf('webhook', message([news()]), around)) as object;
    expect(hook).toMatchObject({
      type: 'alert.opened',
      timestamp: now.toISOString(),
      data: { alerts: [{ sku: 'TEA' }] },
    });
  });

  it('lets no name speak as markup, and has no more lines than there is room for', () => {
    const evil = news({ skuNameZh: '<@all> [x](http://evil) **!**' });
    expect(bodyOf('wecom', message([evil]), around)).not.toMatch(/<@|\[x\]|\*\*!/);
    const body = bodyOf('wecom', message(Array.from({ length: 200 }, () => news())), around);
    const { content } = (JSON.parse(body) as { markdown: { content: string } }).markdown;
    expect(Buffer.byteLength(content)).toBeLessThanOrEqual(4096);
    const [, more] = /另有 (\d+) 条/.exec(content) ?? [];
    expect(content.split('\n').length - 3 + Number(more)).toBe(200);
  });

  it('is signed as Standard Webhooks has it (the vector of its reference libraries)', () => {
    const { headers } = requestOf(
      { kind: 'webhook', url: 'https://x/', secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
      { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek' },
      '{"test": 2432232314}',
      new Date(1_614_265_330_000),
    );
    expect(headers).toMatchObject({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('is signed as DingTalk and Feishu have it (made with the Python of their documentation)', () => {
    const { url } = requestOf(
      { kind: 'dingtalk', url: 'https://x/robot/send?access_token=T', secret: 'SEC0123456789abcdef' },
      { id: 'm1' },
      '{}',
      new Date(1_764_043_200_013),
    );
    expect(url).toBe(
      'https://x/robot/send?access_token=T&timestamp=1764043200013' +
        '&sign=TnNL%2FoSPMKHaFQ%2BHhQ4%2FOcF%2BfWTeuqpK1a2BF4PJo%2BY%3D',
    );
    const { body } = requestOf(
      { kind: 'feishu', url: 'https://x/', secret: 'demo' },
      { id: 'm1' },
      '{"msg_type":"interactive"}',
      new Date(1_599_360_473_000),
    );
    expect(JSON.parse(body)).toEqual({
      timestamp: '1599360473',
      sign: 'l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=',
      msg_type: 'interactive',
    });
  });
});
