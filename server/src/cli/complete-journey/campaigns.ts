/** Campaigns, coupons, redemptions and households of The Complete Journey, as the API takes them. */
import type { PastCampaign } from '@zhanggui/shared/coupons/past.ts';
import { CliError } from '../errors.ts';
import { readJourney, type JourneyRow } from './files.ts';
import { SOURCE, type Redeemed } from './sales.ts';

/** All campaigns, by their number. Throws CliError for rows that name a campaign without a description. */
export async function readCampaigns(folder: string): Promise<PastCampaign[]> {
  const campaigns = new Map<string, PastCampaign>();
  for await (const row of readJourney(folder, 'campaign_descriptions'))
    campaigns.set(row.campaign_id, {
      source: SOURCE,
      sourceId: row.campaign_id,
      name: `Campaign ${row.campaign_id} (${row.campaign_type})`,
      type: row.campaign_type,
      fromDay: row.start_date.slice(0, 10),
      toDay: row.end_date.slice(0, 10),
      members: [],
      coupons: [],
      redemptions: [],
    });
  const of = (id: string, file: string, line: number): PastCampaign => {
    const campaign = campaigns.get(id);
    if (!campaign) throw new CliError(`${file}, line ${line}: campaign ${id} has no description`);
    return campaign;
  };
  for await (const row of readJourney(folder, 'campaigns'))
    of(row.campaign_id, 'campaigns', row.line).members.push(row.household_id);
  const skus = new Map<string, string[]>();
  for await (const row of readJourney(folder, 'coupons')) {
    const campaign = of(row.campaign_id, 'coupons', row.line);
    const key = `${row.campaign_id} ${row.coupon_upc}`;
    const known = skus.get(key);
    if (known) known.push(row.product_id);
    else {
      const list = [row.product_id];
      skus.set(key, list);
      campaign.coupons.push({ code: row.coupon_upc, skus: list });
    }
  }
  for await (const row of readJourney(folder, 'coupon_redemptions'))
    of(row.campaign_id, 'coupon_redemptions', row.line).redemptions.push({
      memberId: row.household_id,
      coupon: row.coupon_upc,
      day: row.redemption_date.slice(0, 10),
    });
  return [...campaigns.values()].sort((a, b) => Number(a.sourceId) - Number(b.sourceId));
}

/** Who redeemed what on which day, and what it was for. */
export function redeemedOf(campaigns: readonly PastCampaign[]): Redeemed {
  const found = new Map<string, Map<string, ReadonlySet<string>>>();
  for (const { coupons, redemptions } of campaigns) {
    const goods = new Map(coupons.map(({ code, skus }) => [code, new Set(skus)]));
    for (const { memberId, coupon, day } of redemptions) {
      const key = `${memberId} ${day}`;
      const that = found.get(key) ?? new Map<string, ReadonlySet<string>>();
      found.set(key, that);
      // A coupon of two campaigns is for the goods of both.
      that.set(coupon, new Set([...(that.get(coupon) ?? []), ...(goods.get(coupon) ?? [])]));
    }
  }
  return found;
}

/** What is asked of households, and the tag that an answer becomes. */
const traits = {
  age: 'age',
  income: 'income',
  home_ownership: 'home',
  marital_status: 'marital',
  household_size: 'size',
  household_comp: 'household',
  kids_count: 'kids',
} as const satisfies Partial<Record<keyof JourneyRow<'demographics'>, string>>;

/** Households of which something is known, with a tag for each answer. */
export async function readHouseholds(folder: string): Promise<{ memberId: string; tags: string[] }[]> {
  const households: { memberId: string; tags: string[] }[] = [];
  for await (const row of readJourney(folder, 'demographics'))
    households.push({
      memberId: row.household_id,
      tags: Object.entries(traits).flatMap(([column, name]) => {
        const answer = row[column as keyof typeof traits];
        return answer === '' ? [] : [`${name}: ${answer}`];
      }),
    });
  return households;
}
