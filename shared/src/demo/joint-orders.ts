/** Orders that several people make together: groups that buy at a better price, and bargains that friends cut. */
import type { Basket } from './basket.ts';
import { timed, type TimedFact } from './facts.ts';
import { memberOf, placeOrder, type Counter } from './place-order.ts';
import { MINUTE_MS, momentOfDay } from './rhythm.ts';

/** Mean orders of a group below: two or three people. */
const GROUP_SIZE = 2.4;
/** Groups that nobody joins, to one that forms. */
const UNFILLED = 0.15;
/** Bargains that company R's customers open on an average day; two of three end in an order. */
const BARGAINS_A_DAY = 60;
/** A campaign lasts a week; two run at a time. */
const CAMPAIGN_DAYS = 7;

/** Groups of the day with their orders; `orders` are to be expected. A few join and leave again, and a few groups do not fill. */
export function groupOrders(counter: Counter, orders: number): TimedFact[] {
  const { random, date, location } = counter;
  const facts: TimedFact[] = [];
  const groups = random.poisson(orders / GROUP_SIZE);
  for (let n = 1; n <= groups; n++) {
    const campaignId = `group-${Math.floor(date.number / CAMPAIGN_DAYS)}-${random.between(1, 2)}`;
    const groupId = `G-${location.code}-${date.text}-${n}`;
    const size = random.chance(0.4) ? 3 : 2;
    let at = date.start + momentOfDay('group', random);
    for (let member = 1; member <= size; member++) {
      const memberId = memberOf(random);
      const placed = placeOrder(counter, {
        at,
        channel: 'group',
        method: 'ship',
        memberId,
        groupId,
        cut: tenth,
      });
      const orderId = `${groupId}/${member}`;
      const type = member === 1 ? 'group.opened' : 'group.joined';
      const who = { campaignId, groupId, memberId, ...orderOf(placed) };
      facts.push(...placed, timed(at, 'group', orderId, type, member === 1 ? { ...who, size } : who));
      // Somebody thinks better of it before the next one joins; of two they would have filled it.
      if (member === 1 && size > 2 && random.chance(0.15)) {
        const other = { campaignId, groupId, memberId: memberOf(random) };
        facts.push(timed(at + MINUTE_MS / 4, 'group', `${groupId}/tried`, 'group.joined', other));
        facts.push(timed(at + MINUTE_MS / 2, 'group', `${groupId}/left`, 'group.left', other));
      }
      at += random.between(MINUTE_MS, 40 * MINUTE_MS);
    }
    if (random.chance(UNFILLED)) {
      // Paid for when it forms, which it never does.
      const alone = { campaignId, groupId: `${groupId}-alone`, memberId: memberOf(random), size: 3 };
      facts.push(timed(at, 'group', alone.groupId, 'group.opened', alone));
    }
  }
  return facts;
}

/** Bargains of the day: opened by one, cut by friends, and mostly bought in the end. `part` is this warehouse's share. */
export function bargainOrders(counter: Counter, part: number): TimedFact[] {
  const { random, date, location, world } = counter;
  const facts: TimedFact[] = [];
  const bargains = random.poisson(BARGAINS_A_DAY * part * (world.ordersADay / 20_000));
  for (let n = 1; n <= bargains; n++) {
    const campaignId = `bargain-${Math.floor(date.number / CAMPAIGN_DAYS)}`;
    const bargainId = `B-${location.code}-${date.text}-${n}`;
    const memberId = memberOf(random);
    let at = date.start + momentOfDay('miniapp', random);
    let won = 0;
    facts.push(
      timed(at, 'miniapp', `${bargainId}/opened`, 'bargain.opened', { campaignId, bargainId, memberId }),
    );
    for (let helper = random.between(2, 8); helper > 0; helper--) {
      const cut = random.between(10, 300);
      at += random.between(MINUTE_MS, 20 * MINUTE_MS);
      won += cut;
      const help = { campaignId, bargainId, memberId: memberOf(random), cut };
      facts.push(timed(at, 'miniapp', `${bargainId}/helped/${helper}`, 'bargain.helped', help));
    }
    if (!random.chance(0.66)) continue;
    const cut = ({ total }: Basket) => Math.min(won, Math.floor(total / 2));
    facts.push(
      ...placeOrder(counter, {
        at: at + MINUTE_MS,
        channel: 'miniapp',
        method: 'ship',
        memberId,
        bargainId,
        cut,
      }),
    );
  }
  return facts;
}

function tenth({ total }: Basket): number {
  return Math.floor(total / 10);
}

function orderOf(facts: readonly TimedFact[]): { orderId?: string } {
  const placed = facts.find(({ fact }) => fact.type === 'order.placed');
  return placed?.fact.type === 'order.placed' ? { orderId: placed.fact.data.orderId } : {};
}
