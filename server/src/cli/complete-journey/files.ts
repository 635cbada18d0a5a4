/** The files of The Complete Journey (docs/complete-journey.md), each row by the names of its columns. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openCsv } from '../csv.ts';
import { CliError } from '../errors.ts';

const columns = {
  campaign_descriptions: ['campaign_id', 'campaign_type', 'start_date', 'end_date'],
  campaigns: ['campaign_id', 'household_id'],
  coupons: ['coupon_upc', 'product_id', 'campaign_id'],
  coupon_redemptions: ['household_id', 'coupon_upc', 'campaign_id', 'redemption_date'],
  demographics: [
    'household_id',
    'age',
    'income',
    'home_ownership',
    'marital_status',
    'household_size',
    'household_comp',
    'kids_count',
  ],
  products: ['product_id', 'department', 'brand', 'product_category', 'product_type', 'package_size'],
  transactions: [
    'household_id',
    'store_id',
    'basket_id',
    'product_id',
    'quantity',
    'sales_value',
    'retail_disc',
    'coupon_disc',
    'coupon_match_disc',
    'transaction_timestamp',
  ],
} as const;

export type JourneyFile = keyof typeof columns;
export type JourneyRow<F extends JourneyFile> = Record<(typeof columns)[F][number], string>;

/** The sales come as a sample or whole. */
const names: Record<JourneyFile, readonly string[]> = {
  campaign_descriptions: ['campaign_descriptions'],
  campaigns: ['campaigns'],
  coupons: ['coupons'],
  coupon_redemptions: ['coupon_redemptions'],
  demographics: ['demographics'],
  products: ['products'],
  transactions: ['transactions', 'transactions_sample'],
};

/** What is not known stands as NA. */
const UNKNOWN = 'NA';

/** Rows of a file, gzipped or not; what is not known is ''. Throws CliError where the file or one of its columns is missing. */
export async function* readJourney<F extends JourneyFile>(
  folder: string,
  file: F,
): AsyncGenerator<JourneyRow<F> & { line: number }> {
  const path = names[file]
    .flatMap((name) => [join(folder, `${name}.csv`), join(folder, `${name}.csv.gz`)])
    .find((each) => existsSync(each));
  if (path === undefined)
    throw new CliError(`${folder} has no ${names[file][0]}.csv or ${names[file][0]}.csv.gz`);
  const { header, records } = await openCsv(path);
  const places = columns[file].map((name) => ({ name, at: header.indexOf(name) }));
  const missing = places.find(({ at }) => at < 0);
  if (missing) throw new CliError(`${path} has no column ${missing.name}; it has ${header.join(', ')}`);
  for await (const { line, fields } of records) {
    const row: Record<string, string | number> = { line };
    for (const { name, at } of places) {
      const text = fields[at]?.trim() ?? '';
      row[name] = text === UNKNOWN ? '' : text;
    }
    yield row as JourneyRow<F> & { line: number };
  }
}
