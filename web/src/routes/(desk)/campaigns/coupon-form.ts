/** A coupon while it is written: what was typed, and the campaign that it means. */
import type { Channel } from '@zhanggui/shared/contract/words.ts';
import type { GiveMode } from '@zhanggui/shared/coupons/campaign.ts';
import type { CouponValidity, Offer, offerKinds } from '@zhanggui/shared/coupons/template.ts';
import { typedMoment } from '#lib/desk/moment.ts';
import type { PlaceKind } from '#lib/desk/places.svelte.ts';
import { keep } from './keep.ts';
import { amountOf, amountText, percentOf, percentText, someText } from './typed.ts';
import { spanOf, typedWhen, whenOf, type Clock, type When, type WhenError } from './when.ts';
import { askedOf, audienceOf, choiceOf, OWN_LIST } from './who.ts';
import type { Before, Wish } from './wish.ts';

export type CouponForm = When & {
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
  /** Of several, which the API alone chooses, a line each. */
  category: string;
  channels: Channel[];
  /** Stores alone. */
  places: { kind: PlaceKind; code: string }[];
  validity: CouponValidity['kind'];
  days: string;
  goodFrom: string;
  goodTo: string;
  alone: boolean;
  returned: boolean;
  /** As of `who.ts`. */
  segmentId: string;
  /** Of what is sent. */
  holdoutPercent: string;
  give: GiveMode;
  total: string;
  perMember: string;
  budget: string;
  /** The API alone makes one without. */
  budgetNeeded: boolean;
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
  places: [],
  validity: 'days',
  days: '30',
  goodFrom: '',
  goodTo: '',
  alone: false,
  returned: true,
  segmentId: '',
  holdoutPercent: '0',
  give: 'push',
  total: '',
  perMember: '1',
  budget: '',
  budgetNeeded: true,
  brake: '',
  starts: '',
  ends: '',
});

export type FormError = 'required' | 'number' | 'stepOrder' | 'list' | WhenError;
export type FormErrors = Partial<Record<keyof CouponForm, FormError>>;

/** `unit`: minor units of one of the currency. */
export type Reading = Clock & { unit: number; chinese: boolean };

/** The campaign that the form means, or what is wrong with it by field. */
export function campaignOf(
  form: CouponForm,
  how: Reading,
  before: Before<CouponForm> | null = null,
): { body: Record<string, unknown> } | { errors: FormErrors } {
  const { said, errors } = read(form, how);
  if (form.segmentId === OWN_LIST && before?.as !== 'change') errors.segmentId = 'list';
  if (Object.keys(errors).length > 0) return { errors };
  if (before === null) return { body: said };
  const was = { ...before.wish, audience: askedOf(before.wish.audience) };
  return { body: keep(was, read(before.form, how).said, said) as typeof said };
}

function read(
  form: CouponForm,
  { unit, chinese, ...clock }: Reading,
): { said: Record<string, unknown>; errors: FormErrors } {
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
  const validity = () => {
    if (form.validity === 'days') return { kind: 'days', days: count('days', true) };
    const [from, to] = spanOf([form.goodFrom, form.goodTo], clock, (which, error) =>
      wrong(which === 'from' ? 'goodFrom' : 'goodTo', error),
    );
    if (from === null) wrong('goodFrom', 'required');
    if (to === null) wrong('goodTo', 'required');
    return { kind: 'fixed', from, to };
  };
  const template = {
    title: form.title.trim(),
    offer: { kind: form.kind, ...offer() },
    scope: {
      ...(skus.length > 0 && { skus }),
      ...(form.category !== '' && { categories: form.category.split('\n') }),
      ...(form.channels.length > 0 && { channels: form.channels }),
      ...(form.places.length > 0 && { locations: form.places.map(({ code }) => code) }),
    },
    validity: validity(),
    stacking: { class: 'order', alone: form.alone },
    returned: form.returned,
  };
  const holdoutPercent = form.give !== 'rule' ? (count('holdoutPercent', false, 0) ?? 0) : 0;
  const said = {
    kind: 'coupon',
    name: form.name.trim(),
    template,
    give: form.give,
    audience: { ...audienceOf(form.segmentId), holdoutPercent },
    limits: {
      perMember: count('perMember', true),
      total: count('total', false),
      budget: money('budget', form.budgetNeeded),
      brakePerMinute: money('brake', false),
    },
    ...whenOf(form, clock, wrong),
  };
  return { said, errors };
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

/** What would have to be typed to mean it. */
export function formOf(
  wish: Wish,
  { unit, chinese, time }: Pick<Reading, 'unit' | 'chinese' | 'time'>,
): CouponForm {
  const { template, limits, audience } = wish;
  const { offer, scope, validity } = template;
  return {
    ...emptyForm(),
    ...typedWhen(wish, time),
    ...typedOffer(offer, { unit, chinese }),
    ...(validity.kind === 'days'
      ? { days: String(validity.days) }
      : { goodFrom: typedMoment(validity.from, time), goodTo: typedMoment(validity.to, time) }),
    validity: validity.kind,
    name: wish.name,
    title: template.title,
    skus: (scope.skus ?? []).join(', '),
    category: (scope.categories ?? []).join('\n'),
    channels: [...(scope.channels ?? [])],
    places: (scope.locations ?? []).map((code) => ({ kind: 'store', code })),
    alone: template.stacking.alone,
    returned: template.returned,
    segmentId: choiceOf(audience),
    holdoutPercent: String(audience.holdoutPercent),
    give: wish.give ?? 'push',
    total: limits.total === null ? '' : String(limits.total),
    perMember: String(limits.perMember),
    budget: amountText(limits.budget, unit),
    budgetNeeded: limits.budget !== null,
    brake: amountText(limits.brakePerMinute, unit),
  };
}

function typedOffer(offer: Offer, { unit, chinese }: Pick<Reading, 'unit' | 'chinese'>): Partial<CouponForm> {
  const some = (minor: number) => someText(minor, unit);
  switch (offer.kind) {
    case 'amount':
      return { kind: 'amount', off: some(offer.off), from: some(offer.from) };
    case 'percent':
      return {
        kind: 'percent',
        percent: percentText(offer.percent, chinese),
        maxOff: some(offer.maxOff),
        from: some(offer.from),
      };
    case 'threshold':
      return {
        kind: 'threshold',
        steps: offer.steps.map(({ from, off }) => ({ from: some(from), off: some(off) })),
      };
    case 'goods':
      return {
        kind: 'goods',
        price: amountText(offer.price, unit),
        maxQty: String(offer.maxQty),
        maxOff: some(offer.maxOff),
      };
    case 'told':
      return {};
  }
}
