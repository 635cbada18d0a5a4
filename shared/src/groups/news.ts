/** What the shop is told when a group of ours forms or expires. Pure. */
import type { GroupEnd } from '../contract/words.ts';

export const NEWS_EVENTS = { formed: 'group.formed', expired: 'group.expired' } as const;
export type Ended = keyof typeof NEWS_EVENTS;

/** Members in one message; a group is never cut. */
export const MEMBERS_PER_MESSAGE = 500;

/** So long it waits for somebody who wants to hear of it. */
export const NEWS_DAYS = 7;

export type GroupNews = {
  groupId: string;
  campaignId: string;
  because: GroupEnd;
  at: Date;
  size: number;
  virtual: number;
  leader: string | null;
  /** What the leader gets for it, minor units: nothing where it expired. */
  bonus: number;
  /** Who is in, in order of joining; an order may come later, and names the group then. */
  members: { memberId: string; orderId: string | null }[];
};
