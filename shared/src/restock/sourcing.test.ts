import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderQuantity, policyOf, WARN_COVER_DAYS, type PolicyInput } from './policy.ts';
import { MAX_QTY, planRestock, propose, surplusOf, type SourcingRow, type Stocked } from './sourcing.ts';

const now = new Date('2026-11-25T02:00:00Z');

const place = (more: Partial<Stocked> = {}): Stocked => ({
  locationNo: 9,
  code: 'HQ',
  kind: 'hq_warehouse',
  available: 0,
  inbound: 0,
  reorderPoint: null,
  orderUpTo: null,
  rate: 0,
  promised: 0,
  km: 100,
  ...more,
});

const shop = (locationNo: number, available: number, more: Partial<Stocked> = {}) =>
  place({
    locationNo,
    code: `S${locationNo}`,
    kind: 'store',
    available,
    reorderPoint: 10,
    orderUpTo: 20,
    rate: 1,
    ...more,
  });

const row = (more: Partial<SourcingRow> = {}): SourcingRow => ({
  skuNo: 1,
  locationNo: 1,
  kind: 'store',
  available: 2,
  inbound: 0,
  policy: { reorderPoint: 10, orderUpTo: 30, rate: 2 },
  packSize: 6,
  minOrder: 1,
  unitCost: 1_000,
  listPrice: 1_900,
  supplier: { code: 'SUP', leadTimeDays: 5, direct: true },
  sources: [],
  warehouse: place(),
  ...more,
});

const plain: PolicyInput = {
  rate: 1,
  sd: 1,
  leadDays: 2,
  leadSd: 0,
  reviewDays: 1,
  packSize: 1,
  minOrder: 1,
  unitCost: null,
  orderCost: 0,
  holdingPerYear: 0,
  abc: 'A',
  xyz: 'X',
};

const draft = (input: SourcingRow) => {
  const answer = propose(input, now);
  if ('refused' in answer) throw new Error(`refused: ${answer.refused}`);
  return answer;
};

describe('a restock', () => {
  it('comes from the shop that sits on five thousand, and says what else there was', () => {
    const { why, ...made } = draft(
      row({ sources: [shop(2, 5_000), place({ available: 100 }), shop(3, 24, { rate: 0.1 })] }),
    );
    expect(made).toMatchObject({ sourceKind: 'transfer', sourceLocationNo: 2, qty: 30, cost: 1_800 });
    expect(made.expectedAt.toISOString()).toBe('2026-11-26T08:00:00.000Z');
    expect(why).toMatchObject({ wanted: 28, coverDays: 16, waiting: null, warnings: ['late'] });
    expect(why.rejected.map(({ kind, outOfQuestion }) => [kind, outOfQuestion])).toEqual([
      ['warehouse', null],
      ['supplier', null],
      ['transfer', 'less_than_a_pack'],
    ]);
    // Each sum is there to be read, and the chosen one is the smallest.
    for (const option of [why.chosen, ...why.rejected])
      expect(option.total).toBe(option.handling + option.lost + option.holding - option.relief);
  });

  it('is brought at once where waiting costs more than moving', () => {
    const sources = [place({ available: 500, km: 900 })];
    // A week without what earns 9.00 a piece, twice a day.
    expect(draft(row({ available: 0, sources }))).toMatchObject({ sourceKind: 'warehouse', qty: 30 });
    // Nothing is lost while the shelf lasts: the dearer lorry is left where it is.
    const slow = { reorderPoint: 10, orderUpTo: 30, rate: 0.2 };
    expect(
      draft(row({ available: 10, policy: slow, sources: [place({ available: 500, km: 90_000 })] }))
        .sourceKind,
    ).toBe('supplier');
  });

  it('counts what is on its way, and stops at the order-up-to level', () => {
    expect(propose(row({ available: 2, inbound: 9 }), now)).toEqual({ refused: 'covered', wanted: 19 });
    expect(draft(row({ available: 2, inbound: 8, packSize: 1 })).qty).toBe(20);
  });

  it('keeps to the least quantity of the supplier, and warns of too much', () => {
    const made = draft(row({ minOrder: 100 }));
    expect(made.qty).toBe(102);
    expect(made.why.warnings).toContain('over_replenishment');
    expect(propose(row({ minOrder: 5_000 }), now)).toMatchObject({ refused: 'no_source' });
  });

  it('warns at the same days of cover as an order from levels does', () => {
    const warned = (days: number) => {
      const policy = { reorderPoint: 10, orderUpTo: days, rate: 1 };
      const made = draft(row({ available: 0, policy, packSize: 1, sources: [place({ available: 9_999 })] }));
      const order = orderQuantity({
        available: 0,
        inbound: 0,
        policy: { ...policy, why: policyOf({ ...plain, rate: 1 }).why },
        packSize: 1,
        minOrder: 1,
      });
      expect(made.why.coverDays).toBe(order.coverDays);
      return [made.why.warnings.includes('over_replenishment'), order.warning === 'over_replenishment'];
    };
    expect(warned(WARN_COVER_DAYS)).toEqual([false, false]);
    expect(warned(WARN_COVER_DAYS + 1)).toEqual([true, true]);
    expect(warned(150)).toEqual([true, true]);
  });

  it('of more than a year of sales is refused', () => {
    expect(propose(row({ policy: { reorderPoint: 10, orderUpTo: 3_000, rate: 2 } }), now)).toMatchObject({
      refused: 'nonsense',
    });
    const huge = { reorderPoint: 10, orderUpTo: MAX_QTY + 50, rate: 100_000 };
    expect(propose(row({ policy: huge }), now)).toMatchObject({ refused: 'nonsense' });
    // A thing that hardly sells is put on the shelf all the same.
    const rare = { reorderPoint: 0, orderUpTo: 2, rate: 0.001 };
    expect(draft(row({ available: 0, packSize: 1, policy: rare })).qty).toBe(2);
  });
});

