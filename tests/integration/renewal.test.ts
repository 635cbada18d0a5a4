/** Open proposals while the world goes on: renewed where they do not fit it any more, and left alone otherwise. */
import fc from 'fast-check';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { signalMisfits } from '@zhanggui/shared/alerts/balance-store.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import { RENEW_REST_MINUTES } from '@zhanggui/shared/restock/renewal.ts';
import { assessOnce } from '@zhanggui/workers/src/assess.ts';
import { createDatabase } from '../support/database.ts';
import { foundSupply, setBalance, type BalanceSetting, type Supply } from '../support/supply.ts';

let sql: SqlPool;
let at: Supply;
beforeAll(async () => {
  sql = (await createDatabase()).sql;
  at = await foundSupply(sql);
});
const shelf = { reorderPoint: 5, orderUpTo: 20, rate: 2 };
const set = (place: string, balance: BalanceSetting) => setBalance(sql, at, 'A', place, balance);

/** S1 lacks twenty pieces; S2, next to it, has far too many; HQ has some. */
async function begin(): Promise<void> {
  await sql`truncate stock, stock_location, policy, proposal, signal, alert, alert_event cascade`;
  await set('S1', { onHand: 0, ...shelf });
  await set('S2', { onHand: 500, ...shelf });
  await set('HQ', { onHand: 40 });
  await look();
}
beforeEach(begin);

/** What `watch-stock` and `assess-stock` do. Answers how many balances did not fit. */
async function look(): Promise<number> {
  const found = await signalMisfits(sql, 1_000);
  while ((await assessOnce(sql, new Date(), 'happened')).taken > 0);
  return found;
}
const rest = (minutes = RENEW_REST_MINUTES + 1) =>
  sql`update proposal set updated_at = updated_at - ${minutes} * interval '1 minute'`;
const open = () => sql<{ id: string; from: string; qty: number }[]>`
  select p.id, l.code as from, qty from proposal p left join location l on l.no = source_location_no
  where state = 'open' order by p.location_no`;

it('stand as they are while nothing much changes: their own promise is not held against them', async () => {
  const before = await open();
  expect(before).toMatchObject([{ from: 'S2', qty: 20 }]);
  // The source sells, but has enough left that it need not restock itself; the shelf loses two more pieces.
  await set('S2', { onHand: 26, ...shelf });
  await set('S1', { onHand: -2, ...shelf });
  await rest();
  for (let i = 0; i < 3; i++) expect([await look(), await open()]).toEqual([0, before]);
});

it('come from elsewhere once their source cannot give without lacking itself, under another id', async () => {
  const [before] = await open();
  await set('S2', { onHand: 24, ...shelf });
  expect(await look()).toBe(1);
  const [after, ...more] = await open();
  expect(after).toMatchObject({ from: 'HQ', qty: 20 });
  expect(more).toEqual([]);
  expect(after!.id).not.toBe(before!.id);
  expect(await sql`select state from proposal where id = ${before!.id}`).toEqual([{ state: 'withdrawn' }]);
  expect(await look()).toBe(0);
});

it('are withdrawn where nobody can send any more, and where what is on its way is enough', async () => {
  await set('S2', { onHand: 0, ...shelf });
  await set('HQ', { onHand: 0 });
  await look();
  expect((await open()).filter(({ from }) => from !== null)).toEqual([]);
  await begin();
  await set('S1', { onHand: 0, inbound: 20, ...shelf });
  expect(await look()).toBe(1);
  expect(await open()).toEqual([]);
  expect(await look()).toBe(0);
});

it('are made larger when much more is needed, but not again and again', async () => {
  await set('S1', { onHand: 0, ...shelf, orderUpTo: 40 });
  expect(await look()).toBe(0);
  await rest();
  expect(await look()).toBe(1);
  expect(await open()).toMatchObject([{ from: 'S2', qty: 40 }]);
  await set('S1', { onHand: 0, ...shelf, orderUpTo: 80 });
  expect(await look()).toBe(0);
  // And smaller: what was needed is there in part.
  await rest();
  await look();
  await set('S1', { onHand: 5, ...shelf, orderUpTo: 20 });
  await rest();
  expect(await look()).toBe(1);
  expect(await open()).toMatchObject([{ qty: 16 }]);
});

it('stay as they are once a person has opened them again', async () => {
  await sql`update proposal set kept_by = 'Li'`;
  const before = await open();
  await set('S2', { onHand: 6, ...shelf });
  await set('S1', { onHand: 0, ...shelf, orderUpTo: 90 });
  await rest();
  // Also when something else makes workers look at it.
  await sql`insert into signal (kind, sku_no, location_no) select 'stock', sku_no, location_no from stock`;
  expect([await look(), await open()]).toEqual([0, before]);
  // Not needed is not needed.
  await set('S1', { onHand: 90, ...shelf, orderUpTo: 90 });
  await look();
  expect(await open()).toEqual([]);
});

it('settle after two looks, whatever has happened: one for a balance, from what its source can spare', async () => {
  const balance = fc.record({
    onHand: fc.integer({ min: 0, max: 70 }),
    reserved: fc.integer({ min: 0, max: 9 }),
  });
  const world = fc.record({
    S1: balance,
    S2: balance,
    S3: balance,
    HQ: balance,
    upTo: fc.constantFrom(20, 40, 90),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(world, { minLength: 1, maxLength: 3 }), async (worlds) => {
      await begin();
      for (const { upTo, HQ, ...shops } of worlds) {
        for (const [place, given] of Object.entries(shops))
          await set(place, { ...given, ...shelf, orderUpTo: upTo });
        await set('HQ', HQ);
        await rest();
        await look();
        // What the warehouse buys goes once no store waits for it, which the look before may have brought about.
        await look();
        const settled = await open();
        await Promise.all([look(), look()]);
        await rest(RENEW_REST_MINUTES / 3);
        await look();
        expect(await open()).toEqual(settled);
      }
      const greedy = await sql`
        select p.id from proposal p join stock f on f.sku_no = p.sku_no and f.location_no = p.source_location_no
        where p.state = 'open' and f.on_hand - f.reserved - p.qty < coalesce(f.reorder_point, 0)`;
      expect(greedy).toEqual([]);
    }),
    { numRuns: 10, endOnFailure: true },
  );
}, 60_000);
