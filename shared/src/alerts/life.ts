/** The life of an alert: how grave it is, how long an answer may take, who is asked next. Times in milliseconds. */
import type { AlertKind, AlertLevel, AlertStatus, Severity } from '../contract/words.ts';

const MINUTE = 60_000;

/** So long may nobody answer before the next level is asked. */
const answerMinutes: Record<Severity, number> = { critical: 10, warning: 30, info: 240 };

/** So long "I'm on it" holds. Goods that need a day to come need a new word each time somebody looks. */
const holdMinutes: Record<Severity, number> = { critical: 60, warning: 240, info: 1440 };

/** Snoozing is for "after lunch", not for "never": that is a silence, with a reason. */
export const MAX_SNOOZE_MINUTES = 1440;

/** A cause that comes back sooner than this is the same alert again. */
export const FLAP_MINUTES = 30;

/** So many stores that lack a SKU are one matter of the company … */
export const WIDESPREAD_FROM = 5;
/** … until so few are left. */
export const WIDESPREAD_BELOW = 3;

/** Stages of one trouble, mildest first; kinds of other families are compared with their own only. */
const gravities: Record<AlertKind, number> = {
  low_stock: 1,
  sellout_soon: 2,
  sold_out: 3,
  oversold: 4,
  widespread: 1,
  count_gap: 1,
  negative_stock: 2,
  late_supply: 1,
};

export const gravityOf = (kind: AlertKind): number => gravities[kind];

/** Kinds that one company-wide alert may stand for. What sells out within hours is each store's own matter. */
export const groupedKinds = ['low_stock', 'sold_out', 'oversold'] as const satisfies AlertKind[];

/** Kinds whose cause no machine can see go, so that a person may say that they are over. */
export const closableKinds: readonly AlertKind[] = ['count_gap', 'late_supply'];

export const answerDue = (severity: Severity, from: Date): Date =>
  new Date(from.getTime() + answerMinutes[severity] * MINUTE);

export const holdDue = (severity: Severity, from: Date): Date =>
  new Date(from.getTime() + holdMinutes[severity] * MINUTE);

const above: Record<AlertLevel, AlertLevel> = { store: 'region', region: 'hq', hq: 'hq' };

/** What an alert becomes when its time is over. */
export type Overdue = {
  /** What the history says, in order. */
  what: ('woken' | 'expired' | 'escalated' | 'reminded')[];
  status: Exclude<AlertStatus, 'resolved'>;
  level: AlertLevel;
  dueAt: Date;
  /** Whether its news goes out again. */
  tell: boolean;
};

/**
 * A snooze that ended only brings the alert back, with time to answer; an acknowledgement that led nowhere ends; and an
 * alert that nobody answers is the next level's. HQ has nobody above it, so it is reminded as often as an
 * acknowledgement would have held.
 */
export function overdue(
  alert: { status: AlertStatus; level: AlertLevel; severity: Severity; snoozed: boolean },
  now: Date,
): Overdue {
  const { severity, level } = alert;
  if (alert.snoozed) {
    const owned = alert.status === 'acknowledged';
    return {
      what: ['woken'],
      status: owned ? 'acknowledged' : 'open',
      level,
      dueAt: owned ? holdDue(severity, now) : answerDue(severity, now),
      tell: true,
    };
  }
  const expired = alert.status === 'acknowledged' ? (['expired'] as const) : [];
  if (level === 'hq')
    return {
      what: [...expired, 'reminded'],
      status: 'open',
      level,
      dueAt: holdDue(severity, now),
      tell: true,
    };
  return {
    what: [...expired, 'escalated'],
    status: 'open',
    level: above[level],
    dueAt: answerDue(severity, now),
    tell: true,
  };
}