describe('restocks together', () => {
  it('share a surplus out, the emptiest shelf first', () => {
    const sources = [shop(2, 58)];
    const supplier = null;
    const plan = planRestock(
      [
        row({ locationNo: 3, available: 8, sources, supplier }),
        row({ locationNo: 1, available: 0, sources, supplier }),
        row({ locationNo: 4, available: 9, sources, supplier }),
      ],
      now,
    );
    // 58 less the 24 that it needs itself leave 34: 30 for the first, nothing of a pack for the others.
    expect(plan.drafts.map(({ locationNo, qty }) => [locationNo, qty])).toEqual([[1, 30]]);
    expect(plan.refused).toEqual([
      { skuNo: 1, locationNo: 3, reason: 'no_source' },
      { skuNo: 1, locationNo: 4, reason: 'no_source' },
    ]);
  });

  it('that nobody can send are bought by the warehouse, once for all who wait', () => {
    const supplier = { code: 'SUP', leadTimeDays: 5, direct: false };
    const warehouse = place({ inbound: 12 });
    const rows = [
      row({ locationNo: 1, supplier, warehouse }),
      row({ locationNo: 2, available: 4, supplier, warehouse }),
    ];
    const { drafts, refused } = planRestock(rows, now);
    expect(drafts).toMatchObject([
      {
        locationNo: 9,
        sourceKind: 'purchase',
        supplier: 'SUP',
        qty: 42,
        why: { waiting: { locations: 2, qty: 54 } },
      },
    ]);
    expect(refused.map(({ reason }) => reason)).toEqual(['awaits_warehouse', 'awaits_warehouse']);
    // What is on its way to the warehouse already covers them.
    const coming = rows.map((each) => ({ ...each, warehouse: place({ inbound: 60 }) }));
    expect(planRestock(coming, now).drafts).toEqual([]);
  });
});

const qty = fc.integer({ min: 0, max: 400 });
const policy = fc
  .record({ reorderPoint: qty, more: qty, rate: fc.double({ min: 0, max: 50, noNaN: true }) })
  .map(({ reorderPoint, more, rate }) => ({ reorderPoint, orderUpTo: reorderPoint + more, rate }));
