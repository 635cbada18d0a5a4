/** A coupon while it is written: what was typed, and the campaign that it means. */
import type { Channel } from '@zhanggui/shared/contract/words.ts';
import type { GiveMode } from '@zhanggui/shared/coupons/campaign.ts';
import type { offerKinds } from '@zhanggui/shared/coupons/template.ts';

export type CouponForm = {
  name: string;
  title: string;
  kind: (typeof offerKinds)[number];
  off: string;
  from: string;
  percent: string;
  maxOff: string;
  steps: { from: string; off: string }[];
  price: string;
  maxQty: string;
  skus: string;
  category: string;
  channels: Channel[];
  days: string;
  alone: boolean;
  returned: boolean;
  /** Empty: all members. */
  segmentId: string;
  holdoutPercent: string;
  give: GiveMode;
  total: string;
  perMember: string;
  budget: string;
  brake: string;
};

export const emptyForm = (): CouponForm => ({
  name: '',
  title: '',
  kind: 'amount',
  off: '',
  from: '',
  percent: '',
  maxOff: '',
  steps: [
    { from: '', off: '' },
    { from: '', off: '' },
  ],
  price: '',
  maxQty: '1',
  skus: '',
  category: '',
  channels: [],
  days: '30',
  alone: false,
  returned: true,
  segmentId: '',
  holdoutPercent: '0',
  give: 'push',
  total: '',
  perMember: '1',
  budget: '',
  brake: '',
});

export type FormError = 'required' | 'number' | 'stepOrder';
export type FormErrors = Partial<Record<keyof CouponForm, FormError>>;

/** Minor units of what was typed; null where nothing was, NaN where it is no amount. */
export function amountOf(text: string, unit: number): number | null {
  const plain = text.trim().replaceAll(',', '').replaceAll('，', '');
  if (plain === '') return null;
  if (!/^\d+(\.\d+)?$/.test(plain)) return NaN;
  const minor = Math.round(Number(plain) * unit);
  return Math.abs(minor - Number(plain) * unit) < 1e-6 ? minor : NaN;
}

/** 八折 and 20 % mean the same: what is typed in Chinese is what is left to pay, in tenths. */
export function percentOf(text: string, chinese: boolean): number {
  const typed = Number(text.trim());
  const percent = chinese ? Math.round(100 - typed * 10) : typed;
  return text.trim() !== '' && Number.isInteger(percent) && percent >= 1 && percent <= 100 ? percent : NaN;
}

/** The campaign that the form means, or what is wrong with it by field. `unit`: minor units of one of the currency. */
export function campaignOf(
  form: CouponForm,
  { unit, chinese }: { unit: number; chinese: boolean },
): { body: Record<string, unknown> } | { errors: FormErrors } {
  const errors: FormErrors = {};
  const wrong = (field: keyof CouponForm, error: FormError) => void (errors[field] ??= error);
  const money = (
    field: 'off' | 'from' | 'maxOff' | 'price' | 'budget' | 'brake',
    needed: boolean,
    least = 1,
  ) => {
    const minor = amountOf(form[field], unit);
    if (minor === null) {
      if (needed) wrong(field, 'required');
      return null;
    }
    if (!(minor >= least)) wrong(field, 'number');
    return minor;
  };
  const count = (
    field: 'days' | 'total' | 'perMember' | 'maxQty' | 'holdoutPercent',
    needed: boolean,
    least = 1,
  ) => {
    const text = form[field].trim();
    if (text === '') {
      if (needed) wrong(field, 'required');
      return null;
    }
    if (!/^\d+$/.test(text) || Number(text) < least) wrong(field, 'number');
    return Number(text);
  };
  if (form.name.trim() === '') wrong('name', 'required');
  if (form.title.trim() === '') wrong('title', 'required');
  const from = () => money('from', false, 0) ?? 0;
  const offer = (): Record<string, unknown> => {
    switch (form.kind) {
      case 'amount':
        return { off: money('off', true), from: from() };
      case 'percent': {
        const percent = percentOf(form.percent, chinese);
        if (Number.isNaN(percent)) wrong('percent', form.percent.trim() === '' ? 'required' : 'number');
        return { percent, maxOff: money('maxOff', true), from: from() };
      }
      case 'threshold':
        return { steps: stepsOf(form, unit, wrong) };
      case 'goods':
        return {
          price: money('price', true, 0),
          maxQty: count('maxQty', true),
          maxOff: money('maxOff', true),
        };
    }
  };
  const skus = form.skus.split(/[,，\s]+/).filter((sku) => sku !== '');
  if (form.kind === 'goods' && skus.length === 0 && form.category === '') wrong('skus', 'required');
  const template = {
    title: form.title.trim(),
    offer: { kind: form.kind, ...offer() },
    scope: {
      ...(skus.length > 0 && { skus }),
      ...(form.category !== '' && { categories: [form.category] }),
      ...(form.channels.length > 0 && { channels: form.channels }),
    },
    validity: { kind: 'days', days: count('days', true) },
    stacking: { class: 'order', alone: form.alone },
    returned: form.returned,
  };
  const holdoutPercent = count('holdoutPercent', false, 0) ?? 0;
  const body = {
    kind: 'coupon',
    name: form.name.trim(),
    template,
    give: form.give,
    audience:
      form.segmentId === ''
        ? { kind: 'all', holdoutPercent }
        : { kind: 'segment', segmentId: form.segmentId, holdoutPercent },
    limits: {
      perMember: count('perMember', true),
      total: count('total', false),
      budget: money('budget', true),
      brakePerMinute: money('brake', false),
    },
  };
  return Object.keys(errors).length > 0 ? { errors } : { body };
}

/** Steps that were filled in; an empty last one is left out. */
function stepsOf(
  { steps }: CouponForm,
  unit: number,
  wrong: (field: 'steps', error: FormError) => void,
): { from: number; off: number }[] {
  const given = steps.filter((step) => step.from.trim() !== '' || step.off.trim() !== '');
  if (given.length === 0) wrong('steps', 'required');
  const read = given.map((step) => ({
    from: amountOf(step.from, unit) ?? NaN,
    off: amountOf(step.off, unit) ?? NaN,
  }));
  if (read.some(({ from, off }) => !(from > 0 && off > 0))) wrong('steps', 'number');
  if (read.some(({ from, off }, i) => off > from || (i > 0 && from <= read[i - 1]!.from)))
    wrong('steps', 'stepOrder');
  return read;
}
