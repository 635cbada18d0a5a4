/** Where news is sent, and which of it. Pure. */
import { parseScope } from '../access/permissions.ts';
import type { Scope } from '../contract/board.ts';
import { severities, type AlertLevel, type Locale, type Severity } from '../contract/words.ts';

/** Group bots of WeCom, DingTalk and Feishu, and machines that take webhooks. */
export const endpointKinds = ['wecom', 'dingtalk', 'feishu', 'webhook'] as const;
export type EndpointKind = (typeof endpointKinds)[number];

/** What can be told; `test` is sent on demand, to every kind. */
export const deliveryEvents = [
  'alert.opened',
  'alert.resolved',
  'supply_order.sent',
  'live.asked',
  'coupon.issued',
  'refund.asked',
  'refund.reminded',
  'group.formed',
  'group.expired',
] as const;
export type DeliveryEvent = (typeof deliveryEvents)[number];

export type Endpoint = {
  id: string;
  kind: EndpointKind;
  events: DeliveryEvent[];
  scope: Scope;
  minSeverity: Severity;
  locale: Locale;
  /** Minutes of the business day; from > to goes over midnight. Null: no quiet time. */
  quietFrom: number | null;
  quietTo: number | null;
};

/**
 * What the makers of the bots allow; more is refused by them, and lost for everybody in the group. WeCom: 20 a minute
 * (https://developer.work.weixin.qq.com/document/path/91770). DingTalk: 20 a minute, and who sends more is shut out for ten
 * (https://open.dingtalk.com/document/robots/custom-robot-access). Feishu: 100 a minute, and 5 a second
 * (https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot).
 */
export const perMinuteOf: Record<EndpointKind, number> = {
  wecom: 20,
  dingtalk: 20,
  feishu: 100,
  webhook: 120,
};

/** Messages at once after a rest. With one every 0.6 s after them, Feishu never sees five within a second. */
export const atOnceOf: Record<EndpointKind, number> = {
  wecom: 10,
  dingtalk: 10,
  feishu: 3,
  webhook: 60,
};

type Place = { code: string; region: string | null };
/** What routing looks at. */
export type Routed = {
  severity: Severity;
  level: AlertLevel;
  location: string | null;
  places: readonly Place[];
};

function covers(scope: Scope, places: readonly Place[]): boolean {
  const parts = parseScope(scope);
  if (parts.kind === 'all') return true;
  return places.some((place) => (parts.kind === 'store' ? place.code : place.region) === parts.code);
}

const width: Record<'store' | 'region' | 'all', number> = { store: 0, region: 1, all: 2 };
const asked: Record<AlertLevel, number> = { store: 0, region: 1, hq: 2 };

const wide = (endpoint: Endpoint): number => width[parseScope(endpoint.scope).kind];

/**
 * Who is told of an alert. Machines in whose scope it is. Of the groups, those of the level that is asked now; where that
 * level has no group, the next wider one's, and where none is wider, the widest there is: news that nobody gets is none.
 * What is about the whole company is told to every group that has a store in it.
 */
export function recipients<E extends Endpoint>(
  endpoints: readonly E[],
  event: DeliveryEvent,
  alert: Routed,
): E[] {
  const fit = endpoints.filter(
    (endpoint) =>
      endpoint.events.includes(event) &&
      severities.indexOf(alert.severity) <= severities.indexOf(endpoint.minSeverity) &&
      covers(endpoint.scope, alert.places),
  );
  const groups = fit.filter(({ kind }) => kind !== 'webhook');
  const widths = [...new Set(groups.map(wide))].sort();
  const level = widths.find((each) => each >= asked[alert.level]) ?? widths.at(-1);
  return fit.filter(
    (endpoint) => endpoint.kind === 'webhook' || alert.location === null || wide(endpoint) === level,
  );
}

/**
 * When news may be sent: now, or when the quiet time is over. Only what is critical may wake people.
 *
 * @param minute of the business day
 */
export function quietUntil(
  { quietFrom, quietTo }: Pick<Endpoint, 'quietFrom' | 'quietTo'>,
  severity: Severity,
  minute: number,
  now: Date,
): Date {
  if (quietFrom === null || quietTo === null || severity === 'critical') return now;
  const length = (quietTo - quietFrom + 1440) % 1440;
  const since = (minute - quietFrom + 1440) % 1440;
  return since < length ? new Date(now.getTime() + (length - since) * 60_000) : now;
}

/** Why this address cannot be one, or null. Over plain http only this machine can be reached, and only where that is allowed. */
export function addressProblem(text: string, allowLocal: boolean): string | null {
  if (!URL.canParse(text)) return 'is not an address';
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return 'must not hold a name or password';
  if (protocol === 'https:') return null;
  return protocol === 'http:' && allowLocal && isLocal(hostname) ? null : 'must begin with https://';
}

/** As a URL writes this machine. */
export const isLocal = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';

/** An address as it may be shown: enough to tell one from another, not enough to write into the group. */
export function shownAddress(url: string): string {
  const { origin } = new URL(url);
  return `${origin}/…${url.slice(-4)}`;
}
