/** A group-buy or a bargain while it is written: what was typed, and the campaign that it means. */
import { amountOf } from './coupon-form.ts';

export type GroupForm = {
  kind: 'group' | 'bargain';
  name: string;
  title: string;
  goods: string;
  price: string;
  size: string;
  hours: string;
  leaderBonus: string;
  newcomersOnly: boolean;
  virtualFrom: string;
  startPrice: string;
  floorPrice: string;
  helpers: string;
  buyAnytime: boolean;
  location: string;
  /** Empty: all members. */
  segmentId: string;
  total: string;
  perMember: string;
  budget: string;
};

export const emptyGroupForm = (kind: GroupForm['kind']): GroupForm => ({
  kind,
  name: '',
  title: '',
  goods: '',
  price: '',
  size: '2',
  hours: '24',
  leaderBonus: '',
  newcomersOnly: false,
  virtualFrom: '',
  startPrice: '',
  floorPrice: '',
  helpers: '10',
  buyAnytime: true,
  location: '',
  segmentId: '',
  total: '',
  perMember: '1',
  budget: '',
});

export type GroupFormError =
  'required' | 'number' | 'range' | 'badGoods' | 'helpersTooMany' | 'virtualTooMany';
export type GroupFormErrors = Partial<Record<keyof GroupForm, GroupFormError>>;

/** `TEA, CUP×2` as SKUs with pieces; null where it is written otherwise. */
export function goodsOf(text: string): { sku: string; qty: number }[] | null {
  const parts = text.split(/[,，\s]+/).filter((part) => part !== '');
  const read = parts.map((part) => /^([^×*]+?)(?:[×*](\d+))?$/.exec(part));
  if (read.some((match) => match === null || match[2] === '0')) return null;
  return read.map((match) => ({ sku: match![1]!, qty: Number(match![2] ?? 1) }));
}

/** The campaign that the form means, or what is wrong with it by field. `unit`: minor units of one of the currency. */
export function groupCampaignOf(
  form: GroupForm,
  { unit }: { unit: number },
): { body: Record<string, unknown> } | { errors: GroupFormErrors } {
  const errors: GroupFormErrors = {};
  const wrong = (field: keyof GroupForm, error: GroupFormError) => void (errors[field] ??= error);
  const money = (
    field: 'price' | 'leaderBonus' | 'startPrice' | 'floorPrice' | 'budget',
    needed: boolean,
    least = 0,
  ): number | null => {
    const minor = amountOf(form[field], unit);
    if (minor === null) {
      if (needed) wrong(field, 'required');
      return null;
    }
    if (!(minor >= least)) wrong(field, 'number');
    return minor;
  };
  const count = (
    field: 'size' | 'helpers' | 'hours' | 'virtualFrom' | 'total' | 'perMember',
    needed: boolean,
    least: number,
    most: number,
  ): number | null => {
    const text = form[field].trim();
    if (text === '') {
      if (needed) wrong(field, 'required');
      return null;
    }
    const value = Number(text);
    if (!/^\d+(\.\d+)?$/.test(text) || (field !== 'hours' && !Number.isInteger(value)))
      wrong(field, 'number');
    else if (value < least || value > most) wrong(field, 'range');
    return value;
  };
  if (form.name.trim() === '') wrong('name', 'required');
  if (form.title.trim() === '') wrong('title', 'required');
  const goods = goodsOf(form.goods);
  if (goods === null) wrong('goods', 'badGoods');
  else if (goods.length === 0) wrong('goods', 'required');
  const common = {
    title: form.title.trim(),
    goods: goods ?? [],
    hours: count('hours', true, 1 / 60, 720),
    location: form.location.trim() || null,
  };
  const body = {
    kind: form.kind,
    name: form.name.trim(),
    template: { ...common, ...(form.kind === 'group' ? group() : bargain()) },
    audience: form.segmentId === '' ? { kind: 'all' } : { kind: 'segment', segmentId: form.segmentId },
    limits: {
      perMember: count('perMember', true, 1, 15),
      total: count('total', false, 1, 100_000_000),
      budget: money('budget', false, 1),
    },
  };
  return Object.keys(errors).length > 0 ? { errors } : { body };

  function group(): Record<string, unknown> {
    const size = count('size', true, 2, 100);
    const virtualFrom = count('virtualFrom', false, 1, 99);
    if (size !== null && virtualFrom !== null && virtualFrom >= size) wrong('virtualFrom', 'virtualTooMany');
    return {
      price: money('price', true),
      size,
      leaderBonus: money('leaderBonus', false) ?? 0,
      newcomersOnly: form.newcomersOnly,
      virtualFrom,
    };
  }
  function bargain(): Record<string, unknown> {
    const startPrice = money('startPrice', true, 1);
    const floorPrice = money('floorPrice', true);
    const helpers = count('helpers', true, 1, 500);
    if (startPrice !== null && floorPrice !== null && helpers !== null && startPrice - floorPrice < helpers)
      wrong('helpers', 'helpersTooMany');
    return { startPrice, floorPrice, helpers, buyAnytime: form.buyAnytime };
  }
}
