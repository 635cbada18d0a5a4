/**
 * Opening, joining and leaving group-buys, for a group of requests in one transaction: the groups are locked in order, each command is
 * decided under the locks by what stands then, and all of it is written at once. Pieces are held, and the campaign is counted, in the
 * same transaction.
 */
import { randomUUID } from 'node:crypto';
import {
  findAnswers,
  keepAnswers,
  type KeptAnswer,
  type KeyedCommand,
} from '@zhanggui/shared/access/idempotency-store.ts';
import { noteChange } from '@zhanggui/shared/board/change-store.ts';
import { AppError, type ErrorCode } from '@zhanggui/shared/contract/errors.ts';
import type { GroupEnd, GroupState } from '@zhanggui/shared/contract/words.ts';
import {
  findCampaignsById,
  findCampaignsByNo,
  type CampaignRow,
} from '@zhanggui/shared/coupons/campaign-store.ts';
import { findMembersByNo, introduceMembers } from '@zhanggui/shared/coupons/claim-store.ts';
import { join, leave, openGroup, type Group } from '@zhanggui/shared/groups/group.ts';
import {
  CampaignCounts,
  countOnCampaigns,
  findGroupRefs,
  findMembers,
  insertGroups,
  insertSeats,
  leaveSeats,
  lockGroups,
  readSeats,
  readTaken,
  writeGroups,
  type GroupRef,
  type Hold,
  type KnownMember,
  type LockedGroup,
  type NewGroup,
  type NewSeat,
} from '@zhanggui/shared/groups/group-store.ts';
import { groupTemplate, type GroupTemplate } from '@zhanggui/shared/groups/template.ts';
import { inOneGo, type Sql, type SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { readReferences } from '@zhanggui/shared/stock/promise-store.ts';
import { isStanding } from '@zhanggui/shared/stock/reservation.ts';
import {
  insertReservations,
  releaseHolds,
  type ReservationDraft,
} from '@zhanggui/shared/stock/reservation-store.ts';
import { again } from '../http/grouped.ts';
import { bookHolds, nothing, type Booked } from '../stock/book-holds.ts';
import type { Places } from '../stock/places.ts';
import { audiencesOf } from './audiences.ts';
import { lockShelves, readShelves, type GroupShelves } from './shelves.ts';

const HOUR = 3_600_000;
/** A seat's pieces are held so long beyond the group's deadline: that is how long its order may take to come. */
export const AFTER_SECONDS = 86_400;

/** What is asked for. */
export type GroupAsk = { memberId: string } & (
  | { kind: 'open'; campaignId: string; orderId: string | null }
  | { kind: 'join'; groupId: string; orderId: string | null }
  | { kind: 'leave'; groupId: string }
);
export type GroupCommand = GroupAsk & { command: KeyedCommand | null };

/** A group as a command answers it. */
export type GroupAnswer = {
  id: string;
  campaignId: string;
  source: 'ours';
  state: GroupState;
  because: GroupEnd | null;
  size: number;
  members: number;
  virtual: number;
  leader: string | null;
  openedAt: Date;
  expiresAt: Date;
  formedAt: Date | null;
  endedAt: Date | null;
  flags: [];
};

export type GroupOutcome =
  | { kind: 'done'; group: GroupAnswer }
  | { kind: 'answered'; kept: KeptAnswer }
  | { kind: 'refused'; error: AppError };

export type GroupContext = {
  sql: SqlPool;
  time: BusinessTime;
  places: Places;
  now: () => Date;
  encode: (group: GroupAnswer) => unknown;
  /** After commit. */
  onCommit: (booked: Booked) => void;
};

type Outcomes = (GroupOutcome | typeof again)[];

/** Others were faster with a key, a seat, a reference or the last of a campaign: all are decided anew. */
class Overtaken extends Error {}

const refuse = (code: ErrorCode, detail?: string): GroupOutcome => ({
  kind: 'refused',
  error: new AppError(code, detail),
});

/** What is known before the transaction: nothing of it changes, or what changes is guarded by what is written. */
type Known = {
  now: Date;
  refs: Map<string, GroupRef>;
  members: Map<string, KnownMember>;
  campaigns: Map<number, CampaignRow>;
  /** Numbers of campaigns that were asked for by id. */
  campaignNos: Map<string, number>;
  templates: Map<number, GroupTemplate>;
  eligible: Map<number, Set<number>>;
  shelves: GroupShelves;
  /** Orders that are placed or that something is held for already. */
  settledOrders: Set<string>;
};

export async function decideGroups(
  context: GroupContext,
  commands: readonly GroupCommand[],
): Promise<Outcomes> {
  const { sql, onCommit } = context;
  const outcomes: Outcomes = commands.map(() => again);
  const known = await look(context, commands, outcomes);
  const open = commands.flatMap((_, i) => (outcomes[i] === again ? [i] : []));
  const mine = withoutRepeats(commands, open);
  if (mine.length === 0) return outcomes;
  try {
    const { decided, booked } = await inOneGo(sql, (tx) => decide(context, tx, commands, mine, known));
    for (const [i, outcome] of decided) outcomes[i] = outcome;
    onCommit(booked);
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error;
  }
  return outcomes;
}

/** What the same member, or the same key, asks for a second time is decided when the first is known. */
function withoutRepeats(commands: readonly GroupCommand[], open: readonly number[]): number[] {
  const seen = new Set<string>();
  return open.filter((i) => {
    const { memberId, command } = commands[i]!;
    const names = [`member ${memberId}`, ...(command ? [`key ${command.who} ${command.key}`] : [])];
    if (names.some((name) => seen.has(name))) return false;
    for (const name of names) seen.add(name);
    return true;
  });
}

async function look(
  { sql, time, places, now: clock }: GroupContext,
  commands: readonly GroupCommand[],
  outcomes: Outcomes,
): Promise<Known> {
  const now = clock();
  const keyed = commands.flatMap(({ command }) => command ?? []);
  const groupIds = commands.flatMap((each) => (each.kind === 'open' ? [] : [each.groupId]));
  const campaignIds = commands.flatMap((each) => (each.kind === 'open' ? [each.campaignId] : []));
  const orderIds = commands.flatMap((each) => (each.kind === 'leave' ? [] : (each.orderId ?? [])));
  const memberIds = commands.map(({ memberId }) => memberId);
  const [answers, refs, people, asked, references] = await Promise.all([
    findAnswers(sql, keyed),
    groupIds.length > 0 ? findGroupRefs(sql, [...new Set(groupIds)]) : [],
    findMembers(sql, memberIds),
    campaignIds.length > 0 ? findCampaignsById(sql, [...new Set(campaignIds)]) : [],
    orderIds.length > 0 ? readReferences(sql, orderIds) : [],
  ]);
  const more = [...new Set(refs.flatMap(({ campaignNo }) => campaignNo ?? []))];
  const rows = more.length > 0 ? [...asked, ...(await findCampaignsByNo(sql, more))] : asked;
  const campaigns = new Map(rows.filter(({ kind }) => kind === 'group').map((row) => [row.no, row]));
  const known: Known = {
    now,
    refs: new Map(refs.map((row) => [row.id, row])),
    members: new Map(people.map((row) => [row.id, row])),
    campaigns,
    campaignNos: new Map([...campaigns.values()].map(({ id, no }) => [id, no])),
    templates: new Map(
      [...campaigns.values()].map(({ no, template }) => [no, groupTemplate.parse(template)]),
    ),
    eligible: new Map(),
    shelves: new Map(),
    settledOrders: new Set(
      references
        .filter(({ placed, last }) => placed || (last && isStanding(last.state)))
        .map(({ reference }) => reference),
    ),
  };
  const kept = new Map(answers.map((row) => [`${row.who} ${row.key}`, row]));
  const strangers: string[] = [];
  for (const [i, each] of commands.entries()) {
    const answered = each.command && kept.get(`${each.command.who} ${each.command.key}`);
    if (answered) outcomes[i] = { kind: 'answered', kept: answered };
    else outcomes[i] = notThere(each, known, strangers) ?? again;
  }
  const [eligible, shelves] = await Promise.all([
    audiencesOf(sql, time, [...campaigns.values()], people, now),
    readShelves(sql, places, [...known.templates]),
    strangers.length > 0 ? introduceMembers(sql, strangers) : null,
  ]);
  // Those who were strangers a moment ago are known now.
  if (strangers.length > 0)
    for (const row of await findMembers(sql, strangers)) known.members.set(row.id, row);
  return { ...known, eligible, shelves };
}

/** The campaign that a command is about. */
const campaignOf = (each: GroupCommand, { refs, campaigns, campaignNos }: Known): CampaignRow | undefined => {
  const no = each.kind === 'open' ? campaignNos.get(each.campaignId) : refs.get(each.groupId)?.campaignNo;
  return no == null ? undefined : campaigns.get(no);
};

/** Why a command is about nothing that there is; null: it can be decided. Collects members that nobody named before. */
function notThere(each: GroupCommand, known: Known, strangers: string[]): GroupOutcome | null {
  if (each.kind !== 'open') {
    const ref = known.refs.get(each.groupId);
    if (!ref) return refuse('not_found', `There is no group ${each.groupId}`);
    if (ref.source === 'theirs') return refuse('conflict', 'This group is run by the shop’s own engine');
  }
  const campaign = campaignOf(each, known);
  if (!campaign) return refuse('not_found', 'There is no such group-buy campaign');
  if (known.members.has(each.memberId)) return null;
  if (each.kind === 'leave') return refuse('not_joined');
  // A shop may know its members before their facts come; a list or a segment does not hold them.
  if (campaign.audience.kind !== 'all') return refuse('not_eligible');
  strangers.push(each.memberId);
  return null;
}

/** Everything that the commands of a group change. */
class Changes {
  readonly groups = new Map<string, LockedGroup>();
  readonly changed = new Set<LockedGroup>();
  readonly opened: NewGroup[] = [];
  readonly seats: NewSeat[] = [];
  readonly left: { groupNo: number; position: number }[] = [];
  readonly reservations: ReservationDraft[] = [];
  readonly counts = new CampaignCounts();
  readonly decided = new Map<number, GroupOutcome | typeof again>();
}

async function decide(
  context: GroupContext,
  tx: Sql,
  commands: readonly GroupCommand[],
  mine: readonly number[],
  known: Known,
): Promise<{ decided: Changes['decided']; booked: Booked }> {
  const nos = mine.flatMap((i) => {
    const each = commands[i]!;
    return each.kind === 'open' ? [] : [known.refs.get(each.groupId)!.no];
  });
  const takers = mine.flatMap((i) => {
    const each = commands[i]!;
    const campaign = campaignOf(each, known);
    const member = known.members.get(each.memberId);
    return campaign && member && each.kind !== 'leave'
      ? [{ campaignNo: campaign.no, memberNo: member.no }]
      : [];
  });
  const [locked, seats, taken, campaigns, shelves, answers] = await Promise.all([
    lockGroups(tx, nos),
    readSeats(tx, nos),
    readTaken(tx, takers),
    findCampaignsByNo(tx, [...known.campaigns.keys()]),
    lockShelves(tx, known.shelves),
    // Last of all: whoever did what these want under the same key, before the locks were ours, has answered by now.
    findAnswers(
      tx,
      mine.flatMap((i) => commands[i]!.command ?? []),
    ),
  ]);
  const kept = new Map(answers.map((row) => [`${row.who} ${row.key}`, row]));
  const changes = new Changes();
  for (const row of locked)
    changes.groups.set(row.id, { ...row, group: { ...row.group, seats: seats.get(row.no) ?? [] } });
  const used = new Map<string, Set<number>>();
  for (const { campaignNo, memberNo, nth } of taken) {
    const key = `${campaignNo} ${memberNo}`;
    used.set(key, (used.get(key) ?? new Set()).add(nth));
  }
  const rooms = new Map(campaigns.map((row) => [row.no, row]));
  const under: Under = { known, changes, used, rooms, shelves, given: new Map() };
  for (const i of mine) {
    const { command } = commands[i]!;
    const answered = command && kept.get(`${command.who} ${command.key}`);
    changes.decided.set(i, answered ? { kind: 'answered', kept: answered } : decideOne(commands[i]!, under));
  }
  await nameLeaders(tx, changes);
  return { decided: changes.decided, booked: await write(context, tx, commands, changes, known.now) };
}

/** What stands while the locks are held. */
type Under = {
  known: Known;
  changes: Changes;
  used: Map<string, Set<number>>;
  rooms: Map<number, CampaignRow>;
  shelves: Awaited<ReturnType<typeof lockShelves>>;
  /** Seats and money of each campaign that were given in this transaction. */
  given: Map<number, { seats: number; money: number }>;
};

function decideOne(each: GroupCommand, under: Under): GroupOutcome {
  const campaign = campaignOf(each, under.known);
  const member = under.known.members.get(each.memberId);
  // It was made a moment ago and is gone again.
  if (!campaign || !member) return refuse('not_found');
  if (each.kind === 'leave') return decideLeave(each, member, campaign, under);
  if (each.kind === 'open') return decideOpen(each, member, campaign, under);
  return decideJoin(each, member, campaign, under);
}

/** Why this member may not take one more seat of the campaign, or which of theirs it is. */
function seatOf(
  campaign: CampaignRow,
  member: KnownMember,
  { known, used, rooms, given }: Under,
  bonus: number,
): number | ErrorCode {
  const row = rooms.get(campaign.no);
  if (row?.state !== 'running') return 'campaign_not_running';
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

function give(campaignNo: number, money: number, { given, changes }: Under): void {
  const before = given.get(campaignNo) ?? { seats: 0, money: 0 };
  given.set(campaignNo, { seats: before.seats + 1, money: before.money + money });
  changes.counts.add(campaignNo, { issued: 1, reserved: money, takes: true });
}

function decideOpen(
  each: Extract<GroupCommand, { kind: 'open' }>,
  member: KnownMember,
  campaign: CampaignRow,
  under: Under,
): GroupOutcome {
  const template = under.known.templates.get(campaign.no)!;
  const nth = seatOf(campaign, member, under, template.leaderBonus);
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
  give(campaign.no, template.leaderBonus, under);
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
  const nth = seatOf(campaign, member, under, 0);
  if (typeof nth === 'string') return refuse(nth);
  if (under.known.templates.get(campaign.no)!.newcomersOnly && member.orders > 0)
    return refuse('not_eligible', 'This group is for new members');
  const taking = {
    groupId: locked.id,
    position: locked.group.nextPosition,
    expiresAt: locked.group.expiresAt!,
    hold: locked.hold,
  };
  const short = takeSeat(each, member, campaign, taking, nth, under);
  if (short) return { kind: 'refused', error: short };
  give(campaign.no, 0, under);
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

/** Where somebody left, another one may lead: in the answers of that group. */
async function nameLeaders(tx: Sql, { left, groups, decided }: Changes): Promise<void> {
  if (left.length === 0) return;
  const nos = new Set(left.map(({ groupNo }) => groupNo));
  const changed = [...groups.values()].filter(({ no }) => nos.has(no));
  const names = await findMembersByNo(
    tx,
    changed.flatMap(({ group }) => group.seats[0]?.member ?? []),
  );
  const leaders = new Map(
    changed.map(({ id, group }) => [id, names.get(group.seats[0]?.member ?? 0) ?? null]),
  );
  for (const outcome of decided.values())
    if (outcome !== again && outcome.kind === 'done' && leaders.has(outcome.group.id))
      outcome.group.leader = leaders.get(outcome.group.id)!;
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

async function write(
  { encode }: GroupContext,
  tx: Sql,
  commands: readonly GroupCommand[],
  { opened, changed, seats, left, reservations, counts, decided }: Changes,
  now: Date,
): Promise<Booked> {
  const answers = [...decided].flatMap(([i, outcome]) => {
    const { command } = commands[i]!;
    return command && outcome !== again && outcome.kind === 'done'
      ? [{ ...command, answer: encode(outcome.group) }]
      : [];
  });
  if (opened.length + changed.size === 0) return nothing;
  const held = await leaveSeats(tx, left, now);
  const freed = await releaseHolds(tx, held);
  const holding = holdPieces(tx, reservations, freed);
  const work = Promise.all([
    insertGroups(tx, opened),
    insertSeats(tx, seats, now),
    writeGroups(
      tx,
      [...changed].map(({ no, group }) => ({ no, group })),
    ),
    keepAnswers(tx, answers),
    noteChange(tx, { topics: ['groups'], minutes: [], locationNos: [] }),
    countOnCampaigns(tx, counts.rows()),
  ]);
  // Both to their end, also when one fails: what is sent after the rollback would be a statement of its own.
  await Promise.allSettled([holding, work]);
  const [, taken, written, kept, , counted] = await work;
  const booked = await holding;
  if (taken < seats.length || written < changed.size || !kept || !counted || booked === null)
    throw new Overtaken();
  return { ...booked, topics: [...booked.topics, 'groups'] };
}

/** Holds the pieces of new seats; null where somebody else holds something under one of their references. */
async function holdPieces(
  tx: Sql,
  drafts: readonly ReservationDraft[],
  freed: Awaited<ReturnType<typeof releaseHolds>>,
): Promise<Booked | null> {
  if (drafts.length === 0) return bookHolds(tx, { freed });
  const made = await insertReservations(tx, drafts);
  if (made.length < drafts.length) return null;
  return bookHolds(tx, { held: drafts.flatMap(({ lines }) => lines), freed });
}
