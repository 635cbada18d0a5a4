/** What is known of commands about group-buys before their transaction. */
import { findAnswers } from '@zhanggui/shared/access/idempotency-store.ts';
import {
  findCampaignsById,
  findCampaignsByNo,
  type CampaignRow,
} from '@zhanggui/shared/coupons/campaign-store.ts';
import { introduceMembers } from '@zhanggui/shared/coupons/claim-store.ts';
import {
  findGroupRefs,
  findMembers,
  findRegulars,
  type GroupRef,
  type Joining,
  type KnownMember,
} from '@zhanggui/shared/groups/group-store.ts';
import { groupTemplate, type GroupTemplate } from '@zhanggui/shared/groups/template.ts';
import { readReferences } from '@zhanggui/shared/stock/promise-store.ts';
import { isStanding } from '@zhanggui/shared/stock/reservation.ts';
import { again } from '../http/grouped.ts';
import { audiencesOf } from './audiences.ts';
import { refuse, type GroupCommand, type GroupContext, type GroupOutcome, type Outcomes } from './command.ts';
import { readShelves, type GroupShelves } from './shelves.ts';

/** Nothing of it changes, or what changes is guarded by what is written. */
export type Known = {
  now: Date;
  refs: Map<string, GroupRef>;
  members: Map<string, KnownMember>;
  campaigns: Map<number, CampaignRow>;
  /** Numbers of campaigns that were asked for by id. */
  campaignNos: Map<string, number>;
  templates: Map<number, GroupTemplate>;
  eligible: Map<number, Set<number>>;
  shelves: GroupShelves;
  /** Whoever bought before, as `member group` that they would join; only where a campaign is for newcomers. */
  regulars: Set<string>;
  /** Orders that are placed or that something is held for already. */
  settledOrders: Set<string>;
};

/** Looks it up; the outcome of what needs no transaction goes into `outcomes`. */
export async function look(
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
    regulars: new Set(),
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
  const [eligible, regulars, shelves] = await Promise.all([
    audiencesOf(sql, time, [...campaigns.values()], people, now),
    findRegulars(sql, joinings(commands, known)),
    readShelves(sql, places, [...known.templates]),
    strangers.length > 0 ? introduceMembers(sql, strangers) : null,
  ]);
  // Those who were strangers a moment ago are known now.
  if (strangers.length > 0)
    for (const row of await findMembers(sql, strangers)) known.members.set(row.id, row);
  return {
    ...known,
    eligible,
    regulars: new Set(regulars.map(({ member, groupId }) => `${member.no} ${groupId}`)),
    shelves,
  };
}

/** Those with orders who would join a group for newcomers. */
const joinings = (commands: readonly GroupCommand[], known: Known): Joining[] =>
  commands.flatMap((each) => {
    const campaign = campaignOf(each, known);
    const member = known.members.get(each.memberId);
    return each.kind === 'join' &&
      campaign &&
      known.templates.get(campaign.no)!.newcomersOnly &&
      member?.orders
      ? [{ member, groupId: each.groupId, orderId: each.orderId }]
      : [];
  });

/** The campaign that a command is about. */
export const campaignOf = (
  each: GroupCommand,
  { refs, campaigns, campaignNos }: Known,
): CampaignRow | undefined => {
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
