import type { StockFlag, StoreTile } from '@zhanggui/shared/contract/board.ts';
import type { Locale } from '@zhanggui/shared/contract/words.ts';

/** Against the same time yesterday: two steps either way around "as usual". */
export type Heat = 'far-behind' | 'behind' | 'usual' | 'ahead' | 'far-ahead' | 'unknown';

const USUAL = 0.07;
const FAR = 0.2;

export function heatOf(vsYesterday: number | null): Heat {
  if (vsYesterday === null) return 'unknown';
  if (vsYesterday <= -FAR) return 'far-behind';
  if (vsYesterday <= -USUAL) return 'behind';
  if (vsYesterday < USUAL) return 'usual';
  return vsYesterday < FAR ? 'ahead' : 'far-ahead';
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
const RECENT_MS = 3_600_000;

/** Stores that need a hand now: what was flagged in the last hour, oversold before sold out. */
export function marksOf(flags: Iterable<StockFlag>, now: number): Map<string, StockFlag['kind']> {
  const marks = new Map<string, StockFlag['kind']>();
  for (const flag of flags) {
    if (now - Date.parse(flag.since) > RECENT_MS) continue;
    if (flag.kind === 'oversold' || !marks.has(flag.location)) marks.set(flag.location, flag.kind);
  }
  return marks;
}
