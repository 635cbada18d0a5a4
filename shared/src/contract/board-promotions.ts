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
