import type { AlertTile, Anomaly } from '@zhanggui/shared/contract/board.ts';
import type { Timers } from '#lib/live/painter.ts';

/** What comes within this time is one matter: a store that closes a till books many sales at once. */
const GATHER_MS = 400;
export const SHOW_MS = 8000;
/** So long the wall is left alone after that; what comes meanwhile is summed up. */
const REST_MS = 20_000;
/** While alerts keep coming each rest is twice as long as the one before, up to this: the wall is for its scenes too. */
const MOST_REST_MS = 5 * 60_000;
/** After so long without a new one it begins anew. */
const QUIET_MS = 5 * 60_000;
/** An alert that has been open for longer is no news, even if the board has only now room for it. */
const FRESH_MS = 3 * 60_000;

const natureOf = ({ kind, severity }: AlertTile) => `${kind} ${severity}`;
const isCalling = ({ severity, status }: AlertTile) => severity === 'critical' && status === 'open';

/** What has the screen: alerts that came together, or one matter that loses money. */
export type Shown = { kind: 'alerts'; alerts: readonly AlertTile[] } | { kind: 'anomaly'; anomaly: Anomaly };

/**
 * Which critical alerts and anomalies take the screen, and when. Those that were there when the screen began do not, nor does an
 * alert that somebody took on, or an anomaly that was over, before its turn came. An anomaly comes first, alone, and waits for no
 * rest: each minute of it costs money.
 */
export class Takeovers {
  #timers: Timers;
  #timer: number | null = null;
  /** Kind and severity of each alert at the last look: an answer that expired changes neither, and is no news. */
  #known: Map<string, string> | null = null;
  #waiting = new Map<string, AlertTile>();
  /** Ids of all anomalies that there ever were: each takes the screen once. */
  #met: Set<string> | null = null;
  #pressing = new Map<string, Anomaly>();
  #resting = false;
  #rest = REST_MS;
  /** When the last new alert came, by the server's clock. */
  #cameAt = -Infinity;
  #shown = $state.raw<Shown | null>(null);

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** What has the screen now, as it was when it took it; null: nothing. */
  get shown(): Shown | null {
    return this.#shown;
  }

  /** Takes in all alerts as they are at `now`, the server's clock. */
  heed(alerts: readonly AlertTile[], now: number): void {
    const known = this.#known;
    this.#known = new Map(alerts.map((alert) => [alert.id, natureOf(alert)]));
    if (known === null) return;
    const calling = new Map(alerts.filter(isCalling).map((alert) => [alert.id, alert]));
    for (const [id, alert] of calling) {
      const before = known.get(id);
      const isNews =
        before === undefined ? now - Date.parse(alert.openedAt) <= FRESH_MS : before !== natureOf(alert);
      if (isNews) this.#comes(alert, now);
    }
    for (const id of this.#waiting.keys()) {
      const alert = calling.get(id);
      if (alert) this.#waiting.set(id, alert);
      else this.#waiting.delete(id);
    }
    this.#begin();
  }

  /** Takes in all anomalies that there are. */
  heedAnomalies(anomalies: readonly Anomaly[]): void {
    const met = this.#met;
    this.#met = new Set([...(met ?? []), ...anomalies.map(({ id }) => id)]);
    if (met === null) return;
    const current = new Map(anomalies.map((anomaly) => [anomaly.id, anomaly]));
    for (const [id, anomaly] of current) if (!met.has(id)) this.#pressing.set(id, anomaly);
    for (const id of this.#pressing.keys()) if (!current.has(id)) this.#pressing.delete(id);
    this.#begin();
  }

  stop(): void {
    this.#clear();
    this.#waiting.clear();
    this.#pressing.clear();
    this.#shown = null;
  }

  #comes(alert: AlertTile, now: number): void {
    if (now - this.#cameAt >= QUIET_MS) this.#rest = REST_MS;
    this.#cameAt = now;
    this.#waiting.set(alert.id, alert);
  }

  #begin(): void {
    if (this.#pressing.size > 0 && this.#resting) this.#clear();
    if (this.#timer !== null || this.#pressing.size + this.#waiting.size === 0) return;
    this.#after(GATHER_MS, () => this.#show());
  }

  #show(): void {
    const [anomaly] = this.#pressing.values();
    if (anomaly) {
      this.#pressing.delete(anomaly.id);
      this.#shown = { kind: 'anomaly', anomaly };
    } else if (this.#waiting.size > 0) {
      this.#shown = { kind: 'alerts', alerts: [...this.#waiting.values()] };
      this.#waiting.clear();
    } else return;
    this.#after(SHOW_MS, () => {
      this.#shown = null;
      if (this.#pressing.size > 0) this.#show();
      else this.#leaveAlone(this.#rest);
      if (!anomaly) this.#rest = Math.min(this.#rest * 2, MOST_REST_MS);
    });
  }

  #leaveAlone(ms: number): void {
    this.#resting = true;
    this.#after(ms, () => {
      this.#resting = false;
      this.#show();
    });
  }

  #clear(): void {
    if (this.#timer !== null) this.#timers.clearTimeout(this.#timer);
    this.#timer = null;
    this.#resting = false;
  }

  #after(ms: number, then: () => void): void {
    this.#timer = this.#timers.setTimeout(() => {
      this.#timer = null;
      then();
    }, ms);
  }
}
