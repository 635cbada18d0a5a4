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
  available: number;
  inbound: number;
  locations: string[];
  perHour: number;
  soldOutAt: string | null;
};

export type Detail = Session & {
  plan: { amount: number; minutes: number; byNow: number; vsPlan: number | null } | null;
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
