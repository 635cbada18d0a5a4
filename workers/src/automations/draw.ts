/**
 * Runs a rule by behaviour: finds its occasions, and decides those that are due. What is decided in one transaction is drawn, given,
 * counted and told of together; so it may be killed at any point, run twice and beside itself.
 */
import {
  dayRule,
  Draw,
  isLookTrigger,
  type Cap,
  type Outcome,
} from '@zhanggui/shared/automations/automation.ts';
import { findAllCap, readOn, type AutomationRow } from '@zhanggui/shared/automations/automation-store.ts';
import {
  beginDay,
  collectLooks,
  findByDay,
  findDue,
  followLooks,
  lastMemberNo,
  lockDraws,
  noteSwept,
  writeDecided,
  type Decided,
  type FoundOccasion,
} from '@zhanggui/shared/automations/occasion-store.ts';
import { audienceWhere, ruleOf, type Fragment } from '@zhanggui/shared/coupons/audience-store.ts';
import { addMinutes, findCampaign, type CampaignRow } from '@zhanggui/shared/coupons/campaign-store.ts';
import { byKey, countIssued, insertCoupons, roomOf } from '@zhanggui/shared/coupons/coupon-store.ts';
import { listGateways, queueMessages } from '@zhanggui/shared/coupons/message-store.ts';
import { couponTemplate, validityOf } from '@zhanggui/shared/coupons/template.ts';
import { quietUntil } from '@zhanggui/shared/delivery/endpoint.ts';
import { minuteOfDay } from '@zhanggui/shared/delivery/minute-of-day.ts';
import { asOf } from '@zhanggui/shared/members/as-of.ts';
import type { Rule } from '@zhanggui/shared/members/rule.ts';
import { segmentOf } from '@zhanggui/shared/members/segment-store.ts';
import type { Sql, SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';

/** Looks, occasions and members a transaction. */
const LOOKS = 5_000;
const OCCASIONS = 1_000;
const MEMBERS = 5_000;
/** Members that one message to a gateway is about, at most. */
const MESSAGE_MEMBERS = 1_000;

/** How a step ended: there may be more to do, there is not for now, or another worker is at it. */
export type StepResult = 'more' | 'done' | 'busy';

/** It was paused, or used up by others, while its coupons were being written. */
class NotCounted extends Error {}

export type DrawContext = { sql: SqlPool; time: BusinessTime; now: Date };

/** Does one step of a rule. */
export async function runStep({ sql, time, now }: DrawContext, no: number): Promise<StepResult> {
  try {
    return await sql.begin(async (tx): Promise<StepResult> => {
      if (!(await lockDraws(tx))) return 'busy';
      const automation = await readOn(tx, no);
      if (automation === null) return 'done';
      const { trigger } = automation;
      if (isLookTrigger(trigger) && (await collectLooks(tx, automation, trigger, now, LOOKS)) === LOOKS)
        return 'more';
      const campaign = await findCampaign(tx, automation.campaignId);
      return (await decideSome(tx, { automation, campaign, time, now })) ? 'more' : 'done';
    });
  } catch (error) {
    // The next look sees why.
    if (error instanceof NotCounted) return 'done';
    throw error;
  }
}

type Work = { automation: AutomationRow; campaign: CampaignRow; time: BusinessTime; now: Date };

/** Decides what is due, some of it. Answers whether there is more. */
async function decideSome(tx: Sql, work: Work): Promise<boolean> {
  const { automation, campaign, time, now } = work;
  const { no, trigger, cap } = automation;
  const limits = { cap, all: await findAllCap(tx), now };
  const room = roomNow(campaign, now);
  const draw = new Draw(
    { holdoutPercent: automation.holdoutPercent, perMember: campaign.perMember, cap, all: limits.all },
    room,
  );
  if (isLookTrigger(trigger)) {
    const { where } = await whereOf(tx, work, []);
    const due = await findDue(tx, no, trigger, { ...limits, where, size: OCCASIONS });
    const { decided, first } = await decide(tx, work, draw, due, limits.all);
    const past = trigger.kind === 'looked' ? decided.filter(({ outcome }) => isPast(outcome)) : [];
    const followed = await followLooks(tx, no, trigger, past, now);
    // What waits although it is due waits for the campaign.
    return followed > 0 || (due.length === OCCASIONS && first === due.length);
  }
  // Nothing is looked for that could not be given.
  if (room === 0) return false;
  const { today } = asOf(time, now.getTime());
  const [after, last] = [await beginDay(tx, automation, today), await lastMemberNo(tx)];
  if (after >= last) return false;
  const to = Math.min(after + MEMBERS, last);
  const { where } = await whereOf(tx, work, [dayRule(trigger)]);
  const found = await findByDay(tx, no, trigger, { ...limits, where, after, to, today });
  const { first } = await decide(tx, work, draw, found, limits.all);
  // Used up on the way: the day goes on from there, should there be something left again.
  await noteSwept(tx, no, first === found.length ? to : found[first]!.memberNo - 1);
  return first === found.length && to < last;
}

/** Came to nothing, and says nothing of what was looked at later. */
const isPast = (outcome: Outcome): boolean => outcome === 'bought' || outcome === 'late';

/** How many coupons may be given now; null: any number. */
function roomNow(campaign: CampaignRow, now: Date): number | null {
  const { to } = validityOf(couponTemplate.parse(campaign.template).validity, now.getTime());
  const gives = campaign.state === 'running' && campaign.give === 'rule' && to > now.getTime();
  return gives ? roomOf(campaign) : 0;
}

/** Whom the rule is for, as a condition over `member m`: in an object, since a fragment is thenable. */
async function whereOf(
  tx: Sql,
  { automation: { condition }, campaign, time, now }: Work,
  more: readonly Rule[],
): Promise<{ where: Fragment }> {
  const fits = (sql: Sql, rule: Rule) => segmentOf(sql, rule, asOf(time, now.getTime()));
  const audience = audienceWhere(tx, campaign, await ruleOf(tx, campaign.audience), fits);
  const own = condition && (await ruleOf(tx, { ...condition, holdoutPercent: 0 }));
  const rules = own === null ? more : [own, ...more];
  return { where: rules.reduce((all, rule) => tx`${all} and ${fits(tx, rule)}`, tx`${audience}`) };
}

/**
 * Decides one occasion after the other, and writes what follows: their outcomes, coupons, counters and messages. Answers those that
 * were decided, and how many of the first ones: up to where nothing was left to give.
 */
async function decide(
  tx: Sql,
  { automation, campaign, time, now }: Work,
  draw: Draw,
  found: readonly FoundOccasion[],
  all: Cap,
): Promise<{ decided: Decided[]; first: number }> {
  const outcomes = found.map((each) => draw.decide({ ...each, dueAt: each.dueAt.getTime() }, now.getTime()));
  const decided = found.flatMap((each, i): Decided[] => {
    const outcome: Outcome | null = outcomes[i]!;
    return outcome === null ? [] : [{ ...each, outcome }];
  });
  await writeDecided(tx, automation.no, decided, { now, cap: automation.cap, all });
  const given = decided.filter(({ outcome }) => outcome === 'given');
  if (given.length > 0) await give(tx, campaign, given, time, now);
  const stop = outcomes.indexOf(null);
  return { decided, first: stop === -1 ? found.length : stop };
}

async function give(
  tx: Sql,
  campaign: CampaignRow,
  given: readonly Decided[],
  time: BusinessTime,
  now: Date,
): Promise<void> {
  const { from, to } = validityOf(couponTemplate.parse(campaign.template).validity, now.getTime());
  const coupons = given
    .map(({ memberNo, drawn }) => ({
      campaignNo: campaign.no,
      memberNo,
      nth: drawn + 1,
      validFrom: new Date(from),
      validTo: new Date(to),
    }))
    .toSorted(byKey);
  const gateways = await listGateways(tx);
  // The moment that the database writes with the coupons, to the microsecond.
  const [{ at }] = await tx<[{ at: string }]>`select now()::text as at`;
  const made = await insertCoupons(tx, coupons);
  if (made.length < coupons.length) throw new Error(`campaign ${campaign.id}: a member has that coupon`);
  const minute = minuteOfDay(time, now);
  if (!(await countIssued(tx, campaign.no, { issued: coupons.length }))) throw new NotCounted();
  await addMinutes(tx, [{ campaignNo: campaign.no, issued: coupons.length }], now);
  const nos = coupons.map(({ memberNo }) => memberNo);
  const parts = Array.from({ length: Math.ceil(nos.length / MESSAGE_MEMBERS) }, (_, i) =>
    nos.slice(i * MESSAGE_MEMBERS, (i + 1) * MESSAGE_MEMBERS),
  );
  await queueMessages(
    tx,
    gateways,
    parts.map((members) => ({
      campaignId: campaign.id,
      from: members[0]!,
      to: members.at(-1)!,
      at,
      members,
      count: members.length,
    })),
    (gateway) => quietUntil(gateway, 'info', minute, now),
  );
}
