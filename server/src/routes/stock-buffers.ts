import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { channels } from '@zhanggui/shared/contract/words.ts';
import { listBuffers, setBuffers } from '@zhanggui/shared/stock/buffer-store.ts';
import { sightOf } from '@zhanggui/shared/access/permissions.ts';
import { actorOf } from '../http/actor.ts';
import { code } from '../http/fields.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

const buffer = z.strictObject({
  channel: z.enum(channels),
  category: code.describe('`*`: every category without a buffer of its own in this channel'),
  qty: z.int().min(0).max(100_000).describe('Pieces left on every shelf'),
});

/** Pieces that a channel never promises. */
export const stockBufferRoutes = ({ sql }: Parts) => [
  route({
    method: 'get',
    path: '/api/v1/stock-buffers',
    permission: 'restock.read',
    tag: 'stock',
    summary: 'List the buffers by channel and category',
    answer: z.object({ rows: z.array(buffer) }),
    handler: async () => ({ rows: await listBuffers(sql) }),
  }),
  route({
    method: 'put',
    path: '/api/v1/stock-buffers',
    permission: 'stock.command',
    tag: 'stock',
    summary: 'Set buffers by channel and category',
    description:
      'Those that are not named stay as they are; 0 takes one away. They hold for every store, so a manager may not set them.',
    body: z.strictObject({ rows: z.array(buffer).min(1).max(1_000) }),
    answer: z.object({ changed: z.int() }),
    errors: ['outside_scope', 'cross_site'],
    async handler({ body: { rows }, who }) {
      if (sightOf(who) !== 'all') throw new AppError('outside_scope', 'Buffers hold for every store');
      const last = [...new Map(rows.map((row) => [`${row.channel} ${row.category}`, row])).values()];
      return sql.begin(async (tx) => {
        const changed = await setBuffers(tx, last);
        if (changed > 0)
          await writeAudit(tx, actorOf(who), { action: 'stock_buffer.set', details: { rows: last } });
        return { changed };
      });
    },
  }),
];
