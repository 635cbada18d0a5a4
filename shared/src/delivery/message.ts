/** Messages as each receiver wants them, and how they are signed. Pure. */
import { createHmac } from 'node:crypto';
import { newsLine, newsTitle, type AlertNews } from '../alerts/news.ts';
import type { Locale } from '../contract/words.ts';
import type { DeliveryEvent, EndpointKind } from './endpoint.ts';

/** What is told, before it is put into anybody's form. */
export type Message = {
  /** The webhook-id: the same at each try. */
  id: string;
  event: DeliveryEvent | 'test';
  data: Record<string, unknown>;
  createdAt: Date;
};

export type Surroundings = { locale: Locale; timeZone: string; publicUrl: string };

/**
 * Bytes of UTF-8 that a bot takes in one message, with some room for what is around the text: WeCom 4,096 of markdown, DingTalk
 * 20,000 of text (else error 460101), Feishu 20 KB of request (else 9499). Sources: see `perMinuteOf`.
 */
const room: Record<Exclude<EndpointKind, 'webhook'>, number> = {
  wecom: 3800,
  dingtalk: 15_000,
  feishu: 15_000,
};

/** The body without any signature: what is kept in the log. */
export function bodyOf(kind: EndpointKind, message: Message, around: Surroundings): string {
  if (kind === 'webhook')
    return JSON.stringify({
      type: message.event,
      timestamp: message.createdAt.toISOString(),
      data: message.data,
    });
  const { title, lines, link } = textOf(message, around);
  const text = fit(lines, room[kind] - size(title) - size(link), around.locale);
  switch (kind) {
    case 'wecom':
      return JSON.stringify({
        msgtype: 'markdown',
        markdown: { content: [`**${title}**`, ...text, link].join('\n') },
      });
    case 'dingtalk':
      return JSON.stringify({
        msgtype: 'markdown',
        // A single line break is none there.
        markdown: { title, text: [`#### ${title}`, ...text, link].join('\n\n') },
      });
    case 'feishu':
      return JSON.stringify({
        msg_type: 'interactive',
        card: {
          config: { wide_screen_mode: true },
          header: { title: { tag: 'plain_text', content: title }, template: colourOf(message) },
          elements: [{ tag: 'markdown', content: [...text, link].join('\n') }],
        },
      });
  }
}

export type Request = { url: string; headers: Record<string, string>; body: string };

/**
 * Puts a body into a request, signed with the endpoint's secret if it has one.
 *
 * DingTalk: HMAC-SHA256 of "ms\nsecret" under the secret, in the address, at most an hour old
 * (https://open.dingtalk.com/document/robots/customize-robot-security-settings). Feishu: of nothing under "s\nsecret", in the
 * body, at most an hour old (https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot). WeCom's key is in its address.
 * Webhooks: Standard Webhooks, `v1` over "id.s.body"; a secret that begins with whsec_ is base64
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
 */
export function requestOf(
  { kind, url, secret }: { kind: EndpointKind; url: string; secret: string | null },
  { id }: Pick<Message, 'id'>,
  body: string,
  now: Date,
): Request {
  const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8' };
  const ms = now.getTime();
  const seconds = Math.floor(ms / 1000);
  if (kind === 'webhook') {
    headers['webhook-id'] = id;
    headers['webhook-timestamp'] = String(seconds);
    if (secret !== null)
      headers['webhook-signature'] = `v1,${sign(keyOf(secret), `${id}.${seconds}.${body}`)}`;
  }
  if (secret === null || kind === 'webhook' || kind === 'wecom') return { url, headers, body };
  if (kind === 'dingtalk') {
    const signed = new URL(url);
    signed.searchParams.set('timestamp', String(ms));
    signed.searchParams.set('sign', sign(secret, `${ms}\n${secret}`));
    return { url: signed.href, headers, body };
  }
  const proof = { timestamp: String(seconds), sign: sign(`${seconds}\n${secret}`, '') };
  return { url, headers, body: JSON.stringify({ ...proof, ...(JSON.parse(body) as object) }) };
}

const sign = (key: string | Buffer, text: string): string =>
  createHmac('sha256', key).update(text).digest('base64');

const keyOf = (secret: string): Buffer =>
  secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);

function textOf({ event, data }: Message, { locale, timeZone, publicUrl }: Surroundings) {
  const english = locale === 'en';
  const linkTo = (path: string, zh: string, en: string) => `[${english ? en : zh}](${publicUrl}${path})`;
  if (event === 'test')
    return {
      title: english ? 'Zhanggui: a test' : '掌柜：测试消息',
      lines: [english ? 'Alerts will be told here.' : '库存告警将发送到这里。'],
      link: linkTo('/', '打开掌柜', 'Open Zhanggui'),
    };
  if (event === 'supply_order.sent') {
    const order = typeof data['code'] === 'string' ? data['code'] : '';
    return {
      title: english ? `Order ${order}` : `订单 ${order}`,
      lines: [english ? 'Please confirm and ship.' : '请确认并发货。'],
      link: linkTo('/orders', '查看订单', 'See the orders'),
    };
  }
  if (event === 'live.asked') return askedText(data, english, linkTo);
  const news = newsOf(data);
  return {
    title: newsTitle(news, event === 'alert.resolved', locale),
    lines: news.map((each) => newsLine(each, locale, timeZone)),
    link: linkTo('/alerts', '打开告警', 'Open the alerts'),
  };
}

/** What is asked of the host of a livestream. */
function askedText(
  data: Record<string, unknown>,
  english: boolean,
  linkTo: (path: string, zh: string, en: string) => string,
) {
  const text = (field: string) => (typeof data[field] === 'string' ? data[field] : '');
  const qty = typeof data['qty'] === 'number' ? data['qty'] : 0;
  const words: Record<string, [zh: string, en: string]> = {
    pause: ['暂停讲解', 'Stop selling'],
    resume: ['恢复讲解', 'Sell again'],
    feature: ['请讲解', 'Feature'],
    move: [`已调货 ${qty} 件`, `${qty} on their way:`],
    say: ['提示', 'Note'],
  };
  const [zh, en] = words[text('kind')] ?? words['say']!;
  const line = [english ? en : zh, text('sku'), text('note')].filter((part) => part !== '').join(' ');
  const show = text('title') || text('room') || text('session');
  return {
    title: english ? `Livestream ${show}` : `直播 ${show}`,
    lines: [line],
    link: linkTo(`/live/${encodeURIComponent(text('session'))}`, '打开直播', 'Open the livestream'),
  };
}

const newsOf = (data: Record<string, unknown>): AlertNews[] =>
  Array.isArray(data['alerts']) ? (data['alerts'] as AlertNews[]) : [];

function colourOf({ event, data }: Message): string {
  if (event === 'alert.resolved') return 'green';
  if (event !== 'alert.opened') return 'blue';
  return newsOf(data).some(({ severity }) => severity === 'critical') ? 'red' : 'orange';
}

const size = (text: string): number => Buffer.byteLength(text);

/** As many lines as there is room for, then how many more there are. */
function fit(lines: readonly string[], bytes: number, locale: Locale): string[] {
  const more = (count: number) => (locale === 'en' ? `… and ${count} more` : `……另有 ${count} 条`);
  let left = bytes - size(more(lines.length));
  const kept: string[] = [];
  for (const line of lines) {
    left -= size(line) + 2;
    if (left < 0) return [...kept, more(lines.length - kept.length)];
    kept.push(line);
  }
  return kept;
}
