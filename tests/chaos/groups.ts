/**
 * A shop that sells by group-buys and bargains. Members open, join, leave, pay and help at once through both servers; then the
 * deadline of all of them comes, or the campaign is called off. Who paid for nothing is refunded, exactly once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { Stage } from './actors.ts';
import { eventOf, placeCode, SKUS, skuCode, tell } from './facts.ts';
import type { Records } from './records.ts';

/** Of what the seats of some groups hold. */
export const HELD_SKU = 'HELD';
const SIZE = 3;
const GROUPS = 8;
const HELPERS = 4;
/** Of a seat and of a bargain's start, minor units; the list price of all goods. */
export const PRICE = 990;

type Ask = (path: string, body: object, key: string) => ReturnType<Stage['client']['post']>;

export async function gather(stage: Stage): Promise<void> {
  const { client, records, random, name, signal } = stage;
  for (let no = 1; !signal.aborted; no++) {
    const run = `${name}-g${no}`;
    const ask: Ask = (path, body, key) =>
      client.post(`/api/v1${path}`, body, { headers: { 'idempotency-key': `${run}-${key}` } });
    const haggles = random() < 0.3;
    const sku = random() < 0.5 ? HELD_SKU : skuCode(1 + Math.floor(random() * SKUS));
    const campaignId = await launched(ask, records, run, haggles ? bargainOf(sku) : groupOf(sku));
    if (campaignId === null) return;
    if (!(await (haggles ? haggle : buyTogether)(stage, ask, { run, campaignId, sku }))) return;
    await records.during('deadlines', async () => {
      if (random() < 0.3) await ask(`/campaigns/${campaignId}/cancel`, {}, 'cancel');
      await stage.endNow(campaignId);
    });
  }
}

/** Its seats hold pieces, and its leaders get a bonus, where it is of the goods of which there is enough. */
const groupOf = (sku: string) => ({
  kind: 'group',
  template: {
    title: '三人团',
    goods: [{ sku }],
    price: PRICE,
    size: SIZE,
    hours: 1,
    ...(sku === HELD_SKU && { location: placeCode(1), leaderBonus: 5 }),
  },
  limits: { perMember: 15, ...(sku === HELD_SKU && { budget: GROUPS * 5 }) },
});

const bargainOf = (sku: string) => ({
  kind: 'bargain',
  template: {
    title: '砍价',
    goods: [{ sku }],
    startPrice: PRICE,
    floorPrice: PRICE / 2,
    helpers: HELPERS,
    hours: 1,
  },
  limits: { total: 3 },
});

