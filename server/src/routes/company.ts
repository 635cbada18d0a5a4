import { z } from 'zod';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

/** What every screen must know before it can show a number. */
export const companyRoutes = ({ settings, version, webVersion }: Parts) => [
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
      version: z.string(),
      webVersion: z.string().describe('Build of the web app that is being served'),
    }),
    handler: () => ({
      currency: settings.currency,
      timeZone: settings.timeZone,
      demo: settings.demo,
      version,
      webVersion,
    }),
  }),
];
