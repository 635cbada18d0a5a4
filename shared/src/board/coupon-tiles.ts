/** From rows of coupon campaigns to the keyed values of topic `coupons`. Pure. */
import type { CouponCampaign, CouponFanOut } from '../contract/board.ts';
import type { CouponCampaignRow, CouponRows } from './board-coupon-store.ts';
import type { Values } from './tiles.ts';

/** How far a fan-out is: members looked at, and coupons a second. */
export type FanOutProgress = { seen: number; perSecond: number | null };

export type CouponsState = CouponRows & {
  /** By campaign id, of those that are being sent. */
  progress: ReadonlyMap<string, FanOutProgress>;
};

export const noCoupons = (): CouponsState => ({
  sums: { running: 0, paused: 0, issuedToday: 0, redeemedToday: 0, spentToday: 0 },
  campaigns: [],
  minutes: [],
  progress: new Map(),
});

/** The curve on the board goes back so far. */
export const COUPON_MINUTES = 60;
const MINUTE = 60_000;

/** As the database has it in `paused_because` when no person did it. */
const BRAKE = 'brake';

const share = (part: number, whole: number | null) =>
  whole === null || whole <= 0 ? null : Math.round((part / whole) * 10_000) / 10_000;

/** How far a fan-out over `targeted` members is, and when it will be done. */
export function fanOutOf(targeted: number, { seen, perSecond }: FanOutProgress): CouponFanOut {
  const left = Math.max(0, targeted - seen);
  return {
    share: share(Math.min(seen, targeted), targeted) ?? 1,
    perSecond,
    secondsLeft: left === 0 ? 0 : perSecond ? Math.ceil(left / perSecond) : null,
  };
}

function campaignTile(row: CouponCampaignRow, progress: FanOutProgress | undefined): CouponCampaign {
  const ended = row.state === 'finished' || row.state === 'cancelled';
  return {
    name: row.name,
    state: ended ? 'ended' : row.state === 'paused' ? 'paused' : 'running',
    pausedBy: row.state !== 'paused' ? null : row.pausedBecause === BRAKE ? 'brake' : 'person',
    give: row.give,
    targeted: row.targeted,
    issued: row.issued,
    redeemed: row.redeemed,
    returned: row.returned,
    failed: row.failed,
    total: row.total,
    budget: row.budget,
    reserved: row.reserved,
    spent: row.spent,
    reservedShare: share(row.reserved, row.budget),
    spentShare: share(row.spent, row.budget),
    fanOut: progress ? fanOutOf(row.targeted, progress) : null,
    launchedAt: row.launchedAt?.toISOString() ?? null,
    endsAt: row.endsAt?.toISOString() ?? null,
  };
}

export function couponTiles({ sums, campaigns, minutes, progress }: CouponsState): Values {
  const values: Values = new Map([['summary', sums as Record<string, unknown>]]);
  for (const row of campaigns) values.set(`campaign:${row.id}`, campaignTile(row, progress.get(row.id)));
  for (const { campaign, minute, ...rest } of minutes)
    values.set(`minute:${minute.getTime() / MINUTE}${campaign === null ? '' : `@${campaign}`}`, rest);
  return values;
}
