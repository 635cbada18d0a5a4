/** What may be done with a campaign from its screen. */
import { actionsIn, type CampaignAction, type CampaignState } from '@zhanggui/shared/coupons/campaign.ts';

export type DeskStep = CampaignAction | 'startNow';

type Standing = { status: CampaignState; startsAt: string | null; settledAt: string | null };

/** Launched now, it would wait for its time. */
export const isLater = ({ startsAt }: Pick<Standing, 'startsAt'>, now: number): boolean =>
  startsAt !== null && Date.parse(startsAt) > now;

/** In the order of their buttons. What waits for its time may also begin now. */
export function stepsIn(row: Standing, now: number): DeskStep[] {
  const steps = actionsIn(row.status, row.settledAt !== null);
  const waits = row.status === 'scheduled' || (row.status === 'approved' && isLater(row, now));
  return waits ? ['startNow', ...steps] : steps;
}

/** What is asked of the API. What is approved is what was looked at. */
export const askFor = (
  step: DeskStep,
  revision: number,
): { path: string; body: Record<string, unknown> } => ({
  path: step === 'startNow' ? 'launch' : step,
  body: step === 'approve' ? { revision } : step === 'startNow' ? { startNow: true } : {},
});
