/** When a message is tried, and what an answer means. Pure; times in milliseconds. */
import type { EndpointKind } from './endpoint.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How long after each failed try the next one comes; after the last there is none. Eight tries in two hours. */
const retryDelays = [SECOND, 5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 40 * MINUTE, HOUR];

/**
 * A slot by the endpoint's rate. Half of a minute's messages, but no more than `atOnce`, may go at once, and then one every
 * minute / what is left of the rate: so no minute, wherever it begins, has more than the rate.
 *
 * @param freeAt what the last slot left behind
 */
export function slot(freeAt: Date, now: Date, perMinute: number, atOnce: number): { at: Date; freeAt: Date } {
  const { burst, every } = rhythm(perMinute, atOnce);
  const from = Math.max(freeAt.getTime(), now.getTime());
  const at = Math.max(now.getTime(), from - (burst - 1) * every);
  return { at: new Date(at), freeAt: new Date(from + every) };
}

/** How many slots there are from now until so many milliseconds later. The same parameters as `slot`. */
export function slotsWithin(ms: number, freeAt: Date, now: Date, perMinute: number, atOnce: number): number {
  const { burst, every } = rhythm(perMinute, atOnce);
  const from = Math.max(freeAt.getTime(), now.getTime());
  return Math.max(0, burst + Math.floor((now.getTime() + ms - from) / every));
}

/** How many may go at once, and the milliseconds between those after them. */
function rhythm(perMinute: number, atOnce: number): { burst: number; every: number } {
  const burst = Math.max(1, Math.min(atOnce, Math.floor(perMinute / 2)));
  return { burst, every: MINUTE / Math.max(1, perMinute - burst) };
}

/** What came back: a status with headers and the beginning of the body, or why nothing did. */
export type Reply =
  { status: number; retryAfter: string | null; body: string } | { refused: string } | { broken: string };

export type Outcome =
  | { kind: 'sent'; status: number }
  | { kind: 'failed'; status: number | null; error: string }
  | { kind: 'retry'; status: number | null; error: string; afterMs: number };

/**
 * Codes by which the bots say that it was too much or that they are busy (nearly always with HTTP 200), and how long to wait.
 * All others are for good: a wrong key, a word that is missing or not allowed, a body that is malformed (Feishu's 9499).
 *
 * WeCom, https://developer.work.weixin.qq.com/document/path/90313: -1 busy, 45009 too often, 45033 too many at once.
 * DingTalk, https://open.dingtalk.com/document/robots/custom-robot-access: -1 busy; 410100 and 130101 too often, which shuts
 * the bot out for ten minutes. Feishu, https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot: 11232 too often, or
 * too much going on at a full hour; https://open.feishu.cn/document/server-docs/api-call-guide/frequency-control: 99991400
 * from the gateway before it, with HTTP 429 or 400.
 */
const busyMs: Record<EndpointKind, Record<number, number>> = {
  wecom: { [-1]: MINUTE, 45009: MINUTE, 45033: MINUTE },
  dingtalk: { [-1]: MINUTE, 130101: 10 * MINUTE, 410100: 10 * MINUTE },
  feishu: { 11232: MINUTE, 99991400: MINUTE },
  webhook: {},
};

/** What to do about a reply to the `attempts`th try. */
export function outcomeOf(kind: EndpointKind, reply: Reply, attempts: number, now: Date): Outcome {
  if ('refused' in reply) return { kind: 'failed', status: null, error: reply.refused };
  if ('broken' in reply) return again(null, reply.broken, attempts);
  const { status } = reply;
  const said = kind === 'webhook' ? null : botError(reply.body);
  const waitMs = said === null ? undefined : busyMs[kind][said.code];
  if (said !== null && waitMs !== undefined) return again(status, said.error, attempts, waitMs);
  if (status >= 200 && status < 300)
    return said === null ? { kind: 'sent', status } : { kind: 'failed', status, error: said.error };
  const error = `HTTP ${status} ${reply.body}`.trim();
  if (status >= 300 && status < 400)
    return { kind: 'failed', status, error: `HTTP ${status}: redirects are not followed` };
  if (status === 429 || status === 503)
    return again(status, error, attempts, Math.min(HOUR, waitOf(reply.retryAfter, now)));
  if (status === 408 || status === 425 || status >= 500) return again(status, error, attempts);
  return { kind: 'failed', status, error };
}

function again(status: number | null, error: string, attempts: number, leastMs = 0): Outcome {
  const delay = retryDelays[attempts - 1];
  return delay === undefined
    ? { kind: 'failed', status, error }
    : { kind: 'retry', status, error, afterMs: Math.max(delay, leastMs) };
}

/** Retry-After: seconds, or a date. */
function waitOf(header: string | null, now: Date): number {
  if (header === null) return 0;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * SECOND : Date.parse(header) - now.getTime();
  return Number.isNaN(ms) ? 0 : Math.max(0, ms);
}

/** WeCom and DingTalk: `errcode`, Feishu: `code`. Null when it went well. */
function botError(body: string): { code: number; error: string } | null {
  let said: unknown;
  try {
    said = JSON.parse(body);
  } catch {
    return { code: 0, error: `not the answer of a bot: ${body}` };
  }
  const { errcode, errmsg, code, msg } = (said ?? {}) as Record<string, unknown>;
  const number = errcode ?? code;
  if (number === 0) return null;
  const text = typeof errmsg === 'string' ? errmsg : typeof msg === 'string' ? msg : body;
  return { code: Number(number), error: `${String(number)} ${text}` };
}