const kind = fc.constantFrom('store', 'online_warehouse', 'hq_warehouse' as const);
const stocked = fc
  .record({
    kind,
    available: fc.integer({ min: 1, max: 2_000 }),
    promised: fc.integer({ min: 0, max: 300 }),
    policy: fc.option(policy),
    km: fc.option(fc.integer({ min: 0, max: 3_000 })),
  })
  .map(({ policy: its, ...rest }) => ({
    ...rest,
    reorderPoint: its?.reorderPoint ?? null,
    orderUpTo: its?.orderUpTo ?? null,
    rate: its?.rate ?? 0,
  }));

/** Balances of one SKU; sources are the same for all of them, numbered from 100. */
const company = fc
  .record({
    sources: fc.array(stocked, { maxLength: 6 }),
    packSize: fc.integer({ min: 1, max: 48 }),
    minOrder: fc.integer({ min: 1, max: 300 }),
    supplier: fc.option(
      fc.record({
        code: fc.constant('SUP'),
        leadTimeDays: fc.option(fc.integer({ min: 0, max: 60 })),
        direct: fc.boolean(),
      }),
    ),
    unitCost: fc.option(fc.integer({ min: 0, max: 100_000 })),
    shops: fc.array(
      fc.record({
        available: fc.integer({ min: -50, max: 300 }),
        inbound: qty,
        policy: fc.option(policy),
        kind,
      }),
      { minLength: 1, maxLength: 8 },
    ),
  })
  .map(({ sources, shops, ...sku }): SourcingRow[] => {
    const numbered = sources.map((source, i) => place({ ...source, locationNo: 100 + i, code: `L${i}` }));
    return shops.map((one, i) =>
      row({
        ...sku,
        ...one,
        kind: i === 0 ? one.kind : 'store',
        locationNo: i + 1,
        sources: numbered,
        listPrice: null,
      }),
    );
  });

describe('any proposals', () => {
  it('are packs that are wanted, from where they are not needed', () => {
    let made = 0;
    fc.assert(
      fc.property(company, (rows) => {
        const { drafts, refused } = planRestock(rows, now);
        const taken = new Map<number, number>();
        for (const {
          locationNo,
          qty: pieces,
          cost,
          expectedAt,
          sourceLocationNo,
          sourceKind,
          why,
        } of drafts) {
          made += 1;
          const { packSize } = rows[0]!;
          expect(pieces).toBeGreaterThanOrEqual(packSize);
          expect(pieces % packSize).toBe(0);
          expect(pieces).toBeLessThanOrEqual(MAX_QTY);
          expect(cost).toBeGreaterThanOrEqual(0);
          expect(Number.isInteger(cost)).toBe(true);
          expect(expectedAt.getTime()).toBeGreaterThanOrEqual(now.getTime());
          // Never more than a pack beyond what is wanted, except where the supplier sends no less.
          const least = sourceKind === 'supplier' || sourceKind === 'purchase' ? rows[0]!.minOrder : 0;
          expect(pieces).toBeLessThan(Math.max(why.wanted, least) + packSize);
          if (least > 0) expect(pieces).toBeGreaterThanOrEqual(least);
          expect(sourceLocationNo).not.toBe(locationNo);
          expect(
            [why.chosen, ...why.rejected].filter(({ outOfQuestion }) => outOfQuestion === null)[0],
          ).toEqual(why.chosen);
          expect(
            Math.min(...why.rejected.filter((o) => o.outOfQuestion === null).map((o) => o.total), Infinity),
          ).toBeGreaterThanOrEqual(why.chosen.total);
          if (sourceLocationNo !== null)
            taken.set(sourceLocationNo, (taken.get(sourceLocationNo) ?? 0) + pieces);
        }
        for (const source of rows[0]!.sources) {
          const given = taken.get(source.locationNo) ?? 0;
          if (given === 0) continue;
          expect(given).toBeLessThanOrEqual(surplusOf(source));
          const left = source.available - source.promised - given;
          if (source.kind !== 'hq_warehouse') expect(left).toBeGreaterThanOrEqual(source.orderUpTo!);
          expect(left).toBeGreaterThanOrEqual(0);
        }
        // Each balance gets one answer.
        const answered = [...drafts, ...refused]
          .map(({ locationNo }) => locationNo)
          .filter((no) => no <= rows.length);
        expect(answered.sort()).toEqual(rows.map(({ locationNo }) => locationNo).sort());
      }),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 300) },
    );
    expect(made).toBeGreaterThan(10);
  });
});
