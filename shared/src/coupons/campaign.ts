/** The life of a campaign, of any kind, and who must agree to it. Pure. */

export const campaignKinds = ['coupon', 'group', 'bargain'] as const;
export type CampaignKind = (typeof campaignKinds)[number];

export const campaignStates = [
  'draft',
  'approved',
  'scheduled',
  'running',
  'paused',
  'finished',
  'cancelled',
] as const;
export type CampaignState = (typeof campaignStates)[number];

/** How coupons come to members: sent to the audience, claimed by them, or given by a rule. */
export const giveModes = ['push', 'claim', 'rule'] as const;
export type GiveMode = (typeof giveModes)[number];

/** What people and machines ask for; the clock starts and finishes. */
export const campaignActions = ['approve', 'launch', 'pause', 'resume', 'cancel'] as const;
export type CampaignAction = (typeof campaignActions)[number];
type Step = CampaignAction | 'schedule' | 'start' | 'finish';

/** Each step with the states that it may be made from, and the one that it leads to. What is not here cannot happen. */
export const steps: Record<Step, { from: readonly CampaignState[]; to: CampaignState }> = {
  approve: { from: ['draft'], to: 'approved' },
  /** Launched before its time. */
  schedule: { from: ['approved'], to: 'scheduled' },
  launch: { from: ['approved'], to: 'running' },
  start: { from: ['scheduled'], to: 'running' },
  pause: { from: ['running'], to: 'paused' },
  resume: { from: ['paused'], to: 'running' },
  cancel: { from: ['draft', 'approved', 'scheduled', 'running', 'paused'], to: 'cancelled' },
  finish: { from: ['running', 'paused'], to: 'finished' },
};

/** The step that an action means now: what is launched before its time waits for it. */
export const stepOf = (action: CampaignAction, startsAt: Date | null, now: Date): Step =>
  action === 'launch' && startsAt !== null && startsAt > now ? 'schedule' : action;

/** What the person may ask for in this state, for screens. */
export const actionsIn = (state: CampaignState): CampaignAction[] =>
  campaignActions.filter((action) => steps[action].from.includes(state));

/** What a campaign may cost at most, minor units; null: nobody can tell. */
export function exposureOf({
  budget,
  total,
  liability,
}: {
  budget: number | null;
  total: number | null;
  liability: number;
}): number | null {
  if (liability === 0) return 0;
  const byNumber = total === null ? null : total * liability;
  if (budget === null) return byNumber;
  return byNumber === null ? budget : Math.min(budget, byNumber);
}

/**
 * Whether a campaign needs the approval of somebody who neither made nor changed it. What such a person approved alone in the last weeks
 * counts too: a dear campaign cut into cheap ones is dear all the same. `stake` as of `stakeOf`, minor units.
 */
export const needsSecondPerson = (
  stake: number | null,
  { approvedAlone, approvalAbove }: { approvedAlone: number; approvalAbove: number },
): boolean => stake === null || stake + approvedAlone > approvalAbove;

/** Days that count for `approvedAlone`. */
export const ALONE_DAYS = 30;
