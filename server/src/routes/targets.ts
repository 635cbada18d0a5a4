import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { sightOf } from '@zhanggui/shared/access/permissions.ts';
import { visibleLocationNos } from '@zhanggui/shared/catalog/place-store.ts';
import { catalogLimits, checkRows, type RowRejection } from '@zhanggui/shared/catalog/rows.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { listTargets, locationNosOf, setTargets } from '@zhanggui/shared/sales/target-store.ts';
import { actorOf } from '../http/actor.ts';
import { code, cutPage, day, decodeCursor, money, pageOf, pageQuery } from '../http/fields.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import { bulkAnswer, bulkBody, demandFewRows, describeBulk } from './bulk.ts';

const location = code.nullable().describe('null: the company');

const targetChange = z.strictObject({
  day,
  location,
  amount: money.nullable().describe('Minor units of net sales; null takes the target away'),
});

/** Targets of net sales, by business day. */
export const targetRoutes = ({ sql, catalogChanged }: Parts) => [
  route({
    method: 'get',
    path: '/api/v1/targets',
    permission: 'targets.read',
    tag: 'sales',
    summary: 'List targets by business day',
    description:
      'A manager sees those of their own stores. Without a target of its own the company’s is the sum of its stores’.',
    query: z.object({ ...pageQuery, from: day, to: day }),
    answer: pageOf(z.object({ day, location, amount: money })),
    async handler({ query, who }) {
      if (query.from > query.to) {
        const detail = 'must not be after to';
        throw new AppError('invalid_request', `from: ${detail}`, { errors: [{ field: 'from', detail }] });
      }
      const position = decodeCursor(query.cursor, z.tuple([z.iso.date(), z.string()]));
      const rows = await listTargets(sql, {
        from: query.from,
        to: query.to,
        locationNos: await visibleLocationNos(sql, sightOf(who)),
        after: position && { day: position[0], location: position[1] },
        limit: query.limit + 1,
      });
      return cutPage(rows, query.limit, (row) => [row.day, row.location ?? '']);
    },
  }),
  route({
    method: 'put',
    path: '/api/v1/targets',
    permission: 'targets.write',
    tag: 'sales',
    summary: 'Set targets',
    description: `At most ${catalogLimits.rows} rows. Rows that fit are taken, also when others do not.`,
    body: bulkBody,
    describeBody: describeBulk(targetChange),
    bodyLimit: catalogLimits.bodyBytes,
    answer: bulkAnswer,
    errors: ['cross_site'],
    async handler({ body, who }) {
      demandFewRows(body.rows);
      const { valid, rejected, indexes } = checkRows(targetChange, body.rows, (row) => ({
        key: `${row.day} ${row.location ?? ''}`,
        field: 'day',
      }));
      const nos = await locationNosOf(
        sql,
        valid.flatMap((row) => row.location ?? []),
      );
      const unknown: TargetRejection[] = [];
      const changes = valid.flatMap((row, at) => {
        const locationNo = row.location === null ? 0 : nos.get(row.location);
        if (locationNo !== undefined) return [{ day: row.day, locationNo, amount: row.amount }];
        unknown.push({
          index: indexes[at] ?? at,
          key: row.location,
          code: 'not_found',
          field: 'location',
          detail: 'there is no such location',
        });
        return [];
      });
      const changed = await sql.begin(async (tx) => {
        const count = await setTargets(tx, changes);
        if (count === 0) return 0;
        const days = changes.map((row) => row.day).sort();
        await writeAudit(tx, actorOf(who), {
          action: 'target.set',
          target: days.length === 0 ? null : `${days[0]} … ${days.at(-1)}`,
          details: { rows: changes.length, changed: count },
        });
        return count;
      });
      if (changed > 0) catalogChanged();
      const all: TargetRejection[] = [...rejected, ...unknown].sort((a, b) => a.index - b.index);
      return { upserted: changes.length, rejected: all };
    },
  }),
];

type TargetRejection = Omit<RowRejection, 'code'> & { code: RowRejection['code'] | 'not_found' };
