/** What a demo company needs before it can sell: catalog and targets. */
import { noteDemoPart, readDemoParts } from '@zhanggui/shared/demo/demo-store.ts';
import { targetsOf } from '@zhanggui/shared/demo/day-plan.ts';
import { demoLocations, demoRegions } from '@zhanggui/shared/demo/places.ts';
import type { World } from '@zhanggui/shared/demo/world.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { Api } from '../api.ts';
import { BULK_ROWS, putRows } from '../bulk.ts';
import { CliError } from '../errors.ts';

export type FoundingParts = { sql: SqlPool; api: Api; world: World; signal: AbortSignal };

/** Targets are set so many days ahead. */
const TARGET_DAYS = 60;

/** Tells the catalog, once. Codes are the same each time, so that a second attempt after a crash changes nothing. */
export async function loadCatalog({ sql, api, world, signal }: FoundingParts): Promise<void> {
  const { categories, suppliers, skus } = world.catalog;
  const total = skus.length;
  const done = (await readDemoParts(sql)).get('catalog')?.done ?? 0;
  if (done >= total) return;
  await putAll(api, 'regions', demoRegions);
  await putAll(api, 'categories', categories);
  await putAll(api, 'suppliers', suppliers);
  // What the catalog has no field for stays ours.
  await putAll(
    api,
    'locations',
    demoLocations.map(({ pull: _, ...row }) => row),
  );
  for (let from = done; from < total; from += BULK_ROWS) {
    signal.throwIfAborted();
    const part = skus.slice(from, from + BULK_ROWS);
    await putAll(
      api,
      'skus',
      part.map(({ pull: _, ...row }) => row),
    );
    await noteDemoPart(sql, { part: 'catalog', done: from + part.length, total });
  }
}

/** Sets the targets of the days from the first to some weeks ahead of `today`; days that have theirs are left alone. */
export async function loadTargets({ sql, api, world, signal }: FoundingParts, today: number): Promise<void> {
  const total = today + TARGET_DAYS + 1 - world.firstDay;
  const done = (await readDemoParts(sql)).get('targets')?.done ?? 0;
  for (let from = done; from < total;) {
    signal.throwIfAborted();
    const to = Math.min(total, from + 15);
    const days = Array.from({ length: to - from }, (_, n) => targetsOf(world, world.firstDay + from + n));
    demandTaken(await putRows(api, '/api/v1/targets', days.flat()), 'targets');
    from = to;
    await noteDemoPart(sql, { part: 'targets', done: from, total });
  }
}

async function putAll(api: Api, book: string, rows: readonly unknown[]): Promise<void> {
  demandTaken(await putRows(api, `/api/v1/catalog/${book}`, rows), book);
}

function demandTaken({ rejected }: Awaited<ReturnType<typeof putRows>>, what: string): void {
  const [first] = rejected;
  if (first !== undefined)
    throw new CliError(
      `${what}: ${rejected.length} rows were refused, the first: ${first.field}: ${first.detail}`,
    );
}
