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

/** What people and machines ask for; the clock starts and finishes too. */
export const campaignActions = ['approve', 'launch', 'pause', 'resume', 'finish', 'cancel'] as const;
export type CampaignAction = (typeof campaignActions)[number];
type Step = CampaignAction | 'schedule' | 'start';

/** Each step with the states that it may be made from, and the one that it leads to. What is not here cannot happen. */
export const steps: Record<Step, { from: readonly CampaignState[]; to: CampaignState }> = {
  approve: { from: ['draft'], to: 'approved' },
  /** Launched before its time. */
  schedule: { from: ['approved'], to: 'scheduled' },
  launch: { from: ['approved'], to: 'running' },
  start: { from: ['scheduled'], to: 'running' },
  /** What was given stays good when a campaign is over, so there is something to stop until the last of it is settled. */
  pause: { from: ['running', 'finished'], to: 'paused' },
  resume: { from: ['paused'], to: 'running' },
  finish: { from: ['running', 'paused'], to: 'finished' },
  cancel: { from: ['draft', 'approved', 'scheduled', 'running', 'paused', 'finished'], to: 'cancelled' },
};

/**
 * The step that an action means now: what is launched before its time waits for it, unless it is to start now; what goes on after its
 * end gives nothing any more.
 */
export function stepOf(
  action: CampaignAction,
  campaign: { state: CampaignState; startsAt: Date | null; endsAt: Date | null },
  now: Date,
  { startNow = false }: { startNow?: boolean | undefined } = {},
): Step {
  const { state, startsAt, endsAt } = campaign;
  if (action === 'launch') {
    if (startNow) return state === 'scheduled' ? 'start' : 'launch';
    return startsAt !== null && startsAt > now ? 'schedule' : 'launch';
  }
  return action === 'resume' && endsAt !== null && endsAt <= now ? 'finish' : action;
}

/** Whether it gives anything: its end holds also while nobody watches the clock. */
export const givesAt = (
  { state, endsAt }: { state: CampaignState; endsAt: Date | null },
  now: Date,
): boolean => state === 'running' && (endsAt === null || endsAt > now);

/** What the person may ask for in this state, for screens. `settled`: nothing of it is open any more. */
export const actionsIn = (state: CampaignState, settled = false): CampaignAction[] =>
  campaignActions.filter(
    (action) => steps[action].from.includes(state) && !(state === 'finished' && settled),
  );

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
