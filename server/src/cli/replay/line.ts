/** One line of the file, read by the mapping: what it is, when, of what, how many, for how much. */
import { channels, type Channel } from '@zhanggui/shared/contract/words.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import type { CsvRecord } from '../csv.ts';
import { CliError } from '../errors.ts';
import { instantOf } from '../local-time.ts';
import {
  absolute,
  fromUnits,
  minus,
  parseDecimal,
  signOf,
  times,
  toUnits,
  zero,
  type Decimal,
} from './decimal.ts';
import type { LineKind, Mapping, Rule, ValueSpec } from './mapping.ts';

export type MappedLine = {
  /** Line of the file, from 1 with the header. */
  line: number;
  kind: Exclude<LineKind, 'skip'>;
  document: string;
  /** ms since the epoch. */
  at: number;
  sku: string;
  name: string;
  member: string | null;
  channel: Channel;
  location: string;
  /** Pieces as they stand in the file, with their sign. */
  qty: number;
  /** Minor units of the whole line with its sign, rounded to the unit, halves away from zero. */
  amount: number;
  /** What rounding took away or added, in major units. */
  rounded: Decimal;
  /** Minor units, never negative, so that qty × unitPrice − discount is the amount. */
  unitPrice: number;
  discount: number;
  goodsReturn: boolean;
};

export type LineResult =
  | { ok: true; line: MappedLine }
  | { ok: false; line: number; problem: string }
  | { ok: 'skip'; line: number };

export type LineReader = (record: CsvRecord) => LineResult;

/** Makes the reader of a file with this header. Throws CliError where the header lacks a column that the mapping names. */
export function lineReader(mapping: Mapping, header: readonly string[]): LineReader {
  const { values } = mapping;
  const take = {
    document: valueReader(values.document, header),
    time: valueReader(values.time, header),
    sku: valueReader(values.sku, header),
    qty: valueReader(values.qty, header),
    price: valueReader(values.unitPrice ?? values.amount ?? { value: '0' }, header),
    name: values.name === undefined ? () => '' : valueReader(values.name, header),
    member: values.member === undefined ? () => '' : valueReader(values.member, header),
    channel: valueReader(values.channel, header),
    location: valueReader(values.location, header),
  };
  const perPiece = values.unitPrice !== undefined;
  const timeOf = timeReader(mapping.timeZone);
  const places = minorPlaces(mapping.currency);
  const rules = mapping.rules.map(compileRule);

  return ({ line, fields }) => {
    const wrong = (problem: string): LineResult => ({ ok: false, line, problem });
    const text = (name: keyof typeof take) => take[name](fields);
    const document = text('document');
    const sku = text('sku');
    if (document === '') return wrong('has no document number');
    if (sku === '') return wrong('has no SKU');
    const qty = parseDecimal(text('qty'));
    const price = parseDecimal(text('price'));
    if (qty === null || qty.scale > 0) return wrong(`${text('qty')} is not a whole number of pieces`);
    if (price === null) return wrong(`${text('price')} is not an amount`);
    const at = timeOf(text('time'));
    if (at === null) return wrong(`${text('time')} is not a time`);
    const rule = rules.find((each) => each.fits(text, { qty, price }));
    if (rule === undefined) return wrong('fits none of the rules');
    if (rule.as === 'skip') return { ok: 'skip', line };
    const channel = text('channel');
    if (!isChannel(channel)) return wrong(`${channel || 'nothing'} is not a channel`);
    const location = text('location');
    if (location === '') return wrong('has no location');

    const exact = perPiece ? times(qty, price) : price;
    const money = priced(exact, Number(qty.digits), perPiece ? price : null, places);
    if (rule.as === 'sale' && (qty.digits <= 0n || money.amount < 0))
      return wrong('a sale needs pieces and a price');
    if (rule.as === 'adjustment' && signOf(exact) !== 0) return wrong('an adjustment has no price');
    return {
      ok: true,
      line: {
        line,
        kind: rule.as,
        document,
        at,
        sku,
        name: text('name').trim(),
        member: text('member') || null,
        channel,
        location,
        qty: Number(qty.digits),
        ...money,
        goodsReturn: rule.goodsReturn,
      },
    };
  };
}

