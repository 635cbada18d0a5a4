/**
 * Who is calling. A person's session and a wall's token come as cookies, a machine's key as `Authorization: Bearer`.
 * Answers are kept for a few seconds, so that a till that sends ten requests a second costs one query in that time;
 * a change of access is announced and forgets them at once, on every server.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { RequestHandler } from 'express';
import { findIdentities, touchTokens, type TokenKind } from '@zhanggui/shared/access/identity-store.ts';
import type { Identity } from '@zhanggui/shared/access/permissions.ts';
import { hashToken } from '@zhanggui/shared/access/token.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { Hints } from '@zhanggui/shared/platform/hints.ts';
import type { Log } from '@zhanggui/shared/platform/log.ts';
import { readCookie, type Cookies } from './cookies.ts';

/** Whose access changed. */
export type AccessChange = { kind: TokenKind; id: string };

/** As a hint: `access:user:<id>`. */
export const hintOf = ({ kind, id }: AccessChange): string => `access:${kind}:${id}`;

function changeOf(hint: string): AccessChange | null {
  const [, kind, id] = /^access:(user|key|wall):(.+)$/.exec(hint) ?? [];
  return kind === undefined || id === undefined ? null : { kind: kind as TokenKind, id };
}

/** A token that a caller showed, as its hash. */
export type ShownToken = { kind: TokenKind; hash: string };

/** How long an answer is believed where no announcement came through. */
const TTL_MS = 3_000;
/** Entries kept at most: the oldest go first, so that made-up tokens can't fill the memory. */
const MAX_ENTRIES = 20_000;
/** Uses are written down this often, for all tokens together. */
const TOUCH_MS = 30_000;

type Entry = { identity: Identity | null; until: number };

export class Identities {
  readonly #sql: SqlPool;
  readonly #log: Log;
  readonly #hints: Pick<Hints, 'publish'>;
  readonly #unsubscribe: () => void;
  readonly #now: () => number;
  readonly #cache = new Map<string, Entry>();
  readonly #running = new Map<string, Promise<Identity | null>>();
  readonly #batches = new Map<TokenKind, Batch>();
  readonly #used: Record<TokenKind, Set<string>> = { user: new Set(), key: new Set(), wall: new Set() };
  readonly #listeners = new Set<(change: AccessChange) => void>();
  readonly #touching: NodeJS.Timeout;
  /** Counts changes: an answer that was asked for before a change is not kept after it. */
  #generation = 0;

