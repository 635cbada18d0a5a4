/** What a campaign came to. Pure. Money in minor units. */
import { z } from 'zod';
import { campaignKinds } from '../coupons/campaign.ts';
import { compareMeans, compareRates, type Effect } from '../members/effect.ts';
import { expectation, span } from './expect.ts';

const count = z.int();
const money = z.int();
const effect = z.object({
  difference: z.number(),
  low: z.number(),
  high: z.number(),
  enough: z.boolean().describe('False: there are too few to say anything'),
});

const compared = z.object({
  members: count,
  buyers: count,
  orders: count,
  net: money,
});
export type Compared = z.infer<typeof compared>;

/** Why nothing can be said of what a campaign did. */
export const withoutUplift = ['nobody_held', 'nobody_yet', 'not_noted', 'automation'] as const;
export type WithoutUplift = (typeof withoutUplift)[number];

const uplift = z.object({
  given: compared,
  held: compared,
  buyers: effect.describe('Share of members who bought: given − held out, parts of one'),
  orders: effect.describe('Orders a member'),
  net: effect.describe('Net sales a member, minor units'),
  extraOrders: span.describe('Orders that there were because of it, of all whom it was for'),
  extraNet: span.describe('Net sales because of it, minor units'),
});
export type Uplift = z.infer<typeof uplift>;

export const report = z.object({
  kind: z.enum(campaignKinds),
  from: z.iso.datetime().describe('Orders are counted from here'),
  until: z.iso.datetime().describe('and up to here'),
  reach: z.object({
    targeted: count.describe('Members of the audience when it was launched; 0: nothing was sent'),
    held: count.describe('Members held out, as far as they are chosen'),
    taken: count.describe('Coupons issued or claimed, seats taken, bargains opened'),
    used: count.describe('Coupons redeemed, seats of groups that formed, bargains bought'),
    returned: count.describe('Coupons that came back with a refund'),
  }),
  group: z
    .object({
      opened: count,
      formed: count,
      expired: count,
      joins: count,
      left: count,
      refunds: count,
      refunded: money,
      confirmed: count.describe('Refunds that were confirmed'),
    })
    .nullable(),
  bargain: z.object({ opened: count, bought: count, expired: count, helps: count }).nullable(),
  sales: z.object({
    orders: count.describe('Paid orders that used it and were not called off, as far as they were told'),
    net: money.describe('Paid − refunded'),
    refunded: money,
    discount: money.describe('What it took off, or gave to leaders'),
    spend: money.describe('Advertising that facts (`spend.recorded`) name it with'),
    costedNet: money.describe('Of net: lines whose cost is known'),
    cost: money.describe('Cost of those goods'),
    margin: money.describe(
      'costedNet − cost, of group-buys also − what leaders got; a discount is off the price already, and advertising is not in it',
    ),
  }),
  uplift: uplift
    .nullable()
    .describe(
      'Those whom it was for beside those held out, as both were chosen at its launch, whether they took part or not; see `withoutUplift`',
    ),
  withoutUplift: z
    .enum(withoutUplift)
    .nullable()
    .describe(
      '`nobody_held`: nobody was held out. `nobody_yet`: nobody was reached yet to compare them with. `not_noted`: it was launched before those held out of campaigns of its kind were noted. `automation`: those held out are in the report of its automation',
    ),
  expected: expectation.nullable().describe('What was expected when it was launched'),
});
export type CampaignReport = z.infer<typeof report>;

/** Members of one part with what they bought: sums, and sums of squares. */
export type Measured = Compared & { ordersSquared: number; netSquared: number };

/** What it did: those who were to be given one beside those who were held out. */
export function upliftOf(given: Measured, held: Measured): Uplift {
  const rate = ({ members: n, buyers: k }: Measured) => ({ n, k });
  const orders = compareMeans(
    { n: given.members, sum: given.orders, sumOfSquares: given.ordersSquared },
    { n: held.members, sum: held.orders, sumOfSquares: held.ordersSquared },
  );
  const net = compareMeans(
    { n: given.members, sum: given.net, sumOfSquares: given.netSquared },
    { n: held.members, sum: held.net, sumOfSquares: held.netSquared },
  );
  const ofAll = ({ low, difference, high }: Effect) => ({
    low: Math.round(low * given.members),
    expected: Math.round(difference * given.members),
    high: Math.round(high * given.members),
  });
  const shown = ({ members, buyers, orders, net }: Measured): Compared => ({ members, buyers, orders, net });
  return {
    given: shown(given),
    held: shown(held),
    buyers: compareRates(rate(given), rate(held)),
    orders,
    net,
    extraOrders: ofAll(orders),
    extraNet: ofAll(net),
  };
}

/** What one order that used it cost, advertising and all, minor units; null before there is one. */
export const costPerOrder = ({ sales: { discount, spend, orders } }: CampaignReport): number | null =>
  orders === 0 ? null : Math.round((discount + spend) / orders);

/** Share of those that were taken which was used; null before there is one. */
export const useRate = ({ reach: { taken, used } }: CampaignReport): number | null =>
  taken === 0 ? null : used / taken;
