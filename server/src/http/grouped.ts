/**
 * Decides commands in groups: whatever comes in while one transaction commits goes together into the next. One group at a time, so that
 * those who want the same thing are asked one after the other instead of waiting for each other's locks.
 */
import { AppError } from '@zhanggui/shared/contract/errors.ts';

/** What a group answers for a command that something was in the way of: it is decided anew. */
export const again = Symbol('again');

export type GroupedOptions<Command, Decided> = {
  /** Decides a group: an answer for each command, in their order. What it throws, each of them throws. */
  decide: (commands: readonly Command[]) => Promise<(Decided | typeof again)[]>;
  /** How much work a command is, 1 unless said. A group holds `groupWeight` of it; one command is never cut. */
  weigh?: (command: Command) => number;
  groupWeight?: number;
  /** Commands that may wait. */
  mostWaiting?: number;
};

type Waiting<Command, Decided> = {
  command: Command;
  tries: number;
  resolve: (decided: Decided) => void;
  reject: (error: unknown) => void;
};

/** A command is decided anew when something changed under it; so often only when others are faster each time. */
const MAX_TRIES = 10;

export class Grouped<Command, Decided> {
  #options: Required<GroupedOptions<Command, Decided>>;
  #waiting: Waiting<Command, Decided>[] = [];
  #running = false;

  constructor({
    decide,
    weigh = () => 1,
    groupWeight = 400,
    mostWaiting = 5_000,
  }: GroupedOptions<Command, Decided>) {
    this.#options = { decide, weigh, groupWeight, mostWaiting };
  }

  /** Answers after commit. Throws AppError `overloaded`, and what deciding throws; then nothing happened. */
  submit(command: Command): Promise<Decided> {
    if (this.#waiting.length >= this.#options.mostWaiting)
      return Promise.reject(new AppError('overloaded', undefined, { retryAfter: 1 }));
    const { promise, resolve, reject } = Promise.withResolvers<Decided>();
    this.#waiting.push({ command, tries: 0, resolve, reject });
    if (!this.#running) void this.#run();
    return promise;
  }

  async #run(): Promise<void> {
    this.#running = true;
    // Commands that arrived in the same turn of the event loop share the first transaction too.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) await this.#decide(this.#nextGroup());
    this.#running = false;
  }

  #nextGroup(): Waiting<Command, Decided>[] {
    const { weigh, groupWeight } = this.#options;
    let [weight, count] = [0, 0];
    for (const { command } of this.#waiting) {
      const more = weigh(command);
      if (count > 0 && weight + more > groupWeight) break;
      weight += more;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #decide(group: Waiting<Command, Decided>[]): Promise<void> {
    const undecided: Waiting<Command, Decided>[] = [];
    try {
      const decided = await this.#options.decide(group.map(({ command }) => command));
      for (const [i, waiting] of group.entries()) {
        const answer = decided[i]!;
        if (answer === again) undecided.push(waiting);
        else waiting.resolve(answer as Decided);
      }
    } catch (error) {
      const code = (error as { code?: string }).code;
      // Deadlocks and serialization failures are the database's way of saying "again, please".
      if (code === '40P01' || code === '40001') undecided.push(...group);
      else for (const waiting of group) waiting.reject(error);
    }
    for (const waiting of undecided) {
      waiting.tries += 1;
      if (waiting.tries >= MAX_TRIES)
        waiting.reject(new AppError('overloaded', 'Others are faster each time', { retryAfter: 1 }));
    }
    this.#waiting.unshift(...undecided.filter(({ tries }) => tries < MAX_TRIES));
  }
}
