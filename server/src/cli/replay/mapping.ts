/**
 * The mapping file: how the lines of a CSV become facts. docs/replay.md explains it with examples.
 * The columns hold a document's number (an invoice, a basket), a time, a SKU, a quantity and a price; lines of the same
 * document make one order.
 */
import { channels, fulfilmentMethods, locationKinds } from '@zhanggui/shared/contract/words.ts';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { CliError } from '../errors.ts';

const pattern = z.string().superRefine((text, context) => {
  try {
    new RegExp(text, 'u');
  } catch {
    context.addIssue({ code: 'custom', message: 'is not a regular expression' });
  }
});

/** Where a value comes from: a column, or the same for every line. */
const value = z.union([
  z.strictObject({
    column: z.string().min(1),
    /** Parts that match are taken out. */
    remove: pattern.optional(),
    /** Text in the file → what is meant. */
    map: z.record(z.string(), z.string()).optional(),
    /** Where the column is empty or the map has no such text. */
    default: z.string().optional(),
  }),
  z.strictObject({ value: z.string().min(1) }),
]);

/** A condition on a value's text, or on a number's sign. All that are given must hold. */
const condition = z.union([z.enum(['negative', 'zero', 'positive']), z.strictObject({ matches: pattern })]);

const rule = z.strictObject({
  when: z
    .partialRecord(
      z.enum(['document', 'sku', 'name', 'member', 'channel', 'location', 'qty', 'price']),
      condition,
    )
    .optional(),
  /**
   * `sale`: a line of the document's order. `refund`: money back. `adjustment`: pieces that appear or vanish without
   * money. `skip`: not for us.
   */
  as: z.enum(['sale', 'refund', 'adjustment', 'skip']),
  /** Refunds: whether the goods came back. */
  goodsReturn: z.boolean().default(false),
  why: z.string().optional(),
});

export const mappingSchema = z
  .strictObject({
    name: z.string().min(1),
    description: z.string().optional(),
    /** CloudEvents source of all facts; with the document's number it makes their identity. */
    source: z.string().min(1).max(256),
    /** ISO 4217. The company must keep its books in it. */
    currency: z.string().regex(/^[A-Z]{3}$/),
    /** Zone of times that are written without one. */
    timeZone: z.string().default('UTC'),
    delimiter: z.string().length(1).default(','),
    values: z.strictObject({
      document: value,
      time: value,
      sku: value,
      qty: value,
      /** Money in major units for one piece … */
      unitPrice: value.optional(),
      /** … or for the whole line. One of the two. */
      amount: value.optional(),
      name: value.optional(),
      member: value.optional(),
      channel: value,
      location: value,
    }),
    fulfilment: z.enum(fulfilmentMethods).default('carry'),
    /** Lines of a document may stand apart: by so many other lines, and so many minutes of the file's time. */
    gather: z
      .strictObject({ lines: z.int().min(0).default(10_000), minutes: z.number().min(0).optional() })
      .prefault({}),
    /** The first that fits decides what a line is; a line that fits none is an error. */
    rules: z.array(rule).min(1),
    /** Told to the catalog afterwards, with the SKUs' names and prices as they stand in the file. */
    locations: z
      .array(
        z.strictObject({
          code: z.string().min(1),
          kind: z.enum(locationKinds).exclude(['unknown']),
          nameZh: z.string().min(1),
          nameEn: z.string().min(1),
        }),
      )
      .default([]),
  })
  .refine(({ values }) => (values.unitPrice === undefined) !== (values.amount === undefined), {
    message: 'needs either unitPrice or amount',
    path: ['values'],
  });

export type Mapping = z.output<typeof mappingSchema>;
export type ValueSpec = z.output<typeof value>;
export type Rule = z.output<typeof rule>;
export type LineKind = Rule['as'];

/** Checks a parsed mapping. Throws CliError that names each wrong field. Channels that are constants must exist. */
export function checkMapping(parsed: unknown, where: string): Mapping {
  const result = mappingSchema.safeParse(parsed);
  if (!result.success) {
    const issues = result.error.issues.map(
      ({ path, message }) => `  ${path.join('.') || '(top)'}: ${message}`,
    );
    throw new CliError(`${where} is not a mapping:\n${issues.join('\n')}`);
  }
  const { channel } = result.data.values;
  const named = 'value' in channel ? [channel.value] : [...Object.values(channel.map ?? {}), channel.default];
  for (const name of named)
    if (name !== undefined && !channels.includes(name as (typeof channels)[number]))
      throw new CliError(
        `${where} is not a mapping:\n  values.channel: ${name} is none of ${channels.join(', ')}`,
      );
  return result.data;
}

const builtInFolder = join(import.meta.dirname, '..', 'mappings');

/** Names of the mappings that come with the product. */
export async function builtInMappings(): Promise<string[]> {
  return (await readdir(builtInFolder))
    .filter((name) => name.endsWith('.json'))
    .map((name) => basename(name, '.json'));
}

/** Reads a mapping: a built-in by name, or a file whose name ends in .json. Throws CliError. */
export async function readMapping(format: string): Promise<Mapping> {
  const path = format.endsWith('.json') ? format : join(builtInFolder, `${format}.json`);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const known = format.endsWith('.json') ? '' : ` (built in: ${(await builtInMappings()).join(', ')})`;
    throw new CliError(`There is no mapping ${format}${known}`, undefined, { cause: error });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new CliError(`${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  return checkMapping(parsed, path);
}
