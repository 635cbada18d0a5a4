/** Remembers the short numbers of sources, SKUs and locations; asks the database only for codes it has not seen. */
import {
  listCodes,
  resolveLocations,
  resolveSkus,
  type Resolved,
} from '@zhanggui/shared/catalog/resolve-store.ts';
import { resolveSources } from '@zhanggui/shared/ingest/ledger-store.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';

/** Codes that a group of facts needs. */
export type Codes = { sources: Set<string>; skus: Set<string>; locations: Set<string> };
/** What was seen for the first time in this company. */
export type Discoveries = { sources: string[]; skus: number[]; locations: number[] };

/** Numbers never change and rows are never deleted, so what is remembered stays true; the bound is for memory only. */
const MOST = 500_000;
/** Codes that a server learns when it starts, so that the first sale of each SKU need not ask. */
const AHEAD = 100_000;

export class Resolver {
  #sources = new Map<string, number>();
  #skus = new Map<string, number>();
  #locations = new Map<string, number>();

  source = (name: string): number => must(this.#sources, name);
  sku = (code: string): number => must(this.#skus, code);
  location = (code: string): number => must(this.#locations, code);

  /** Learns what the catalog has already. Not needed for anything but speed. */
  async learnAhead(sql: Sql): Promise<void> {
    const { skus, locations } = await listCodes(sql, AHEAD);
    for (const { code, no } of skus) this.#skus.set(code, no);
    for (const { code, no } of locations) this.#locations.set(code, no);
  }

  /**
   * Makes all of `codes` known here, adding rows for those that the company has never seen. Throws SQLSTATE 22021 for a
   * code that is no text.
   */
  async learn(sql: Sql, codes: Codes): Promise<Discoveries> {
    for (const kind of [codes.sources, codes.skus, codes.locations])
      for (const code of kind) mustBeText(code);
    if (this.#skus.size > MOST) this.#skus.clear();
    if (this.#sources.size > MOST) this.#sources.clear();
    const [sources, skus, locations] = await Promise.all([
      learnInto(this.#sources, codes.sources, async (names) =>
        (await resolveSources(sql, names)).map(({ name, ...rest }) => ({ code: name, ...rest })),
      ),
      learnInto(this.#skus, codes.skus, (missing) => resolveSkus(sql, missing)),
      learnInto(this.#locations, codes.locations, (missing) => resolveLocations(sql, missing)),
    ]);
    return {
      sources: sources.map((row) => row.code),
      skus: skus.map((row) => row.no),
      locations: locations.map((row) => row.no),
    };
  }
}

/** Throws as Postgres does for a text that it cannot hold; the driver would store another text in silence. */
function mustBeText(code: string): void {
  if (!code.isWellFormed())
    throw Object.assign(new Error(`${JSON.stringify(code)} holds half of a surrogate pair`), {
      code: '22021',
    });
}

function must(known: Map<string, number>, code: string): number {
  const no = known.get(code);
  if (no === undefined) throw new Error(`code ${code} was used before it was resolved`);
  return no;
}

async function learnInto(
  known: Map<string, number>,
  wanted: Set<string>,
  resolve: (missing: string[]) => Promise<Resolved[]>,
): Promise<Resolved[]> {
  const missing = [...wanted].filter((code) => !known.has(code));
  if (missing.length === 0) return [];
  const rows = await resolve(missing);
  for (const row of rows) known.set(row.code, row.no);
  return rows.filter((row) => row.isNew);
}
