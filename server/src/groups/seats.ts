/** Decides one command about a group-buy by what stands under the locks, and collects what it changes. */
import { randomUUID } from 'node:crypto';
import { AppError, type ErrorCode } from '@zhanggui/shared/contract/errors.ts';
import { givesAt } from '@zhanggui/shared/coupons/campaign.ts';
import type { CampaignRow } from '@zhanggui/shared/coupons/campaign-store.ts';
import { campaignHonours } from '@zhanggui/shared/coupons/redeem.ts';
import { join, leave, openGroup, type Group } from '@zhanggui/shared/groups/group.ts';
import {
  CampaignCounts,
  type Hold,
  type KnownMember,
  type LockedGroup,
  type NewGroup,
  type NewSeat,
} from '@zhanggui/shared/groups/group-store.ts';
import type { ReservationDraft } from '@zhanggui/shared/stock/reservation-store.ts';
import type { again } from '../http/grouped.ts';
import { refuse, type GroupAnswer, type GroupCommand, type GroupOutcome } from './command.ts';
import { campaignOf, type Known } from './known.ts';
import type { lockShelves } from './shelves.ts';

const HOUR = 3_600_000;
/** A seat's pieces are held so long beyond the group's deadline: that is how long its order may take to come. */
export const AFTER_SECONDS = 86_400;

/** Everything that the commands of a group change. */
export class Changes {
  readonly groups = new Map<string, LockedGroup>();
  readonly changed = new Set<LockedGroup>();
  readonly opened: NewGroup[] = [];
  readonly seats: NewSeat[] = [];
  readonly left: { groupNo: number; position: number }[] = [];
  readonly reservations: ReservationDraft[] = [];
  readonly counts = new CampaignCounts();
  readonly decided = new Map<number, GroupOutcome | typeof again>();
}

/** What stands while the locks are held. */
export type Under = {
  known: Known;
  changes: Changes;
  used: Map<string, Set<number>>;
  rooms: Map<number, CampaignRow>;
  shelves: Awaited<ReturnType<typeof lockShelves>>;
  /** Seats and money of each campaign that were given in this transaction. */
  given: Map<number, { seats: number; money: number }>;
};

export function decideOne(each: GroupCommand, under: Under): GroupOutcome {
  const campaign = campaignOf(each, under.known);
  const member = under.known.members.get(each.memberId);
  // It was made a moment ago and is gone again.
  if (!campaign || !member) return refuse('not_found');
  if (each.kind === 'leave') return decideLeave(each, member, campaign, under);
  if (each.kind === 'open') return decideOpen(each, member, campaign, under);
  return decideJoin(each, member, campaign, under);
}

/**
 * Why this member may not take one more seat of the campaign, or which of theirs it is. A group that is open fills until its own deadline,
 * also when the campaign's time is over: only a new one needs it to run.
 */
function seatOf(
  campaign: CampaignRow,
  member: KnownMember,
  { known, used, rooms, given }: Under,
  { opens, bonus }: { opens: boolean; bonus: number },
): number | ErrorCode {
  const row = rooms.get(campaign.no);
  if (!row || !(opens ? givesAt(row, known.now) : campaignHonours(row.state))) return 'campaign_not_running';
  if (member.forgotten || !(known.eligible.get(campaign.no)?.has(member.no) ?? true)) return 'not_eligible';
  const mine = used.get(`${campaign.no} ${member.no}`);
  const nth = Array.from({ length: row.perMember }, (_, i) => i + 1).find((each) => !mine?.has(each));
  if (nth === undefined) return 'limit_reached';
  const { seats, money } = given.get(campaign.no) ?? { seats: 0, money: 0 };
  if (row.total !== null && row.issued + seats + 1 > row.total) return 'sold_out';
  if (row.budget !== null && row.spent + row.reserved + money + bonus > row.budget) return 'sold_out';
  return nth;
}

type Taking = { groupId: string; position: number; expiresAt: number; hold: Hold | null };

/** Takes a seat with its pieces, or says why not. */
function takeSeat(
  each: Extract<GroupCommand, { orderId: string | null }>,
  member: KnownMember,
  campaign: CampaignRow,
  { groupId, position, expiresAt, hold }: Taking,
  nth: number,
  under: Under,
): AppError | null {
  const { changes, known, used, shelves } = under;
  const held = hold !== null && !(each.orderId !== null && known.settledOrders.has(each.orderId));
  const reference = each.orderId ?? `${groupId}/${position}`;
  if (held) {
    const short = shelves.take(campaign.no, hold);
    if (short) return short;
    changes.reservations.push({
      reference,
      channel: 'group',
      lines: hold.lines.map((line) => ({ ...line, locationNo: hold.locationNo })),
      ttlSeconds: Math.ceil((expiresAt - known.now.getTime()) / 1000) + AFTER_SECONDS,
      requestHash: '',
      createdBy: 'group',
    });
  }
  changes.seats.push({
    groupId,
    position,
    memberNo: member.no,
    campaignNo: campaign.no,
    nth,
    orderId: each.orderId,
    held: held ? reference : null,
  });
  const key = `${campaign.no} ${member.no}`;
  used.set(key, (used.get(key) ?? new Set()).add(nth));
  return null;
}

