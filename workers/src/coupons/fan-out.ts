/**
 * Gives an audience its coupons. A range of members is one transaction: claimed, issued, counted, told of; so it may be killed at any
 * point, run twice and beside itself. A campaign that is paused meanwhile counts nothing any more, and its range is rolled back.
 */
import { audienceWhere, keepRule, ruleOf, type RuleWhere } from '@zhanggui/shared/coupons/audience-store.ts';
import { givesAt } from '@zhanggui/shared/coupons/campaign.ts';
import { addMinutes, findCampaign, type CampaignRow } from '@zhanggui/shared/coupons/campaign-store.ts';
import { countIssued, roomOf } from '@zhanggui/shared/coupons/coupon-store.ts';
import { passes, waitMs } from '@zhanggui/shared/coupons/fan-out.ts';
import {
  claimChunk,
  finishChunk,
  issueRange,
  noteFailure,
  planFanOut,
  putOffChunk,
  type Chunk,
} from '@zhanggui/shared/coupons/fan-out-store.ts';
import { listGateways, queueMessages, type Gateway } from '@zhanggui/shared/coupons/message-store.ts';
import { couponTemplate, validityOf } from '@zhanggui/shared/coupons/template.ts';
import { quietUntil } from '@zhanggui/shared/delivery/endpoint.ts';
import { minuteOfDay } from '@zhanggui/shared/delivery/minute-of-day.ts';
import { asOf } from '@zhanggui/shared/members/as-of.ts';
import { segmentOf } from '@zhanggui/shared/members/segment-store.ts';
import { inOneGo, isDatabaseAway, type Sql, type SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';

/** Ranges were done, one is put off, there is nothing to do now, or it was paused, ended or used up. */
export type RangeResult = 'done' | 'later' | 'nothing' | 'stopped';

/** It was paused or used up while its coupons were being written. */
class NotCounted extends Error {}

export const ruleWhere =
  (time: BusinessTime, now: Date): RuleWhere =>
  (sql, rule) =>
    segmentOf(sql, rule, asOf(time, now.getTime()));

/** Cuts the audience into ranges, once. */
export async function planOnce(
  sql: SqlPool,
  campaign: CampaignRow,
  time: BusinessTime,
  now: Date,
): Promise<void> {
  await sql.begin(async (tx) => {
    // Launched before its time, or by a version that did not.
    await keepRule(tx, campaign.no);
    const { audience } = await findCampaign(tx, campaign.id);
    const rule = await ruleOf(tx, audience);
    const part = (which: 'given' | 'held') => audienceWhere(tx, campaign, rule, ruleWhere(time, now), which);
    const held = campaign.audience.holdoutPercent > 0 ? { where: part('held') } : null;
    await planFanOut(tx, campaign.no, part('given'), held);
  });
}

/** Campaigns of which some members had coupons before they were sent any. */
const mixed = new Set<string>();
const UNIQUE_VIOLATION = '23505';

/** Does one range. */
export async function doRange(
  sql: SqlPool,
  campaignId: string,
  time: BusinessTime,
  now: Date,
): Promise<RangeResult> {
  let at: { campaignNo: number; range: Chunk } | null = null;
  try {
    const done = await inOneGo(sql, async (tx): Promise<RangeResult | CampaignRow> => {
      const began = performance.now();
      const [range, campaign, gateways] = await Promise.all([
        claimChunk(tx, campaignId, now),
        findCampaign(tx, campaignId),
        listGateways(tx),
      ]);
      if (!givesAt(campaign, new Date()) || campaign.give !== 'push') return 'stopped';
      if (campaign.plannedAt === null) return campaign;
      if (range === null) return 'nothing';
      at = { campaignNo: campaign.no, range };
      await issue(tx, { campaign, range, gateways, time, now, began });
      return 'done';
    });
    if (typeof done === 'string') return done;
    await planOnce(sql, done, time, now);
    return 'done';
  } catch (error) {
    // Then the next look sees why: it was paused, or others took what was left.
    if (error instanceof NotCounted) return 'done';
    const conflict = (error as { code?: unknown }).code === UNIQUE_VIOLATION && !mixed.has(campaignId);
    if (conflict) mixed.add(campaignId);
    if (conflict) return 'done';
    if (at === null || isDatabaseAway(error)) throw error;
    const { campaignNo, range } = at as { campaignNo: number; range: Chunk };
    const message = error instanceof Error ? error.message : String(error);
    if (passes(error)) {
      const until = new Date(now.getTime() + waitMs(range.putOff));
      // A disk that is full takes no note either: then the watch asks again in its own time.
      await putOffChunk(sql, campaignNo, range.chunk, { until, error: message }).catch(() => undefined);
      return 'later';
    }
    await noteFailure(sql, campaignNo, range.chunk, message);
    throw error;
  }
}

type Work = {
  campaign: CampaignRow;
  range: Chunk;
  gateways: readonly Gateway[];
  time: BusinessTime;
  now: Date;
  began: number;
};

async function issue(tx: Sql, { campaign, range, gateways, time, now, began }: Work): Promise<void> {
  const validity = validityOf(couponTemplate.parse(campaign.template).validity, now.getTime());
  const rule = await ruleOf(tx, campaign.audience);
  const made = await issueRange(
    tx,
    { campaignNo: campaign.no, validFrom: new Date(validity.from), validTo: new Date(validity.to) },
    range,
    audienceWhere(tx, campaign, rule, ruleWhere(time, now)),
    { room: roomOf(campaign), fresh: !mixed.has(campaign.id) },
  );
  const failed = made.targeted - made.had - made.issued;
  const minute = minuteOfDay(time, now);
  const [counted] = await Promise.all([
    countIssued(tx, campaign.no, { issued: made.issued, failed }),
    addMinutes(tx, [{ campaignNo: campaign.no, issued: made.issued }], now),
    queueMessages(
      tx,
      gateways,
      made.parts.map(({ from, to, issued }) => ({
        campaignId: campaign.id,
        from,
        to,
        at: made.at,
        count: issued,
      })),
      (gateway) => quietUntil(gateway, 'info', minute, now),
    ),
    finishChunk(tx, campaign.no, range.chunk, { ...made, failed, ms: Math.round(performance.now() - began) }),
  ]);
  if (!counted) throw new NotCounted();
}
