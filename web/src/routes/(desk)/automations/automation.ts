/** Automations as the API tells of them, and how they are put into words. */
import type { AutomationCondition, Cap, Outcome, Trigger } from '@zhanggui/shared/automations/automation.ts';
import type { CampaignState } from '@zhanggui/shared/coupons/campaign.ts';
import type { Effect } from '@zhanggui/shared/members/effect.ts';
import type { Format } from '#lib/format/format.svelte.ts';
import type { AutomationMessages } from '#lib/i18n/automations.ts';

export type Automation = {
  id: string;
  name: string;
  campaignId: string;
  campaignName: string;
  campaignStatus: CampaignState;
  trigger: Trigger;
  condition: AutomationCondition | null;
  holdoutPercent: number;
  windowDays: number;
  cap: Cap | null;
  on: boolean;
  issued: number;
  onAt: string | null;
  startedAt: string | null;
  createdAt: string;
  createdBy: string;
  revision: number;
};

export type Arm = { members: number; buyers: number; orders: number; net: number };
export type Judged = Effect & { clear: boolean };
export type Report = {
  asOf: string;
  windowDays: number;
  holdoutPercent: number;
  treated: Arm;
  holdout: Arm;
  /** Drawn, and their window is not over. */
  unmeasured: number;
  rate: Judged;
  money: Judged;
  waiting: number;
  outcomes: Record<Outcome, number>;
};

/** Channels that are no store. */
export const onlineChannels = ['mall', 'miniapp', 'live', 'group', 'marketplace'] as const;

/** When it gives, in a line. `nameOf` names a category. */
export function triggerText(
  m: AutomationMessages,
  format: Format,
  trigger: Trigger,
  nameOf: (category: string) => string = (code) => code,
): string {
  switch (trigger.kind) {
    case 'looked': {
      const { channels, skus, categories, hours } = trigger;
      const where = !channels
        ? ''
        : channels.includes('pos')
          ? channels.length === 1
            ? m.inStore
            : ''
          : m.online;
      const what = [
        ...(categories ?? []).map(nameOf),
        ...(skus ? [skus.length > 2 ? m.products(format.whole(skus.length)) : skus.join(' ')] : []),
      ].join(' ');
      return m.text.looked(where, what, format.whole(hours));
    }
    case 'basket':
      return m.text.basket(format.whole(trigger.minutes));
    case 'birthday':
      return trigger.days === 0 ? m.text.today : m.text.birthday(format.whole(trigger.days));
    case 'lapsed':
      return trigger.upTo === undefined
        ? m.text.lapsed(format.whole(trigger.days))
        : m.text.lapsedUpTo(format.whole(trigger.days), format.whole(trigger.upTo));
  }
}

export const capText = (m: AutomationMessages, format: Format, { coupons, days }: Cap): string =>
  m.capOf(format.whole(coupons), format.whole(days));
