import type { Request } from 'express';
import { z } from 'zod';
import { readiness } from '../http/health.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

/** What an operator's tools ask for. */
export const operationRoutes = ({ sql, committer, publisher, metrics }: Parts) => [
  route({
    method: 'get',
    path: '/healthz',
    permission: 'public',
    tag: 'operations',
    summary: 'Whether the process lives',
    answer: z.object({ alive: z.literal(true) }),
    handler: () => ({ alive: true as const }),
  }),
  route({
    method: 'get',
    path: '/readyz',
    permission: 'public',
    tag: 'operations',
    summary: 'Whether facts can be taken and the board is being pushed',
    description: '200 when they can; else 503 with the same body, saying what is missing.',
    answer: z.object({ ready: z.boolean(), missing: z.array(z.string()) }),
    async handler({ res }) {
      const state = await readiness({ sql, committer, publisher });
      res.set('Cache-Control', 'no-store');
      if (!state.ready) res.status(503).set('Retry-After', '1');
      return state;
    },
  }),
  route({
    method: 'get',
    path: '/metrics',
    permission: 'metrics.read',
    alsoAllow: isLocal,
    tag: 'operations',
    summary: 'Measures for Prometheus',
    description: 'Also open to programs on the server’s own machine.',
    answer: z.string(),
    answerType: 'text/plain',
    async handler({ res }) {
      res.type(metrics.registry.contentType).send(await metrics.registry.metrics());
      return undefined;
    },
  }),
];

/** A program on this machine. A proxy on this machine is one too, but says whom it speaks for. */
function isLocal(req: Request): boolean {
  const address = req.socket.remoteAddress ?? '';
  const loopback = address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
  return loopback && req.get('x-forwarded-for') === undefined && req.get('forwarded') === undefined;
}
