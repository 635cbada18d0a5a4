/** What the catalog's books hold, row by row, and the check of a bulk upsert. Pure: the API and CSV import share it. */
import { z } from 'zod';
import { channels } from '../contract/words.ts';

/** Largest bulk upsert. */
export const catalogLimits = { rows: 2000, bodyBytes: 1024 * 1024 } as const;

/** Letter case counts; blanks around it do not. */
const code = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^[^\u0000-\u001f]+$/, 'must not hold control characters');
const text = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^[^\u0000-\u001f]+$/, 'must not hold control characters');

/** A row is taken whole: a field left out is empty afterwards. */
const optional = <S extends z.ZodType>(schema: S) => schema.nullish().transform((value) => value ?? null);

const money = z.int().min(0).max(100_000_000_000);
const days = z.int().min(0).max(3650);

const names = { nameZh: text(200), nameEn: text(200).nullish() };

/** Without an English name the Chinese one stands in, so that no screen shows an empty label. */
const named = <T extends { nameZh: string; nameEn?: string | null | undefined }>(row: T) => ({
  ...row,
  nameEn: row.nameEn ?? row.nameZh,
});

export const catalogRows = {
  skus: z
    .strictObject({
      code,
      ...names,
      category: optional(code),
      brand: optional(text(100)),
      cost: optional(money),
      listPrice: optional(money),
      supplier: optional(code),
      leadTimeDays: optional(days),
      packSize: z.int().min(1).max(1_000_000).default(1),
      /** The least that its supplier sends. */
      minOrder: z.int().min(1).max(1_000_000).default(1),
      exclusiveChannels: z.array(z.enum(channels)).max(channels.length).default([]),
      season: optional(text(50)),
    })
    .transform(named),
  locations: z
    .strictObject({
      code,
      ...names,
      kind: z.enum(['store', 'hq_warehouse', 'online_warehouse']),
      region: optional(code),
      city: optional(text(100)),
      areaM2: optional(z.int().min(0).max(10_000_000)),
      latitude: optional(z.number().min(-90).max(90)),
      longitude: optional(z.number().min(-180).max(180)),
    })
    .transform(named),
  suppliers: z
    .strictObject({
      code,
      ...names,
      contact: optional(text(500)),
      leadTimeDays: optional(days),
      /** Sends to stores itself, not to warehouses only. */
      direct: z.boolean().default(false),
    })
    .transform(named),
  regions: z.strictObject({ code, ...names }).transform(named),
  categories: z.strictObject({ code, ...names }).transform(named),
} as const;

export type CatalogBook = keyof typeof catalogRows;
export const catalogBooks = Object.keys(catalogRows) as CatalogBook[];
export type CatalogRow<B extends CatalogBook> = z.output<(typeof catalogRows)[B]>;

/** Why a row was not taken. `index` counts from 0 in the request, `key` is the row's code where it has one. */
export type RowRejection = {
  index: number;
  key: string | null;
  code: 'invalid_request' | 'conflict';
  field: string;
  detail: string;
};

/**
 * Sorts rows into those that fit, with the places they had in the request, and those that do not. A key that comes twice in a request is taken once, the first
 * time: which of two rows is meant is not ours to guess.
 *
 * @param keyOf what makes a row unique, and how to say so to a person
 */
export function checkRows<S extends z.ZodType>(
  schema: S,
  rows: readonly unknown[],
  keyOf: (row: z.output<S>) => { key: string; field: string },
): { valid: z.output<S>[]; indexes: number[]; rejected: RowRejection[] } {
  const valid: z.output<S>[] = [];
  const indexes: number[] = [];
  const rejected: RowRejection[] = [];
  const seen = new Set<string>();
  rows.forEach((row, index) => {
    const result = schema.safeParse(row);
    if (!result.success) {
      rejected.push({ index, key: codeOf(row), code: 'invalid_request', ...firstIssue(result.error) });
      return;
    }
    const { key, field } = keyOf(result.data);
    if (seen.has(key)) {
      rejected.push({ index, key, code: 'conflict', field, detail: 'is in this request already' });
      return;
    }
    seen.add(key);
    valid.push(result.data);
    indexes.push(index);
  });
  return { valid, indexes, rejected };
}

function firstIssue(error: z.ZodError): { field: string; detail: string } {
  const issue = error.issues[0];
  if (issue === undefined) return { field: 'row', detail: 'does not fit' };
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
  const detail = issue.code === 'unrecognized_keys' ? 'is not known here' : issue.message;
  return { field: path.map(String).join('.') || 'row', detail };
}

/** The code of a row that may be anything. */
function codeOf(row: unknown): string | null {
  const value = typeof row === 'object' && row !== null && 'code' in row ? row.code : null;
  return typeof value === 'string' ? value.slice(0, 64) : null;
}
