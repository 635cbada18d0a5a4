import type { ErrorCode, Problem } from '@zhanggui/shared/contract/errors.ts';

/** A page of a list. `nextCursor` is null on the last one. */
export type Page<Row> = { rows: Row[]; nextCursor: string | null };

export type Query = Record<string, string | number | boolean | null | undefined>;

/** Why a request brought nothing: the server's code, or `unreachable` when no answer of ours came. */
export class ApiError extends Error {
  readonly code: ErrorCode | 'unreachable';
  /** Names of the fields that the server could not take. */
  readonly fields: readonly string[];

  constructor(code: ErrorCode | 'unreachable', fields: readonly string[] = [], message: string = code) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.fields = fields;
  }
}

/** The address of a request; what is empty in the query is left out. */
export function addressOf(path: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') params.set(name, String(value));
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

/** A name for one command. `crypto.randomUUID` is missing where a desk is opened without TLS. */
export const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );

async function send<T>(method: string, address: string, body?: unknown, key?: string): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(address, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (cause) {
    throw new ApiError('unreachable', [], cause instanceof Error ? cause.message : undefined);
  }
  if (!answer.ok) throw await errorOf(answer);
  return (answer.status === 204 ? undefined : await answer.json().catch(() => undefined)) as T;
}

async function errorOf(answer: Response): Promise<ApiError> {
  try {
    const problem = (await answer.json()) as Problem;
    return new ApiError(
      problem.code,
      (problem.errors ?? []).map(({ field }) => field),
      problem.detail ?? problem.title,
    );
  } catch {
    // A proxy's page, not ours.
    return new ApiError('unreachable', [], `status ${answer.status}`);
  }
}

export const api = {
  get: <T>(path: string, query?: Query) => send<T>('GET', addressOf(path, query)),
  /** `key`, as of `newKey`: sent again with it, a command is done once. */
  post: <T>(path: string, body?: unknown, key?: string) => send<T>('POST', path, body, key),
  patch: <T>(path: string, body: unknown) => send<T>('PATCH', path, body),
  put: <T>(path: string, body: unknown) => send<T>('PUT', path, body),
  delete: (path: string) => send<void>('DELETE', path),
  /** Every row of a list, page by page. */
  async all<T>(path: string, query: Query = {}): Promise<T[]> {
    const rows: T[] = [];
    let cursor: string | null = null;
    do {
      const page: Page<T> = await send('GET', addressOf(path, { ...query, limit: 500, cursor }));
      rows.push(...page.rows);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return rows;
  },
};
