import type { LiveMark } from '@zhanggui/shared/contract/board.ts';
import type { Channel, LiveRequestKind, LiveState } from '@zhanggui/shared/contract/words.ts';

/** As `GET /api/v1/live/sessions` answers. Times RFC 3339, amounts minor units. */
export type Session = {
  id: string;
  room: string | null;
  host: string | null;
  platform: string | null;
  title: string | null;
  state: LiveState | 'planned';
  startedAt: string | null;
  endedAt: string | null;
  startsAt: string | null;
  heardAt: string | null;
  viewers: number;
  peak: number;
  entered: number;
  clicks: number;
  orders: number;
  units: number;
  placed: number;
  paid: number;
  perThousand: number | null;
  planAmount: number | null;
};

/** A place that a product is sold from. */
export type Place = {
  location: string;
  locationNameZh: string;
  locationNameEn: string;
  available: number;
  inbound: number;
  /** Of what is sold of it, parts of one. */
  share: number;
  perHour: number;
  soldOutAt: string | null;
};

export type Product = {
  sku: string;
  nameZh: string;
  nameEn: string;
  clicks: number;
  orders: number;
  units: number;
  amount: number;
  featured: number;
  price: number | null;
  up: boolean;
  paused: boolean;
  /** The place that decides when it is out, and what follows there. */
  location: string | null;
  available: number;
  inbound: number;
  perHour: number;
  soldOutAt: string | null;
  /** Pieces at the other places that it is sold from; null: none. */
  elsewhere: number | null;
  places: Place[];
};

/** What a show is to bring in. It is put whole: what is left out, nobody says any more. */
export type Plan = {
  amount: number;
  minutes: number | null;
  room: string | null;
  title: string | null;
  startsAt: string | null;
};

export type Detail = Session & {
  plan: { amount: number; minutes: number; asSet: Plan; byNow: number; vsPlan: number | null } | null;
  last: {
    byNow: number | null;
    vsLast: number | null;
    sessions: {
      id: string;
      title: string | null;
      startedAt: string;
      peak: number;
      orders: number;
      placed: number;
      byNow: number;
    }[];
  };
  curve: {
    minute: string;
    viewers: number;
    entered: number;
    clicks: number;
    orders: number;
    units: number;
    placed: number;
    planned: number | null;
    last: number | null;
  }[];
  /** Through which channels its orders came, the largest first. */
  channels: { channel: Channel; orders: number; units: number; placed: number }[];
  products: Product[];
  marks: LiveMark[];
};

export type Asked = {
  id: string;
  kind: LiveRequestKind;
  order: string | null;
  qty: number | null;
};

export type Move = {
  location: string;
  locationNameZh: string;
  locationNameEn: string;
  available: number;
  spare: number;
  qty: number;
};

/** Where goods could come from, best first, and where they would go. */
export type Ways = { to: string | null; wanted: number; places: Place[]; rows: Move[] };

export const pathOf = (id: string) => `/api/v1/live/sessions/${encodeURIComponent(id)}`;
export const pageOf = (id: string) => `/live/${encodeURIComponent(id)}`;
export const titleOf = ({ title, room, id }: Pick<Session, 'title' | 'room' | 'id'>) => title || room || id;

const MINUTE = 60_000;
/** A curve with every minute from the first to the last, also those in which nothing was heard. */
export function wholeCurve(curve: Detail['curve']) {
  const by = new Map(curve.map((each) => [Date.parse(each.minute), each]));
  const [first, last] = [Math.min(...by.keys()), Math.max(...by.keys())];
  const minutes = curve.length === 0 ? 0 : (last - first) / MINUTE + 1;
  return Array.from({ length: minutes }, (_, i) => {
    const each = by.get(first + i * MINUTE);
    return {
      at: first + i * MINUTE,
      viewers: each?.viewers ?? 0,
      orders: each?.orders ?? 0,
      placed: each?.placed ?? 0,
    };
  });
}
