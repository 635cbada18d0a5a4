import { browserTimers, type Timers } from '#lib/live/painter.ts';

type Opened = { id: string; code: string; secret: string; expiresAt: string };
type State = { state: 'pending' | 'paired' | 'expired' };

const POLL_MS = 2000;
const RETRY_MS = 3000;

/**
 * Asks for a code, shows it until an administrator has entered it, and asks for a new one when it is too old. The secret
 * stays here: who only reads the code off the screen can't take the wall's place. The cookie comes with the answer.
 */
export class Pairing {
  #paired: () => void;
  #timers: Timers;
  #fetch: typeof fetch;
  #opened: Opened | null = null;
  #timer: number | null = null;
  #stopped = false;
  #until = 0;
  #code = $state<string | null>(null);
  #secondsLeft = $state<number | null>(null);
  #failed = $state(false);

  constructor(
    paired: () => void,
    timers: Timers = browserTimers,
    ask: typeof fetch = (...args) => fetch(...args),
  ) {
    this.#paired = paired;
    this.#timers = timers;
    this.#fetch = ask;
  }

  get code(): string | null {
    return this.#code;
  }
  get secondsLeft(): number | null {
    return this.#secondsLeft;
  }
  /** The server could not be reached the last time. */
  get failed(): boolean {
    return this.#failed;
  }

  start(): void {
    void this.#step();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) this.#timers.clearTimeout(this.#timer);
  }

  async #step(): Promise<void> {
    let wait = POLL_MS;
    try {
      if (!this.#opened) await this.#open();
      else await this.#poll(this.#opened);
      this.#failed = false;
    } catch {
      this.#failed = true;
      wait = RETRY_MS;
    }
    this.#secondsLeft = this.#opened
      ? Math.max(0, Math.floor((this.#until - this.#timers.now()) / 1000))
      : null;
    if (!this.#stopped) this.#timer = this.#timers.setTimeout(() => void this.#step(), wait);
  }

  async #open(): Promise<void> {
    const answer = await this.#fetch('/api/v1/wall-pairings', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    if (!answer.ok) throw new Error(`pairing refused: ${answer.status}`);
    const opened = (await answer.json()) as Opened;
    // How long it lives is told by the answer's own clock: this screen's may be wrong.
    const sent = Date.parse(answer.headers.get('date') ?? '') || Date.now();
    this.#until = this.#timers.now() + (Date.parse(opened.expiresAt) - sent);
    this.#opened = opened;
    this.#code = opened.code;
  }

  async #poll({ id, secret }: Opened): Promise<void> {
    const answer = await this.#fetch(`/api/v1/wall-pairings/${encodeURIComponent(id)}`, {
      headers: { 'x-pairing-secret': secret },
    });
    if (answer.status === 404 || answer.status === 401) return this.#forget();
    if (!answer.ok) throw new Error(`pairing not answered: ${answer.status}`);
    const { state } = (await answer.json()) as State;
    if (this.#stopped) return;
    if (state === 'expired') this.#forget();
    if (state === 'paired') {
      this.stop();
      this.#paired();
    }
  }

  #forget(): void {
    this.#opened = null;
    this.#code = null;
  }
}
