/** From rows of livestreams to the keyed values of topic `live`. Pure. */
import type { LiveFeatured, LiveMark, LiveTile } from '../contract/board.ts';
import { change, kindsOf, lastByNow, perThousand, planByNow, stateOf, type Curve } from '../live/session.ts';
import { elsewhereOf, firstOut, runwaysOf } from '../live/runway.ts';
import type { PlaceRow } from '../live/places-store.ts';
import type {
  DropRow,
  FeaturedRow,
  LiveMinuteRow,
  MarkRow,
  NextRow,
  OnAirRow,
  PastMinute,
  PastRow,
  RequestRow,
} from './board-live-store.ts';
import type { Values } from './tiles.ts';

/** Everything as read from the database, and when. */
export type LiveState = {
  /** Epoch ms. */
  now: number;
  onAir: OnAirRow[];
  /** Where what is held up is sold from. */
  places: PlaceRow[];
  minutes: LiveMinuteRow[];
  marks: MarkRow[];
  requests: RequestRow[];
  drops: DropRow[];
  /** By session: the room's last ones. */
  last: Map<string, Curve[]>;
  past: PastRow[];
  next: NextRow[];
};

export const noLive = (): LiveState => ({
  now: 0,
  onAir: [],
  places: [],
  minutes: [],
  marks: [],
  requests: [],
  drops: [],
  last: new Map(),
  past: [],
  next: [],
});

/** The curve on the board goes back so far. */
export const LIVE_MINUTES = 30;
const MARKS = 12;
const MINUTE = 60_000;
const iso = (ms: number) => new Date(ms).toISOString();

/** Last sessions, by the session that is compared with them. */
export function lastCurves(rows: readonly PastMinute[]): Map<string, Curve[]> {
  const curves = new Map<string, Map<string, { minutes: number; placed: number[] }>>();
  for (const { session, past, minutes, minute, placed } of rows) {
    let pasts = curves.get(session);
    if (!pasts) curves.set(session, (pasts = new Map<string, { minutes: number; placed: number[] }>()));
    let curve = pasts.get(past);
    if (!curve) pasts.set(past, (curve = { minutes, placed: [] }));
    while (curve.placed.length < minute) curve.placed.push(0);
    curve.placed[minute] = placed;
  }
  return new Map([...curves].map(([session, pasts]) => [session, [...pasts.values()]]));
}

/** How far the featured product goes at `now`, where it ends first. */
export function featuredTile(row: FeaturedRow, places: readonly PlaceRow[], now: number): LiveFeatured {
  const runways = runwaysOf(places, { featuredAt: Date.parse(row.since), now });
  const first = firstOut(runways);
  return {
    ...row,
    available: first?.available ?? 0,
    inbound: first?.inbound ?? 0,
    location: first?.location ?? null,
    locationNameZh: first?.locationNameZh ?? null,
    locationNameEn: first?.locationNameEn ?? null,
    elsewhere: first && elsewhereOf(runways, first),
    perHour: first?.perHour ?? 0,
    // To the second: more would make a new value of each look.
    soldOutAt: first?.soldOutAt == null ? null : iso(Math.round(first.soldOutAt / 1000) * 1000),
  };
}

/** Marks of one session, newest first; its whole history is needed to know a price that changed. */
export function marksOf(
  marks: readonly MarkRow[],
  requests: readonly RequestRow[],
  drops: readonly DropRow[],
): LiveMark[] {
  const kinds = kindsOf(marks.map(({ at, sku, price }) => ({ at: at.getTime(), sku, price })));
  const list = [
    ...marks.map(({ at, sku, nameZh, nameEn, price }, i): LiveMark => ({
      at: at.toISOString(),
      kind: kinds[i]!,
      sku,
      nameZh,
      nameEn,
      price,
      note: null,
    })),
    ...requests.map(({ at, kind, sku, nameZh, nameEn, note, order }): LiveMark => ({
      at: at.toISOString(),
      kind,
      sku,
      nameZh,
      nameEn,
      price: null,
      note: order ?? note,
    })),
    ...drops.map(({ at, name }): LiveMark => ({
      at: at.toISOString(),
      kind: 'coupon',
      sku: null,
      nameZh: null,
      nameEn: null,
      price: null,
      note: name,
    })),
  ];
  return list.sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
}

