/** Buffers: pieces that a channel leaves on every shelf, because a shelf is never quite what the book says. */
import type { Channel } from '../contract/words.ts';
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';

/** Category `*`: every category without a row of its own in this channel. */
export type StockBuffer = { channel: Channel; category: string; qty: number };

export function listBuffers(sql: Sql): Promise<StockBuffer[]> {
  return sql<StockBuffer[]>`select channel, category, qty from stock_buffer order by channel, category`;
}

/** Sets buffers; 0 takes one away. Each (channel, category) at most once. Answers how many rows are new, changed or gone. */
export async function setBuffers(sql: Sql, buffers: readonly StockBuffer[]): Promise<number> {
  const rows = (list: readonly StockBuffer[]) => sql`
    unnest(${column(list, (b) => b.channel)}::text[], ${column(list, (b) => b.category)}::text[],
      ${column(list, (b) => b.qty)}::int[]) as w (channel, category, qty)`;
  const gone = await sql`
    delete from stock_buffer b using ${rows(buffers.filter(({ qty }) => qty === 0))}
    where b.channel = w.channel and b.category = w.category`;
  const kept = await sql`
    insert into stock_buffer as b (channel, category, qty)
    select channel, category, qty from ${rows(buffers.filter(({ qty }) => qty > 0))} order by 1, 2
    on conflict (channel, category) do update set qty = excluded.qty, updated_at = now() where b.qty <> excluded.qty`;
  return gone.count + kept.count;
}
