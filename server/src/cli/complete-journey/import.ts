/** Imports The Complete Journey by the public API, and reads back by the same door what is there then. See docs/complete-journey.md. */
import type { PastCampaign } from '@zhanggui/shared/coupons/past.ts';
import { putRows } from '../bulk.ts';
import { withApi } from '../company.ts';
import { CliError } from '../errors.ts';
import { EventSender, type SendCounts } from '../event-sender.ts';
import type { Io } from '../io.ts';
import type { Api } from '../api.ts';
import { readPages } from '../market.ts';
import { money, whole } from '../output.ts';
import { describeRejection } from '../replay/replay.ts';
import { readCampaigns, readHouseholds, redeemedOf } from './campaigns.ts';
import { readJourney, type JourneyRow } from './files.ts';
import { CURRENCY, Sales, SOURCE, TIME_ZONE } from './sales.ts';

/** What the product's own reports say afterwards. Money in cents. */
export type JourneyBooks = {
  campaigns: number;
  /** Households by campaign, coupons by campaign, rows about their SKUs, redemptions: each added up. */
  targeted: number;
  coupons: number;
  couponSkus: number;
  redeemed: number;
  orders: number;
  /** SKUs by order. */
  lines: number;
  units: number;
  net: number;
};

export type JourneyReport = {
  /** What was read from the files. */
  read: { lines: number; withoutPieces: number; skus: number; stores: number; households: number };
  /** Facts about orders. */
  facts: SendCounts;
  /** Campaigns that stood otherwise in the books, or not at all. */
  changedCampaigns: number;
  refused: number;
  books: JourneyBooks;
  seconds: number;
};

type Product = JourneyRow<'products'>;

/** Imports a folder. Throws CliError for one that is not whole, and for a company that keeps other money. */
export async function importJourney(io: Io, folder: string): Promise<JourneyReport> {
  const began = performance.now();
  io.progress('reading the files');
  const campaigns = await readCampaigns(folder);
  const sales = new Sales();
  for await (const row of readJourney(folder, 'transactions')) sales.add(row);
  const products = await neededProducts(folder, sales, campaigns);
  const households = await readHouseholds(folder);
  return withApi(io, { purpose: 'import', scopes: ['ingest', 'read', 'command'] }, async ({ api }) => {
    await checkCompany(api, io);
    const told = await tellCatalog(api, io, products, sales);
    const members = await putRows(api, '/api/v1/members', households);
    const facts = await tellSales(api, io, sales, campaigns);
    let changedCampaigns = 0;
    for (const campaign of campaigns) {
      io.signal.throwIfAborted();
      io.progress(`campaign ${campaign.sourceId}`);
      const { changed } = await api.put<{ changed: boolean }>('/api/v1/past-campaigns', campaign);
      if (changed) changedCampaigns += 1;
    }
    io.progress('reading it back');
    const refused = [...told, ...members.rejected];
    for (const { key, field, detail } of refused.slice(0, 20)) io.note(`${key ?? '?'}: ${field}: ${detail}`);
    return {
      read: {
        lines: sales.lines,
        withoutPieces: sales.withoutPieces,
        skus: products.length,
        stores: sales.stores.length,
        households: households.length,
      },
      facts,
      changedCampaigns,
      refused: refused.length,
      books: await readBooks(api),
      seconds: Math.round(performance.now() - began) / 1000,
    };
  });
}

async function checkCompany(api: Api, io: Io): Promise<void> {
  const company = await api.get<{ currency: string; timeZone: string }>('/api/v1/company');
  if (company.currency !== CURRENCY)
    throw new CliError(
      `The files are in ${CURRENCY}, this company keeps its books in ${company.currency}. Nothing was sent. ` +
        `Start a company of its own for them: CURRENCY=${CURRENCY} BUSINESS_TZ=${TIME_ZONE} DEMO=off DATA_DIR=… npm start`,
    );
  if (company.timeZone !== TIME_ZONE)
    io.note(
      `The company's business days are those of ${company.timeZone}, the files' of ${TIME_ZONE}: days will differ (BUSINESS_TZ).`,
    );
}

/** Products that were sold or that a coupon is for: the others would be dead weight in a catalog. */
async function neededProducts(
  folder: string,
  sales: Sales,
  campaigns: readonly PastCampaign[],
): Promise<Product[]> {
  const needed = sales.skus;
  for (const { coupons } of campaigns)
    for (const { skus } of coupons) for (const sku of skus) needed.add(sku);
  const products: Product[] = [];
  for await (const row of readJourney(folder, 'products')) if (needed.has(row.product_id)) products.push(row);
  return products;
}

