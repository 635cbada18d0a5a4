/**
 * Opening, joining and leaving group-buys, for a group of requests in one transaction: the groups are locked in order, each command is
 * decided under the locks by what stands then, and all of it is written at once. Pieces are held, and the campaign is counted, in the
 * same transaction.
 */
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { findAnswers, keepAnswers } from '@zhanggui/shared/access/idempotency-store.ts';
import { noteChange } from '@zhanggui/shared/board/change-store.ts';
import { findCampaignsByNo } from '@zhanggui/shared/coupons/campaign-store.ts';
import { findMembersByNo } from '@zhanggui/shared/coupons/claim-store.ts';
import {
  countOnCampaigns,
  insertGroups,
  insertSeats,
  leaveSeats,
  lockGroups,
  readSeats,
  readTaken,
  writeGroups,
} from '@zhanggui/shared/groups/group-store.ts';
import { lookAgain } from '@zhanggui/shared/groups/told-store.ts';
import { inOneGo, type Sql } from '@zhanggui/shared/platform/database.ts';
import {
  insertReservations,
  releaseHolds,
  type ReservationDraft,
} from '@zhanggui/shared/stock/reservation-store.ts';
import { again } from '../http/grouped.ts';
import { bookHolds, nothing, type Booked } from '../stock/book-holds.ts';
import type { GroupCommand, GroupContext, Outcomes } from './command.ts';
import { campaignOf, look, type Known } from './known.ts';
import { Changes, decideOne, type Under } from './seats.ts';
import { lockShelves } from './shelves.ts';

/** Others were faster with a key, a seat, a reference or the last of a campaign: all are decided anew. */
class Overtaken extends Error {}

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

/**
 * What the same member, or the same key, asks for a second time, or for the same order, is decided when the first is known: pieces are
 * held under the order's id, once.
 */
function withoutRepeats(commands: readonly GroupCommand[], open: readonly number[]): number[] {
  const seen = new Set<string>();
  return open.filter((i) => {
    const each = commands[i]!;
    const { memberId, command } = each;
    const names = [
      `member ${memberId}`,
      ...(command ? [`key ${command.who} ${command.key}`] : []),
      ...(each.kind !== 'leave' && each.orderId !== null ? [`order ${each.orderId}`] : []),
    ];
    if (names.some((name) => seen.has(name))) return false;
    for (const name of names) seen.add(name);
    return true;
  });
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
    lookAgain(
      tx,
      'group',
      [...changed].map(({ id }) => id),
    ),
    noteChange(tx, { topics: ['groups'], minutes: [], locationNos: [] }),
    countOnCampaigns(tx, counts.rows()),
    auditPeople(tx, commands, decided),
  ]);
  // Both to their end, also when one fails: what is sent after the rollback would be a statement of its own.
  await Promise.allSettled([holding, work]);
  const [, taken, written, kept, , , counted] = await work;
  const booked = await holding;
  if (taken < seats.length || written < changed.size || !kept || !counted || booked === null)
    throw new Overtaken();
  return { ...booked, topics: [...booked.topics, 'groups'] };
}

/** What machines ask for is in the groups; what people do is in the audit log too. */
async function auditPeople(
  tx: Sql,
  commands: readonly GroupCommand[],
  decided: Changes['decided'],
): Promise<void> {
  await Promise.all(
    [...decided].flatMap(([i, outcome]) => {
      const each = commands[i]!;
      if (each.by.kind !== 'user' || outcome === again || outcome.kind !== 'done') return [];
      const { id: target, campaignId } = outcome.group;
      const orderId = each.kind === 'leave' ? null : each.orderId;
      const details = { campaignId, memberId: each.memberId, ...(orderId !== null && { orderId }) };
      return [writeAudit(tx, each.by, { action: `group.${each.kind}`, target, details })];
    }),
  );
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
