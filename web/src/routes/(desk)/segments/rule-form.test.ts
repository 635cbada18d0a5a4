import { describe, expect, it } from 'vitest';
import { ruleSchema, type Rule } from '@zhanggui/shared/members/rule.ts';
import { formOf, newCondition, newGroup, ruleOf } from './rule-form.ts';

describe('the form of a rule', () => {
  it('says the same rule again, whatever it is', () => {
    const rules: Rule[] = [
      { all: [] },
      {
        any: [
          { field: 'orders', min: 3, max: 9 },
          { field: 'net', min: 10_050 },
        ],
      },
      {
        all: [
          { not: { field: 'tags', allOf: ['vip', '老街坊'] } },
          {
            not: {
              any: [
                { field: 'level', in: ['gold'] },
                { field: 'birthdayInDays', max: 7 },
              ],
            },
          },
          { field: 'consents', anyOf: ['sms'] },
          { field: 'recencyDays', max: 0 },
        ],
      },
    ];
    for (const rule of rules) {
      expect(ruleOf(formOf(rule, 100), 100)).toEqual(rule);
      expect(ruleSchema.safeParse(rule).success).toBe(true);
    }
    const twice: Rule = { all: [{ not: { not: { field: 'orders', min: 1 } } }] };
    expect(ruleOf(formOf(twice, 1), 1)).toEqual({
      all: [{ not: { all: [{ not: { field: 'orders', min: 1 } }] } }],
    });
    // A lone condition stands in a group.
    expect(ruleOf(formOf({ field: 'orders', min: 1 }, 100), 100)).toEqual({
      all: [{ field: 'orders', min: 1 }],
    });
  });

  it('says nothing while a part of it is incomplete', () => {
    const group = (...parts: ReturnType<typeof newCondition>[]) => newGroup(parts);
    const money = { ...newCondition('net'), min: '12.34' };
    expect(ruleOf(group(money), 100)).toEqual({ all: [{ field: 'net', min: 1_234 }] });
    expect(ruleOf(group(money, newCondition('orders')), 100)).toBeNull();
    expect(ruleOf(group({ ...money, max: 'many' }), 100)).toBeNull();
    expect(ruleOf(group(newCondition('tags')), 100)).toBeNull();
    expect(ruleOf(newGroup(), 100)).toEqual({ all: [] });
  });
});
