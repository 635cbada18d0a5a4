/** The promotions that a company runs, as shoppers and a rehearsal look at them. */
import type { CampaignKind, CampaignState, GiveMode } from '@zhanggui/shared/coupons/campaign.ts';
import type { Audience } from '@zhanggui/shared/coupons/audience.ts';
import type { Api } from '../api.ts';
import { CliError } from '../errors.ts';
import { readPages } from '../market.ts';

/** A campaign as the API shows it. Money in minor units. */
export type Promotion = {
  id: string;
  kind: CampaignKind;
  name: string;
  status: CampaignState;
  give: GiveMode | null;
  template: unknown;
  audience: Audience;
  limits: { perMember: number; total: number | null; budget: number | null };
  targeted: number;
  issued: number;
  redeemed: number;
  spent: number;
  reserved: number;
  liability: number;
  startsAt: string | null;
  endsAt: string | null;
};

/** More than a company runs at once. */
const MOST = 200;

export const readPromotion = (api: Api, id: string): Promise<Promotion> =>
  api.get<Promotion>(`/api/v1/campaigns/${encodeURIComponent(id)}`);

export const runningPromotions = (api: Api): Promise<Promotion[]> =>
  readPages<Promotion>(api, '/api/v1/campaigns', MOST, { status: 'running' });

/**
 * The campaigns of these ids, or all that run. `launch`: those that are approved or wait for their time begin now, for a rehearsal on
 * a copy. Throws
 * CliError where one does not run.
 */
export async function promotionsOf(api: Api, ids: readonly string[], launch: boolean): Promise<Promotion[]> {
  if (ids.length === 0) return runningPromotions(api);
  return Promise.all(
    ids.map(async (id) => {
      const found = await readPromotion(api, id);
      if (found.status === 'running') return found;
      const waits = found.status === 'approved' || found.status === 'scheduled';
      if (waits && launch)
        return api.post<Promotion>(`/api/v1/campaigns/${found.id}/launch`, { startNow: true });
      throw new CliError(
        `The campaign ${found.name} is ${found.status}.` +
          (waits ? ' On a copy, --launch begins it.' : ' Only what runs can be rehearsed.'),
      );
    }),
  );
}
