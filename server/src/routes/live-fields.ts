/** What routes about livestreams take and answer. */
import { z } from 'zod';
import { channels, liveRequestKinds, liveStates } from '@zhanggui/shared/contract/words.ts';
import type { ProductRow, SessionRow } from '@zhanggui/shared/live/live-store.ts';
import type { PlaceRow } from '@zhanggui/shared/live/places-store.ts';
import { elsewhereOf, firstOut, runwaysOf, type Runway } from '@zhanggui/shared/live/runway.ts';
import { perThousand, stateOf } from '@zhanggui/shared/live/session.ts';
import { code, instant, line, money } from '../http/fields.ts';

export const name = z.string().nullable();
export const sessionId = line(128);
export const byId = z.object({ id: sessionId });

const sums = {
  viewers: z.int().describe('Watching now'),
  peak: z.int(),
  entered: z.int(),
  likes: z.int(),
  comments: z.int(),
  clicks: z.int(),
  orders: z.int(),
  units: z.int(),
  placed: z.int(),
  paid: z.int(),
};

export const session = z.object({
  id: z.string(),
  room: name,
  host: name,
  platform: name,
  title: name,
  state: z.enum([...liveStates, 'planned']),
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
  startsAt: instant.nullable().describe('When it is planned to begin'),
  heardAt: instant.nullable().describe('When the room last said something'),
  ...sums,
  refunded: z.int(),
  perThousand: z.int().nullable().describe('Placed for each thousand that entered'),
  planAmount: z.int().nullable(),
});

export const place = z.object({
  location: z.string(),
  locationNameZh: z.string(),
  locationNameEn: z.string(),
  available: z.int(),
  inbound: z.int(),
  share: z
    .number()
    .describe('Of what the show sold of it in the last quarter of an hour, else of all: parts of one'),
  perHour: z.number(),
  soldOutAt: instant.nullable(),
});

const product = z.object({
  sku: z.string(),
  nameZh: z.string(),
  nameEn: z.string(),
  clicks: z.int(),
  orders: z.int(),
  units: z.int(),
  amount: z.int(),
  featured: z.int().describe('How often it was held up'),
  price: z.int().nullable().describe('At which it was held up last'),
  up: z.boolean().describe('The host holds it up now'),
  paused: z.boolean().describe('The host was asked not to sell it'),
  location: name.describe(
    'The place that decides when it is out: with its end a tenth of what is sold has nowhere to come from; null: nobody knows one',
  ),
  available: z.int().describe('There, as all that follows'),
  inbound: z.int(),
  perHour: z.number().describe('Pieces an hour at the rate of the last minutes; 0 when the show is over'),
  soldOutAt: instant.nullable(),
  elsewhere: z.int().nullable().describe('Pieces at the other places that it is sold from; null: none'),
  places: z.array(place).describe('Where it is sold from, the one that ends first before the others'),
});

const mark = z.object({
  at: z.string(),
  kind: z.enum(['featured', 'price', 'coupon', ...liveRequestKinds]),
  sku: name,
  nameZh: name,
  nameEn: name,
  price: z.int().nullable(),
  note: name,
});

export const request = z.object({
  id: z.uuid(),
  kind: z.enum(liveRequestKinds),
  at: instant,
  by: z.string(),
  sku: name,
  nameZh: name,
  nameEn: name,
  qty: z.int().nullable(),
  order: name.describe('Code of the transfer'),
  note: name,
  seenAt: instant.nullable(),
  seenBy: name,
});

/** A plan, whole: what it does not say, nobody says any more. */
export const plan = z.strictObject({
  amount: money.describe('To be placed, minor units'),
  minutes: z.int().min(1).max(1440).nullish().describe('Length; as the last sessions where it is not given'),
  room: sessionId.nullish(),
  title: line(200).nullish(),
  startsAt: instant.nullish(),
});

/** Of a show whose id nobody knows yet: room and time say which one it is. */
export const comingShow = plan.extend({ room: sessionId, startsAt: instant });

