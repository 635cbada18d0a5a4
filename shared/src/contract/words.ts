/**
 * The closed vocabularies of the wire. A word stands here once; tables, API and screens use it unchanged.
 */

/** How a sale reached us. */
export const channels = ['pos', 'mall', 'miniapp', 'live', 'group', 'marketplace'] as const;
export type Channel = (typeof channels)[number];

/** `unknown` is a location that a fact named before the catalog did. */
export const locationKinds = ['store', 'hq_warehouse', 'online_warehouse', 'unknown'] as const;
export type LocationKind = (typeof locationKinds)[number];

export const fulfilmentMethods = ['carry', 'pickup', 'ship'] as const;
export type FulfilmentMethod = (typeof fulfilmentMethods)[number];

export const touches = ['store-visit', 'scan', 'guide-screen'] as const;
export type Touch = (typeof touches)[number];

/** Why a quantity moved. `counted` corrects the book to what was seen on the shelf. */
export const movementKinds = [
  'sale',
  'return',
  'received',
  'counted',
  'adjusted',
  'transfer_out',
  'transfer_in',
] as const;
export type MovementKind = (typeof movementKinds)[number];

export const roles = ['viewer', 'manager', 'marketer', 'admin'] as const;
export type Role = (typeof roles)[number];

/** What a machine's key may do. */
export const keyScopes = ['ingest', 'read', 'command'] as const;
export type KeyScope = (typeof keyScopes)[number];

/** Full-screen pages a wall can show. */
export const scenes = ['overview'] as const;
export type Scene = (typeof scenes)[number];

export const locales = ['zh-CN', 'en'] as const;
export type Locale = (typeof locales)[number];
