/** Money of coupons in any order of what happens to them: claimed, redeemed, told of by tills, undone, over. On real Postgres. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closeCoupons } from '@zhanggui/shared/coupons/close-store.ts';
import { readCode } from '@zhanggui/shared/coupons/code.ts';
import { couponCompany } from '../support/coupons.ts';
import '../support/properties.ts';

const { at, amountOff, post, running, look, claim, basket, redeem, tell, settle, expectSound, next } =
  couponCompany();

const OFF = 500;
const BUDGET = 3 * OFF + 499;
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000);
const order = (orderId: string, codes: string[], unitPrice: number) => ({
  ...basket(orderId, unitPrice),
  total: Math.max(0, unitPrice - OFF),
  couponCodes: codes,
  fulfilment: { method: 'carry', location: 'S01' },
});

describe('a budget', () => {
  it('is not passed by a coupon that two offline tills took, the dearer one earlier and heard of later', async () => {
    const id = await running({
      limits: { budget: 2 * OFF },
      template: amountOff(OFF, { returned: false }),
    });
    const codes = [await claim(id, 'two-tills-1'), await claim(id, 'two-tills-2')];
    for (const [i, code] of codes.entries())
      await tell('order.placed', order(`cheap-${i}`, [code], 50), ago(5));
    await settle();
    // What the two might still cost is not given to a third.
    expect(await look(id)).toMatchObject({ spent: 100, reserved: 2 * OFF - 100 });
    expect(await claim(id, 'two-tills-3')).toBe('sold_out');
    for (const [i, code] of codes.entries())
      await tell('coupon.redeemed', { code, orderId: `dear-${i}` }, ago(60));
    await settle();
    expect(await look(id)).toMatchObject({ spent: 2 * OFF, reserved: 0, conflicts: 2 });
    await expectSound();
  });

  it('holds in any order of claims, redemptions, facts, returns and ends', { timeout: 120_000 }, async () => {
    const nth = fc.nat({ max: 3 });
    const which = fc.nat({ max: 7 });
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('claim' as const) }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('redeem' as const), nth, which }) },
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constantFrom('order' as const, 'use' as const),
          nth,
          which,
          minutes: fc.nat({ max: 90 }),
        }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('undo' as const), which }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const) }) },
    );
    let most = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(fc.integer({ min: 100, max: 900 }), { minLength: 8, maxLength: 8 }),
        fc.array(step, { minLength: 6, maxLength: 16 }),
        async (returned, prices, list) => {
          const run = `b${next()}`;
          const id = await running({ limits: { budget: BUDGET }, template: amountOff(OFF, { returned }) });
          const codes = [await claim(id, `${run}-a`), await claim(id, `${run}-b`)];
          for (const each of list) {
            const code = 'nth' in each ? codes[each.nth] : undefined;
            const orderId = 'which' in each ? `${run}-o${each.which}` : '';
            const price = 'which' in each ? prices[each.which]! : 0;
            if (each.kind === 'claim') {
              const given = await claim(id, `${run}-m${codes.length}`);
              if (readCode(given)) codes.push(given);
            } else if (each.kind === 'redeem') {
              if (code) await redeem(code, orderId, price);
            } else if (each.kind === 'order') {
              if (code) await tell('order.placed', order(orderId, [code], price), ago(each.minutes));
            } else if (each.kind === 'use') {
              if (code) await tell('coupon.redeemed', { code, orderId }, ago(each.minutes));
            } else if (each.kind === 'undo') await tell('order.cancelled', { orderId });
            else if (each.kind === 'end') {
              const [{ no }] = await at.server.sql<
                [{ no: number }]
              >`select no from campaign where id = ${id}`;
              await closeCoupons(at.server.sql, no, new Date(Date.now() + 40 * 86_400_000), 100);
            } else await post(`/campaigns/${id}/cancel`);
            await settle();
            const { spent, reserved } = await look(id);
            expect({
              spent,
              reserved,
              fits: spent >= 0 && reserved >= 0 && spent + reserved <= BUDGET,
            }).toEqual({
              spent,
              reserved,
              fits: true,
            });
            most = Math.max(most, spent);
          }
          await expectSound();
        },
      ),
      { numRuns: 40 },
    );
    // It was put to the test: some of them came to the end of their money.
    expect(most).toBeGreaterThan(2 * OFF);
  });
});
