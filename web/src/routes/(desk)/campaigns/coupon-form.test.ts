import { describe, expect, it } from 'vitest';
import { couponTemplate } from '@zhanggui/shared/coupons/template.ts';
import { amountOf, campaignOf, emptyForm, percentOf, type CouponForm } from './coupon-form.ts';

const read = (part: Partial<CouponForm>, chinese = true) =>
  campaignOf({ ...emptyForm(), name: 'N', title: 'T', budget: '1000', ...part }, { unit: 100, chinese });
const offerOf = (part: Partial<CouponForm>, chinese = true) => {
  const found = read(part, chinese);
  if (!('body' in found)) return found.errors;
  const { template } = found.body as { template: unknown };
  return couponTemplate.parse(template).offer;
};

describe('a coupon form', () => {
  it('means the campaign that was typed', () => {
    expect(offerOf({ off: '5.5', from: '100' })).toEqual({ kind: 'amount', off: 550, from: 10_000 });
    // 八五折 is 15 % off.
    expect(offerOf({ kind: 'percent', percent: '8.5', maxOff: '20' })).toMatchObject({
      percent: 15,
      maxOff: 2_000,
    });
    expect(offerOf({ kind: 'percent', percent: '15', maxOff: '20' }, false)).toMatchObject({ percent: 15 });
    const steps = [
      { from: '100', off: '10' },
      { from: '200', off: '30' },
      { from: '', off: '' },
    ];
    expect(offerOf({ kind: 'threshold', steps })).toEqual({
      kind: 'threshold',
      steps: [
        { from: 10_000, off: 1_000 },
        { from: 20_000, off: 3_000 },
      ],
    });
    expect(offerOf({ kind: 'goods', price: '0', maxOff: '50', skus: 'A1，B2 C3' })).toMatchObject({
      price: 0,
      maxQty: 1,
    });
    expect(read({ off: '5', segmentId: 's', holdoutPercent: '10', total: '7', brake: '' })).toMatchObject({
      body: {
        audience: { kind: 'segment', segmentId: 's', holdoutPercent: 10 },
        limits: { perMember: 1, total: 7, budget: 100_000, brakePerMinute: null },
      },
    });
  });

  it('says what is missing or wrong, beside its field', () => {
    expect(read({ name: ' ', off: '', budget: '' })).toEqual({
      errors: { name: 'required', off: 'required', budget: 'required' },
    });
    expect(read({ off: '5元', days: '0', total: '1.5' })).toEqual({
      errors: { off: 'number', days: 'number', total: 'number' },
    });
    expect(read({ kind: 'threshold' })).toEqual({ errors: { steps: 'required' } });
    const falling = [
      { from: '200', off: '30' },
      { from: '100', off: '10' },
    ];
    expect(read({ kind: 'threshold', steps: falling })).toEqual({ errors: { steps: 'stepOrder' } });
    expect(read({ kind: 'goods', price: '9.9', maxOff: '50' })).toEqual({ errors: { skus: 'required' } });
  });

  it('takes amounts as people type them, and no fractions of a 分', () => {
    expect(amountOf('1,000.50', 100)).toBe(100_050);
    expect(amountOf(' ', 100)).toBeNull();
    expect(amountOf('0.005', 100)).toBeNaN();
    expect(percentOf('10', true)).toBeNaN();
    expect(percentOf('0', true)).toBe(100);
  });
});
