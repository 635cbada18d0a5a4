/**
 * The board: live state pushed to screens as keyed absolute values. A topic is one part of it; a scope says whose.
 *
 * After `subscribe` a client gets `snapshot` (all keys), then `delta`s (changed keys, each from one seq to the next).
 * Values are always absolute: applying a delta twice, or a snapshot late, ends in the same numbers.
 */
import type {
  AlertKind,
  AlertLevel,
  AlertStatus,
  Channel,
  GroupEnd,
  LiveRequestKind,
  LiveState,
  PromotionSource,
  Severity,
  SourceKind,
} from './words.ts';

export const topics = ['sales', 'stores', 'stock', 'live', 'groups', 'alerts', 'feed', 'health'] as const;
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
};

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
/** What the host holds up, and how long it lasts. Pieces at the places that the session sells from. */
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
/** `price`: the product was up before, at another price. */
export type LiveMark = {
  at: string;
  kind: 'featured' | 'price' | LiveRequestKind;
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

/** Keys of topic `groups`, which has one scope, `all`: group-buys and bargains, ours and theirs. Amounts in minor units. */
export type GroupsBoard = {
  summary: GroupSums;
  /** By id: campaigns of group-buys that run, or have formed or lost a group today. */
  [campaign: `campaign:${string}`]: GroupCampaign;
  /** Open groups: those whose time is up next, those that lack fewest members; 1 is the next. */
  [ending: `ending:${number}`]: GroupTile;
  [filling: `filling:${number}`]: GroupTile;
  /** The groups that formed last, 1 is the latest. */
  [formed: `formed:${number}`]: GroupFormed;
};
export type GroupSums = {
  open: number;
  /** Members in open groups, and how many those still lack. */
  members: number;
  lacking: number;
  /** Open, and over within the next hour. */
  ending: number;
  /** Of the business day. */
  formedToday: number;
  expiredToday: number;
  /** Members of groups that formed today, without virtual ones; and those. */
  membersToday: number;
  virtualToday: number;
  /** Asked for and not confirmed; and of them those that are overdue. */
  refunds: number;
  refundsLate: number;
  refundAmount: number | null;
  /** Groups and bargains of the last week that are not as they may be. */
  flagged: number;
  bargains: number;
  helpsToday: number;
  boughtToday: number;
};
export type GroupCampaign = {
  name: string;
  open: number;
  members: number;
  formedToday: number;
  expiredToday: number;
};
export type GroupTile = {
  id: string;
  name: string | null;
  source: PromotionSource;
  size: number | null;
  members: number;
  openedAt: string;
  expiresAt: string;
};
export type GroupFormed = {
  id: string;
  name: string | null;
  source: PromotionSource;
  size: number | null;
  members: number;
  virtual: number;
  because: GroupEnd;
  formedAt: string;
  /** From opening to forming. */
  minutes: number;
};

/** Keys of topic `alerts`. */
export type AlertsBoard = {
  summary: AlertSums;
  /** The 100 that matter most; in scope `all` those that a company-wide one stands for are left out. */
  [alert: `alert:${string}`]: AlertTile;
};
/** Of alerts that are neither snoozed nor silenced. `open`: nobody is on it; `critical` are those of them. */
export type AlertSums = {
  open: number;
  acknowledged: number;
  critical: number;
  /** Medians of the last 7 days, in minutes; null: none. */
  acknowledgeMinutes: number | null;
  resolveMinutes: number | null;
};
export type AlertTile = {
  id: string;
  kind: AlertKind;
  severity: Severity;
  status: AlertStatus;
  level: AlertLevel;
  sku: string | null;
  nameZh: string | null;
  nameEn: string | null;
  location: string | null;
  locationNameZh: string | null;
  locationNameEn: string | null;
  openedAt: string;
  /** Id of the person or key that takes care of it: names may be the same. */
  ownerId: string | null;
  owner: string | null;
  snoozedUntil: string | null;
  /** Until when the owner has time, or until when an answer is awaited. */
  dueAt: string | null;
  params: AlertParams;
  /** The restock proposed against it. */
  proposal: { id: string; qty: number; sourceKind: SourceKind; expectedAt: string } | null;
};
export type AlertParams = {
  available?: number;
  onHand?: number;
  inbound?: number;
  reorderPoint?: number;
  /** Pieces an hour now, and when the last one goes at that rate. */
  perHour?: number;
  soldOutAt?: string;
  /** Of a count: what the book said, and what was seen. */
  book?: number;
  counted?: number;
  /** Stores that lack the SKU. */
  stores?: number;
  /** Code of the transfer or purchase, and since when it is late. */
  order?: string;
  lateSince?: string;
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
