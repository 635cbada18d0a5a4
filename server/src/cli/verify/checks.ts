/** Every check that `zg verify` makes of the books, in order. Each answers what is not as the ledger says. */
import {
  compareClearedAlerts,
  compareDoubles,
  compareLowAlerts,
  compareSignals,
} from '@zhanggui/shared/alerts/verify-store.ts';
import { compareCaps, compareGiven, compareHoldouts } from '@zhanggui/shared/automations/verify-store.ts';
import { compareSpend } from '@zhanggui/shared/campaigns/verify-store.ts';
import {
  compareBudgets,
  compareCampaigns,
  compareFanOuts,
  compareLimits,
  compareUses,
} from '@zhanggui/shared/coupons/verify-store.ts';
import {
  compareCounts as compareGroupCounts,
  compareCuts,
  compareDeadlines,
  compareSeatLimits,
  compareRefunds,
  compareSeats,
  compareSetAside,
  compareSizes,
  compareTold,
} from '@zhanggui/shared/groups/verify-store.ts';
import { compareAccepted, compareKeys } from '@zhanggui/shared/ingest/verify-store.ts';
import { retellStock } from '@zhanggui/shared/ingest/retell-stock-store.ts';
import { retellOrders } from '@zhanggui/shared/ingest/retell-store.ts';
import {
  compareBalances,
  compareEarned,
  compareProfiles,
  compareTouches,
} from '@zhanggui/shared/members/verify-store.ts';
import {
  compareLiveMinutes,
  compareLiveProducts,
  compareMarks,
  compareSessions,
} from '@zhanggui/shared/live/verify-store.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import type { Differences } from '@zhanggui/shared/platform/differences.ts';
import {
  compareDays,
  compareLastSales,
  compareMinutes,
  compareOrders,
  compareSkuDays,
  compareTraffic,
} from '@zhanggui/shared/sales/verify-store.ts';
import {
  compareCounters,
  compareFlags,
  compareHolds,
  compareLow,
  compareMovementFacts,
  compareMovements,
  compareOnHand,
  compareReserved,
  compareReservedInBooks,
} from '@zhanggui/shared/stock/verify-store.ts';
import { compareArrivals, compareInbound, compareProposals } from '@zhanggui/shared/supply/verify-store.ts';

export type Check = {
  name: string;
  /** What is true when nothing is found. */
  claim: string;
  /**
   * Which promise of the product it is about: 1 facts are kept exactly once, 2 the books add up, 3 the board shows them,
   * 4 nobody gets too many coupons and no campaign passes its budget, 5 groups end once and refunds are asked for once, 6 what runs low
   * has its alert.
   */
  promise: 1 | 2 | 3 | 4 | 5 | 6;
  run: (sql: Sql, context: CheckContext) => Promise<Differences>;
};

export type CheckContext = { timeZone: string; limit: number };

const once: Check[] = [
  {
    name: 'keys',
    promise: 1,
    claim: 'every accepted fact is in the ledger exactly once',
    run: (sql, { limit }) => compareKeys(sql, limit),
  },
];

