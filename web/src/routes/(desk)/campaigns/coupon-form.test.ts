import { describe, expect, it } from 'vitest';
import { couponTemplate, type CouponTemplate } from '@zhanggui/shared/coupons/template.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { campaignOf, emptyForm, formOf, type CouponForm } from './coupon-form.ts';
import type { Wish } from './wish.ts';

const time = new BusinessTime('Asia/Shanghai');
const now = Date.parse('2026-11-23T12:00:00Z');
const how = (chinese = true) => ({ unit: 100, chinese, time, now });
const read = (part: Partial<CouponForm>, chinese = true) =>
  campaignOf({ ...emptyForm(), name: 'N', title: 'T', budget: '1000', ...part }, how(chinese));
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
        startsAt: null,
        endsAt: null,
      },
    });
  });

  it('means times on the company’s clock, and stores', () => {
    expect(
      read({
        off: '5',
        starts: '2026-12-01T10:00',
        ends: '2026-12-12T23:59',
        validity: 'fixed',
        goodFrom: '2026-12-01T00:00',
        goodTo: '2027-01-01T00:00',
        places: [{ kind: 'store', code: 'S001' }],
      }),
    ).toMatchObject({
      body: {
        startsAt: '2026-12-01T02:00:00.000Z',
        endsAt: '2026-12-12T15:59:00.000Z',
        template: {
          scope: { locations: ['S001'] },
          validity: { kind: 'fixed', from: '2026-11-30T16:00:00.000Z', to: '2026-12-31T16:00:00.000Z' },
        },
      },
    });
  });

  it('holds members out, unless an automation gives the coupons, which does that itself', () => {
    const percent = (give: 'push' | 'claim' | 'rule', percent: number) =>
      expect(read({ off: '5', give, holdoutPercent: '10' })).toMatchObject({
        body: { audience: { kind: 'all', holdoutPercent: percent } },
      });
    percent('push', 10);
    percent('claim', 10);
    percent('rule', 0);
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

  it('says which time is wrong', () => {
    const at = (part: Partial<CouponForm>) => read({ off: '5', ...part });
    expect(at({ starts: '2026-12-02T10:00', ends: '2026-12-02T10:00' })).toEqual({
      errors: { ends: 'endsFirst' },
    });
    expect(at({ ends: '2026-11-23T20:00' })).toEqual({ errors: { ends: 'past' } });
    expect(at({ starts: 'half' })).toEqual({ errors: { starts: 'half' } });
    // A start that has passed is one at once.
    expect(at({ starts: '2026-11-22T10:00' })).toHaveProperty('body');
    expect(at({ validity: 'fixed', days: 'x' })).toEqual({
      errors: { goodFrom: 'required', goodTo: 'required' },
    });
    expect(at({ validity: 'fixed', goodFrom: '2026-12-02T10:00', goodTo: '2026-12-01T10:00' })).toEqual({
      errors: { goodTo: 'endsFirst' },
    });
  });
});

