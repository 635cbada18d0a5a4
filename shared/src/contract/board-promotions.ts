/** The board's topics about promotions, `groups` and `coupons`. See board.ts. */
import type { GroupEnd, PromotionSource } from './words.ts';

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
  /** The last hundred of today's formed groups that is full: when its hundredth group formed. Absent below a hundred. */
  milestone?: { count: number; at: string };
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

/** Keys of topic `coupons`, which has one scope, `all`. Amounts in minor units. */
export type CouponsBoard = {
  summary: CouponSums;
  /** By id: campaigns that run or stand still, and those that ended in the last hour. */
  [campaign: `campaign:${string}`]: CouponCampaign;
  /**
   * What went out and came back in each minute of the last hour: of all campaigns, key `minute:<minutes since 1970>`, and of the
   * busiest ones, key `minute:<minutes since 1970>@<id of the campaign>`. A minute without either has no key.
   */
  [minute: `minute:${string}`]: CouponMinute;
};
export type CouponSums = {
  running: number;
  paused: number;
  /** Of the business day. */
  issuedToday: number;
  redeemedToday: number;
  spentToday: number | null;
};
/** `ended`: its time is over, or it was called off. */
export type CouponCampaignState = 'running' | 'paused' | 'ended';
export type CouponCampaign = {
  name: string;
  state: CouponCampaignState;
  /** Why it stands still: it spent too fast, or somebody stopped it. */
  pausedBy: 'brake' | 'person' | null;
  give: 'push' | 'claim' | 'rule';
  /** Members that it is sent to; 0 where they claim. */
  targeted: number;
  issued: number;
  redeemed: number;
  /** Redeemed, and come back with a refund. */
  returned: number;
  /** Members who got none: number or money was used up, or it could not be done. */
  failed: number;
  /** So many in all; null: no limit. */
  total: number | null;
  budget: number | null;
  /** Kept for coupons that may still be redeemed. */
  reserved: number | null;
  spent: number | null;
  /** Of the budget, 0…1; null: it has none. */
  reservedShare: number | null;
  spentShare: number | null;
  /** Of one that is being sent; null: it is not, or it is done. */
  fanOut: CouponFanOut | null;
  launchedAt: string | null;
  endsAt: string | null;
};
export type CouponFanOut = {
  /** Members of the audience that were looked at, 0…1. */
  share: number;
  perSecond: number | null;
  /** At that rate; null: nobody can tell. */
  secondsLeft: number | null;
};
export type CouponMinute = { issued: number; redeemed: number; spent: number | null };
