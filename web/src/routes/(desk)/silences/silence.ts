import type { AlertKind } from '@zhanggui/shared/contract/words.ts';

/** Alerts that fit every field that is set are kept quiet. */
export type Silence = {
  id: string;
  kind: AlertKind | null;
  sku: string | null;
  skuNameZh: string | null;
  skuNameEn: string | null;
  category: string | null;
  location: string | null;
  region: string | null;
  until: string;
  reason: string;
  by: string;
  createdAt: string;
};

export type NewSilence = {
  kind?: AlertKind;
  sku?: string;
  category?: string;
  location?: string;
  region?: string;
  until: string;
  reason: string;
};

/** How long, in minutes; `morning`: until the next 8:00. */
export const spans = ['60', '240', 'morning', '1440', '10080', '43200'] as const;
export type Span = (typeof spans)[number];

const MORNING = 8 * 60;
const DAY = 24 * 60;
export const reasonMax = 500;

/**
 * When a silence ends that begins now.
 *
 * @param clock business time now, `20:41`
 */
export function endOf(span: Span, now: number, clock: string): number {
  if (span !== 'morning') return now + Number(span) * 60_000;
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  const wait = (MORNING - (hours * 60 + minutes) + DAY) % DAY || DAY;
  return Math.floor(now / 60_000) * 60_000 + wait * 60_000;
}

/** The same rule once more, as it was. */
export function again({ kind, sku, category, location, region, until, reason }: Silence): NewSilence {
  return {
    ...(kind && { kind }),
    ...(sku && { sku }),
    ...(category && { category }),
    ...(location && { location }),
    ...(region && { region }),
    until,
    reason,
  };
}
