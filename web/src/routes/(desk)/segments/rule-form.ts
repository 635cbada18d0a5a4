/** A rule as it is while somebody writes it: every part has a key, values are as typed, and it may be incomplete. Pure. */
import {
  choiceFields,
  dayFields,
  numberFields,
  setFields,
  type Condition,
  type Rule,
} from '@zhanggui/shared/members/rule.ts';

export type FieldName = Condition['field'];
export type FieldKind = 'count' | 'money' | 'percent' | 'days' | 'score' | 'birthday' | 'choice' | 'set';

export type FormCondition = {
  key: number;
  field: FieldName;
  not: boolean;
  /** As typed; money in whole units of the currency. */
  min: string;
  max: string;
  values: string[];
  /** Of a set: all of the values, not any. */
  all: boolean;
};
export type FormGroup = { key: number; not: boolean; mode: 'all' | 'any'; parts: FormPart[] };
export type FormPart = FormCondition | FormGroup;

export const isGroup = (part: FormPart): part is FormGroup => 'parts' in part;

/** The fields as they are offered. */
export const fieldGroups = [
  {
    name: 'when',
    fields: ['recencyDays', 'firstOrderDays', 'seenDays', 'joinedDays', 'birthdayInDays'],
  },
  {
    name: 'bought',
    fields: [
      'orders',
      'net',
      'averageTicket',
      'units',
      'discountShare',
      'gapDays',
      'points',
      'recencyScore',
      'frequencyScore',
      'moneyScore',
      'ticketScore',
    ],
  },
  { name: 'who', fields: ['tags', 'level', 'consents'] },
  {
    name: 'where',
    fields: ['categories', 'channels', 'stores', 'favouriteCategory', 'favouriteChannel', 'favouriteStore'],
  },
] as const satisfies { name: string; fields: readonly FieldName[] }[];

export function kindOf(field: FieldName): FieldKind {
  if (field === 'birthdayInDays') return 'birthday';
  if ((dayFields as readonly string[]).includes(field)) return 'days';
  if ((choiceFields as readonly string[]).includes(field)) return 'choice';
  if ((setFields as readonly string[]).includes(field)) return 'set';
  return numberFields[field as keyof typeof numberFields];
}

let keys = 0;
const key = () => (keys += 1);

export const newCondition = (field: FieldName = 'recencyDays'): FormCondition => ({
  key: key(),
  field,
  not: false,
  min: '',
  max: '',
  values: [],
  all: false,
});

export const newGroup = (parts: FormPart[] = []): FormGroup => ({
  key: key(),
  not: false,
  mode: 'all',
  parts,
});

/** The form of a rule; its top is always a group. `unit`: minor units of one of the currency. */
export function formOf(rule: Rule, unit: number): FormGroup {
  const part = partOf(rule, unit);
  return isGroup(part) && !part.not ? part : newGroup([part]);
}

function partOf(rule: Rule, unit: number): FormPart {
  if ('not' in rule) {
    const inner = partOf(rule.not, unit);
    return inner.not ? { ...newGroup([inner]), not: true } : { ...inner, not: true };
  }
  if ('all' in rule) return newGroup(rule.all.map((each) => partOf(each, unit)));
  if ('any' in rule) return { ...newGroup(rule.any.map((each) => partOf(each, unit))), mode: 'any' };
  const scale = kindOf(rule.field) === 'money' ? unit : 1;
  const text = (number: number | undefined) => (number === undefined ? '' : String(number / scale));
  const made = newCondition(rule.field);
  if ('in' in rule) return { ...made, values: rule.in };
  if ('anyOf' in rule) return { ...made, values: rule.anyOf };
  if ('allOf' in rule) return { ...made, values: rule.allOf, all: true };
  return { ...made, min: 'min' in rule ? text(rule.min) : '', max: text(rule.max) };
}

/** The rule that a form says, or null while a part of it is incomplete. */
export function ruleOf(part: FormPart, unit: number): Rule | null {
  const rule = isGroup(part) ? groupRule(part, unit) : conditionRule(part, unit);
  return rule === null || !part.not ? rule : { not: rule };
}

function groupRule({ mode, parts }: FormGroup, unit: number): Rule | null {
  const rules = parts.map((each) => ruleOf(each, unit));
  if (rules.some((rule) => rule === null)) return null;
  const whole = rules as Rule[];
  // Any of nothing would be nobody; while there is nothing yet, it is everybody.
  return mode === 'any' && whole.length > 0 ? { any: whole } : { all: whole };
}

function conditionRule({ field, min, max, values, all }: FormCondition, unit: number): Rule | null {
  const kind = kindOf(field);
  if (kind === 'choice' || kind === 'set') {
    if (values.length === 0) return null;
    return (kind === 'choice' ? { field, in: values } : { field, [all ? 'allOf' : 'anyOf']: values }) as Rule;
  }
  const scale = kind === 'money' ? unit : 1;
  const [least, most] = [min, max].map((text) => (text.trim() === '' ? undefined : Number(text) * scale));
  if ([least, most].some((number) => number !== undefined && !Number.isFinite(number))) return null;
  if (least === undefined && most === undefined) return null;
  if (kind === 'birthday')
    return most === undefined ? null : { field: 'birthdayInDays', max: Math.round(most) };
  return {
    field,
    ...(least !== undefined && { min: Math.round(least) }),
    ...(most !== undefined && { max: Math.round(most) }),
  } as Rule;
}

/** The form with one part changed, or taken away (null). Never changes `group`. */
export function withPart(group: FormGroup, index: number, part: FormPart | null): FormGroup {
  return {
    ...group,
    parts: part === null ? group.parts.toSpliced(index, 1) : group.parts.with(index, part),
  };
}
