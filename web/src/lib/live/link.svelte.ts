import {
  boardTiming,
  type Delta,
  type Pulse,
  type Scope,
  type Snapshot,
  type Topic,
} from '@zhanggui/shared/contract/board.ts';
import type { Hello } from '@zhanggui/shared/contract/socket.ts';
import { Backoff } from './backoff.ts';
import { ServerClock } from './clock.ts';
import { browserTimers, Painter, type Timers } from './painter.ts';
import type { BoardSocket, OpenSocket } from './socket.ts';
import { BoardTopic } from './topic.svelte.ts';

const WATCH_MS = 250;
/** A connection that is not up after this long is given up. */
const CONNECT_MS = 5000;
/** A watch that comes this late means that the machine slept, or the page was frozen. */
const SLEPT_MS = 5000;

export type LinkEnd = 'revoked' | 'unauthenticated';

type Watched = { topic: BoardTopic; users: number; askedAt: number };

/**
 * The live link of a screen: one socket, any number of topics. Starts and mends itself; what it shows is either right or
 * says how old it is. `ended` is set when only a person can help: the screen was revoked or nobody is signed in.
 */
export class LiveLink {
  #open: OpenSocket;
  #timers: Timers;
  #clock: ServerClock;
  #backoff: Backoff;
  #painter: Painter;
  #topics = new Map<string, Watched>();
  #socket: BoardSocket | null = null;
  #openedAt = 0;
  #heardAt = -Infinity;
  #watchedAt = 0;
  #watchTimer: number | null = null;
  #openTimer: number | null = null;

  #hello = $state.raw<Hello | null>(null);
  #now = $state<number | null>(null);
  #online = $state(false);
  #everOnline = $state(false);
  #looked = $state<number | null>(null);
  #lostAt = $state<number | null>(null);
  #version = $state<string | null>(null);
  #ended = $state<LinkEnd | null>(null);