/** Answers what was refused. */
async function tellCatalog(api: Api, io: Io, products: readonly Product[], sales: Sales) {
  const named = (code: string, name: string) => ({ code, nameZh: name, nameEn: name });
  const categories = [...new Set(products.map(categoryOf))].filter((each) => each !== '');
  const rows = {
    categories: categories.sort().map((code) => named(code, code)),
    locations: sales.stores.map((code) => ({ ...named(code, `Store ${code}`), kind: 'store' })),
    skus: products.map((product) => ({
      ...named(product.product_id, nameOf(product)),
      ...(categoryOf(product) !== '' && { category: categoryOf(product) }),
      ...(product.brand !== '' && { brand: product.brand }),
      listPrice: sales.priceOf(product.product_id),
    })),
  };
  const refused = [];
  for (const [book, list] of Object.entries(rows)) {
    io.signal.throwIfAborted();
    io.progress(`${whole(list.length)} ${book}`);
    refused.push(...(await putRows(api, `/api/v1/catalog/${book}`, list)).rejected);
  }
  return refused;
}

const categoryOf = ({ product_category: category }: Product): string => category.slice(0, 64);

/** As a shelf label would say; some products have no more than a department. */
const nameOf = ({ product_id, product_type, package_size, department }: Product): string =>
  [product_type || department || product_id, package_size].filter((part) => part !== '').join(' ');

async function tellSales(
  api: Api,
  io: Io,
  sales: Sales,
  campaigns: readonly PastCampaign[],
): Promise<SendCounts> {
  const sender = new EventSender({
    api,
    batchEvents: 1_000,
    onRejected: (rejection) => io.note(describeRejection(rejection)),
  });
  let told = 0;
  for (const order of sales.orders(redeemedOf(campaigns))) {
    io.signal.throwIfAborted();
    await sender.add(order);
    if ((told += 1) % 5_000 === 0) io.progress(`${whole(told)} orders`);
  }
  await sender.flush();
  return { ...sender.counts };
}

/** All of it by the reports that everybody has: not what was sent, but what is there. */
export async function readBooks(api: Api): Promise<JourneyBooks> {
  type Campaign = { id: string; targeted: number; redeemed: number };
  type Coupon = { told: number; redeemed: number };
  type Sums = { orders: number; units: number; net: number };
  const campaigns = await readPages<Campaign>(api, '/api/v1/past-campaigns', Infinity, { source: SOURCE });
  const sum = <T>(rows: readonly T[], of: (row: T) => number) => rows.reduce((all, row) => all + of(row), 0);
  const coupons: Coupon[] = [];
  for (const { id } of campaigns)
    coupons.push(...(await readPages<Coupon>(api, `/api/v1/past-campaigns/${id}/coupons`, Infinity)));
  const summary = async (groupBy: string) =>
    (
      await api.get<{ rows: Sums[] }>('/api/v1/sales/summary', {
        from: '2016-01-01',
        to: '2018-12-31',
        groupBy,
        channel: 'pos',
      })
    ).rows;
  const [bySku, byChannel] = [await summary('sku'), await summary('channel')];
  return {
    campaigns: campaigns.length,
    targeted: sum(campaigns, ({ targeted }) => targeted),
    coupons: coupons.length,
    couponSkus: sum(coupons, ({ told }) => told),
    redeemed: sum(coupons, ({ redeemed }) => redeemed),
    orders: sum(byChannel, ({ orders }) => orders),
    lines: sum(bySku, ({ orders }) => orders),
    units: sum(byChannel, ({ units }) => units),
    net: sum(byChannel, ({ net }) => net),
  };
}

/** The report as text for people. */
export function describeJourney({
  read,
  facts,
  changedCampaigns,
  refused,
  books,
  seconds,
}: JourneyReport): string {
  return [
    `${whole(read.lines)} lines of ${whole(read.stores)} stores, ${whole(read.skus)} SKUs, ${whole(read.households)} described households read in ${seconds} s`,
    `${whole(facts.sent)} orders sent: ${whole(facts.accepted)} accepted, ${whole(facts.duplicates)} duplicates, ${whole(facts.rejected)} rejected; ` +
      `${whole(changedCampaigns)} campaigns were new or changed` +
      (refused > 0 ? `; ${whole(refused)} rows refused` : ''),
    'The books say:',
    `  ${whole(books.orders)} orders, ${whole(books.lines)} lines, ${whole(books.units)} pieces, ${money(books.net, CURRENCY)}`,
    `  ${whole(books.campaigns)} campaigns to ${whole(books.targeted)} households in all; ${whole(books.coupons)} coupons, ` +
      `${whole(books.couponSkus)} rows about their SKUs; ${whole(books.redeemed)} redemptions`,
  ].join('\n');
}
