/** What a company sells and where, as made-up business needs it. */
import type { ShelfOffer } from '@zhanggui/shared/demo/shopper.ts';
import type { Market } from '@zhanggui/shared/demo/stories.ts';
import type { Api } from './api.ts';
import { CliError } from './errors.ts';

export type CompanyMarket = Market & { offers: readonly ShelfOffer[] };

type Page<T> = { rows: T[]; nextCursor: string | null };
type Sku = { code: string; category: string | null; listPrice: number | null; exclusiveChannels: string[] };
type Place = { code: string; kind: string };

/** A simulation needs no more SKUs than this; reading all of a large catalog would only delay it. */
const SKUS = 5_000;
/** For SKUs without a list price, minor units. */
const USUAL_PRICE = 4_990;

/** The company's own SKUs and places. Throws CliError for a company without any. */
export async function readMarket(api: Api, run: string): Promise<CompanyMarket> {
  const skus = await readPages<Sku>(api, '/api/v1/catalog/skus', SKUS);
  const places = await readPages<Place>(api, '/api/v1/catalog/locations', 1_000);
  const offers = skus
    .filter(({ exclusiveChannels }) => exclusiveChannels.length === 0)
    .map(({ code, category, listPrice }) => ({ code, category, listPrice: listPrice ?? USUAL_PRICE }));
  const stores = places.filter(({ kind }) => kind === 'store' || kind === 'unknown').map(({ code }) => code);
  const warehouses = places.filter(({ kind }) => kind === 'online_warehouse').map(({ code }) => code);
  if (offers.length === 0 || stores.length + warehouses.length === 0)
    throw new CliError(
      'This company has no SKUs or no locations yet: import a catalog first (zg import --help).',
    );
  return { offers, stores: stores.length > 0 ? stores : warehouses, warehouses, run };
}

/** Rows of a list, about `most` at most. */
export async function readPages<T>(
  api: Api,
  path: string,
  most: number,
  query: Record<string, string> = {},
): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<T> = await api.get<Page<T>>(path, { limit: 500, ...query, cursor });
    rows.push(...page.rows);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && rows.length < most);
  return rows;
}
