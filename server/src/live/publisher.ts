/**
 * Pushes the board: after a hint, or each second, it looks at the ledger and sends every room the values that changed.
 * At once when quiet, in a storm at the pace of `boardTiming`; a look that is asked for while one runs follows it, so the
 * last state of a burst is always sent.
 */
import { randomUUID } from 'node:crypto';
import { couponTiles } from '@zhanggui/shared/board/coupon-tiles.ts';
import { groupTiles } from '@zhanggui/shared/board/group-tiles.ts';
import { liveTiles } from '@zhanggui/shared/board/live-tiles.ts';
import {
  alertTiles,
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
import { Pace } from './pace.ts';
import { Room } from './room.ts';

/** Looks in a row after a rest. */
const BURST = 3;
/** Of what is no headline, at most this often in a storm: lists that change faster can't be read, and cost every screen. */
const LIST_MS = 250;
/** Livestreams are read at a pace of their own already. */
const HEADLINES: ReadonlySet<Topic> = new Set(['sales', 'alerts', 'live']);

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
  #pace = new Pace(boardTiming.tickMs, BURST);
  #listPace = new Pace(LIST_MS, BURST);
  /** Lists that changed and wait for their turn. */
  #held = new Set<Topic>();
  #timer: NodeJS.Timeout | null = null;
  #listTimer: NodeJS.Timeout | null = null;
  #interval: NodeJS.Timeout;
  #pulse: NodeJS.Timeout;
  #closed = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#reader = new BoardReader(options.sql, options.time, {
      onLanded: () => this.#sendLanded(),
      onDue: () => this.poke(),
    });
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
    const wait = this.#pace.wait(performance.now());
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
    this.#pace.take(performance.now());
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
      // A look that found nothing must not make the next sale wait.
      if (topics.size === 0) this.#pace.giveBack();
      this.#lookedAt = new Date(at);
      this.#reader.state.ingest = this.#options.ingest();
      topics.add('health');
      this.#holdLists(topics);
      this.#refreshAll(topics, at);
      this.#options.onLook?.(performance.now() - started);
    } catch (error) {
      if (!this.#closed) this.#options.onError?.(error);
    }
  }

  /** Takes out of `topics` the lists whose turn it is not, and adds those that have waited for it. */
  #holdLists(topics: Set<Topic>): void {
    for (const topic of topics) if (!HEADLINES.has(topic)) this.#held.add(topic);
    if (this.#held.size === 0) return;
    const wait = this.#listPace.wait(performance.now());
    for (const topic of this.#held)
      if (wait > 0) topics.delete(topic);
      else topics.add(topic);
    if (wait > 0) {
      this.#listTimer ??= setTimeout(() => this.#sendLists(), wait);
      return;
    }
    this.#listPace.take(performance.now());
    this.#held.clear();
  }

  /**
   * Sends what was read beside the looks: at once when none is due, since looking again would find nothing new, and would take
   * from the pace what the next sale needs.
   */
  #sendLanded(): void {
    // Before the first look, and after one that failed, there is nothing to tell of; the next one tells of all.
    if (this.#closed || this.#timer || !this.#reader.loaded || this.#lookedAt === null) return;
    if (this.#looking) {
      this.#again = true;
      return;
    }
    const topics = new Set(this.#reader.landed());
    this.#holdLists(topics);
    this.#refreshAll(topics, this.#lookedAt.getTime());
  }

  /** Sends the lists that waited, as they were read last. */
  #sendLists(): void {
    this.#listTimer = null;
    if (!this.#reader.loaded || this.#lookedAt === null) return;
    const topics = new Set<Topic>();
    this.#holdLists(topics);
    this.#refreshAll(topics, this.#lookedAt.getTime());
  }

  #refreshAll(topics: ReadonlySet<Topic>, at: number): void {
    for (const room of [...this.#rooms.values()]) if (topics.has(room.topic)) this.#refresh(room, at);
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
      sales: () => salesTiles(state, locations, scoped, this.#reader.record),
      stores: () => storeTiles(state, locations),
      stock: () => stockTiles(state, locations, scoped),
      live: () => liveTiles(this.#reader.live),
      groups: () => groupTiles(this.#reader.groups),
      coupons: () => couponTiles(this.#reader.coupons),
      alerts: () => alertTiles(scoped, locations === null ? this.#reader.anomalies : []),
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
    while (!this.#reader.knows(scope)) await this.#ready(scope);
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
    // Another one of this scope may end, and have it forgotten, just when it is there.
    do await this.#ready(scope);
    while (!this.#reader.knows(scope));
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
    if (this.#listTimer) clearTimeout(this.#listTimer);
    await this.#looking;
    await this.#reader.close();
  }
}
