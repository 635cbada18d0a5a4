import { z } from 'zod';
import { en, zhCN } from 'zod/locales';
import type { Locale } from '@zhanggui/shared/contract/words.ts';
import { checkEvent } from '@zhanggui/shared/ingest/event.ts';

export const rejectedStates = ['open', 'replayed', 'discarded'] as const;
export type RejectedState = (typeof rejectedStates)[number];

export type Rejected = {
  no: number;
  receivedAt: string;
  source: string | null;
  eventId: string | null;
  type: string | null;
  code: string;
  field: string | null;
  detail: string;
  body: string;
  state: RejectedState;
  settledAt: string | null;
  settledBy: string | null;
};

/** Why an event can't be taken. `detail` is a sentence in the reader's language where there is more to say. */
export type Fault = { code: string; field: string | null; detail: string | null };

export type Looked = { event: unknown; fault: Fault | null };

/** Looks at a text as the server would, in the reader's words. */
export function lookAt(text: string, currency: string, locale: Locale): Looked {
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch (error) {
    return { event: undefined, fault: { code: 'malformed_json', field: null, detail: whereOf(error) } };
  }
  z.config(locale === 'en' ? en() : zhCN());
  const checked = checkEvent(event, currency);
  if (checked.ok) return { event, fault: null };
  const { code, field, detail } = checked.failure;
  // Other codes are said by their own words; the schema's sentence begins with its field.
  const sentence = code === 'invalid_event' ? detail.replace(`${field}: `, '') : null;
  return { event, fault: { code, field, detail: sentence } };
}

/** `line:column` where browsers tell it; their sentence is in no language of ours. */
function whereOf(error: unknown): string | null {
  const place = /line (\d+) column (\d+)/.exec(error instanceof Error ? error.message : '');
  return place ? `${place[1]}:${place[2]}` : null;
}

/** The body for people: JSON in lines, and what never was JSON as it came. */
export function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
