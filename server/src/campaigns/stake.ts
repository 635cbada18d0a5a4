/** What a campaign puts at stake: it decides whether a second person has to approve it. */
import { templatedOf } from '@zhanggui/shared/campaigns/goods.ts';
import { readWorth } from '@zhanggui/shared/campaigns/worth-store.ts';
import { exposureOf } from '@zhanggui/shared/coupons/campaign.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import { mostOf, type Planned } from './preflight.ts';

/**
 * What all of it takes at worst off what is sold, minor units: of coupons what they may take off; of group-buys and bargains also how
 * far their price lies below what the goods are worth, whatever their maker says that they cost before. Null: without bound, or
 * nobody knows what the goods are worth.
 */
export async function stakeOf(sql: Sql, planned: Planned): Promise<number | null> {
  const of = templatedOf(planned);
  const exposure = exposureOf(planned);
  if (of.kind === 'coupon') return exposure;
  const worth = await readWorth(sql, of.template.goods);
  if (worth === null) return null;
  const most = mostOf(planned, of);
  const [cut, besides] =
    of.kind === 'group'
      ? [worth - of.template.price, exposure]
      : // What is cut is in its liability already, as far as its start price is true.
        [Math.max(worth - of.template.floorPrice, planned.liability), 0];
  if (cut <= 0) return besides;
  return most === null || besides === null ? null : most * cut + besides;
}
