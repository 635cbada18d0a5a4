import type { Channel, LocationKind } from '@zhanggui/shared/contract/words.ts';

export const books = ['skus', 'locations', 'suppliers'] as const;
export type Book = (typeof books)[number];

export type Named = { code: string; nameZh: string; nameEn: string };
export type Sku = Named & {
  known: boolean;
  category: string | null;
  brand: string | null;
  cost: number | null;
  listPrice: number | null;
  supplier: string | null;
  leadTimeDays: number | null;
  packSize: number;
  exclusiveChannels: Channel[];
  season: string | null;
};
export type Location = Named & {
  known: boolean;
  kind: LocationKind;
  region: string | null;
  city: string | null;
  areaM2: number | null;
};
export type Supplier = Named & { contact: string | null; leadTimeDays: number | null };
