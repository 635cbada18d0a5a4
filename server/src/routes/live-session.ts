/** What routes about one livestream have in common. */
import { readLastSessions } from '@zhanggui/shared/board/board-live-store.ts';
import { noteChange } from '@zhanggui/shared/board/change-store.ts';
import { lastCurves } from '@zhanggui/shared/board/live-tiles.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { queueDelivery } from '@zhanggui/shared/delivery/delivery-store.ts';
import {
  addRequest,
  findPlanned,
  findSku,
  listSessions,
  type SessionRow,
} from '@zhanggui/shared/live/live-store.ts';
import { stateOf, type Curve } from '@zhanggui/shared/live/session.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import { heardOf } from './live-fields.ts';

/** Also by the name that it was planned under. */
export async function findSession(sql: Sql, id: string): Promise<SessionRow> {
  const one = { now: new Date(), limit: 1 };
  let [row] = await listSessions(sql, { id }, null, one);
  if (!row) {
    const begun = await findPlanned(sql, id);
    if (begun !== null) [row] = await listSessions(sql, { id: begun }, null, one);
  }
  if (!row) throw new AppError('not_found', `There is no livestream ${id}`);
  return row;
}

export async function demandOnAir(sql: Sql, id: string): Promise<SessionRow> {
  const row = await findSession(sql, id);
  if (stateOf(heardOf(row), Date.now()) === 'ended') throw new AppError('conflict', `${id} is not on air`);
  return row;
}

export async function demandSku(sql: Sql, sku: string) {
  const found = await findSku(sql, sku);
  if (!found) throw new AppError('not_found', `There is no SKU ${sku}`);
  return found;
}

/** What the last sessions of its room had sold, minute by minute. */
export const lastOf = async (sql: Sql, id: string): Promise<Curve[]> =>
  lastCurves(await readLastSessions(sql, [id])).get(id) ?? [];

/** Notes a request and tells whoever listens: the host's screen by the board, machines and groups by message. */
export async function ask(
  tx: Sql,
  row: SessionRow,
  wanted: Parameters<typeof addRequest>[1],
  sku: string | null,
) {
  const id = await addRequest(tx, wanted);
  await queueDelivery(tx, {
    event: 'live.asked',
    data: {
      session: row.id,
      room: row.room,
      title: row.title,
      request: id,
      kind: wanted.kind,
      sku,
      qty: wanted.qty ?? null,
      note: wanted.note,
      by: wanted.by,
    },
  });
  await noteChange(tx, { topics: ['live'], minutes: [], locationNos: [] });
  return id;
}