const template: CouponTemplate = {
  title: '满减',
  offer: { kind: 'amount', off: 550, from: 0 },
  scope: {},
  validity: { kind: 'days', days: 30 },
  stacking: { class: 'order', alone: false },
  returned: true,
};
const plain: Wish = {
  kind: 'coupon',
  name: '双十二',
  template,
  audience: { kind: 'all', holdoutPercent: 0 },
  give: 'push',
  limits: { perMember: 1, total: null, budget: 1_000_000, brakePerMinute: null },
  startsAt: null,
  endsAt: null,
};
const offers: CouponTemplate['offer'][] = [
  { kind: 'amount', off: 1, from: 10_001 },
  { kind: 'percent', percent: 15, maxOff: 2_000, from: 5_000 },
  {
    kind: 'threshold',
    steps: [
      { from: 10_000, off: 1_000 },
      { from: 20_000, off: 3_050 },
    ],
  },
  { kind: 'goods', price: 0, maxQty: 3, maxOff: 1_000 },
];
/** All that a form has a field for. */
const full: Wish = {
  ...plain,
  template: {
    ...template,
    scope: {
      skus: ['A1', 'B2'],
      categories: ['TEA', 'CUPS'],
      channels: ['pos', 'mall'],
      locations: ['S001', 'S002'],
    },
    validity: { kind: 'fixed', from: '2026-12-01T02:00:00.000Z', to: '2026-12-31T16:00:00.000Z' },
    stacking: { class: 'order', alone: true },
    returned: false,
  },
  audience: { kind: 'segment', segmentId: '0198', holdoutPercent: 10 },
  limits: { perMember: 2, total: 700, budget: 1_000_050, brakePerMinute: 33_333 },
  startsAt: '2026-12-01T02:00:00.000Z',
  endsAt: '2026-12-12T15:59:00.000Z',
};
/** What a form has no field for. */
const byApi: Wish = {
  ...full,
  template: {
    ...full.template,
    scope: { ...full.template.scope, skus: ['A 1', 'B,2'], categories: ['TEA', 'CUPS'] },
    stacking: { class: 'shipping', alone: false },
  },
  audience: {
    kind: 'rule',
    rule: { field: 'level', in: ['金卡'] },
    holdoutPercent: 5,
  },
  limits: { ...full.limits, budget: null },
  startsAt: '2026-12-01T02:00:30.123Z',
};

const again = (
  wish: Wish,
  change: Partial<CouponForm> = {},
  chinese = true,
  as: 'change' | 'copy' = 'change',
) => {
  const form = formOf(wish, how(chinese));
  return campaignOf({ ...form, ...change }, how(chinese), { wish, form, as });
};

describe('a campaign in the form', () => {
  it.each([true, false])('is what would have been typed (in Chinese: %s)', (chinese) => {
    for (const wish of [
      plain,
      full,
      ...offers.map((offer) => ({ ...full, template: { ...full.template, offer } })),
    ])
      expect(campaignOf(formOf(wish, how(chinese)), how(chinese))).toEqual({ body: wish });
  });

  it('is sent as it was, with what the form cannot say', () => {
    expect(again(byApi)).toEqual({ body: byApi });
    expect(again(byApi, {}, false)).toEqual({ body: byApi });
  });

  it('changes where something was typed, and nowhere else', () => {
    expect(again(byApi, { name: '双十二 2', off: '6', holdoutPercent: '7' })).toEqual({
      body: {
        ...byApi,
        name: '双十二 2',
        template: { ...byApi.template, offer: { kind: 'amount', off: 600, from: 0 } },
        audience: { ...byApi.audience, holdoutPercent: 7 },
      },
    });
    expect(again(byApi, { segmentId: '', skus: '', validity: 'days', days: '3', starts: '' })).toEqual({
      body: {
        ...byApi,
        template: {
          ...byApi.template,
          scope: { categories: ['TEA', 'CUPS'], channels: ['pos', 'mall'], locations: ['S001', 'S002'] },
          validity: { kind: 'days', days: 3 },
        },
        audience: { kind: 'all', holdoutPercent: 5 },
        startsAt: null,
      },
    });
    expect(again(byApi, { kind: 'percent', percent: '8', maxOff: '20' })).toMatchObject({
      body: { template: { offer: { kind: 'percent', percent: 20, maxOff: 2_000, from: 0 } } },
    });
  });

  it('keeps its list of members, of which only the length is known, but no copy has it', () => {
    const listed: Wish = { ...plain, audience: { kind: 'members', count: 12, holdoutPercent: 0 } };
    const kept = { kind: 'members', holdoutPercent: 0 };
    expect(again(listed)).toEqual({ body: { ...plain, audience: kept } });
    expect(again(listed, { holdoutPercent: '5' })).toEqual({
      body: { ...plain, audience: { ...kept, holdoutPercent: 5 } },
    });
    expect(again(listed, { segmentId: '' })).toEqual({ body: plain });
    expect(again(listed, {}, true, 'copy')).toEqual({ errors: { segmentId: 'list' } });
    expect(again(listed, { segmentId: '' }, true, 'copy')).toEqual({ body: plain });
  });
});