  constructor(options: {
    sql: SqlPool;
    log: Log;
    hints: Pick<Hints, 'publish' | 'subscribe'>;
    now?: () => number;
  }) {
    this.#sql = options.sql;
    this.#log = options.log;
    this.#hints = options.hints;
    this.#now = options.now ?? Date.now;
    this.#unsubscribe = options.hints.subscribe((hint) => {
      const change = changeOf(hint);
      if (change) this.#changed(change);
    });
    this.#touching = setInterval(() => void this.touch(), TOUCH_MS);
    this.#touching.unref();
  }

  /** Who a token belongs to; null when it proves nothing. Rejects when the database is away and nothing is kept. */
  async find({ kind, hash }: ShownToken): Promise<Identity | null> {
    const key = `${kind} ${hash}`;
    const kept = this.#cache.get(key);
    const identity = kept && kept.until > this.#now() ? kept.identity : await this.#lookUp(key, kind, hash);
    if (identity) this.#used[kind].add(hash);
    return identity;
  }

  /**
   * Announces a change that was just committed here, to every server: call it after the transaction, before the answer.
   * This server has forgotten the old answer when it returns.
   */
  announce(change: AccessChange): void {
    this.#hints.publish(hintOf(change));
  }

  #changed(change: AccessChange): void {
    this.#generation += 1;
    this.#running.clear();
    for (const [key, { identity }] of this.#cache) {
      if (identity === null || (identity.kind === change.kind && identity.id === change.id))
        this.#cache.delete(key);
    }
    for (const listener of this.#listeners) listener(change);
  }

  /** Calls back on every change, ours and others'. */
  onChange(listener: (change: AccessChange) => void): void {
    this.#listeners.add(listener);
  }

  /** Writes down which tokens were used since the last time. */
  async touch(): Promise<void> {
    for (const kind of ['user', 'key', 'wall'] as const) {
      const hashes = [...this.#used[kind]];
      if (hashes.length === 0) continue;
      this.#used[kind].clear();
      try {
        await touchTokens(this.#sql, kind, hashes);
      } catch (error) {
        // Only "last seen" is lost, and the next use tells it again.
        this.#log.warn({ err: error }, 'could not note the use of tokens');
      }
    }
  }

  /** Stops the timer and writes down the last uses. */
  async close(): Promise<void> {
    clearInterval(this.#touching);
    this.#unsubscribe();
    await this.touch();
  }

  /** One question at a time for one token, however many requests wait for it. */
  #lookUp(key: string, kind: TokenKind, hash: string): Promise<Identity | null> {
    const running = this.#running.get(key);
    if (running) return running;
    const generation = this.#generation;
    const answer = this.#batch(kind)
      .ask(hash)
      .then((identity) => {
        if (generation === this.#generation) this.#keep(key, identity);
        return identity;
      })
      .finally(() => {
        if (this.#running.get(key) === answer) this.#running.delete(key);
      });
    this.#running.set(key, answer);
    return answer;
  }

  #keep(key: string, identity: Identity | null): void {
    this.#cache.delete(key);
    this.#cache.set(key, { identity, until: this.#now() + TTL_MS });
    if (this.#cache.size > MAX_ENTRIES) {
      const oldest = this.#cache.keys().next().value;
      if (oldest !== undefined) this.#cache.delete(oldest);
    }
  }

  /** Tokens asked for in the same turn of the event loop share a query. */
  #batch(kind: TokenKind): Batch {
    let batch = this.#batches.get(kind);
    if (!batch) {
      batch = new Batch(async (hashes) => {
        this.#batches.delete(kind);
        return findIdentities(this.#sql, kind, hashes);
      });
      this.#batches.set(kind, batch);
    }
    return batch;
  }
}

/** Collects hashes until the turn ends, then asks once for all of them. */
class Batch {
  readonly #hashes = new Set<string>();
  readonly #answers: Promise<Map<string, Identity>>;

  constructor(ask: (hashes: string[]) => Promise<Map<string, Identity>>) {
    this.#answers = new Promise((resolve, reject) => {
      setImmediate(() => {
        ask([...this.#hashes]).then(resolve, reject);
      });
    });
  }

  async ask(hash: string): Promise<Identity | null> {
    this.#hashes.add(hash);
    return (await this.#answers).get(hash) ?? null;
  }
}

/** The tokens that a request or handshake shows, the strongest claim first. A key that is sent hides the cookies. */
export function shownTokens(headers: IncomingHttpHeaders, cookies: Cookies): ShownToken[] {
  const bearer = /^Bearer +(\S{1,200})$/i.exec(headers.authorization ?? '')?.[1];
  if (headers.authorization !== undefined) return bearer ? [{ kind: 'key', hash: hashToken(bearer) }] : [];
  return (['user', 'wall'] as const).flatMap((kind) => {
    const token = readCookie(headers.cookie, cookies[kind].name);
    return token ? [{ kind, hash: hashToken(token) }] : [];
  });
}

/** Finds out who is calling, for every route behind it. */
export function identify(identities: Identities, cookies: Cookies): RequestHandler {
  return async (req, res, next) => {
    res.locals.who = { kind: 'anonymous' };
    for (const shown of shownTokens(req.headers, cookies)) {
      const identity = await identities.find(shown);
      if (!identity) continue;
      res.locals.who = identity;
      res.locals.tokenHash = shown.hash;
      break;
    }
    next();
  };
}
