/** Proposals against a real database: what they are drafted from, and that a balance has one at most. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { insertProposals, readSourcing } from '@zhanggui/shared/restock/proposal-store.ts';
import { draftProposals } from '@zhanggui/shared/restock/sourcing.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import { createDatabase } from '../support/database.ts';
import { foundSupply, setBalance, type Supply } from '../support/supply.ts';

let sql: SqlPool;
let at: Supply;
const now = new Date('2026-11-25T02:00:00Z');

beforeAll(async () => {
  sql = (await createDatabase()).sql;
  at = await foundSupply(sql);
});
beforeEach(async () => {
  await sql`truncate stock, stock_location, policy, proposal`;
});

const pair = (sku: string, location: string) => ({ skuNo: at.sku(sku), locationNo: at.location(location) });
const draft = async (...pairs: [string, string][]) =>
  draftProposals(
    await readSourcing(
      sql,
      pairs.map(([sku, location]) => pair(sku, location)),
    ),
    now,
  );

describe('proposals', () => {
  it('are drafted from what each location has, needs and has promised', async () => {
    await setBalance(sql, at, 'A', 'S1', { onHand: 1, reorderPoint: 5, orderUpTo: 20, rate: 2 });
    await setBalance(sql, at, 'A', 'S2', {
      onHand: 500,
      reserved: 60,
      reorderPoint: 5,
      orderUpTo: 20,
      rate: 1,
    });
    await setBalance(sql, at, 'A', 'S3', { onHand: 300 });
    await setBalance(sql, at, 'A', 'HQ', { onHand: 40, inbound: 7 });
    await sql`
      insert into proposal (sku_no, location_no, source_kind, source_location_no, qty, cost, expected_at, why)
      values (${at.sku('A')}, ${at.location('S3')}, 'transfer', ${at.location('S2')}, 30, 0, now(), '{}')`;
    const rows = await readSourcing(sql, [pair('A', 'S1'), pair('A', 'S1'), pair('B', 'S1')]);
    expect(rows).toMatchObject([
      {
        kind: 'store',
        available: 1,
        inbound: 0,
        policy: { reorderPoint: 5, orderUpTo: 20, rate: 2 },
        packSize: 4,
        minOrder: 1,
        unitCost: 1_000,
        supplier: { code: 'FAR', leadTimeDays: 9, direct: false },
        warehouse: { code: 'HQ', available: 40, inbound: 7, kind: 'hq_warehouse', reorderPoint: null },
      },
    ]);
    expect(
      rows[0]!.sources.map(({ code, available, promised, km }) => [
        code,
        available,
        promised,
        Math.round(km!),
      ]),
    ).toEqual([
      ['S2', 440, 30, 111],
      ['S3', 300, 0, 222],
      ['HQ', 40, 0, 334],
    ]);
    // S2 has most to spare; nobody knows what S3 needs.
    expect(await draft(['A', 'S1'])).toMatchObject([
      { sourceKind: 'transfer', sourceLocationNo: at.location('S2'), qty: 20 },
    ]);
  });

  it('are opened once for a balance, however many workers see it', async () => {
    await setBalance(sql, at, 'A', 'S1', { onHand: 0, reorderPoint: 5, orderUpTo: 20, rate: 2 });
    await setBalance(sql, at, 'A', 'S2', { onHand: 0, reorderPoint: 5, orderUpTo: 20, rate: 2 });
    await setBalance(sql, at, 'A', 'HQ', { onHand: 100 });
    const drafts = await draft(['A', 'S1'], ['A', 'S2']);
    const made = await Promise.all([1, 2, 3, 4].map(() => insertProposals(sql, drafts.toReversed())));
    expect(made.flat()).toHaveLength(2);
    expect(await sql`select from proposal where state = 'open'`).toHaveLength(2);
  });

  it('are not made again on the day that a person said no', async () => {
    await setBalance(sql, at, 'A', 'S1', { onHand: 0, reorderPoint: 5, orderUpTo: 20, rate: 2 });
    await setBalance(sql, at, 'A', 'HQ', { onHand: 100 });
    const drafts = await draft(['A', 'S1']);
    await insertProposals(sql, drafts);
    await sql`update proposal set state = 'rejected', decided_at = now() - interval '23 hours'`;
    expect(await insertProposals(sql, drafts)).toEqual([]);
    await sql`update proposal set decided_at = now() - interval '25 hours'`;
    expect(await insertProposals(sql, drafts)).toHaveLength(1);
  });

  it('make the warehouse buy what nobody has', async () => {
    for (const shop of ['S1', 'S2'])
      await setBalance(sql, at, 'A', shop, { onHand: 0, reorderPoint: 5, orderUpTo: 20, rate: 2 });
    await setBalance(sql, at, 'A', 'HQ', { onHand: 0, inbound: 8 });
    expect(await draft(['A', 'S1'], ['A', 'S2'])).toMatchObject([
      { locationNo: at.location('HQ'), sourceKind: 'purchase', supplier: 'FAR', qty: 32, cost: 34_000 },
    ]);
  });
});
