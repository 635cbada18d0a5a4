import type { StockFlag, StoreTile } from '@zhanggui/shared/contract/board.ts';
import type { Locale } from '@zhanggui/shared/contract/words.ts';

/** Two steps either way around "as usual". */
export type Heat = 'far-behind' | 'behind' | 'usual' | 'ahead' | 'far-ahead' | 'unknown';

/** What the stores are compared by: their targets among each other, or each with its own yesterday. */
export type HeatBasis = 'target' | 'yesterday';

const USUAL = 0.07;
const FAR = 0.2;
/** Below this share of the target the day is too young to tell stores apart. */
const TOO_YOUNG = 0.03;

/** @param lead 0 is as usual, 0.1 a tenth more */
export function heatOf(lead: number | null): Heat {
  if (lead === null) return 'unknown';
  if (lead <= -FAR) return 'far-behind';
  if (lead <= -USUAL) return 'behind';
  if (lead < USUAL) return 'usual';
  return lead < FAR ? 'ahead' : 'far-ahead';
}

/**
 * How far each store is ahead of or behind the others: its share of its target against the median store's. Whether the
 * whole company has a good day stands elsewhere, large; this says who stands out. A target knows the weekday and what is
 * normal for a store, so a Monday after a Sunday does not paint every store as failing, as yesterday's sales would. Where
 * fewer than half of the stores have a target, yesterday it is.
 */
export function leadsOf(tiles: readonly StoreTile[]): {
  basis: HeatBasis;
  leads: Map<string, number | null>;
} {
  const reached = tiles
    .flatMap((tile) => (tile.reached === null ? [] : [tile.reached]))
    .sort((a, b) => a - b);
  if (reached.length * 2 < tiles.length || reached.length === 0) {
    return { basis: 'yesterday', leads: new Map(tiles.map((tile) => [tile.code, tile.vsYesterday])) };
  }
  const median = reached[reached.length >> 1]!;
  const lead = (tile: StoreTile) => {
    if (tile.reached === null) return null;
    return median < TOO_YOUNG ? 0 : tile.reached / median - 1;
  };
  return { basis: 'target', leads: new Map(tiles.map((tile) => [tile.code, lead(tile)])) };
}

export type StoreGroup = { key: string; labelZh: string; labelEn: string; codes: string[] };

/** Stores by city, the city with the most stores first; within it by code, so that a store keeps its place all day. */
export function groupByCity(tiles: Iterable<StoreTile>): StoreGroup[] {
  const cities = new Map<string, StoreTile[]>();
  for (const tile of tiles) {
    const key = tile.city ?? '';
    const there = cities.get(key);
    if (there) there.push(tile);
    else cities.set(key, [tile]);
  }
  return [...cities]
    .map(([key, there]) => ({
      key,
      labelZh: key,
      labelEn: commonWords(there.map((tile) => tile.nameEn)) || key,
      codes: there.map((tile) => tile.code).sort(),
    }))
    .sort((a, b) => b.codes.length - a.codes.length || (a.codes[0]! < b.codes[0]! ? -1 : 1));
}

/**
 * The words that all names begin with: the city, where its stores are named after it. The catalog holds a city in one
 * language only.
 */
function commonWords(names: readonly string[]): string {
  const [first = '', ...others] = names;
  if (others.length === 0) return '';
  const words = first.split(' ');
  const same = words.findIndex((word, i) => others.some((name) => name.split(' ')[i] !== word));
  return words.slice(0, same === -1 ? words.length : same).join(' ');
}

/**
 * What to call each store on a line of its own: in English without the city that its name begins with, which would
 * leave no room for the rest; in Chinese the city is two characters and stays.
 */
export function nameInCity(
  groups: readonly StoreGroup[],
  tiles: Iterable<StoreTile>,
  reader: { locale: Locale; name(of: StoreTile): string },
): Map<string, string> {
  const cities = new Map(
    groups.flatMap((group) => group.codes.map((code) => [code, group.labelEn] as const)),
  );
  return new Map(
    [...tiles].map((tile) => {
      const name = reader.name(tile);
      const city = `${cities.get(tile.code)} `;
      return [tile.code, reader.locale === 'en' && name.startsWith(city) ? name.slice(city.length) : name];
    }),
  );
}

/** How recent a stock flag must be to mark its store, and which mark wins. */
const RECENT_MS = 30 * 60_000;

/** Stores that need a hand now: what was flagged in the last half hour, oversold before sold out. */
export function marksOf(flags: Iterable<StockFlag>, now: number): Map<string, StockFlag['kind']> {
  const marks = new Map<string, StockFlag['kind']>();
  for (const flag of flags) {
    if (now - Date.parse(flag.since) > RECENT_MS) continue;
    if (flag.kind === 'oversold' || !marks.has(flag.location)) marks.set(flag.location, flag.kind);
  }
  return marks;
}