/** Compared to so many ms, or a number would change with each look although nothing happened. */
const COMPARED_MS = 5000;

function sessionTile(row: OnAirRow, { now, minutes, last, places }: LiveState): LiveTile {
  const heard = {
    startedAt: row.startedAt?.getTime() ?? null,
    pulseAt: row.pulseAt?.getTime() ?? null,
    endedAt: row.endedAt?.getTime() ?? null,
  };
  const startedAt = heard.startedAt ?? heard.pulseAt ?? now;
  const lastMinute = Math.floor(now / MINUTE) * MINUTE - MINUTE;
  const passed = Math.max(0, Math.floor(now / COMPARED_MS) * COMPARED_MS - startedAt) / MINUTE;
  const curves = last.get(row.id) ?? [];
  const planned =
    row.planAmount === null
      ? null
      : planByNow({ amount: row.planAmount, minutes: row.planMinutes }, curves, passed);
  const lastPlaced = lastByNow(curves, passed);
  return {
    id: row.id,
    room: row.room,
    host: row.host,
    platform: row.platform,
    title: row.title,
    state: stateOf(heard, now),
    startedAt: iso(startedAt),
    heardAt: iso(Math.max(startedAt, heard.pulseAt ?? 0)),
    viewers: row.viewers,
    peak: row.peak,
    entered: row.entered,
    likes: row.likes,
    comments: row.comments,
    clicks: row.clicks,
    orders: row.orders,
    units: row.units,
    placed: row.placed,
    paid: row.paid,
    perThousand: perThousand(row.placed, row.entered),
    perMinute:
      minutes.find(({ session, minute }) => session === row.id && minute.getTime() === lastMinute)?.orders ??
      0,
    planAmount: row.planAmount,
    planByNow: planned,
    vsPlan: change(row.placed, planned),
    lastPlaced,
    vsLast: change(row.placed, lastPlaced),
    featured:
      row.featured &&
      featuredTile(
        row.featured,
        places.filter(({ session }) => session === row.id),
        now,
      ),
  };
}

export function liveTiles(state: LiveState): Values {
  const { now, onAir, minutes, marks, requests, drops } = state;
  const values: Values = new Map();
  const summary = { running: onAir.length, viewers: 0, orders: 0, placed: 0 };
  for (const row of onAir) {
    summary.viewers += row.viewers;
    summary.orders += row.orders;
    summary.placed += row.placed;
    values.set(`session:${row.id}`, sessionTile(row, state));
  }
  values.set('summary', summary);
  for (const { session, minute, ...rest } of minutes)
    values.set(`minute:${minute.getTime() / MINUTE}@${session}`, rest);
  const since = now - LIVE_MINUTES * MINUTE;
  const marksBy = Map.groupBy(marks, ({ session }) => session);
  const requestsBy = Map.groupBy(requests, ({ session }) => session);
  const dropsBy = Map.groupBy(drops, ({ session }) => session);
  for (const { id } of onAir) {
    const list = marksOf(marksBy.get(id) ?? [], requestsBy.get(id) ?? [], dropsBy.get(id) ?? []);
    values.set(`marks:${id}`, {
      list: list.filter(({ at }) => Date.parse(at) >= since).slice(0, MARKS),
    });
  }
  for (const { seenAt, seenBy: _by, order: _order, at, ...rest } of requests)
    if (seenAt === null && rest.kind !== 'resume')
      values.set(`request:${rest.id}`, { ...rest, at: at.toISOString() });
  state.past.forEach(({ startedAt, endedAt, ...rest }, i) =>
    values.set(`past:${i + 1}`, {
      ...rest,
      startedAt: startedAt.toISOString(),
      endedAt: endedAt.toISOString(),
    }),
  );
  state.next.forEach(({ startsAt, ...rest }, i) =>
    values.set(`next:${i + 1}`, { ...rest, startsAt: startsAt.toISOString() }),
  );
  return values;
}
