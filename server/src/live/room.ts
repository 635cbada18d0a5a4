/** What one room was last sent: turns new absolute values into the smallest delta. No I/O. */
import type { BoardValue, Delta, Scope, Snapshot, Topic } from '@zhanggui/shared/contract/board.ts';
import type { Values } from '@zhanggui/shared/board/tiles.ts';

export class Room {
  readonly topic: Topic;
  readonly scope: Scope;
  readonly hideMoney: boolean;
  #epoch: string;
  #seq = 0;
  #at = 0;
  /** Values as sent, objects with their JSON beside them, so that an unchanged tile is told by comparing two strings. */
  #sent = new Map<string, { value: BoardValue; json: string | number }>();

  constructor(epoch: string, topic: Topic, scope: Scope, hideMoney: boolean) {
    this.#epoch = epoch;
    this.topic = topic;
    this.scope = scope;
    this.hideMoney = hideMoney;
  }

  get name(): string {
    return `${this.topic}|${this.scope}${this.hideMoney ? '|no-money' : ''}`;
  }

  /** Takes the values of now (read at `at`, epoch ms); answers what to send, or null when nothing changed. */
  update(values: Values, at: number): Delta | null {
    const put: Record<string, BoardValue> = {};
    const del: string[] = [];
    let changed = false;
    for (const [key, value] of values) {
      const json = typeof value === 'number' ? value : JSON.stringify(value);
      if (this.#sent.get(key)?.json === json) continue;
      this.#sent.set(key, { value, json });
      put[key] = value;
      changed = true;
    }
    if (this.#sent.size > values.size)
      for (const key of this.#sent.keys())
        if (!values.has(key)) {
          this.#sent.delete(key);
          del.push(key);
        }
    this.#at = at;
    if (!changed && del.length === 0) return null;
    const from = this.#seq;
    this.#seq += 1;
    return {
      topic: this.topic,
      scope: this.scope,
      epoch: this.#epoch,
      from,
      to: this.#seq,
      at: new Date(at).toISOString(),
      ...(changed && { put }),
      ...(del.length > 0 && { del }),
    };
  }

  snapshot(): Snapshot {
    const data: Record<string, BoardValue> = {};
    for (const [key, { value }] of this.#sent) data[key] = value;
    const at = new Date(this.#at).toISOString();
    return { topic: this.topic, scope: this.scope, epoch: this.#epoch, seq: this.#seq, at, data };
  }
}
