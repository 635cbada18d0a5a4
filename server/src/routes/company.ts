import { z } from 'zod';
import { readDemoProgress } from '@zhanggui/shared/demo/demo-store.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { readCookie, setCookie } from '../http/cookies.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

/** What every screen must know before it can show a number. */
export const companyRoutes = ({ sql, settings, cookies, version, webVersion }: Parts) => {
  const time = new BusinessTime(settings.timeZone);
  return [
    route({
      method: 'get',
      path: '/api/v1/company',
      permission: 'company.read',
      tag: 'company',
      summary: 'See currency, time zone and version',
      answer: z.object({
        currency: z.string().describe('ISO 4217; amounts are in its minor units'),
        timeZone: z.string().describe('IANA; business days begin at midnight there'),
        demo: z.boolean(),
        history: z
          .object({ daysDone: z.int(), daysTotal: z.int(), share: z.number().describe('0…1') })
          .nullable()
          .describe('How far the demo company’s past is filled in; null when it is none'),
        version: z.string(),
        webVersion: z.string().describe('Build of the web app that is being served'),
      }),
      async handler({ who, req, res }) {
        // Browsers forget a cookie after 400 days at most; a wall that loads its page begins anew.
        const token = who.kind === 'wall' ? readCookie(req.headers.cookie, cookies.wall.name) : undefined;
        if (token !== undefined) setCookie(res, cookies.wall, token);
        const { currency, timeZone, demo } = settings;
        const history = await readDemoProgress(sql, time.day(Date.now()));
        return { currency, timeZone, demo, history, version, webVersion };
      },
    }),
  ];
};
