/**
 * Gives an audience its coupons. A range of members is one transaction: claimed, issued, counted, told of; so it may be killed at any
 * point, run twice and beside itself. A campaign that is paused meanwhile counts nothing any more, and its range is rolled back.
 */
import { audienceWhere, ruleOf, type RuleWhere } from '@zhanggui/shared/coupons/audience-store.ts';
import { addMinutes, findCampaign, type CampaignRow } from '@zhanggui/shared/coupons/campaign-store.ts';
import { countIssued, roomOf } from '@zhanggui/shared/coupons/coupon-store.ts';
import {
  CHUNK_MEMBERS,
  claimChunk,
  finishChunk,
  issueRange,
  noteFailure,
  planFanOut,
} from '@zhanggui/shared/coupons/fan-out-store.ts';
import { listGateways, queueMessages, type Gateway } from '@zhanggui/shared/coupons/message-store.ts';
import { couponTemplate, validityOf } from '@zhanggui/shared/coupons/template.ts';
import { quietUntil } from '@zhanggui/shared/delivery/endpoint.ts';
import { minuteOfDay } from '@zhanggui/shared/delivery/minute-of-day.ts';
import { asOf } from '@zhanggui/shared/members/as-of.ts';
import { segmentOf } from '@zhanggui/shared/members/segment-store.ts';
import type { Rule } from '@zhanggui/shared/members/rule.ts';
import { isDatabaseAway, type SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';

/** Ranges were done, there is nothing to do now, or it was paused, ended or used up. */
export type RangeResult = 'done' | 'nothing' | 'stopped';

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
    const rule = await ruleOf(tx, campaign.audience);
    await planFanOut(tx, campaign.no, audienceWhere(tx, campaign, rule, ruleWhere(time, now)));
  });
}

/** Does one range. */
export async function doRange(
  sql: SqlPool,
  campaignId: string,
  time: BusinessTime,
  now: Date,
): Promise<RangeResult> {
  const campaign = await findCampaign(sql, campaignId);
  if (campaign.state !== 'running' || campaign.give !== 'push') return 'stopped';
  if (campaign.plannedAt === null) await planOnce(sql, campaign, time, now);
  const rule = await ruleOf(sql, campaign.audience);
  const gateways = await listGateways(sql);
  let chunk: number | null = null;
  try {
    return await sql.begin(async (tx): Promise<RangeResult> => {
      const began = performance.now();
      const range = await claimChunk(tx, campaign.no);
      if (range === null) return 'nothing';
      chunk = range.chunk;
      await issue(tx, { campaign, range, rule, gateways, time, now, began });
      return 'done';
    });
  } catch (error) {
    // Then the next look sees why: it was paused, or others took what was left.
    if (error instanceof NotCounted) return 'done';
    if (chunk !== null && !isDatabaseAway(error))
      await noteFailure(sql, campaign.no, chunk, error instanceof Error ? error.message : String(error));
    throw error;
  }
}

type Work = {
  campaign: CampaignRow;
  range: { chunk: number; from: number; to: number };
  rule: Rule | null;
  gateways: readonly Gateway[];
  time: BusinessTime;
  now: Date;
  began: number;
};

async function issue(
  tx: Parameters<Parameters<SqlPool['begin']>[1]>[0],
  { campaign, range, rule, gateways, time, now, began }: Work,
): Promise<void> {
  const validity = validityOf(couponTemplate.parse(campaign.template).validity, now.getTime());
  const left = roomOf(campaign);
  const made = await issueRange(
    tx,
    { campaignNo: campaign.no, validFrom: new Date(validity.from), validTo: new Date(validity.to) },
    range,
    audienceWhere(tx, campaign, rule, ruleWhere(time, now)),
    left !== null && left < CHUNK_MEMBERS ? left : null,
  );
  const failed = made.targeted - made.had - made.issued;
  const minute = minuteOfDay(time, now);
  const [counted] = await Promise.all([
    countIssued(tx, campaign.no, { issued: made.issued, failed }),
    addMinutes(tx, [{ campaignNo: campaign.no, issued: made.issued }], now),
    queueMessages(
      tx,
      gateways,
      made.parts.map(({ from, to }) => ({ campaignId: campaign.id, from, to, at: made.at })),
      (gateway) => quietUntil(gateway, 'info', minute, now),
    ),
    finishChunk(tx, campaign.no, range.chunk, { ...made, failed, ms: Math.round(performance.now() - began) }),
  ]);
  if (!counted) throw new NotCounted();
}
