import { z } from 'zod';
import { collectPairing, startPairing } from '@zhanggui/shared/access/wall-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { setCookie } from '../http/cookies.ts';
import { instant } from '../http/fields.ts';
import { route } from '../http/route.ts';
import { limitByAddress } from '../http/throttle.ts';
import type { Parts } from '../parts.ts';

const SECRET_HEADER = 'x-pairing-secret';

/** How a screen that nobody knows yet gets paired: it shows a code and asks until someone has entered it. */
export const wallPairingRoutes = ({ sql, cookies }: Parts) => {
  // A shop's screens may share an address, and each starts again every ten minutes.
  const starts = limitByAddress({
    limit: 60,
    windowMs: 600_000,
    detail: 'Too many screens start pairing here',
  });
  const misses = limitByAddress({
    limit: 60,
    windowMs: 60_000,
    failuresOnly: true,
    detail: 'Too many wrong tries from here',
  });
  return [
    route({
      method: 'post',
      path: '/api/v1/wall-pairings',
      permission: 'public',
      tag: 'walls',
      summary: 'Start pairing a screen',
      description: 'Show the code, keep the secret. Both are good for ten minutes.',
      answer: z.object({ id: z.uuid(), code: z.string(), secret: z.string(), expiresAt: instant }),
      status: 201,
      errors: ['too_many_requests', 'cross_site'],
      before: [starts],
      handler: () => startPairing(sql),
    }),
    route({
      method: 'get',
      path: '/api/v1/wall-pairings/:id',
      permission: 'public',
      tag: 'walls',
      summary: 'Ask whether the screen was paired',
      description: 'Once it was, the answer sets the wall’s cookie. Asking again is harmless.',
      params: z.object({ id: z.uuid() }),
      headers: z.object({ [SECRET_HEADER]: z.string().describe('The secret from the start of the pairing') }),
      answer: z.discriminatedUnion('state', [
        z.object({ state: z.literal('pending'), expiresAt: instant }),
        z.object({ state: z.literal('paired'), name: z.string() }),
      ]),
      errors: ['not_found', 'too_many_requests'],
      before: [misses],
      async handler({ params, req, res }) {
        const secret = req.get(SECRET_HEADER);
        if (!secret) {
          throw new AppError('invalid_request', 'The pairing’s secret is missing', {
            errors: [{ field: SECRET_HEADER, detail: 'is missing' }],
          });
        }
        const pairing = await collectPairing(sql, params.id, secret);
        if (pairing.state === 'pending') return pairing;
        setCookie(res, cookies.wall, pairing.token);
        return { state: 'paired' as const, name: pairing.wall.name };
      },
    }),
  ];
};
