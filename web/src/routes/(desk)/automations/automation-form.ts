/** An automation while it is written: what was typed, and what it means. */
import type { Trigger } from '@zhanggui/shared/automations/automation.ts';
import { onlineChannels, type Automation } from './automation.ts';

export type AutomationForm = {
  name: string;
  campaignId: string;
  kind: Trigger['kind'];
  hours: string;
  where: 'any' | 'store' | 'online';
  category: string;
  skus: string;
  minutes: string;
  days: string;
  lapsed: string;
  upTo: string;
  /** Empty: everybody. */
  segmentId: string;
  holdoutPercent: string;
  windowDays: string;
  capCoupons: string;
  capDays: string;
};

export const emptyForm = (): AutomationForm => ({
  name: '',
  campaignId: '',
  kind: 'looked',
  hours: '24',
  where: 'store',
  category: '',
  skus: '',
  minutes: '60',
  days: '3',
  lapsed: '60',
  upTo: '90',
  segmentId: '',
  holdoutPercent: '10',
  windowDays: '14',
  capCoupons: '1',
  capDays: '30',
});

/** The form of one that is there. What the form cannot say (a rule of its own, more than one category) it cannot change: null. */
export function formOf({
  name,
  campaignId,
  trigger,
  condition,
  holdoutPercent,
  windowDays,
  cap,
}: Automation): AutomationForm | null {
  if (condition?.kind === 'rule') return null;
  const form: AutomationForm = {
    ...emptyForm(),
    name,
    campaignId,
    kind: trigger.kind,
    segmentId: condition?.segmentId ?? '',
    holdoutPercent: String(holdoutPercent),
    windowDays: String(windowDays),
    capCoupons: cap ? String(cap.coupons) : '',
    capDays: cap ? String(cap.days) : '',
  };
  switch (trigger.kind) {
    case 'looked': {
      const { channels, categories = [], skus = [], locations } = trigger;
      const where = !channels
        ? 'any'
        : channels.join() === 'pos'
          ? 'store'
          : channels.join() === onlineChannels.join()
            ? 'online'
            : null;
      if (where === null || categories.length > 1 || locations) return null;
      const hours = String(trigger.hours);
      return { ...form, hours, where, category: categories[0] ?? '', skus: skus.join(', ') };
    }
    case 'basket':
      return trigger.channels ? null : { ...form, minutes: String(trigger.minutes) };
    case 'birthday':
      return { ...form, days: String(trigger.days) };
    case 'lapsed':
      return { ...form, lapsed: String(trigger.days), upTo: String(trigger.upTo ?? '') };
  }
}

export type FormError = 'required' | 'number' | 'order';
export type FormErrors = Partial<Record<keyof AutomationForm, FormError>>;
export type AutomationWish = { trigger: Trigger } & Record<string, unknown>;

/** What the form means, or what is wrong with it by field. */
export function automationOf(form: AutomationForm): { body: AutomationWish } | { errors: FormErrors } {
  const errors: FormErrors = {};
  /** A whole number in bounds; what is empty and not needed is null. */
  const count = (field: keyof AutomationForm, min: number, max: number, needed = true): number | null => {
    const text = form[field].trim();
    if (text === '') {
      if (needed) errors[field] = 'required';
      return null;
    }
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < min || number > max) errors[field] = 'number';
    return number;
  };
  if (form.name.trim() === '') errors.name = 'required';
  if (form.campaignId === '') errors.campaignId = 'required';
  const trigger = (): Trigger => {
    switch (form.kind) {
      case 'looked': {
        const skus = form.skus.split(/[,，\s]+/).filter((sku) => sku !== '');
        return {
          kind: 'looked',
          hours: count('hours', 1, 168) ?? 0,
          ...(form.where !== 'any' && {
            channels: form.where === 'store' ? ['pos' as const] : [...onlineChannels],
          }),
          ...(skus.length > 0 && { skus }),
          ...(form.category !== '' && { categories: [form.category] }),
        };
      }
      case 'basket':
        return { kind: 'basket', minutes: count('minutes', 5, 10_080) ?? 0 };
      case 'birthday':
        return { kind: 'birthday', days: count('days', 0, 60) ?? 0 };
      case 'lapsed': {
        const [days, upTo] = [count('lapsed', 7, 3_650) ?? 0, count('upTo', 7, 3_650, false)];
        if (upTo !== null && upTo < days) errors.upTo ??= 'order';
        return { kind: 'lapsed', days, ...(upTo !== null && { upTo }) };
      }
    }
  };
  const [coupons, days] = [count('capCoupons', 1, 100, false), count('capDays', 1, 365, false)];
  if ((coupons === null) !== (days === null))
    errors[coupons === null ? 'capCoupons' : 'capDays'] ??= 'required';
  const body = {
    name: form.name.trim(),
    campaignId: form.campaignId,
    trigger: trigger(),
    condition: form.segmentId === '' ? null : { kind: 'segment', segmentId: form.segmentId },
    holdoutPercent: count('holdoutPercent', 0, 50),
    windowDays: count('windowDays', 1, 180),
    cap: coupons === null || days === null ? null : { coupons, days },
  };
  return Object.keys(errors).length > 0 ? { errors } : { body };
}