/** What can be told from the whole ledger only. */
const retold: Check[] = [
  {
    name: 'accepted',
    promise: 1,
    claim: 'every source has as many facts in the ledger as were accepted',
    run: (sql, { limit }) => compareAccepted(sql, limit),
  },
  {
    name: 'orders',
    promise: 2,
    claim: 'every order is what its facts say',
    run: async (sql, { limit }) => {
      await retellOrders(sql);
      return compareOrders(sql, limit);
    },
  },
  {
    name: 'sales-minute',
    promise: 2,
    claim: 'sales by minute are the sum of the orders',
    run: (sql, { limit }) => compareMinutes(sql, limit),
  },
  {
    name: 'sales-day',
    promise: 2,
    claim: 'sales by day are the sum of the orders',
    run: (sql, { timeZone, limit }) => compareDays(sql, timeZone, limit),
  },
  {
    name: 'last-sale',
    promise: 2,
    claim: 'the last sale of each day is the newest one',
    run: (sql, { timeZone, limit }) => compareLastSales(sql, timeZone, limit),
  },
  {
    name: 'sales-sku-day',
    promise: 2,
    claim: 'sales by SKU are the orders’ totals shared out over their lines',
    run: (sql, { timeZone, limit }) => compareSkuDays(sql, timeZone, limit),
  },
  {
    name: 'traffic',
    promise: 2,
    claim: 'traffic by hour is the sum of what was counted',
    run: (sql, { timeZone, limit }) => compareTraffic(sql, timeZone, limit),
  },
  {
    name: 'campaign-spend',
    promise: 2,
    claim: 'what was spent on a campaign is the sum of what was told of it',
    run: (sql, { limit }) => compareSpend(sql, limit),
  },
  {
    name: 'live-sessions',
    promise: 2,
    claim: 'every livestream is what its facts and orders say',
    run: (sql, { limit }) => compareSessions(sql, limit),
  },
  {
    name: 'live-minutes',
    promise: 2,
    claim: 'livestreams by minute are the sum of their pulses and orders',
    run: (sql, { limit }) => compareLiveMinutes(sql, limit),
  },
  {
    name: 'live-products',
    promise: 2,
    claim: 'what livestreams sold of each product is the sum of their orders',
    run: (sql, { limit }) => compareLiveProducts(sql, limit),
  },
  {
    name: 'live-marks',
    promise: 2,
    claim: 'what was held up in livestreams is what their facts say',
    run: (sql, { limit }) => compareMarks(sql, limit),
  },
  {
    name: 'on-hand',
    promise: 2,
    claim: 'on hand is the newest count and what has moved since',
    run: async (sql, { limit }) => {
      await retellStock(sql);
      return compareOnHand(sql, limit);
    },
  },
  {
    name: 'movement-facts',
    promise: 2,
    claim: 'every movement of stock has its fact',
    run: (sql, { limit }) => compareMovementFacts(sql, limit),
  },
  {
    name: 'reserved',
    promise: 2,
    claim: 'reserved are the pieces of the open orders and of what reservations hold',
    run: (sql, { limit }) => compareReserved(sql, limit),
  },
  {
    name: 'group-facts',
    promise: 5,
    claim: 'every fact about a group or a bargain is told of it',
    run: (sql, { limit }) => compareTold(sql, limit),
  },
];

