/** A group-buy or a bargain while it is written: what was typed, and the campaign that it means. */
import type { BargainTemplate, GroupTemplate } from '@zhanggui/shared/groups/template.ts';
import { keep } from './keep.ts';
import { amountOf, amountText, someText } from './typed.ts';
import { typedWhen, whenOf, type Clock, type When, type WhenError } from './when.ts';
import { askedOf, audienceOf, choiceOf, OWN_LIST } from './who.ts';
import type { Before, Wish } from './wish.ts';

export type GroupForm = When & {
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
  /** As of `who.ts`. */
  segmentId: string;
  holdoutPercent: string;
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
  holdoutPercent: '0',
  total: '',
  perMember: '1',
  budget: '',
  starts: '',
  ends: '',
});

export type GroupFormError =
  'required' | 'number' | 'range' | 'badGoods' | 'helpersTooMany' | 'virtualTooMany' | 'list' | WhenError;
export type GroupFormErrors = Partial<Record<keyof GroupForm, GroupFormError>>;

/** `TEA, CUP×2` as SKUs with pieces; null where it is written otherwise. */
export function goodsOf(text: string): { sku: string; qty: number }[] | null {
  const parts = text.split(/[,，\s]+/).filter((part) => part !== '');
  const read = parts.map((part) => /^([^×*]+?)(?:[×*](\d+))?$/.exec(part));
  if (read.some((match) => match === null || match[2] === '0')) return null;
  return read.map((match) => ({ sku: match![1]!, qty: Number(match![2] ?? 1) }));
}

/** `unit`: minor units of one of the currency. */
export type GroupReading = Clock & { unit: number };

/** The campaign that the form means, or what is wrong with it by field. */
export function groupCampaignOf(
  form: GroupForm,
  how: GroupReading,
  before: Before<GroupForm> | null = null,
): { body: Record<string, unknown> } | { errors: GroupFormErrors } {
  const { said, errors } = read(form, how);
  if (form.segmentId === OWN_LIST && before?.as !== 'change') errors.segmentId = 'list';
  if (Object.keys(errors).length > 0) return { errors };
  if (before === null) return { body: said };
  const was = { ...before.wish, audience: askedOf(before.wish.audience) };
  return { body: keep(was, read(before.form, how).said, said) as typeof said };
}

function read(
  form: GroupForm,
  { unit, ...clock }: GroupReading,
): { said: Record<string, unknown>; errors: GroupFormErrors } {
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
    field: 'size' | 'helpers' | 'hours' | 'virtualFrom' | 'holdoutPercent' | 'total' | 'perMember',
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
  const said = {
    kind: form.kind,
    name: form.name.trim(),
    template: { ...common, ...(form.kind === 'group' ? group() : bargain()) },
    audience: {
      ...audienceOf(form.segmentId),
      holdoutPercent: count('holdoutPercent', false, 0, 50) ?? 0,
    },
    limits: {
      perMember: count('perMember', true, 1, 15),
      total: count('total', false, 1, 100_000_000),
      budget: money('budget', false, 1),
    },
    ...whenOf(form, clock, wrong),
  };
  return { said, errors };

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

/** What would have to be typed to mean it. */
export function groupFormOf(wish: Wish, { unit, time }: Pick<GroupReading, 'unit' | 'time'>): GroupForm {
  const template = wish.template as unknown as GroupTemplate | BargainTemplate;
  const isGroup = 'size' in template;
  return {
    ...emptyGroupForm(isGroup ? 'group' : 'bargain'),
    ...typedWhen(wish, time),
    ...(isGroup
      ? {
          price: amountText(template.price, unit),
          size: String(template.size),
          leaderBonus: someText(template.leaderBonus, unit),
          newcomersOnly: template.newcomersOnly,
          virtualFrom: countText(template.virtualFrom),
        }
      : {
          startPrice: amountText(template.startPrice, unit),
          floorPrice: amountText(template.floorPrice, unit),
          helpers: String(template.helpers),
          buyAnytime: template.buyAnytime,
        }),
    name: wish.name,
    title: template.title,
    goods: template.goods.map(({ sku, qty }) => (qty > 1 ? `${sku}×${qty}` : sku)).join(', '),
    hours: String(template.hours),
    location: template.location ?? '',
    segmentId: choiceOf(wish.audience),
    holdoutPercent: String(wish.audience.holdoutPercent),
    total: countText(wish.limits.total),
    perMember: String(wish.limits.perMember),
    budget: amountText(wish.limits.budget, unit),
  };
}

const countText = (count: number | null): string => (count === null ? '' : String(count));