  constructor(open: OpenSocket, timers: Timers = browserTimers, random: () => number = Math.random) {
    this.#open = open;
    this.#timers = timers;
    this.#clock = new ServerClock(() => timers.now());
    this.#backoff = new Backoff(random);
    this.#painter = new Painter((what) => {
      for (const { topic } of this.#topics.values()) topic.paint(what);
    }, timers);
  }

  /** Who this screen is, as the server says. */
  get hello(): Hello | null {
    return this.#hello;
  }
  /** The server's time in milliseconds, moving once a second; null before the first pulse. */
  get now(): number | null {
    return this.#now;
  }
  /** Whether the server was heard in the last three seconds. */
  get online(): boolean {
    return this.#online;
  }
  /** False until the first pulse: the screen is starting, not lost. */
  get everOnline(): boolean {
    return this.#everOnline;
  }
  /** When the server was last heard, on its clock, once it is lost. */
  get lostAt(): number | null {
    return this.#lostAt;
  }
  /** When the server last read the ledger. */
  get looked(): number | null {
    return this.#looked;
  }
  /** Build of the web app that the server serves. */
  get version(): string | null {
    return this.#version;
  }
  get ended(): LinkEnd | null {
    return this.#ended;
  }

  start(): void {
    if (this.#watchTimer !== null) return;
    this.#ended = null;
    this.#watchedAt = this.#timers.now();
    this.#connect();
    this.#watch();
  }

  stop(): void {
    this.#painter.stop();
    if (this.#watchTimer !== null) this.#timers.clearTimeout(this.#watchTimer);
    if (this.#openTimer !== null) this.#timers.clearTimeout(this.#openTimer);
    this.#watchTimer = this.#openTimer = null;
    this.#drop();
  }

  /** A topic to read from. Call `release` when it is no longer shown; the last one out unsubscribes. */
  watch<T extends Topic>(name: T, scope: Scope): { topic: BoardTopic<T>; release: () => void } {
    const key = `${name}|${scope}`;
    let watched = this.#topics.get(key);
    if (!watched) {
      watched = { topic: new BoardTopic<Topic>(name, scope), users: 0, askedAt: -Infinity };
      this.#topics.set(key, watched);
      this.#ask(watched);
    }
    const mine = watched;
    mine.users++;
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      if (--mine.users > 0) return;
      this.#topics.delete(key);
      if (this.#socket?.connected) this.#socket.emit('unsubscribe', { topic: name, scope });
    };
    return { topic: mine.topic as BoardTopic<Topic> as BoardTopic<T>, release };
  }

  /** Looks at once whether the link is alive: the page became visible, or the network came back. */
  check(): void {
    if (this.#watchTimer === null) return;
    this.#look();
    if (this.#socket === null) this.#connect();
  }

  #connect(): void {
    if (this.#openTimer !== null) this.#timers.clearTimeout(this.#openTimer);
    this.#openTimer = null;
    this.#openedAt = this.#timers.now();
    const socket = this.#open();
    this.#socket = socket;
    // A socket that was given up may still speak; nothing it says counts.
    const mine =
      <A extends unknown[]>(run: (...args: A) => void) =>
      (...args: A) => {
        if (this.#socket === socket) run(...args);
      };
    socket.on(
      'connect',
      mine(() => this.#askAll()),
    );
    socket.on(
      'hello',
      mine((hello: Hello) => (this.#hello = hello)),
    );
    socket.on(
      'pulse',
      mine((pulse: Pulse) => this.#hearPulse(pulse)),
    );
    socket.on(
      'snapshot',
      mine((snapshot: Snapshot) => this.#take(snapshot, { snapshot })),
    );
    socket.on(
      'delta',
      mine((delta: Delta) => this.#take(delta, { delta })),
    );
    socket.on(
      'revoked',
      mine(() => this.#end('revoked')),
    );
    socket.on(
      'disconnect',
      mine(() => this.#retry()),
    );
    socket.on(
      'connect_error',
      mine((error: Error & { data?: { code?: string } }) => {
        if (error.data?.code === 'unauthenticated') this.#end('unauthenticated');
        else this.#retry();
      }),
    );
    socket.connect();
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.disconnect();
    for (const { topic } of this.#topics.values()) topic.lose();
  }

  #retry(): void {
    this.#drop();
    this.#openTimer ??= this.#timers.setTimeout(() => this.#connect(), this.#backoff.next());
  }

  #end(why: LinkEnd): void {
    this.stop();
    this.#ended = why;
    this.#online = false;
  }

  #hearPulse(pulse: Pulse): void {
    this.#heardAt = this.#timers.now();
    this.#clock.hear(Date.parse(pulse.now));
    this.#backoff.reset();
    this.#version = pulse.version;
    if (pulse.looked !== null) {
      const looked = Date.parse(pulse.looked);
      this.#looked = looked;
      for (const { topic } of this.#topics.values()) topic.confirm(looked);
    }
    this.#tick();
  }

  #take(message: { topic: Topic; scope: Scope }, what: { snapshot: Snapshot } | { delta: Delta }): void {
    this.#heardAt = this.#timers.now();
    const watched = this.#topics.get(`${message.topic}|${message.scope}`);
    if (!watched) return;
    const step = watched.topic.take(what);
    if (step === 'replace') this.#painter.flush();
    else if (step === 'first' || step === 'later') this.#painter.request(step === 'first');
    else if (step === 'resync') this.#ask(watched);
  }

  #ask(watched: Watched): void {
    const socket = this.#socket;
    if (!socket?.connected) return;
    // One question at a time: every delta until the snapshot comes would ask again.
    if (this.#timers.now() - watched.askedAt < boardTiming.deadMs) return;
    watched.askedAt = this.#timers.now();
    const { topic, scope } = watched.topic;
    socket.emit('subscribe', { topic, scope }, (answer) => {
      if (!answer.ok) watched.topic.refuse(answer.code);
    });
  }

  #askAll(): void {
    for (const watched of this.#topics.values()) {
      watched.askedAt = -Infinity;
      this.#ask(watched);
    }
  }

  #watch(): void {
    this.#watchTimer = this.#timers.setTimeout(() => {
      this.#watch();
      this.#look();
    }, WATCH_MS);
  }

  #look(): void {
    const now = this.#timers.now();
    const slept = now - this.#watchedAt > SLEPT_MS;
    this.#watchedAt = now;
    const socket = this.#socket;
    if (socket) {
      const silent = now - Math.max(this.#heardAt, this.#openedAt);
      if (silent > (socket.connected ? boardTiming.deadMs : CONNECT_MS)) this.#retry();
      else if (slept) this.#askAll();
      else
        for (const watched of this.#topics.values())
          if (!watched.topic.synced && !watched.topic.refused) this.#ask(watched);
    }
    this.#tick();
  }

  /** Moves what depends on time alone. */
  #tick(): void {
    const online = this.#timers.now() - this.#heardAt <= boardTiming.deadMs;
    const now = this.#clock.now();
    if (now !== null && Math.floor(now / 1000) !== Math.floor((this.#now ?? 0) / 1000)) this.#now = now;
    if (online) this.#everOnline = true;
    if (this.#online && !online)
      this.#lostAt = now === null ? null : now - (this.#timers.now() - this.#heardAt);
    if (online) this.#lostAt = null;
    this.#online = online;
  }
}