/** What the books must say of each other, also where retention has cut the ledger. */
const amongBooks: Check[] = [
  {
    name: 'movements',
    promise: 2,
    claim: 'on hand is the sum of the movements',
    run: (sql, { limit }) => compareMovements(sql, limit),
  },
  {
    name: 'reserved-in-books',
    promise: 2,
    claim: 'reserved are the pieces of the open orders in the books and of what reservations hold',
    run: (sql, { limit }) => compareReservedInBooks(sql, limit),
  },
  {
    name: 'holds',
    promise: 2,
    claim: 'no reservation holds beyond its time, or beside its order',
    run: (sql, { limit }) => compareHolds(sql, limit),
  },
  {
    name: 'stock-counters',
    promise: 2,
    claim: 'the counters by location are the counts of the balances',
    run: (sql, { limit }) => compareCounters(sql, limit),
  },
  {
    name: 'stock-flags',
    promise: 2,
    claim: 'a balance is flagged exactly while nothing is available',
    run: (sql, { limit }) => compareFlags(sql, limit),
  },
  {
    name: 'stock-low',
    promise: 2,
    claim: 'a balance is marked low exactly while it is at or below its reorder point',
    run: (sql, { limit }) => compareLow(sql, limit),
  },
  {
    name: 'inbound',
    promise: 2,
    claim: 'inbound is what is outstanding of the orders under way',
    run: (sql, { limit }) => compareInbound(sql, limit),
  },
  {
    name: 'arrivals',
    promise: 2,
    claim: 'what an order has received is what the movements with its code say',
    run: (sql, { limit }) => compareArrivals(sql, limit),
  },
  {
    name: 'coupon-limits',
    promise: 4,
    claim: 'no member has more coupons of a campaign than one may have',
    run: (sql, { limit }) => compareLimits(sql, limit),
  },
  {
    name: 'campaign-counters',
    promise: 4,
    claim: 'what a campaign has issued, redeemed, reserved and spent is the sum of its coupons',
    run: (sql, { limit }) => compareCampaigns(sql, limit),
  },
  {
    name: 'campaign-budgets',
    promise: 4,
    claim: 'no campaign has passed its number or its budget',
    run: (sql, { limit }) => compareBudgets(sql, limit),
  },
  {
    name: 'coupon-uses',
    promise: 4,
    claim: 'each redeemed coupon has the one use that counts',
    run: (sql, { limit }) => compareUses(sql, limit),
  },
  {
    name: 'fan-outs',
    promise: 4,
    claim: 'what the ranges of a fan-out gave is what members have',
    run: (sql, { limit }) => compareFanOuts(sql, limit),
  },
  {
    name: 'automation-coupons',
    promise: 4,
    claim: 'what automations gave is what members have of their campaigns, one coupon an occasion',
    run: (sql, { limit }) => compareGiven(sql, limit),
  },
  {
    name: 'automation-holdouts',
    promise: 4,
    claim: 'nobody who is held out has a coupon of that automation',
    run: (sql, { limit }) => compareHoldouts(sql, limit),
  },
  {
    name: 'automation-caps',
    promise: 4,
    claim: 'no member got more coupons of automations in a row of days than was allowed then',
    run: (sql, { limit }) => compareCaps(sql, limit),
  },
  {
    name: 'point-balances',
    promise: 2,
    claim: 'a member has the points that their entries add up to',
    run: (sql, { limit }) => compareBalances(sql, limit),
  },
  {
    name: 'points-earned',
    promise: 2,
    claim: 'every order has earned the points that it should have, once',
    run: (sql, { limit }) => compareEarned(sql, limit),
  },
  {
    name: 'profiles',
    promise: 2,
    claim: 'a member’s profile is what their orders add up to',
    run: (sql, { limit }) => compareProfiles(sql, limit),
  },
  {
    name: 'members',
    promise: 2,
    claim: 'every member of an order is known, and looked at within half an hour',
    run: (sql, { limit }) => compareTouches(sql, limit),
  },
  {
    name: 'group-seats',
    promise: 5,
    claim: 'the members of every group are the seats that are taken, and the first of them leads',
    run: (sql, { limit }) => compareSeats(sql, limit),
  },
  {
    name: 'group-sizes',
    promise: 5,
    claim: 'no group has more members than its size, and exactly the full ones have formed',
    run: (sql, { limit }) => compareSizes(sql, limit),
  },
  {
    name: 'group-limits',
    promise: 5,
    claim: 'a member’s seats count while their groups stand, and are no more than the campaign allows',
    run: (sql, { limit }) => compareSeatLimits(sql, limit),
  },
  {
    name: 'group-counts',
    promise: 5,
    claim: 'every group and bargain was counted once when it was opened, and once when it ended',
    run: (sql, { limit }) => compareGroupCounts(sql, limit),
  },
  {
    name: 'group-deadlines',
    promise: 5,
    claim: 'no group or bargain is open long after its time',
    run: (sql, { limit }) => compareDeadlines(sql, limit),
  },
  {
    name: 'refunds',
    promise: 5,
    claim:
      'each paid order of a seat that was left, or whose group expired, has its refund asked for once, and no other',
    run: (sql, { limit }) => compareRefunds(sql, limit),
  },
  {
    name: 'groups-set-aside',
    promise: 5,
    claim: 'nothing that is told of a group or a bargain had to be set aside',
    run: (sql, { limit }) => compareSetAside(sql, limit),
  },
  {
    name: 'bargain-cuts',
    promise: 5,
    claim: 'every cut is what follows from the secret, and they add up to what is off',
    run: (sql, { limit }) => compareCuts(sql, limit),
  },
  {
    name: 'proposals',
    promise: 6,
    claim: 'a full shelf has no open proposal, and an approved one has its order',
    run: (sql, { limit }) => compareProposals(sql, limit),
  },
  {
    name: 'low-alerts',
    promise: 6,
    claim: 'what runs low and is not covered by what is on its way has one open alert',
    run: (sql, { limit }) => compareLowAlerts(sql, limit),
  },
  {
    name: 'cleared-alerts',
    promise: 6,
    claim: 'no alert says that a full shelf is empty or low',
    run: (sql, { limit }) => compareClearedAlerts(sql, limit),
  },
  {
    name: 'double-alerts',
    promise: 6,
    claim: 'a balance has at most one open alert of a kind of trouble, and one open proposal',
    run: (sql, { limit }) => compareDoubles(sql, limit),
  },
  {
    name: 'signals',
    promise: 6,
    claim: 'every signal is looked at within ten minutes',
    run: (sql, { limit }) => compareSignals(sql, limit),
  },
];

/** The checks of a whole ledger, or of one whose oldest months were dropped. */
export function checksOf({ ledgerIsWhole }: { ledgerIsWhole: boolean }): Check[] {
  return ledgerIsWhole ? [...once, ...retold, ...amongBooks] : [...once, ...amongBooks];
}
