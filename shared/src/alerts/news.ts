/** News of alerts for those who do not look at a screen. Pure. */
import type { AlertParams } from '../contract/board.ts';
import type { AlertKind, AlertLevel, Locale, Severity } from '../contract/words.ts';

/** What is told of one alert. Times are RFC 3339. */
export type AlertNews = {
  id: string;
  kind: AlertKind;
  severity: Severity;
  level: AlertLevel;
  /** Why now: `opened`, `reopened`, `worse`, `escalated`, `reminded`, `woken`, `expired` or `resolved`. */
  why: string;
  sku: string | null;
  skuNameZh: string | null;
  skuNameEn: string | null;
  location: string | null;
  locationNameZh: string | null;
  locationNameEn: string | null;
  region: string | null;
  openedAt: string;
  resolvedAt: string | null;
  params: AlertParams;
};

const marks: Record<Severity, string> = { critical: '🔴', warning: '🟠', info: '🔵' };

type Words = {
  kinds: Record<AlertKind, (params: AlertParams, at: (time: string) => string) => string>;
  why: Record<string, string>;
  company: string;
  colon: string;
  title: (count: number, critical: number) => string;
  over: (count: number) => string;
};

const inbound = (text: string, { inbound: many }: AlertParams): string => (many ? text + many : '');

const zh: Words = {
  kinds: {
    low_stock: (p) => `库存偏低，可用 ${p.available ?? 0}${inbound('，在途 ', p)}`,
    sellout_soon: (p, at) =>
      `即将售罄${p.soldOutAt ? `，预计 ${at(p.soldOutAt)} 卖完` : ''}，可用 ${p.available ?? 0}`,
    sold_out: (p) => `已售罄${inbound('，在途 ', p)}`,
    oversold: (p) => `超卖 ${Math.abs(p.available ?? 0)} 件${inbound('，在途 ', p)}`,
    widespread: (p) => `${p.stores ?? 0} 家门店缺货`,
    negative_stock: (p) => `账面为负 ${p.onHand ?? ''}`,
    count_gap: (p) => `盘点差异大，账面 ${p.book ?? '?'}，实盘 ${p.counted ?? '?'}`,
    late_supply: (p) => `${p.order ?? '订单'} 逾期未到`,
  },
  why: {
    worse: '加重',
    escalated: '无人响应，已升级',
    reminded: '仍无人响应',
    woken: '暂缓到期',
    expired: '跟进超时',
    reopened: '再次出现',
  },
  company: '全公司',
  colon: '：',
  title: (count, critical) => `库存告警 ${count} 条${critical > 0 ? `，紧急 ${critical} 条` : ''}`,
  over: (count) => `告警解除 ${count} 条`,
};

const en: Words = {
  kinds: {
    low_stock: (p) => `low stock, ${p.available ?? 0} available${inbound(', inbound ', p)}`,
    sellout_soon: (p, at) =>
      `selling out${p.soldOutAt ? ` at about ${at(p.soldOutAt)}` : ' soon'}, ${p.available ?? 0} available`,
    sold_out: (p) => `sold out${inbound(', inbound ', p)}`,
    oversold: (p) => `oversold by ${Math.abs(p.available ?? 0)}${inbound(', inbound ', p)}`,
    widespread: (p) => `missing in ${p.stores ?? 0} stores`,
    negative_stock: (p) => `${p.onHand ?? 'less than 0'} in the book`,
    count_gap: (p) => `counted ${p.counted ?? '?'}, the book says ${p.book ?? '?'}`,
    late_supply: (p) => `${p.order ?? 'an order'} is late`,
  },
  why: {
    worse: 'worse',
    escalated: 'unanswered, escalated',
    reminded: 'still unanswered',
    woken: 'snooze is over',
    expired: 'acknowledgement expired',
    reopened: 'back again',
  },
  company: 'The company',
  colon: ': ',
  title: (count, critical) =>
    `${count} stock alert${count === 1 ? '' : 's'}${critical > 0 ? `, ${critical} critical` : ''}`,
  over: (count) => `${count} alert${count === 1 ? '' : 's'} over`,
};

const wordsOf = (locale: Locale): Words => (locale === 'en' ? en : zh);

/** Heading of a message about these alerts. */
export function newsTitle(news: readonly AlertNews[], over: boolean, locale: Locale): string {
  const words = wordsOf(locale);
  if (over) return words.over(news.length);
  return words.title(news.length, news.filter(({ severity }) => severity === 'critical').length);
}

/** One alert in one line. Names are plain: what a chat would take for markup is told by look-alikes. */
export function newsLine(news: AlertNews, locale: Locale, timeZone: string): string {
  const words = wordsOf(locale);
  const pick = (nameZh: string | null, nameEn: string | null) =>
    plain((locale === 'en' ? nameEn || nameZh : nameZh || nameEn) ?? '');
  const at = (time: string) =>
    new Intl.DateTimeFormat(locale, {
      timeZone,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    }).format(new Date(time));
  const place =
    news.location === null
      ? words.company
      : pick(news.locationNameZh, news.locationNameEn) || plain(news.location);
  const sku = news.sku === null ? '' : ` ${pick(news.skuNameZh, news.skuNameEn) || plain(news.sku)}`;
  const why = words.why[news.why];
  const mark = news.why === 'resolved' ? '✅' : marks[news.severity];
  return `${mark} ${place}${sku}${words.colon}${words.kinds[news.kind](news.params, at)}${why ? ` (${why})` : ''}`;
}

/** A name that wrote "@all" or a link into a group would be a way to speak with our voice. */
const plain = (name: string): string =>
  name.replace(/[<>[\]()*_`~#|\\@]/g, (sign) => String.fromCodePoint(sign.codePointAt(0)! + 0xfee0));
