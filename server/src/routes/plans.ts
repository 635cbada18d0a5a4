import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { listPlans, requestPlan } from '@zhanggui/shared/restock/plan-store.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { actorOf } from '../http/actor.ts';
import { instant } from '../http/fields.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

const planRun = z.object({
  id: z.string(),
  day: z.string().describe('First business day that it plans for'),
  requestedBy: z.string().nullable().describe('null: by the clock'),
  requestedAt: instant,
  startedAt: instant.nullable(),
  finishedAt: instant.nullable(),
  skusTotal: z.int(),
  skus: z.int().describe('SKUs done'),
  policies: z.int().describe('Policies of SKU × location made'),
});

/** Runs of the planning: forecasts, and when each location restocks. */
export const planRoutes = ({ sql, settings, queues }: Parts) => {
  const time = new BusinessTime(settings.timeZone);
  return [
    route({
      method: 'get',
      path: '/api/v1/plans',
      permission: 'restock.read',
      tag: 'restock',
      summary: 'List the last runs of the planning, with their progress',
      answer: z.object({ rows: z.array(planRun) }),
      handler: async () => ({ rows: await listPlans(sql, 20) }),
    }),
    route({
      method: 'post',
      path: '/api/v1/plans',
      permission: 'plans.request',
      tag: 'restock',
      summary: 'Plan now, instead of early in the morning',
      description: 'Where a run waits or is under way already, that one is answered.',
      answer: planRun,
      status: 202,
      handler: async ({ who }) => {
        const run = await sql.begin(async (tx) => {
          const asked = await requestPlan(tx, time.day(Date.now()), actorOf(who).name);
          await writeAudit(tx, actorOf(who), { action: 'plan.request', target: asked.id });
          return asked;
        });
        // Lost, the hourly look finds the run.
        await queues.add('plan-restock', { payload: {} }).catch(() => undefined);
        return run;
      },
    }),
  ];
};
