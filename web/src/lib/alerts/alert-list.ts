import type { AlertTile } from '@zhanggui/shared/contract/board.ts';
import type { Severity } from '@zhanggui/shared/contract/words.ts';

/** Who looks at the list. `answers`: may take alerts on and decide about stock. */
export type Reader = { id: string | null; answers: boolean };

/** Where an alert stands for its reader: theirs, someone else's, put off, or waiting for anybody. */
export type Standing = 'todo' | 'mine' | 'others' | 'snoozed';

export function standingOf(
  { status, ownerId, snoozedUntil }: Pick<AlertTile, 'status' | 'ownerId' | 'snoozedUntil'>,
  reader: Reader,
  now: number,
): Standing {
  if (snoozedUntil !== null && Date.parse(snoozedUntil) > now) return 'snoozed';
  if (status !== 'acknowledged') return 'todo';
  return ownerId !== null && ownerId === reader.id ? 'mine' : 'others';
}

/** The one thing to do about it now. */
export type Step =
  | { do: 'acknowledge' }
  | { do: 'approve'; id: string; qty: number }
  | { do: 'resolve' }
  | { do: 'order'; code: string }
  | { do: 'count' }
  | { do: 'find' }
  | { do: 'open' };

/** Taking it on comes first, so that two people don't run; then what ends the matter soonest. */
export function nextStep(alert: AlertTile, standing: Standing, reader: Reader): Step {
  if (!reader.answers || alert.status === 'resolved') return { do: 'open' };
  if (standing !== 'mine') return { do: 'acknowledge' };
  if (alert.proposal) return { do: 'approve', id: alert.proposal.id, qty: alert.proposal.qty };
  switch (alert.kind) {
    case 'late_supply':
      return alert.params.order ? { do: 'order', code: alert.params.order } : { do: 'resolve' };
    case 'count_gap':
      return { do: 'resolve' };
    case 'negative_stock':
      return { do: 'count' };
    case 'widespread':
      return { do: 'open' };
    default:
      return alert.sku ? { do: 'find' } : { do: 'open' };
  }
}

/** Kinds that no machine sees end: a person says so. */
export const closedByHand: ReadonlySet<AlertTile['kind']> = new Set(['count_gap', 'late_supply']);

const grave: Record<Severity, number> = { critical: 0, warning: 1, info: 2 };
const atOf = (text: string | null | undefined) => (text == null ? Infinity : Date.parse(text));

/**
 * What burns first: by severity, then what is gone soonest, then what has waited longest. Nothing that an answer changes
 * counts, and the id comes last: a card never leaves the thumb that has just tapped it.
 */
export function byUrgency(a: AlertTile, b: AlertTile): number {
  return (
    grave[a.severity] - grave[b.severity] ||
    order(atOf(a.params.soldOutAt), atOf(b.params.soldOutAt)) ||
    order(atOf(a.openedAt), atOf(b.openedAt)) ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}
// Infinity − Infinity is no order.
const order = (a: number, b: number) => (a === b ? 0 : a < b ? -1 : 1);

export type Folds = Record<Standing, AlertTile[]>;

/** Where each alert stands, most urgent first. */
export function foldAlerts(alerts: Iterable<AlertTile>, reader: Reader, now: number): Folds {
  const folds: Folds = { todo: [], mine: [], others: [], snoozed: [] };
  for (const alert of alerts) folds[standingOf(alert, reader, now)].push(alert);
  for (const fold of Object.values(folds)) fold.sort(byUrgency);
  return folds;
}

export type Length = { unit: 'minutes' | 'hours' | 'days'; count: number; minutes: number };

/** A length of time as people say it: minutes below an hour, hours and minutes below a day, then days. Never less than a minute. */
export function lengthOf(ms: number): Length {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  if (minutes < 60) return { unit: 'minutes', count: minutes, minutes: 0 };
  // From six hours on the minutes say nothing.
  if (minutes < 24 * 60) {
    const hours = Math.floor(minutes / 60);
    return hours < 6
      ? { unit: 'hours', count: hours, minutes: minutes % 60 }
      : { unit: 'hours', count: Math.round(minutes / 60), minutes: 0 };
  }
  return { unit: 'days', count: Math.round(minutes / 1440), minutes: 0 };
}