/** Minor units of a currency: 2 for most, 0 for the yen. */
export function minorPlaces(currency: string): number {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return format.resolvedOptions().maximumFractionDigits ?? 2;
}

/**
 * A line's money in minor units. The amount is what counts. Where it is not pieces × price (prices with fractions of a
 * penny, or files that give the line's amount only) the price is rounded up, and the rest is a discount.
 */
function priced(exact: Decimal, qty: number, price: Decimal | null, places: number) {
  const amount = toUnits(exact, places);
  const rounded = amountDifference(amount, exact, places);
  const pieces = Math.abs(qty);
  const owed = Math.abs(amount);
  const given = price === null ? 0 : toUnits(absolute(price), places);
  const unitPrice = given * pieces >= owed || pieces === 0 ? given : Math.ceil(owed / pieces);
  return { amount, rounded, unitPrice, discount: Math.max(0, unitPrice * pieces - owed) };
}

function amountDifference(amount: number, exact: Decimal, places: number): Decimal {
  return exact.scale <= places ? zero : minus(fromUnits(amount, places), exact);
}

function valueReader(spec: ValueSpec, header: readonly string[]): (fields: readonly string[]) => string {
  if ('value' in spec) return () => spec.value;
  const index = header.indexOf(spec.column);
  if (index < 0) throw new CliError(`The file has no column ${spec.column}; it has ${header.join(', ')}`);
  const remove = spec.remove === undefined ? null : new RegExp(spec.remove, 'gu');
  return (fields) => {
    const found = fields[index] ?? '';
    const text = remove === null ? found : found.replace(remove, '');
    const meant = spec.map === undefined ? text : (spec.map[text] ?? '');
    return meant === '' ? (spec.default ?? '') : meant;
  };
}

/** Times with a zone as they say, others in the file's. Lines of one document share a time: the last one is kept. */
function timeReader(timeZone: string): (text: string) => number | null {
  const zone = zoneOf(timeZone);
  let last: { text: string; at: number | null } = { text: '', at: null };
  return (text) => {
    if (text === last.text) return last.at;
    const at = /(Z|[+-]\d{2}:?\d{2})$/.test(text) ? Date.parse(text) : instantOf(text, zone);
    last = { text, at: at === null || Number.isNaN(at) ? null : at };
    return last.at;
  };
}

function zoneOf(timeZone: string): BusinessTime {
  try {
    return new BusinessTime(timeZone);
  } catch (error) {
    throw new CliError(`The mapping's timeZone ${timeZone} does not exist`, undefined, { cause: error });
  }
}

type Numbers = { qty: Decimal; price: Decimal };
type TextField = 'document' | 'sku' | 'name' | 'member' | 'channel' | 'location';

function compileRule({ when = {}, as, goodsReturn }: Rule) {
  const checks = Object.entries(when).map(([field, condition]) => {
    if (typeof condition === 'string') {
      const wanted = { negative: -1, zero: 0, positive: 1 }[condition];
      if (field !== 'qty' && field !== 'price')
        throw new CliError(`A rule's ${field} has no sign; use "matches"`);
      return (_text: (name: TextField) => string, numbers: Numbers) => signOf(numbers[field]) === wanted;
    }
    if (field === 'qty' || field === 'price') throw new CliError(`A rule's ${field} is told by its sign`);
    const expression = new RegExp(condition.matches, 'u');
    return (text: (name: TextField) => string) => expression.test(text(field as TextField));
  });
  const fits = (text: (name: TextField) => string, numbers: Numbers) =>
    checks.every((check) => check(text, numbers));
  return { as, goodsReturn, fits };
}

function isChannel(text: string): text is Channel {
  return (channels as readonly string[]).includes(text);
}
