/** Redemptions that should not have been, as the API tells of them. */
type Redemption = { orderId: string; at: string; channel: string | null; location: string | null };

export type Conflict = Redemption & {
  code: string;
  campaignId: string | null;
  campaign: string | null;
  verdict: 'conflict' | 'late' | 'void' | 'odd';
  /** The redemption that counts, where one does. */
  counted: Redemption | null;
};

export const CONFLICTS = '/api/v1/coupons/conflicts';
