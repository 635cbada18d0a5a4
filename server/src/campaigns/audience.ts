/** Whom a campaign is for at this moment. */
import {
  audienceWhere,
  ruleOf,
  type Addressed,
  type Fragment,
  type Part,
} from '@zhanggui/shared/coupons/audience-store.ts';
import { asOf } from '@zhanggui/shared/members/as-of.ts';
import { segmentOf } from '@zhanggui/shared/members/segment-store.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import type { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';

/** A condition over `member m`. In an object: a fragment is thenable, and would be run as a statement. */
export type Where = { where: Fragment };

/** Who gets it, who is held out (null: nobody is), and both of them. */
export async function whereOf(
  sql: Sql,
  time: BusinessTime,
  campaign: Addressed,
): Promise<{ given: Where; held: Where | null; either: Where }> {
  const rule = await ruleOf(sql, campaign.audience);
  const part = (which: Part) => ({
    where: audienceWhere(
      sql,
      campaign,
      rule,
      (on, each) => segmentOf(on, each, asOf(time, Date.now())),
      which,
    ),
  });
  const held = campaign.audience.holdoutPercent > 0 ? part('held') : null;
  return { given: part('given'), held, either: part('either') };
}
