/**
 * The board: live state pushed to screens as keyed absolute values. A topic is one part of it; a scope says whose.
 *
 * After `subscribe` a client gets `snapshot` (all keys), then `delta`s (changed keys, each from one seq to the next).
 * Values are always absolute: applying a delta twice, or a snapshot late, ends in the same numbers.
 */
import type { Channel } from './words.ts';

export type * from './board-alerts.ts';
export type * from './board-live.ts';
export type * from './board-promotions.ts';

export const topics = [
  'sales',
  'stores',
  'stock',
  'live',
  'groups',
  'coupons',
  'alerts',
  'feed',
  'health',
] as const;
export type Topic = (typeof topics)[number];

/** `all`, `region:<code>` or `store:<location code>`. */
export type Scope = 'all' | `region:${string}` | `store:${string}`;

/** Timing that both ends rely on, in milliseconds. */
export const boardTiming = {
  /** At most this often is a topic sent, in the long run: 12 times a second, as often as a wall paints in a storm. */
  tickMs: 80,
  /** Publishers look this often even when no hint came. */
  lookMs: 1000,
  /** A server says this often that it lives and when it last looked at the ledger. */
  pulseMs: 1000,
  /** A screen that has heard nothing for this long says that it is offline. */
  deadMs: 3000,
  /** Data whose last successful look is older than this is shown as stale. */
  staleMs: 5000,
} as const;

/** Bucket of the day's curve, in minutes: 288 a day (a day of 25 hours has 300). */
export const CURVE_MINUTES = 5;

/** Amounts in minor units. `net` = paid − refunded. A wall without the right to money gets `null` in money fields. */
export type SalesSums = {
  orders: number;
  units: number;
  placed: number | null;
  paid: number | null;
  refunded: number | null;
  net: number | null;
};

/** Keys of topic `sales`. */
export type SalesBoard = {
  /** `share` of the scope's net, 0…1. */
  [channel in `channel:${Channel}`]: SalesSums & { share: number | null };
} & {
  /** Company (or region, or store) sums of the business day. */
  today: SalesSums & { day: string; firstMinute: string };
  /** Net at the same time of day on other days, minor units; ratios are today ÷ then − 1, null when there is nothing to compare with. */
  compare: {
    at: string;
    yesterday: number | null;
    lastWeek: number | null;
    vsYesterday: number | null;
    vsLastWeek: number | null;
    yesterdayTotal: number | null;
  };
  /** Target of the day in minor units, and the share reached (1 = reached). */
  target: { amount: number | null; reached: number | null };
  /** Orders placed in the last full minute. */
  rate: { minute: string; orders: number };
  /** Net of the i-th bucket since the business day began. With money hidden: thousandths of yesterday's total. */
  [curve: `curve:${number}`]: number;
  [yesterday: `yesterday:${number}`]: number;
  [lastWeek: `lastWeek:${number}`]: number;
  /** The ten SKUs that sold most today, rank 1 first. */
  [hot: `hot:${number}`]: HotSku;
  /** Of the whole company: the minute that sold more than any of the week before it. Absent until there is one. */
  record?: RecordMinute;
};

export type RecordMinute = { minute: string; orders: number; placed: number | null };

export type HotSku = { sku: string; nameZh: string; nameEn: string; units: number; net: number | null };

/** Topic `stores`: key is the location code. */
export type StoreTile = {
  code: string;
  nameZh: string;
  nameEn: string;
  region: string | null;
  city: string | null;
  orders: number;
  units: number;
  net: number | null;
  target: number | null;
  /** Share of the day's target reached, 1 = reached. */
  reached: number | null;
  /** Net against the same time yesterday, today ÷ then − 1. */
  vsYesterday: number | null;
  lastSaleAt: string | null;
};

/** Keys of topic `stock`. Counts are SKU × location pairs. */
export type StockBoard = {
  summary: StockCounts & {
    /** With a policy and at or below their reorder point. */
    low: number;
    unknownSkus: number;
    unknownLocations: number;
  };
  /** What is on its way into the scope, and how long restocks take. */
  restock: RestockTile;
  [location: `location:${string}`]: StockCounts & {
    low: number;
    code: string;
    nameZh: string;
    nameEn: string;
  };
  /** The ten that run out next at the present rate, rank 1 first. */
  [next: `next:${number}`]: RunningOut;
  /** The latest 40 flags, key `flag:<sku>@<location>`. */
  [flag: `flag:${string}`]: StockFlag;
};
/** `balances` have ever moved; `soldOut` have available = 0; `oversold` have available < 0. */
export type StockCounts = { balances: number; soldOut: number; oversold: number };
export type StockFlag = {
  kind: 'sold_out' | 'oversold';
  sku: string;
  nameZh: string;
  nameEn: string;
  location: string;
  locationNameZh: string;
  locationNameEn: string;
  onHand: number;
  reserved: number;
  available: number;
  since: string;
};

export type RunningOut = {
  sku: string;
  nameZh: string;
  nameEn: string;
  location: string;
  locationNameZh: string;
  locationNameEn: string;
  available: number;
  /** Pieces an hour now. */
  perHour: number;
  soldOutAt: string;
};

export type RestockTile = {
  openProposals: number;
  /** Transfers and purchases that have not arrived, and their pieces. */
  underWay: number;
  underWayUnits: number;
  late: number;
  /** Median of the last 30 days from the first signal to the shelf, in hours; null: none arrived. */
  cycleHours: number | null;
};

/** Topic `feed`: key is the item's number, larger is newer; the latest 30 are kept. `params` fill the sentence of `kind`. */
export const feedKinds = [
  'big_order',
  'big_refund',
  'sold_out',
  'oversold',
  'restocked',
  'live_started',
  'live_ended',
  'group_opened',
  'complaint',
  'new_source',
  'unknown_sku',
  'unknown_location',
] as const;
export type FeedKind = (typeof feedKinds)[number];
export type FeedItem = { id: number; at: string; kind: FeedKind; params: FeedParams };
export type FeedParams = {
  amount?: number | null;
  channel?: Channel;
  qty?: number;
  location?: string;
  locationNameZh?: string;
  locationNameEn?: string;
  sku?: string;
  skuNameZh?: string;
  skuNameEn?: string;
  text?: string;
};

/** Keys of topic `health`. */
export type HealthBoard = {
  ingest: { perSecond: number; commitMsP50: number; commitMsP99: number; queued: number };
  ledger: { events: number; lastReceivedAt: string | null; openRejections: number };
  [source: `source:${string}`]: SourceHealth;
};
export type SourceHealth = {
  name: string;
  lastReceivedAt: string;
  /** Newest fact time: how far behind the source reports. */
  lastEventAt: string | null;
  accepted: number;
  duplicates: number;
  rejected: number;
};

export type BoardValue = Record<string, unknown> | number;

/** `at` is the server's clock when the ledger was looked at. */
export type Snapshot = {
  topic: Topic;
  scope: Scope;
  /** Changes when seq starts anew: a restarted server. */
  epoch: string;
  seq: number;
  at: string;
  data: Record<string, BoardValue>;
};

export type Delta = {
  topic: Topic;
  scope: Scope;
  epoch: string;
  from: number;
  to: number;
  at: string;
  put?: Record<string, BoardValue>;
  del?: string[];
};

/** Sent to every screen each `pulseMs`: `now` sets its clock, `looked` is the age of all that did not change. */
export type Pulse = {
  now: string;
  /** When the publisher last read the ledger successfully. */
  looked: string | null;
  epoch: string;
  /** Build of the web app being served: a wall that runs another one reloads itself. */
  version: string;
};
