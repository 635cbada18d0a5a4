import { audienceWhere, ruleOf } from '@zhanggui/shared/coupons/audience-store.ts';
import type { CampaignRow } from '@zhanggui/shared/coupons/campaign-store.ts';
import { membersIn } from '@zhanggui/shared/coupons/claim-store.ts';
import { asOf } from '@zhanggui/shared/members/as-of.ts';
import { segmentOf } from '@zhanggui/shared/members/segment-store.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import type { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';

/** Which of these members campaigns are for; those that are for everybody are missing. */
export async function audiencesOf(
  sql: Sql,
  time: BusinessTime,
  campaigns: readonly CampaignRow[],
  members: readonly { no: number }[],
  now: Date,
): Promise<Map<number, Set<number>>> {
  const found = new Map<number, Set<number>>();
  for (const campaign of campaigns) {
    const { audience } = campaign;
    if (audience.kind === 'all' && audience.holdoutPercent === 0) continue;
    const rule = await ruleOf(sql, audience);
    const where = audienceWhere(sql, campaign, rule, (on, each) =>
      segmentOf(on, each, asOf(time, now.getTime())),
    );
    found.set(
      campaign.no,
      await membersIn(
        sql,
        members.map(({ no }) => no),
        where,
      ),
    );
  }
  return found;
}
