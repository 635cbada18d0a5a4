/** From rows of group-buys to the keyed values of topic `groups`. Pure. */
import type { GroupCampaign, GroupFormed, GroupSums, GroupTile } from '../contract/board.ts';
import type { FormedGroupRow, OpenGroupRow } from './board-group-store.ts';
import type { Values } from './tiles.ts';

export type GroupsState = {
  sums: GroupSums;
  ending: OpenGroupRow[];
  filling: OpenGroupRow[];
  formed: FormedGroupRow[];
  campaigns: (GroupCampaign & { id: string })[];
  /** The last hundred of today's formed groups that is full, and when it was. */
  milestone: { count: number; at: Date } | null;
};

/** Groups that make a milestone. */
const MILESTONE = 100;
export const milestoneOf = (formedToday: number): number => Math.floor(formedToday / MILESTONE) * MILESTONE;

export const noGroups = (): GroupsState => ({
  sums: {
    open: 0,
    members: 0,
    lacking: 0,
    ending: 0,
    formedToday: 0,
    expiredToday: 0,
    membersToday: 0,
    virtualToday: 0,
    refunds: 0,
    refundsLate: 0,
    refundAmount: 0,
    flagged: 0,
    bargains: 0,
    helpsToday: 0,
    boughtToday: 0,
  },
  ending: [],
  filling: [],
  formed: [],
  campaigns: [],
  milestone: null,
});

const tileOf = ({ openedAt, expiresAt, ...row }: OpenGroupRow): GroupTile => ({
  ...row,
  openedAt: openedAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
});

const formedOf = ({ openedAt, formedAt, ...row }: FormedGroupRow): GroupFormed => ({
  ...row,
  formedAt: formedAt.toISOString(),
  minutes: Math.max(0, Math.round((formedAt.getTime() - openedAt.getTime()) / 60_000)),
});

export function groupTiles({ sums, ending, filling, formed, campaigns, milestone }: GroupsState): Values {
  const values: Values = new Map([['summary', sums as Record<string, unknown>]]);
  ending.forEach((row, i) => values.set(`ending:${i + 1}`, tileOf(row)));
  filling.forEach((row, i) => values.set(`filling:${i + 1}`, tileOf(row)));
  formed.forEach((row, i) => values.set(`formed:${i + 1}`, formedOf(row)));
  for (const { id, ...campaign } of campaigns) values.set(`campaign:${id}`, campaign);
  if (milestone) values.set('milestone', { count: milestone.count, at: milestone.at.toISOString() });
  return values;
}
