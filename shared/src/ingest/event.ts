/** Checks one event of a request against the contract. Pure. */
import { envelope, factData, type Fact, type FactType } from '../contract/events.ts';
import type { z } from 'zod';

/** A fact that fits its schema. `at` is its time in epoch ms, `data` is what the source sent, unknown fields included. */
export type CheckedFact = { fact: Fact; at: number; raw: unknown };
export type CheckFailure = {
  code: 'invalid_event' | 'unknown_type' | 'currency_mismatch';
  detail: string;
  field: string;
  source: string | null;
  id: string | null;
  type: string | null;
};
export type Checked = { ok: true; value: CheckedFact } | { ok: false; failure: CheckFailure };

/** `currency` is the company's: amounts in another one can't be added to its books. */
export function checkEvent(event: unknown, currency: string): Checked {
  const head = envelope.safeParse(event);
  if (!head.success) return failed(event, 'invalid_event', head.error.issues[0]!, '');
  const { type, id, source, time, data } = head.data;
  // Half a character would come back from the database as another text, and two ids could become one.
  for (const [field, text] of [
    ['id', id],
    ['source', source],
  ] as const)
    if (!text.isWellFormed())
      return refuse(event, 'invalid_event', field, `${field}: must not hold half of a surrogate pair`);
  if (!isFactType(type))
    return refuse(event, 'unknown_type', 'type', `type: there is no fact type "${type}"`);
  const body = factData[type].safeParse(data);
  if (!body.success) return failed(event, 'invalid_event', body.error.issues[0]!, 'data');
  const ordered = type === 'order.placed' ? (body.data as { currency?: string }).currency : undefined;
  if (ordered !== undefined && ordered !== currency)
    return refuse(
      event,
      'currency_mismatch',
      'data.currency',
      `data.currency: is ${ordered}, the company keeps ${currency}`,
    );
  const at = Date.parse(time);
  if (!(at >= EARLIEST && at < LATEST))
    return refuse(event, 'invalid_event', 'time', 'time: outside the years 1970 to 2199');
  const fact = { id, source, type, time: new Date(at).toISOString(), data: body.data } as Fact;
  return { ok: true, value: { fact, at, raw: data } };
}

/** Outside of these a time is a broken clock; and keys sort by time only with years of four digits. */
const EARLIEST = 0;
const LATEST = Date.UTC(2200, 0);

const isFactType = (type: string): type is FactType => Object.hasOwn(factData, type);

function failed(
  event: unknown,
  code: CheckFailure['code'],
  issue: z.core.$ZodIssue,
  prefix: string,
): Checked {
  const path = [...(prefix ? [prefix] : []), ...issue.path.map(String)].join('.');
  return refuse(event, code, path || 'event', `${path || 'event'}: ${issue.message}`);
}

function refuse(event: unknown, code: CheckFailure['code'], field: string, detail: string): Checked {
  const text = (name: string) => {
    const value =
      event !== null && typeof event === 'object' ? (event as Record<string, unknown>)[name] : undefined;
    return typeof value === 'string' && value.length <= 256 && isStorable(value) ? value : null;
  };
  return {
    ok: false,
    failure: { code, detail, field, source: text('source'), id: text('id'), type: text('type') },
  };
}

/** What a text column holds unchanged. */
const isStorable = (text: string) => !text.includes('\u0000') && text.isWellFormed();
