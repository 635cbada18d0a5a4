/** Campaigns as the API tells of them, and how they are put into words. */
import type { Audience } from '@zhanggui/shared/coupons/audience.ts';
import type { CampaignKind, CampaignState, GiveMode } from '@zhanggui/shared/coupons/campaign.ts';
import type { CouponTemplate } from '@zhanggui/shared/coupons/template.ts';
import type { Format } from '#lib/format/format.svelte.ts';
import type { CampaignMessages } from '#lib/i18n/campaigns.ts';

export type Progress = {
  chunks: number;
  done: number;
  failedChunks: number;
  seen: number;
  had: number;
  perSecond: number | null;
  secondsLeft: number | null;
  error: string | null;
};

export type Campaign = {
  id: string;
  kind: CampaignKind;
  name: string;
  status: CampaignState;
  give: GiveMode | null;
  /** Of a coupon. */
  template: CouponTemplate;
  audience: Audience;
  limits: { perMember: number; total: number | null; budget: number | null; brakePerMinute: number | null };
  targeted: number;
  issued: number;
  failed: number;
  redeemed: number;
  returned: number;
  conflicts: number;
  budget: number | null;
  spent: number;
  reserved: number;
  liability: number;
  exposure: number | null;
  startsAt: string | null;
  endsAt: string | null;
  /** Nothing of it is open any more. */
  settledAt: string | null;
  createdAt: string;
  createdBy: string;
  revision: number;
  approvedBy: string | null;
  launchedAt: string | null;
  pausedBecause: string | null;
};
type Told = { waiting: number; told: number; failed: number };
/** Members by what came of the messages about their coupons. */
export type Messages = Told & { media: (Told & { medium: string | null })[] };

export type CampaignDetail = Campaign & {
  progress: Progress | null;
  messages: Messages;
  flags: { source: string; minute: string; claims: number }[];
};
export type Minute = { minute: string; issued: number; redeemed: number; spent: number };

/** What a coupon takes off, in a line. */
export function offerText(
  m: CampaignMessages,
  format: Format,
  { offer }: Pick<CouponTemplate, 'offer'>,
): string {
  const money = (minor: number) => format.money(minor, minor % 100 === 0 ? 'whole' : 'exact');
  const from = (minor: number) => (minor > 0 ? money(minor) : null);
  switch (offer.kind) {
    case 'amount':
      return m.offer.amount(money(offer.off), from(offer.from));
    case 'percent': {
      // 20 % off is 八折: what is left to pay, in tenths.
      const said = format.locale === 'en' ? `${offer.percent}%` : String((100 - offer.percent) / 10);
      return m.offer.percent(said, money(offer.maxOff), from(offer.from));
    }
    case 'threshold':
      return offer.steps.map((step) => m.offer.step(money(step.from), money(step.off))).join(' · ');
    case 'goods':
      return m.offer.goods(money(offer.price), offer.maxQty);
    case 'told':
      return m.offer.told;
  }
}

/** Where it works. `nameOf` names a category. */
export function scopeText(
  m: CampaignMessages,
  format: Format,
  { scope }: Pick<CouponTemplate, 'scope'>,
  nameOf: (category: string) => string,
): string {
  const parts = [
    ...(scope.skus ? [m.scope.skus(format.whole(scope.skus.length))] : []),
    ...(scope.categories ? [m.scope.categories(scope.categories.map(nameOf).join(' / '))] : []),
    ...(scope.channels ? [m.scope.channels(scope.channels.map((each) => m.channels[each]).join(' / '))] : []),
    ...(scope.locations ? [m.scope.stores(format.whole(scope.locations.length))] : []),
  ];
  return parts.length === 0 ? m.scope.all : m.scope.some(parts.join(' · '));
}

export function goodText(
  m: CampaignMessages,
  format: Format,
  { validity }: Pick<CouponTemplate, 'validity'>,
): string {
  return validity.kind === 'days'
    ? m.good.days(format.whole(validity.days))
    : m.good.until(format.longDay(Date.parse(validity.to) - 1));
}

/** Of the audience: how much was looked at, 0 to 1; null where nothing is sent. */
export const shareDone = ({
  targeted,
  progress,
}: Pick<CampaignDetail, 'targeted' | 'progress'>): number | null =>
  progress === null ? null : targeted === 0 ? 1 : Math.min(1, progress.seen / targeted);
