import type { Topic } from '@zhanggui/shared/contract/board.ts';

/** Keeps a part of the board equal to the database, at a pace of its own. */
export type PacedReader = {
  /** Something of it may have changed. */
  touch(): void;
  /** Whether it is to be read at `now` (epoch ms). */
  isDue(now: number): boolean;
  /** Milliseconds until what was touched may be read; null: nothing was. */
  wait(now: number): number | null;
  /** Reads everything. Throws what the database throws; then it is still to be done. */
  read(now: number): Promise<void>;
};

export type Paced = {
  /** Whose values it adds to. */
  topic: Topic;
  reader: PacedReader;
  /** Notes of the topic are for it alone. Else it only looks by itself, and the topic has other readers. */
  noted: boolean;
  /** Read before anybody is shown anything. */
  first: boolean;
};

/** The readers that headlines do not wait for: each is begun when it is due, and told of when it is done. */
export class PacedReaders {
  #all: (Paced & { reading: Promise<void> | null; timer: NodeJS.Timeout | null })[];
  #onRead: (topic: Topic) => void;
  #onTurn: () => void;

  /** `onRead`: values of the topic came in. `onTurn`: the turn of one that was touched has come: begin those that are due. */
  constructor(
    all: readonly Paced[],
    { onRead, onTurn }: { onRead: (topic: Topic) => void; onTurn: () => void },
  ) {
    this.#all = all.map((each) => ({ ...each, reading: null, timer: null }));
    this.#onRead = onRead;
    this.#onTurn = onTurn;
  }

  /** What nobody can do without. */
  async readFirst(now: number): Promise<void> {
    await Promise.all(this.#all.filter(({ first }) => first).map(({ reader }) => reader.read(now)));
  }

  /** Begins those that are due, and takes out of `topics` what is theirs: they tell of it when it was read. */
  begin(now: number, topics: Set<Topic>): void {
    for (const each of this.#all) {
      const { reader, topic } = each;
      if (each.noted && topics.delete(topic)) reader.touch();
      if (each.reading !== null) continue;
      if (reader.isDue(now)) {
        each.reading = reader
          .read(now)
          .then(
            () => this.#onRead(topic),
            // The next look meets the same database, and says what is wrong with it.
            () => undefined,
          )
          .finally(() => (each.reading = null));
        continue;
      }
      const wait = reader.wait(now);
      if (wait !== null)
        each.timer ??= setTimeout(() => {
          each.timer = null;
          this.#onTurn();
        }, wait);
    }
  }

  /** Waits for what still runs. */
  async close(): Promise<void> {
    for (const { timer } of this.#all) if (timer) clearTimeout(timer);
    for (const { reading } of this.#all) await reading;
  }
}