function give(
  campaignNo: number,
  { opens, bonus: money }: { opens: boolean; bonus: number },
  { given, changes }: Under,
): void {
  const before = given.get(campaignNo) ?? { seats: 0, money: 0 };
  given.set(campaignNo, { seats: before.seats + 1, money: before.money + money });
  changes.counts.add(campaignNo, { issued: 1, reserved: money, takes: true, opens });
}

function decideOpen(
  each: Extract<GroupCommand, { kind: 'open' }>,
  member: KnownMember,
  campaign: CampaignRow,
  under: Under,
): GroupOutcome {
  const template = under.known.templates.get(campaign.no)!;
  const nth = seatOf(campaign, member, under, { opens: true, bonus: template.leaderBonus });
  if (typeof nth === 'string') return refuse(nth);
  const now = under.known.now.getTime();
  const expiresAt = now + Math.round(template.hours * HOUR);
  const group = openGroup(member.no, { size: template.size, expiresAt, virtualFrom: template.virtualFrom });
  const hold = under.known.shelves.get(campaign.no) ?? null;
  if (hold instanceof AppError) return { kind: 'refused', error: hold };
  const opened: NewGroup = {
    id: randomUUID(),
    campaignNo: campaign.no,
    group,
    openedAt: now,
    bonus: template.leaderBonus,
    hold: hold?.hold ?? null,
  };
  const short = takeSeat(
    each,
    member,
    campaign,
    { groupId: opened.id, position: 1, expiresAt, hold: opened.hold },
    nth,
    under,
  );
  if (short) return { kind: 'refused', error: short };
  under.changes.opened.push(opened);
  give(campaign.no, { opens: true, bonus: template.leaderBonus }, under);
  return { kind: 'done', group: shown(opened, group, campaign.id, each.memberId) };
}

function decideJoin(
  each: Extract<GroupCommand, { kind: 'join' }>,
  member: KnownMember,
  campaign: CampaignRow,
  under: Under,
): GroupOutcome {
  const locked = under.changes.groups.get(each.groupId);
  if (!locked) return refuse('not_found');
  const now = under.known.now.getTime();
  const after = join(locked.group, member.no, now);
  if (typeof after === 'string') return refuse(after);
  const nth = seatOf(campaign, member, under, { opens: false, bonus: 0 });
  if (typeof nth === 'string') return refuse(nth);
  if (under.known.regulars.has(`${member.no} ${each.groupId}`))
    return refuse('not_eligible', 'This group is for new members');
  const taking = {
    groupId: locked.id,
    position: locked.group.nextPosition,
    expiresAt: locked.group.expiresAt!,
    hold: locked.hold,
  };
  const short = takeSeat(each, member, campaign, taking, nth, under);
  if (short) return { kind: 'refused', error: short };
  give(campaign.no, { opens: false, bonus: 0 }, under);
  put(locked, after, under.changes);
  return { kind: 'done', group: shown(locked, after, campaign.id, locked.leader) };
}

function decideLeave(
  each: Extract<GroupCommand, { kind: 'leave' }>,
  member: KnownMember,
  campaign: CampaignRow,
  { known, changes }: Under,
): GroupOutcome {
  const locked = changes.groups.get(each.groupId);
  if (!locked) return refuse('not_found');
  const seat = locked.group.seats.find((one) => one.member === member.no);
  const after = leave(locked.group, member.no, known.now.getTime());
  if (typeof after === 'string') return refuse(after);
  changes.left.push({ groupNo: locked.no, position: seat!.position });
  changes.counts.add(campaign.no, { issued: -1 });
  put(locked, after, changes);
  // Who leads now is looked up for all at once.
  return { kind: 'done', group: shown(locked, after, campaign.id, null) };
}

/** Keeps what becomes of a group, with the money that its end frees or spends. */
function put(locked: LockedGroup, after: Group<number>, changes: Changes): void {
  if (after.state === 'formed')
    changes.counts.add(locked.campaignNo, {
      redeemed: after.seats.length,
      reserved: -locked.bonus,
      spent: locked.bonus,
    });
  if (after.state === 'expired') changes.counts.add(locked.campaignNo, { reserved: -locked.bonus });
  locked.group = after;
  changes.changed.add(locked);
}

const shown = (
  { id, openedAt }: { id: string; openedAt: number },
  group: Group<number>,
  campaignId: string,
  leader: string | null,
): GroupAnswer => ({
  id,
  campaignId,
  source: 'ours',
  state: group.state,
  because: group.because,
  size: group.size!,
  members: group.seats.length,
  virtual: group.virtual,
  leader,
  openedAt: new Date(openedAt),
  expiresAt: new Date(group.expiresAt!),
  formedAt: group.state === 'formed' ? new Date(group.at!) : null,
  endedAt: group.state === 'expired' ? new Date(group.at!) : null,
  flags: [],
});
