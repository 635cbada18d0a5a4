/** What a campaign that is being written would be like, asked of the server once the typing rests. */
import type { Expectation } from '@zhanggui/shared/campaigns/expect.ts';
import { api } from '#lib/api/api.ts';

export type Preview<Template> = {
  audience: number;
  liability: number;
  exposure: number | null;
  coupons: number;
  secondPerson: boolean;
  expectation: Expectation;
  template: Template;
};

const RESTS_MS = 350;

export class Previewed<Template> {
  #preview = $state.raw<Preview<Template> | null>(null);
  #failed = $state.raw<unknown>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  /** The newest answer; null before there is one. */
  get preview(): Preview<Template> | null {
    return this.#preview;
  }
  /** Why the last question was not answered. */
  get failed(): unknown {
    return this.#failed;
  }

  /** Asks about this campaign soon; null: what was typed is none, so the last answer stays. */
  ask(body: Record<string, unknown> | null): void {
    clearTimeout(this.#timer);
    this.#asked += 1;
    if (body === null) return;
    const [ask, text] = [this.#asked, JSON.stringify(body)];
    this.#timer = setTimeout(() => void this.#look(JSON.parse(text), ask), RESTS_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  async #look(body: unknown, ask: number): Promise<void> {
    try {
      const answer = await api.post<Preview<Template>>('/api/v1/campaigns/preview', body);
      if (ask !== this.#asked) return;
      this.#preview = answer;
      this.#failed = null;
    } catch (thrown) {
      if (ask === this.#asked) this.#failed = thrown;
    }
  }
}
