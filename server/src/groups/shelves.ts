/** The shelves that promotions hold their pieces on. */
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import type { Hold } from '@zhanggui/shared/groups/group-store.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import { readPromisable } from '@zhanggui/shared/stock/promise-store.ts';
import { lockBalances } from '@zhanggui/shared/stock/reservation-store.ts';
import { Shelves } from '@zhanggui/shared/stock/reservation.ts';
import type { Places } from '../stock/places.ts';

/** What one piece of goods of a campaign holds, and what has to stay on the shelf of each SKU; or why it cannot hold anything. */
export type GroupShelf = {
  hold: Hold;
  location: string;
  codes: Map<number, string>;
  buffers: Map<number, number>;
};
/** By campaign; those that hold nothing are missing. */
export type GroupShelves = Map<number, GroupShelf | AppError>;

type Held = { goods: readonly { sku: string; qty: number }[]; location: string | null };

/** Looks up where campaigns hold what. */
export async function readShelves(
  sql: Sql,
  places: Places,
  templates: readonly (readonly [campaignNo: number, template: Held])[],
): Promise<GroupShelves> {
  const holding = templates.filter(([, { location }]) => location !== null);
  const shelves: GroupShelves = new Map();
  if (holding.length === 0) return shelves;
  for (const [campaignNo, { goods, location }] of holding) {
    try {
      const place = await places.find(location!);
      const wanted = goods.map(({ sku }) => ({ sku, channel: 'group', locationNo: place.no }));
      const rows = new Map((await readPromisable(sql, wanted)).map((row) => [row.sku, row]));
      const lines = goods
        .map(({ sku, qty }) => {
          const row = rows.get(sku);
          if (!row) throw new AppError('not_found', `There is no SKU ${sku}`);
          return { skuNo: row.skuNo, qty };
        })
        .sort((a, b) => a.skuNo - b.skuNo);
      shelves.set(campaignNo, {
        hold: { locationNo: place.no, lines },
        location: place.code,
        codes: new Map([...rows.values()].map(({ skuNo, sku }) => [skuNo, sku])),
        buffers: new Map(
          [...rows.values()].map(({ skuNo, buffer, sold }) => [skuNo, sold ? buffer : Infinity]),
        ),
      });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      shelves.set(campaignNo, error);
    }
  }
  return shelves;
}

/** Locks the balances of these shelves, and says what they still have as it is taken off. */
export async function lockShelves(tx: Sql, known: GroupShelves) {
  const usable = [...known.values()].flatMap((shelf) => (shelf instanceof AppError ? [] : [shelf]));
  const rows = await lockBalances(
    tx,
    usable.flatMap(({ hold: { locationNo, lines } }) => lines.map(({ skuNo }) => ({ skuNo, locationNo }))),
  );
  const shelves = new Shelves();
  for (const { skuNo, locationNo, available } of rows) shelves.set(skuNo, locationNo, available);
  return {
    /** Takes what a hold needs; the error that says what is left where that is not enough. */
    take(campaignNo: number, { locationNo, lines }: Hold): AppError | null {
      const shelf = known.get(campaignNo);
      if (!shelf || shelf instanceof AppError) return shelf ?? null;
      const available = ({ skuNo }: { skuNo: number }) =>
        shelves.available(skuNo, locationNo, shelf.buffers.get(skuNo) ?? 0);
      if (lines.every((line) => available(line) >= line.qty)) {
        for (const line of lines) shelves.take({ ...line, locationNo });
        return null;
      }
      return new AppError('insufficient_stock', undefined, {
        available: lines.map((line) => ({
          sku: shelf.codes.get(line.skuNo) ?? '',
          location: shelf.location,
          available: available(line),
        })),
      });
    },
  };
}
