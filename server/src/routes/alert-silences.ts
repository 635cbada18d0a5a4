import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import {
  addSilence,
  endSilence,
  listSilences,
  silenceStates,
} from '@zhanggui/shared/alerts/silence-store.ts';
import { noteChange } from '@zhanggui/shared/board/change-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { alertKinds } from '@zhanggui/shared/contract/words.ts';
import type { SqlTransaction } from '@zhanggui/shared/platform/database.ts';
import { actorOf } from '../http/actor.ts';
import { code, cutPage, decodeCursor, instant, line, pageOf, pageQuery } from '../http/fields.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

const word = z.string().nullable();
const silenceRow = z.object({
  id: z.uuid(),
  kind: z.enum(alertKinds).nullable(),
  sku: word,
  skuNameZh: word,
  skuNameEn: word,
  category: word,
  location: word,
  region: word,
  until: instant,
  reason: z.string(),
  by: z.string(),
  createdAt: instant,
});

const newSilence = z
  .strictObject({
    kind: z.enum(alertKinds).optional(),
    sku: code.optional(),
    category: code.optional(),
    location: code.optional(),
    region: code.optional(),
    until: instant,
    reason: line(500),
  })
  .refine(
    ({ until: _until, reason: _reason, ...what }) => Object.values(what).some((part) => part !== undefined),
    {
      error: 'says what is to be silent',
      path: ['kind'],
    },
  );

/** Rules by which alerts are kept quiet, for administrators. */
export const alertSilenceRoutes = ({ sql, hints }: Parts) => {
  const change = async <T>(make: (tx: SqlTransaction) => Promise<T>): Promise<T> => {
    const made = await sql.begin(async (tx) => {
      const result = await make(tx);
      await noteChange(tx, { topics: ['alerts'], minutes: [], locationNos: [] });
      return result;
    });
    hints.publish('alerts');
    return made as T;
  };
  return [
    route({
      method: 'get',
      path: '/api/v1/alert-silences',
      permission: 'alerts.silence',
      tag: 'alerts',
      summary: 'List the silences in force, or those that are over, newest first',
      query: z.object({ state: z.enum(silenceStates).default('running'), ...pageQuery }),
      answer: pageOf(silenceRow),
      async handler({ query: { state, limit, cursor } }) {
        const position = decodeCursor(cursor, z.tuple([z.uuid()]));
        const rows = await listSilences(sql, state, position?.[0] ?? null, limit + 1);
        return cutPage(rows, limit, (row) => [row.id]);
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/alert-silences',
      permission: 'alerts.silence',
      tag: 'alerts',
      summary: 'Keep alerts quiet that fit every field given',
      description: 'They exist, but are not told, do not escalate, and are listed only on demand.',
      body: newSilence,
      answer: silenceRow,
      status: 201,
      errors: ['cross_site'],
      handler({ body, who }) {
        if (body.until.getTime() <= Date.now()) {
          const detail = 'must lie in the future';
          throw new AppError('invalid_request', `until: ${detail}`, { errors: [{ field: 'until', detail }] });
        }
        return change(async (tx) => {
          const row = await addSilence(tx, body, actorOf(who).name);
          const { until, reason, ...what } = body;
          const said = Object.entries(what).filter(([, value]) => value !== undefined);
          await writeAudit(tx, actorOf(who), {
            action: 'silence.add',
            target: said.map(([, value]) => value).join(' '),
            details: { id: row.id, ...Object.fromEntries(said), until: until.toISOString(), reason },
          });
          return row;
        });
      },
    }),
    route({
      method: 'delete',
      path: '/api/v1/alert-silences/:id',
      permission: 'alerts.silence',
      tag: 'alerts',
      summary: 'End a silence',
      params: z.object({ id: z.uuid() }),
      errors: ['not_found', 'cross_site'],
      async handler({ params: { id }, who }) {
        await change(async (tx) => {
          const row = await endSilence(tx, id);
          await writeAudit(tx, actorOf(who), { action: 'silence.end', target: row.reason, details: { id } });
        });
      },
    }),
  ];
};
