/** What the catalog looks like on the wire when it is read. */
import { z } from 'zod';
import { channels, locationKinds } from '@zhanggui/shared/contract/words.ts';
import { instant } from '../http/fields.ts';

const names = { code: z.string(), nameZh: z.string(), nameEn: z.string() };
const text = z.string().nullable();
const whole = z.int().nullable();
const known = z.boolean().describe('false: named by facts, not yet by the catalog');
const times = { firstSeenAt: instant, updatedAt: instant };

export const skuRecord = z.object({
  ...names,
  known,
  category: text,
  brand: text,
  cost: whole.describe('Minor units'),
  listPrice: whole.describe('Minor units'),
  supplier: text,
  leadTimeDays: whole,
  packSize: z.int(),
  minOrder: z.int().describe('The least that its supplier sends'),
  exclusiveChannels: z.array(z.enum(channels)).describe('Empty: sold everywhere'),
  season: text,
  ...times,
});

export const locationRecord = z.object({
  ...names,
  known,
  kind: z.enum(locationKinds),
  region: text,
  city: text,
  areaM2: whole,
  latitude: z.number().nullable(),
  longitude: z.number().nullable(),
  ...times,
});

export const supplierRecord = z.object({
  ...names,
  contact: text,
  leadTimeDays: whole,
  direct: z.boolean().describe('Sends to stores itself, not to warehouses only'),
  updatedAt: instant,
});

export const nameRecord = z.object(names);
