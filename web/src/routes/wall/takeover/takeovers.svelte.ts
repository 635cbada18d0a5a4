import type { AlertTile } from '@zhanggui/shared/contract/board.ts';
import type { Timers } from '#lib/live/painter.ts';

/** What comes within this time is one matter: a store that closes a till books many sales at once. */
const GATHER_MS = 400;
export const SHOW_MS = 8000;
/** So long the wall is left alone after that; what comes meanwhile is summed up. */
const REST_MS = 20_000;
/** An alert that has been open for longer is no news, even if the board has only now room for it. */
const FRESH_MS = 3 * 60_000;

const natureOf = ({ kind, severity }: AlertTile) => `${kind} ${severity}`;
const isCalling = ({ severity, status }: AlertTile) => severity === 'critical' && status === 'open';

/**
 * Which critical alerts take the screen, and when. Those that were there when the screen began do not, nor does one that
 * somebody took on before its turn came.
 */
export class Takeovers {
  #timers: Timers;
  #timer: number | null = null;
  /** Kind and severity of each alert at the last look: an answer that expired changes neither, and is no news. */
  #known: Map<string, string> | null = null;
  #waiting = new Map<string, AlertTile>();
  #shown = $state.raw<readonly AlertTile[] | null>(null);

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** What has the screen now, as it was when it took it; null: nothing. */
  get shown(): readonly AlertTile[] | null {
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
      if (isNews) this.#waiting.set(id, alert);
    }
    for (const id of this.#waiting.keys()) {
      const alert = calling.get(id);
      if (alert) this.#waiting.set(id, alert);
      else this.#waiting.delete(id);
    }
    if (this.#waiting.size > 0 && this.#timer === null) this.#after(GATHER_MS, () => this.#show());
  }

  stop(): void {
    if (this.#timer !== null) this.#timers.clearTimeout(this.#timer);
    this.#timer = null;
    this.#waiting.clear();
    this.#shown = null;
  }

  #show(): void {
    if (this.#waiting.size === 0) return;
    this.#shown = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#after(SHOW_MS, () => {
      this.#shown = null;
      this.#after(REST_MS, () => this.#show());
    });
  }

  #after(ms: number, then: () => void): void {
    this.#timer = this.#timers.setTimeout(() => {
      this.#timer = null;
      then();
    }, ms);
  }
}