export const detail = session.extend({
  funnel: z.object({
    entered: z.int(),
    clicks: z.int(),
    orders: z.int(),
    clickRate: z.number().nullable().describe('clicks ÷ entered'),
    orderRate: z.number().nullable().describe('orders ÷ clicks'),
    conversion: z.number().nullable().describe('orders ÷ entered'),
  }),
  plan: z
    .object({
      amount: z.int(),
      minutes: z.int().describe('As planned, else as long as the last sessions'),
      asSet: z
        .object({
          amount: z.int(),
          minutes: z.int().nullable(),
          room: name,
          title: name,
          startsAt: instant.nullable(),
        })
        .describe('To change a part of it, put all of this'),
      byNow: z.int(),
      vsPlan: z.number().nullable().describe('placed ÷ byNow − 1'),
    })
    .nullable(),
  last: z.object({
    byNow: z.int().nullable().describe('Placed by the same minute of the last sessions, on average'),
    vsLast: z.number().nullable(),
    sessions: z.array(
      z.object({
        id: z.string(),
        title: name,
        startedAt: instant,
        endedAt: instant,
        peak: z.int(),
        entered: z.int(),
        orders: z.int(),
        placed: z.int(),
        byNow: z.int().describe('Placed by the same minute'),
      }),
    ),
  }),
  curve: z.array(
    z.object({
      minute: instant,
      ...sums,
      planned: z.int().nullable().describe('What the plan has placed by the end of the minute, in all'),
      last: z.int().nullable().describe('What the last sessions had, on average'),
    }),
  ),
  channels: z
    .array(z.object({ channel: z.enum(channels), orders: z.int(), units: z.int(), placed: z.int() }))
    .describe('Through which channels its orders came, the largest first'),
  products: z.array(product),
  marks: z.array(mark).describe('Newest first'),
  requests: z.array(request),
});

export const move = z.object({
  location: z.string(),
  locationNameZh: z.string(),
  locationNameEn: z.string(),
  available: z.int(),
  spare: z.int().describe('Above its own reorder point'),
  qty: z.int().describe('Whole packs that would last for the rest of the show, as far as there are'),
});

export const asked = z
  .strictObject({
    kind: z.enum(['pause', 'resume', 'feature', 'say']),
    sku: code.optional(),
    note: line(200).optional(),
  })
  .refine(({ kind, sku }) => (kind === 'say') === (sku === undefined), {
    path: ['sku'],
    message: 'is needed, unless something is only said',
  })
  .refine(({ kind, note }) => kind !== 'say' || note !== undefined, { path: ['note'], message: 'is needed' });

export const share = (part: number, whole: number) =>
  whole > 0 ? Math.round((part / whole) * 10_000) / 10_000 : null;

export const heardOf = (row: SessionRow) => ({
  startedAt: row.startedAt?.getTime() ?? null,
  pulseAt: row.pulseAt?.getTime() ?? null,
  endedAt: row.endedAt?.getTime() ?? null,
});

/** A session as lists show it. */
export function shown(row: SessionRow, now: number) {
  const heard = heardOf(row);
  const isPlanned = Object.values(heard).every((each) => each === null) && row.orders === 0;
  const state = isPlanned ? ('planned' as const) : stateOf(heard, now);
  return {
    ...row,
    state,
    endedAt: state === 'ended' ? (row.endedAt ?? row.pulseAt ?? row.startedAt) : null,
    heardAt:
      heard.startedAt === null && heard.pulseAt === null
        ? null
        : new Date(Math.max(heard.startedAt ?? 0, heard.pulseAt ?? 0)),
    perThousand: perThousand(row.placed, row.entered),
  };
}

/** When the show is over, nothing sells and nothing ends. */
export const shownPlace = (runway: Runway<PlaceRow>, isOver = false) => ({
  location: runway.location,
  locationNameZh: runway.locationNameZh,
  locationNameEn: runway.locationNameEn,
  available: runway.available,
  inbound: runway.inbound,
  share: Math.round(runway.share * 10_000) / 10_000,
  perHour: isOver ? 0 : runway.perHour,
  soldOutAt: isOver || runway.soldOutAt === null ? null : new Date(runway.soldOutAt),
});

export function shownProduct(
  row: ProductRow,
  places: readonly PlaceRow[],
  { now, isOver, up }: { now: number; isOver: boolean; up: string | null },
) {
  const runways = runwaysOf(places, { featuredAt: row.featuredAt?.getTime() ?? 0, now });
  const first = firstOut(runways);
  const { location, available, inbound, perHour, soldOutAt } = first
    ? shownPlace(first, isOver)
    : { location: null, available: 0, inbound: 0, perHour: 0, soldOutAt: null };
  return {
    ...row,
    up: !isOver && row.sku === up,
    location,
    available,
    inbound,
    perHour,
    soldOutAt,
    elsewhere: first && elsewhereOf(runways, first),
    places: runways.map((each) => shownPlace(each, isOver)),
  };
}
