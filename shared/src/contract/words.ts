/**
 * The closed vocabularies of the wire. A word stands here once; tables, API and screens use it unchanged.
 */

/** How a sale reached us. */
export const channels = ['pos', 'mall', 'miniapp', 'live', 'group', 'marketplace'] as const;
export type Channel = (typeof channels)[number];

/** `unknown` is a location that a fact named before the catalog did. */
export const locationKinds = ['store', 'hq_warehouse', 'online_warehouse', 'unknown'] as const;
export type LocationKind = (typeof locationKinds)[number];

export const fulfilmentMethods = ['carry', 'pickup', 'ship'] as const;
export type FulfilmentMethod = (typeof fulfilmentMethods)[number];

export const touches = ['store-visit', 'scan', 'guide-screen'] as const;
export type Touch = (typeof touches)[number];

/** What a member did on a visit. */
export const visitActs = ['looked', 'basket'] as const;
export type VisitAct = (typeof visitActs)[number];

/** Why a quantity moved. `counted` corrects the book to what was seen on the shelf. */
export const movementKinds = [
  'sale',
  'return',
  'received',
  'counted',
  'adjusted',
  'transfer_out',
  'transfer_in',
] as const;
export type MovementKind = (typeof movementKinds)[number];

export const roles = ['viewer', 'manager', 'marketer', 'admin'] as const;
export type Role = (typeof roles)[number];

/** What a machine's key may do. */
export const keyScopes = ['ingest', 'read', 'command'] as const;
export type KeyScope = (typeof keyScopes)[number];

/**
 * What an alert is about. Of a balance: `low_stock` (at or below its reorder point), `sellout_soon` (at the present rate gone
 * within hours), `sold_out`, `oversold`; of a SKU that many stores lack: `widespread`. Of the book: `negative_stock` (less
 * than nothing on hand) and `count_gap` (counted far from the book). Of an order: `late_supply`.
 */
export const alertKinds = [
  'low_stock',
  'sellout_soon',
  'sold_out',
  'oversold',
  'widespread',
  'negative_stock',
  'count_gap',
  'late_supply',
] as const;
export type AlertKind = (typeof alertKinds)[number];

/** Open until a named owner has acknowledged it, resolved when its cause is gone. */
export const alertStatuses = ['open', 'acknowledged', 'resolved'] as const;
export type AlertStatus = (typeof alertStatuses)[number];

export const severities = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof severities)[number];

/** Who is asked: the managers of the store, then those of its region, then headquarters. */
export const alertLevels = ['store', 'region', 'hq'] as const;
export type AlertLevel = (typeof alertLevels)[number];

export const proposalStates = ['open', 'approved', 'rejected', 'withdrawn'] as const;
export type ProposalState = (typeof proposalStates)[number];

/** Where a restock comes from: a store with surplus, a warehouse, the supplier straight to the store, or bought for HQ. */
export const sourceKinds = ['transfer', 'warehouse', 'supplier', 'purchase'] as const;
export type SourceKind = (typeof sourceKinds)[number];

export const supplyOrderKinds = ['transfer', 'purchase'] as const;
export type SupplyOrderKind = (typeof supplyOrderKinds)[number];

/** An order for goods: made, told to whoever sends them, under way, all arrived (or the rest given up), called off. */
export const supplyOrderStates = ['open', 'sent', 'shipped', 'received', 'cancelled'] as const;
export type SupplyOrderState = (typeof supplyOrderStates)[number];

/** A livestream on air, one that has said nothing for a minute, and one that is over. */
export const liveStates = ['running', 'silent', 'ended'] as const;
export type LiveState = (typeof liveStates)[number];

/** What is asked of the host; `move`: goods were sent after the show. */
export const liveRequestKinds = ['pause', 'resume', 'feature', 'say', 'move'] as const;
export type LiveRequestKind = (typeof liveRequestKinds)[number];

/** A group-buy: filling, formed (never undone), or over without having formed. */
export const groupStates = ['open', 'formed', 'expired'] as const;
export type GroupState = (typeof groupStates)[number];

/**
 * Why a group is not open any more. Formed: `full`, or `filled` up with virtual members at its deadline. Expired: by `time`, the
 * last one `left`, its campaign was `cancelled`, or nobody tells any more what became of it (`unheard`).
 */
export const groupEnds = ['full', 'filled', 'time', 'left', 'cancelled', 'unheard'] as const;
export type GroupEnd = (typeof groupEnds)[number];

/** Decided by us, or told by a shop that runs its own engine. */
export const promotionSources = ['ours', 'theirs'] as const;
export type PromotionSource = (typeof promotionSources)[number];

/**
 * What facts tell of a group and what should not be: more members than its size, full a second time, somebody left it when it had
 * formed or joined it after its deadline, two opened it, its size is not that of its campaign of ours; of one of ours: somebody is in (or not)
 * whom we know otherwise.
 */
export const groupFlags = [
  'over_full', 'formed_twice', 'left_after_forming', 'joined_late', 'opened_twice', 'told_more', 'told_less', 'told_size',
] as const; // prettier-ignore
export type GroupFlag = (typeof groupFlags)[number];

/** A bargain: being cut, bought at the price it had, or over. */
export const bargainStates = ['open', 'bought', 'expired'] as const;
export type BargainState = (typeof bargainStates)[number];

/**
 * As of groups: cut below its floor, by too many, by one twice, or too late, two opened it; of one of ours: somebody helped whom we do not
 * know, or took off something else; an order names it that nobody bought it with, or does not cost what it was bought for.
 */
export const bargainFlags = [
  'below_floor', 'too_many_helpers', 'helped_twice', 'helped_late', 'opened_twice', 'told_more', 'told_cut', 'order_unbought', 'order_price',
] as const; // prettier-ignore
export type BargainFlag = (typeof bargainFlags)[number];

/** Why a refund is asked for: the group expired, the member left it, or its campaign was called off. */
export const refundReasons = ['expired', 'left', 'cancelled'] as const;
export type RefundReason = (typeof refundReasons)[number];

/**
 * What loses money now: a campaign that its brake stopped, goods that are sold for less than they cost, and refunds far beyond
 * what is usual.
 */
export const anomalyKinds = ['brake', 'below_cost', 'refund_storm'] as const;
export type AnomalyKind = (typeof anomalyKinds)[number];

/** Full-screen pages a wall can show. */
export const scenes = ['overview', 'stock', 'live', 'promotions'] as const;
export type Scene = (typeof scenes)[number];

export const locales = ['zh-CN', 'en'] as const;
export type Locale = (typeof locales)[number];
