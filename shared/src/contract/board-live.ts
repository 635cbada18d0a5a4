/** The board's topic `live`. See board.ts. */
import type { LiveRequestKind, LiveState } from './words.ts';

/**
 * Keys of topic `live`, which has one scope, `all`. Amounts in minor units; a wall without the right to money gets null in
 * `placed paid perThousand planAmount planByNow lastPlaced`.
 */
export type LiveBoard = {
  /** Of the sessions on air. */
  summary: { running: number; viewers: number; orders: number; placed: number | null };
  [session: `session:${string}`]: LiveTile;
  /** The last half hour of each session on air, key `minute:<minutes since 1970>@<session>`. */
  [minute: `minute:${string}`]: LiveMinute;
  /** What happened in that time, newest first. */
  [marks: `marks:${string}`]: { list: LiveMark[] };
  /** What is asked of the host and was not seen yet, key `request:<id>`. */
  [request: `request:${string}`]: LiveRequest;
  /** The shows that ended last, 1 is the latest; those that are planned, 1 is the next. */
  [past: `past:${number}`]: LivePast;
  [next: `next:${number}`]: LiveNext;
};
export type LiveTile = {
  id: string;
  room: string | null;
  host: string | null;
  platform: string | null;
  title: string | null;
  state: LiveState;
  startedAt: string;
  /** When the room last said something. */
  heardAt: string;
  /** Watching now, and at most. */
  viewers: number;
  peak: number;
  entered: number;
  likes: number;
  comments: number;
  clicks: number;
  orders: number;
  units: number;
  placed: number | null;
  paid: number | null;
  /** Placed for each thousand that entered; null: nobody did. */
  perThousand: number | null;
  /** Orders placed in the last full minute. */
  perMinute: number;
  /** The plan, what of it should be placed by now, and placed ÷ that − 1. */
  planAmount: number | null;
  planByNow: number | null;
  vsPlan: number | null;
  /** Placed by the same minute of the room's last sessions, on average, and placed ÷ that − 1. */
  lastPlaced: number | null;
  vsLast: number | null;
  featured: LiveFeatured | null;
};
/** What the host holds up, and how long it lasts: at the place that it is sold from and where it ends first. */
export type LiveFeatured = {
  sku: string;
  nameZh: string;
  nameEn: string;
  price: number | null;
  since: string;
  /** Sold in this session. */
  units: number;
  clicks: number;
  available: number;
  inbound: number;
  /** Code and names of the place; null: nobody knows where it is sold from. */
  location: string | null;
  locationNameZh: string | null;
  locationNameEn: string | null;
  /** Pieces at the other places that it is sold from; null: there are no others. */
  elsewhere: number | null;
  /** Pieces an hour at the rate of the last minutes. */
  perHour: number;
  /** When the last one goes at that rate; null: nothing sells. */
  soldOutAt: string | null;
  /** Somebody has asked the host not to sell it. */
  paused: boolean;
};
export type LiveMinute = {
  viewers: number;
  entered: number;
  clicks: number;
  orders: number;
  units: number;
  placed: number | null;
};
/** `price`: the product was up before, at another price. `coupon`: a campaign began to give coupons that are good here, `note` is its name. */
export type LiveMark = {
  at: string;
  kind: 'featured' | 'price' | 'coupon' | LiveRequestKind;
  sku: string | null;
  nameZh: string | null;
  nameEn: string | null;
  price: number | null;
  note: string | null;
};
export type LiveRequest = {
  id: string;
  session: string;
  kind: LiveRequestKind;
  at: string;
  by: string;
  sku: string | null;
  nameZh: string | null;
  nameEn: string | null;
  qty: number | null;
  note: string | null;
};
export type LivePast = {
  id: string;
  room: string | null;
  host: string | null;
  title: string | null;
  startedAt: string;
  endedAt: string;
  peak: number;
  orders: number;
  placed: number | null;
};
export type LiveNext = { id: string; room: string | null; title: string | null; startsAt: string };
