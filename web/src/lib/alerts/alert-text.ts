import type { AlertTile } from '@zhanggui/shared/contract/board.ts';
import type { AlertLevel } from '@zhanggui/shared/contract/words.ts';
import type { Format } from '#lib/format/format.svelte.ts';
import type { AlertsMessages } from '#lib/i18n/alerts.ts';
import { lengthOf, type Standing } from './alert-list.ts';

const above: Record<AlertLevel, AlertLevel | null> = { store: 'region', region: 'hq', hq: null };

/** A length of time in words, as `52 分钟`. */
export function spanText(m: AlertsMessages, ms: number): string {
  const { unit, count, minutes } = lengthOf(ms);
  return unit === 'hours' ? m.span.hours(count, minutes) : m.span[unit](count);
}

/** A moment: the minute today, else the day too. */
export function momentText(format: Format, at: string, now: number): string {
  const day = format.day(at);
  return day === format.day(now) ? format.minute(at) : `${day.slice(5)} ${format.minute(at)}`;
}

/** What it is about: the SKU, or where it is about none, the kind. */
export const whatOf = (m: AlertsMessages, format: Format, alert: AlertTile): string =>
  format.name(alert) || alert.sku || m.kinds[alert.kind];

/** Where: the location, or for what concerns many, that. */
export function whereOf(m: AlertsMessages, format: Format, alert: AlertTile): string {
  const name = format.name({ nameZh: alert.locationNameZh, nameEn: alert.locationNameEn });
  return name || (alert.location ?? m.unknownPlace);
}

/** The figures that a decision needs, those that matter to the kind first. */
export function factsOf(m: AlertsMessages, format: Format, { kind, params }: AlertTile): string[] {
  const { facts } = m;
  const say = (text: (count: string) => string, value: number | undefined) =>
    value === undefined ? [] : [text(format.whole(value))];
  switch (kind) {
    case 'widespread':
      return say(facts.stores, params.stores);
    case 'negative_stock':
      return say(facts.onHand, params.onHand);
    case 'count_gap':
      return [...say(facts.onHand, params.book), ...say(facts.counted, params.counted)];
    case 'late_supply':
      return params.order ? [facts.order(params.order)] : [];
    default:
      return [
        ...say(facts.available, params.available),
        ...say(facts.perHour, params.perHour === undefined ? undefined : Math.round(params.perHour)),
        ...say(facts.reorderPoint, params.reorderPoint),
        ...(params.inbound ? say(facts.inbound, params.inbound) : []),
      ];
  }
}

export type Left = { text: string; pressing: boolean };

/** How long there is. `pressing`: it is over, or nearly. */
export function leftOf(
  m: AlertsMessages,
  format: Format,
  alert: AlertTile,
  standing: Standing,
  now: number,
): Left | null {
  const { left } = m;
  if (standing === 'snoozed' && alert.snoozedUntil !== null)
    return { text: left.snoozedUntil(momentText(format, alert.snoozedUntil, now)), pressing: false };
  if (alert.params.soldOutAt) {
    const ms = Date.parse(alert.params.soldOutAt) - now;
    if (ms <= 0) return { text: left.soldOutNow, pressing: true };
    const at = left.soldOutAt(format.minute(alert.params.soldOutAt));
    return { text: `${left.soldOutIn(spanText(m, ms))} · ${at}`, pressing: ms < 3_600_000 };
  }
  if (alert.params.lateSince)
    return { text: left.lateSince(spanText(m, now - Date.parse(alert.params.lateSince))), pressing: false };
  if (alert.dueAt === null || standing === 'others') return null;
  const ms = Date.parse(alert.dueAt) - now;
  if (standing === 'mine')
    return { text: left.holdUntil(momentText(format, alert.dueAt, now)), pressing: ms < 600_000 };
  if (ms <= 0) return { text: left.overdue, pressing: true };
  const next = above[alert.level];
  const span = spanText(m, ms);
  return { text: next ? left.answerIn(span, m.levels[next]) : left.answerInHq(span), pressing: ms < 300_000 };
}

/** How old it is. */
export function ageOf(m: AlertsMessages, { openedAt }: Pick<AlertTile, 'openedAt'>, now: number): string {
  const ms = now - Date.parse(openedAt);
  return ms < 60_000 ? m.left.justNow : spanText(m, ms);
}
