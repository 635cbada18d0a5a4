import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { envelope, factData } from './events.ts';

/**
 * Other people's programs speak this wire. When this test fails, ask whether they still can: if a change only adds
 * something optional, write the new hash here; if it takes something away or changes a meaning, it needs a new version.
 */
const HASH = 'bbbfb5cc8b8423be';

test('the wire is what it was decided to be', () => {
  const hash = createHash('sha256');
  const folder = import.meta.dirname;
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    // Comments and layout may change freely.
    const code = readFileSync(join(folder, file), 'utf8')
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/^\s*\/\/.*$/gm, '')
      .replace(/\s+/g, '');
    hash.update(`${file}\n${code}\n`);
  }
  expect(hash.digest('hex').slice(0, 16)).toBe(HASH);
});

test('every fact type can be described in JSON Schema, so the API document covers it', () => {
  for (const [type, schema] of Object.entries(factData))
    expect(z.toJSONSchema(schema), type).toMatchObject({ type: 'object' });
  expect(z.toJSONSchema(envelope, { unrepresentable: 'any' })).toMatchObject({ type: 'object' });
});

test('quantities and prices beyond reason are refused with the field named', () => {
  const order = {
    orderId: 'o1',
    channel: 'pos',
    lines: [{ sku: 'a', qty: 0, unitPrice: 100 }],
    total: 100,
    fulfilment: { method: 'carry', location: 's1' },
  };
  const result = factData['order.placed'].safeParse(order);
  expect(result.error?.issues[0]?.path).toEqual(['lines', 0, 'qty']);
  const fraction = factData['order.placed'].safeParse({
    ...order,
    lines: [{ sku: 'a', qty: 1, unitPrice: 0.5 }],
  });
  expect(fraction.error?.issues[0]?.path).toEqual(['lines', 0, 'unitPrice']);
});
