/**
 * Pushes the board: after a hint, or each second, it looks at the ledger and sends every room the values that changed.
 * At once when quiet, then at most 20 times a second; a look that is asked for while one runs follows it, so the last
 * state of a burst is always sent.
 */
import { randomUUID } from 'node:crypto';
import {
  feedTiles,
  healthTiles,
  hideMoney,
  locationsOf,
  salesTiles,
  stockTiles,
  storeTiles,
  type Values,
} from '@zhanggui/shared/board/tiles.ts';
import {
  boardTiming,
  type Pulse,
  type Scope,
  type Snapshot,
  type Topic,
} from '@zhanggui/shared/contract/board.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { BoardReader } from './board-reader.ts';
import type { BoardServer, BoardSocket, Publisher } from './board-rooms.ts';
import { Room } from './room.ts';

export type PublisherOptions = {
  sql: SqlPool;
  time: BusinessTime;
  webVersion: string;
  /** This server's own ingest figures, for the health tile. */
  ingest: () => { perSecond: number; commitMsP50: number; commitMsP99: number; queued: number };
  onLook?: (ms: number) => void;
  onError?: (error: unknown) => void;
};

export class BoardPublisher implements Publisher {
  readonly epoch = randomUUID();
  #options: PublisherOptions;
  #reader: BoardReader;
  #rooms = new Map<string, Room>();
  #io: BoardServer | null = null;
  #lookedAt: Date | null = null;
  #looking: Promise<void> | null = null;
  #again = false;
  #lastLook = 0;
  #timer: NodeJS.Timeout | null = null;
  #interval: NodeJS.Timeout;
  #pulse: NodeJS.Timeout;
  #closed = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#reader = new BoardReader(options.sql, options.time);
    this.#interval = setInterval(() => this.poke(), boardTiming.lookMs);
    this.#pulse = setInterval(() => this.#sendPulse(), boardTiming.pulseMs);
    this.poke();
  }

  attach(io: BoardServer): void {
    this.#io = io;
  }

  /** When the ledger was last read successfully. */
  get lookedAt(): Date | null {
    return this.#lookedAt;
  }

  /** Something may have changed: look now, or as soon as the pace allows. */
  poke(): void {
    if (this.#closed || this.#timer) return;
    if (this.#looking) {
      this.#again = true;
      return;
    }
    const wait = this.#lastLook + boardTiming.tickMs - performance.now();
    if (wait <= 0) this.#start();
    else
      this.#timer = setTimeout(() => {
        this.#timer = null;
        this.#start();
      }, wait);
  }

  /** The catalog or the targets changed. */
  pokeCatalog(): void {
    this.#reader.catalogChanged();
    this.poke();
  }

  #start(): void {
    this.#lastLook = performance.now();
    this.#looking = this.#look().finally(() => {
      this.#looking = null;
      if (!this.#again) return;
      this.#again = false;
      this.poke();
    });
  }

  async #look(): Promise<void> {
    const started = performance.now();
    const at = Date.now();
    try {
      const topics = await this.#reader.look(at);
      if (this.#closed) return;
      this.#lookedAt = new Date(at);
      this.#reader.state.ingest = this.#options.ingest();
      topics.add('health');
      for (const room of [...this.#rooms.values()]) if (topics.has(room.topic)) this.#refresh(room, at);
      this.#options.onLook?.(performance.now() - started);
    } catch (error) {
      if (!this.#closed) this.#options.onError?.(error);
    }
  }

  #refresh(room: Room, at: number): void {
    if (!this.#io?.sockets.adapter.rooms.get(room.name)?.size) {
      this.#rooms.delete(room.name);
      if (![...this.#rooms.values()].some((other) => other.scope === room.scope))
        this.#reader.forget(room.scope);
      return;
    }
    const delta = room.update(this.#values(room), at);
    // Encoded once for the whole room by the adapter.
    if (delta) this.#io.local.to(room.name).emit('delta', delta);
  }

  #values({ topic, scope, hideMoney: hidden }: Room): Values {
    const { state } = this.#reader;
    const locations = locationsOf(scope, state.places.values());
    const scoped = this.#reader.scopedNow(scope);
    const values = {
      sales: () => salesTiles(state, locations, scoped),
      stores: () => storeTiles(state, locations),
      stock: () => stockTiles(state, locations, scoped),
      feed: () => feedTiles(scoped),
      health: () => healthTiles(state),
    }[topic]();
    return hidden ? hideMoney(topic, values) : values;
  }

  async #ready(scope: Scope): Promise<void> {
    if (!this.#reader.loaded) {
      this.poke();
      await this.#looking;
    }
    await this.#reader.scoped(scope);
  }

  async join(
    socket: BoardSocket,
    topic: Topic,
    scope: Scope,
    { hideMoney: hidden }: { hideMoney: boolean },
  ): Promise<void> {
    await this.#ready(scope);
    let room = new Room(this.epoch, topic, scope, hidden);
    room = this.#rooms.get(room.name) ?? room;
    await socket.join(room.name);
    // From here to the emit nothing else runs, so no delta can slip between the snapshot and the room.
    if (!this.#rooms.has(room.name)) {
      room.update(this.#values(room), this.#lookedAt?.getTime() ?? Date.now());
      this.#rooms.set(room.name, room);
    }
    socket.emit('snapshot', room.snapshot());
  }

  async leave(socket: BoardSocket, topic: Topic, scope: Scope): Promise<void> {
    for (const hidden of [false, true]) await socket.leave(new Room(this.epoch, topic, scope, hidden).name);
  }

  /** What a screen that joins now would be sent. */
  async snapshot(
    topic: Topic,
    scope: Scope,
    { hideMoney: hidden }: { hideMoney: boolean },
  ): Promise<Snapshot> {
    await this.#ready(scope);
    const fresh = new Room(this.epoch, topic, scope, hidden);
    const room = this.#rooms.get(fresh.name) ?? fresh;
    if (room === fresh) {
      fresh.update(this.#values(fresh), this.#lookedAt?.getTime() ?? Date.now());
      if (![...this.#rooms.values()].some((other) => other.scope === scope)) this.#reader.forget(scope);
    }
    return room.snapshot();
  }

  #sendPulse(): void {
    const pulse: Pulse = {
      now: new Date().toISOString(),
      looked: this.#lookedAt?.toISOString() ?? null,
      epoch: this.epoch,
      version: this.#options.webVersion,
    };
    this.#io?.local.emit('pulse', pulse);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#interval);
    clearInterval(this.#pulse);
    if (this.#timer) clearTimeout(this.#timer);
    await this.#looking;
  }
}
