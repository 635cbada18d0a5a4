/**
 * A client of the public HTTP API: what a till or a connector would use, and nothing more. It waits and tries again where
 * the server asks for it; that is safe, since every call here may be repeated.
 */
import type { Problem } from '@zhanggui/shared/contract/errors.ts';
import { setTimeout as sleep } from 'node:timers/promises';

/** The server's refusal: status and, where it sent problem details, their code and fields. */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Partial<Problem>;

  constructor(status: number, problem: Partial<Problem>, what: string) {
    const fields = problem.errors?.map(({ field, detail }) => `${field}: ${detail}`).join('; ');
    super(
      `${what}: ${status} ${problem.detail ?? problem.title ?? 'no reason given'}${fields ? ` (${fields})` : ''}`,
    );
    this.name = 'ApiError';
    this.status = status;
    this.problem = problem;
  }
}

export type ApiOptions = {
  /** Where the server is, e.g. http://localhost:3000. */
  serverUrl: string;
  key: string;
  /** Ends waiting and further attempts; a request under way is answered still. */
  signal?: AbortSignal;
  /** Called before each wait, with what made it necessary. */
  onRetry?: (waitMs: number, reason: string) => void;
  /** How long an unreachable or overloaded server is tried again before the call fails, in ms. */
  patienceMs?: number;
};

export type ApiAnswer<T> = {
  body: T;
  /** From sending to the whole answer, the last attempt only, in ms. */ tookMs: number;
};

/** An answer that takes longer than this will not come. */
const ANSWER_MS = 120_000;
const PATIENCE_MS = 60_000;
const LONGEST_WAIT_MS = 10_000;

/** The calls of one key at one server. */
export class Api {
  readonly #options: ApiOptions;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  async get<T>(path: string, query: Record<string, string | number | undefined> = {}): Promise<T> {
    const given = new URLSearchParams();
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) given.set(name, String(value));
    const search = given.size > 0 ? `?${given.toString()}` : '';
    return (await this.#call<T>('GET', path + search)).body;
  }

  async put<T>(path: string, body: unknown): Promise<T> {
    return (await this.#call<T>('PUT', path, JSON.stringify(body), 'application/json')).body;
  }

  /** `key` is its Idempotency-Key: needed where doing it again would make a second thing. */
  async post<T>(path: string, body?: unknown, key?: string): Promise<T> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return (await this.#call<T>('POST', path, text, 'application/json', key)).body;
  }

  /** Sends a body that is written already, with its content type. */
  async postText<T>(path: string, text: string, contentType: string): Promise<ApiAnswer<T>> {
    return this.#call<T>('POST', path, text, contentType);
  }

  /** Throws ApiError for a refusal, and the last network error when the server stays away beyond the patience. */
  async #call<T>(
    method: string,
    path: string,
    body?: string,
    contentType?: string,
    idempotencyKey?: string,
  ): Promise<ApiAnswer<T>> {
    const { signal, onRetry, patienceMs = PATIENCE_MS } = this.#options;
    const giveUpAt = Date.now() + patienceMs;
    for (let attempt = 0; ; attempt++) {
      const result = await this.#once<T>(method, path, body, contentType, idempotencyKey);
      if ('body' in result) return result;
      signal?.throwIfAborted();
      const waitMs = result.retryAfterMs ?? Math.min(LONGEST_WAIT_MS, 100 * 2 ** attempt);
      if (Date.now() + waitMs > giveUpAt) throw result.error;
      onRetry?.(waitMs, result.error.message);
      await sleep(waitMs, undefined, signal === undefined ? {} : { signal });
    }
  }

  /** One attempt: an answer, or an error that is worth another attempt. Throws those that are not. */
  async #once<T>(
    method: string,
    path: string,
    body: string | undefined,
    contentType: string | undefined,
    idempotencyKey: string | undefined,
  ): Promise<ApiAnswer<T> | { error: Error; retryAfterMs: number | null }> {
    const { serverUrl, key } = this.#options;
    const started = performance.now();
    let response: Response;
    let text: string;
    try {
      response = await fetch(new URL(path, serverUrl), {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
          ...(contentType === undefined || body === undefined ? {} : { 'content-type': contentType }),
        },
        ...(body === undefined ? {} : { body }),
        // Not the caller's signal: who stops a command wants to know what became of the last request.
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      text = await response.text();
    } catch (error) {
      return {
        error: new Error(`${method} ${path}: ${reasonOf(error)}`, { cause: error }),
        retryAfterMs: null,
      };
    }
    const tookMs = performance.now() - started;
    if (response.ok) return { body: (text === '' ? undefined : JSON.parse(text)) as T, tookMs };
    const error = new ApiError(response.status, problemOf(text), `${method} ${path}`);
    if (response.status === 429 || response.status === 503)
      return { error, retryAfterMs: retryAfterMs(response.headers.get('retry-after')) };
    throw error;
  }
}

/** fetch hides the reason ("ECONNREFUSED …") in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || String(error.cause) : error.message;
}

function problemOf(text: string): Partial<Problem> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    // A proxy's page instead of ours.
    return { detail: text.slice(0, 200) };
  }
}

/** Retry-After in seconds or as a date, in ms; null where there is none that can be read. */
function retryAfterMs(header: string | null): number | null {
  if (header === null) return null;
  const seconds = Number(header);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(wait) ? Math.min(LONGEST_WAIT_MS, Math.max(50, wait)) : null;
}
