type Notice = { text: string; undo: (() => Promise<void>) | null };

const SHOWN_MS = 8000;

/** What was just done, with the way back. One at a time: the newest. */
export class Notices {
  #now = $state.raw<Notice | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  get now(): Notice | null {
    return this.#now;
  }

  say(text: string, undo: (() => Promise<void>) | null = null): void {
    clearTimeout(this.#timer);
    this.#now = { text, undo };
    this.#timer = setTimeout(() => this.clear(), SHOWN_MS);
  }
  /** Nobody is hurried: it stays while it is pointed at or holds the focus. */
  hold(): void {
    clearTimeout(this.#timer);
  }
  release(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.clear(), SHOWN_MS);
  }
  clear(): void {
    clearTimeout(this.#timer);
    this.#now = null;
  }
}
