import { z } from 'zod';
import { isScope, maySeeMoney, maySubscribe, parseScope } from '@zhanggui/shared/access/permissions.ts';
import { findPlace } from '@zhanggui/shared/catalog/place-store.ts';
import { topics, type Scope } from '@zhanggui/shared/contract/board.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

/** The board over HTTP: what a screen that joined now would be sent. For checks and for screens of one's own. */
export const boardRoutes = ({ sql, publisher }: Parts) => [
  route({
    method: 'get',
    path: '/api/v1/board/:topic',
    permission: 'board.read',
    tag: 'board',
    summary: 'Read the live state of a topic',
    params: z.object({ topic: z.enum(topics) }),
    query: z.object({
      scope: z
        .custom<Scope>(
          (value) => typeof value === 'string' && isScope(value),
          'must be all, region:<code> or store:<code>',
        )
        .default('all'),
    }),
    answer: z.object({
      topic: z.enum(topics),
      scope: z.string(),
      epoch: z.string(),
      seq: z.int(),
      at: z.string(),
      data: z.record(z.string(), z.unknown()),
    }),
    handler: async ({ params: { topic }, query: { scope }, who }) => {
      const parts = parseScope(scope);
      const place = parts.kind === 'store' ? await findPlace(sql, parts.code) : null;
      if (!maySubscribe(who, topic, scope, place?.region ?? null)) throw new AppError('outside_scope');
      return publisher.snapshot(topic, scope, { hideMoney: !maySeeMoney(who) });
    },
  }),
];