/** Null: nobody knows what became of it. */
async function launched(ask: Ask, records: Records, run: string, wish: object): Promise<string | null> {
  const made = await ask('/campaigns', { ...wish, name: run }, 'make');
  if (made === null) return null;
  const id = String(made.body['id']);
  for (const verb of ['approve', 'launch']) {
    const answer = await ask(`/campaigns/${id}/${verb}`, {}, verb);
    if (answer === null) return null;
    if (answer.status !== 200)
      records.contradictions.push(`${run} ${verb}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
  return id;
}

type Run = { run: string; campaignId: string; sku: string };

/** Groups that get none, one, just enough or too many to join. False: somebody was not answered. */
async function buyTogether(stage: Stage, ask: Ask, { run, campaignId, sku }: Run): Promise<boolean> {
  const { client, records, random } = stage;
  const seats: { orderId: string; memberId: string; groupId: string }[] = [];
  const filled = await Promise.all(
    Array.from({ length: GROUPS }, async (_, g) => {
      const seat = (n: number) => ({ memberId: `${run}-m${g}.${n}`, orderId: `${run}-o${g}.${n}` });
      const opened = await ask('/groups', { campaignId, ...seat(0) }, `open${g}`);
      if (opened === null) return false;
      if (opened.status !== 201) {
        records.contradictions.push(`${run} open: ${opened.status} ${JSON.stringify(opened.body)}`);
        return true;
      }
      const groupId = String(opened.body['id']);
      seats.push({ ...seat(0), groupId });
      const joined = await Promise.all(
        Array.from({ length: g % 5 }, async (_each, n) => {
          const answer = await ask(`/groups/${groupId}/joins`, seat(n + 1), `join${g}.${n}`);
          if (answer?.status === 201) seats.push({ ...seat(n + 1), groupId });
          else if (answer && answer.status !== 409)
            records.contradictions.push(`${run} join: ${answer.status} ${JSON.stringify(answer.body)}`);
          return answer;
        }),
      );
      const taken = joined.filter((answer) => answer?.status === 201).length;
      // Which of too many are in is chance; how many is not.
      if (!joined.includes(null) && taken !== Math.min(g % 5, SIZE - 1))
        records.contradictions.push(`${run}: ${taken} of ${g % 5} joined group ${groupId}`);
      return !joined.includes(null);
    }),
  );
  for (const { orderId, groupId, memberId } of seats) records.seats.set(orderId, { groupId, memberId });
  if (filled.includes(false)) return false;
  const at = Date.now();
  const paid = seats.filter(() => random() < 0.9);
  await tell(
    { client, records },
    paid.flatMap(({ orderId, memberId, groupId }) => [
      eventOf(`${orderId}-placed`, 'order.placed', at, {
        orderId,
        memberId,
        groupId,
        channel: 'group',
        lines: [{ sku, qty: 1, unitPrice: PRICE }],
        total: PRICE,
        fulfilment: { method: 'ship', location: placeCode(1) },
      }),
      eventOf(`${orderId}-paid`, 'order.paid', at, { orderId }),
    ]),
    { firm: true },
  );
  for (const { orderId } of paid)
    if (records.facts.get(`chaos ${orderId}-paid`)?.answered) records.paid.add(orderId);
  // Somebody leaves, if their group has not formed.
  const [first] = seats;
  if (first && random() < 0.5)
    return (await ask(`/groups/${first.groupId}/leaves`, { memberId: first.memberId }, 'leave')) !== null;
  return true;
}

async function haggle({ records, random }: Stage, ask: Ask, { run, campaignId }: Run): Promise<boolean> {
  const done = await Promise.all(
    [0, 1, 2].map(async (b) => {
      const opened = await ask('/bargains', { campaignId, memberId: `${run}-b${b}` }, `open${b}`);
      if (opened === null) return false;
      if (opened.status !== 201) {
        records.contradictions.push(`${run} bargain: ${opened.status} ${JSON.stringify(opened.body)}`);
        return true;
      }
      const id = String(opened.body['id']);
      const helpers = Array.from({ length: HELPERS + 2 }, (_, n) => `${run}-h${b}.${n}`);
      const helps = await Promise.all(
        helpers.map(async (memberId, n) => ({
          memberId,
          answer: await ask(`/bargains/${id}/helps`, { memberId }, `help${b}.${n}`),
        })),
      );
      const helped = helps.filter(({ answer }) => answer?.status === 201).map(({ memberId }) => memberId);
      records.helped.set(id, helped);
      if (helps.some(({ answer }) => answer === null)) return false;
      if (helped.length !== HELPERS)
        records.contradictions.push(`${run}: ${helped.length} helped where ${HELPERS} can`);
      return random() < 0.5 || (await ask(`/bargains/${id}/buy`, {}, `buy${b}`)) !== null;
    }),
  );
  return !done.includes(false);
}

const REFUNDS_WITHIN_MS = 60_000;

type Seat = { orderId: string; groupId: string; memberId: string; formed: boolean; left: boolean };

/** Whoever was told that they are in is in; who paid for what did not come about is refunded by one message, and nobody else is. */
export async function checkGroups(sql: SqlPool, records: Records): Promise<string[]> {
  const read = () => sql<Seat[]>`
    select s.order_id as "orderId", g.id as "groupId", m.id as "memberId", g.state = 'formed' as formed, s.left_at is not null as left
    from group_seat s join group_buy g on g.no = s.group_no join member m on m.no = s.member_no where s.order_id is not null`;
  const dueOf = (seats: readonly Seat[]) =>
    seats.filter(({ orderId, formed, left }) => records.paid.has(orderId) && (left || !formed));
  const until = performance.now() + REFUNDS_WITHIN_MS;
  let seats: Seat[];
  for (;;) {
    const [{ open }] = await sql<[{ open: number }]>`
      select count(*)::int as open from (
        select no from group_buy where state = 'open' and expires_at <= now()
        union all select no from bargain where state = 'open' and expires_at <= now()) due`;
    seats = await read();
    if (open === 0 && dueOf(seats).every(({ orderId }) => records.refunds.has(orderId))) break;
    if (performance.now() > until) break;
    await sleep(200);
  }
  const found: string[] = [];
  const there = new Map(seats.map((seat) => [seat.orderId, seat]));
  for (const [orderId, { groupId, memberId }] of records.seats) {
    const seat = there.get(orderId);
    if (seat?.groupId !== groupId || seat.memberId !== memberId)
      found.push(`${memberId} was told of a seat in ${groupId} that is not there`);
  }
  const due = new Set(dueOf(seats).map(({ orderId }) => orderId));
  for (const orderId of due)
    if (!records.refunds.has(orderId)) found.push(`nobody was told to refund ${orderId}`);
  for (const [orderId, asked] of records.refunds) {
    if (!due.has(orderId)) found.push(`${orderId} was to be refunded, and should not`);
    if (asked.length > 1) found.push(`${orderId} was to be refunded by ${JSON.stringify(asked)}`);
    if (asked.some(({ amount }) => amount !== PRICE)) found.push(`${orderId}: ${JSON.stringify(asked)}`);
  }
  const helps = await sql<{ id: string; members: string[] }[]>`
    select b.id, array_agg(m.id) as members
    from bargain b join bargain_help h on h.bargain_no = b.no join member m on m.no = h.member_no group by b.id`;
  const helped = new Map(helps.map(({ id, members }) => [id, members]));
  for (const [id, members] of records.helped)
    for (const member of members)
      if (!helped.get(id)?.includes(member)) found.push(`${member} was told that they helped with ${id}`);
  return found;
}
