/**
 * Who may do what: one table, and the questions asked of it. Pure; the web app asks the same questions to decide
 * what to show, the server decides with them.
 */
import type { Scope, Topic } from '../contract/board.ts';
import type { KeyScope, Locale, Role, Scene } from '../contract/words.ts';

/** A person signed in. `locations` and `regions` limit a manager; for other roles they are empty and mean nothing. */
export type UserIdentity = {
  kind: 'user';
  id: string;
  email: string;
  name: string;
  role: Role;
  locations: readonly string[];
  regions: readonly string[];
};

/** A machine with a key. */
export type KeyIdentity = { kind: 'key'; id: string; name: string; scopes: readonly KeyScope[] };

/** A paired screen. */
export type WallIdentity = {
  kind: 'wall';
  id: string;
  name: string;
  scenes: readonly Scene[];
  scope: Scope;
  hideMoney: boolean;
  locale: Locale;
  rotateSeconds: number;
  sound: boolean;
};

export type Anonymous = { kind: 'anonymous' };

export type Identity = UserIdentity | KeyIdentity | WallIdentity;

/** Who is calling. */
export type Who = Identity | Anonymous;

export type Grantee = Role | `key:${KeyScope}` | 'wall' | 'anyone';

const people = ['viewer', 'manager', 'marketer', 'admin'] as const satisfies Role[];

/**
 * The one table. A key of scope `command` asks for changes like an administrator's system would (catalog, targets,
 * mending rejected events); facts need `ingest`, answers need `read`, and people, keys and walls are no machine's business.
 */
export const permissions = {
  /** Sign-in, pairing, health: whoever calls. */
  public: ['anyone'],
  /** One's own session and password. */
  'session.own': people,
  /** Name, currency and time zone of the company, and the running version. */
  'company.read': [...people, 'key:ingest', 'key:read', 'key:command', 'wall'],
  'board.read': [...people, 'key:read', 'wall'],
  'sales.read': [...people, 'key:read'],
  'stock.read': [...people, 'key:read'],
  /** Reservations, policies by hand, proposals, transfers and purchases: managers for their own stores. */
  'stock.command': ['manager', 'admin', 'key:command'],
  /** Alerts, proposals, orders and policies; who may decide about them may see them. */
  'restock.read': [...people, 'key:read', 'key:command'],
  /** The rule that approves proposals in nobody's name. */
  'approvals.manage': ['admin', 'key:command'],
  /** A run of the planning costs the machine minutes. */
  'plans.request': ['admin', 'key:command'],
  'alerts.answer': ['manager', 'admin', 'key:command'],
  'alerts.silence': ['admin', 'key:command'],
  /** Addresses and secrets of group bots and machines, and what was sent to them. */
  'delivery.manage': ['admin'],
  /** Livestreams sell the goods of the whole company; managers have their stores. */
  'live.read': ['viewer', 'marketer', 'admin', 'key:read'],
  /** Plans, what is asked of hosts, and goods sent after a show that runs out. */
  'live.command': ['marketer', 'admin', 'key:command'],
  'campaigns.read': [...people, 'key:read', 'key:command'],
  'campaigns.write': ['marketer', 'admin', 'key:command'],
  /** Above the company's limit not by who made the campaign. */
  'campaigns.approve': ['marketer', 'admin', 'key:command'],
  /** From which budget on a second person is asked. */
  'campaigns.rule': ['admin'],
  /** Rules by behaviour, and what they brought. */
  'automations.read': [...people, 'key:read', 'key:command'],
  'automations.write': ['marketer', 'admin', 'key:command'],
  /** At most so many coupons of all of them for a member. */
  'automations.rule': ['admin'],
  /** Claims, quotes and redemptions come from shops and tills; people try them out. */
  'coupons.command': ['marketer', 'admin', 'key:command'],
  /** Keys by which a till that is offline checks codes, and could make them. */
  'coupons.keys': ['admin', 'key:command'],
  /** Group-buys and bargains, with the ids of their members. */
  'groups.read': [...people, 'key:read', 'key:command'],
  /** Opening, joining, helping and buying come from shops; people try them out. Confirming refunds too. */
  'groups.command': ['marketer', 'admin', 'key:command'],
  /** Members, phones masked; managers see who bought in their stores. */
  'members.read': ['manager', 'marketer', 'admin', 'key:read', 'key:command'],
  /** Phones as they are. Messages go out without anybody seeing them. */
  'members.phone': ['admin', 'key:command'],
  'members.write': ['admin', 'key:command'],
  /** Tags and consents, one member at a time. */
  'members.tag': ['manager', 'marketer', 'admin', 'key:command'],
  /** Cannot be undone. */
  'members.forget': ['admin', 'key:command'],
  /** All members with their phones in one file: people only, and in the audit log. */
  'members.export': ['admin'],
  'points.spend': ['manager', 'admin', 'key:command'],
  'points.give': ['admin', 'key:command'],
  'segments.read': ['marketer', 'admin', 'key:read', 'key:command'],
  'segments.write': ['marketer', 'admin', 'key:command'],
  'catalog.read': [...people, 'key:read'],
  'catalog.write': ['admin', 'key:command'],
  /** The calendar of what is promoted, which the forecast goes by. */
  'promotions.read': [...people, 'key:read', 'key:command'],
  'promotions.write': ['marketer', 'admin', 'key:command'],
  'targets.read': [...people, 'key:read'],
  'targets.write': ['admin', 'key:command'],
  /** Facts come from machines; people have the rejected list. */
  'events.write': ['key:ingest'],
  'sources.read': [...people, 'key:read'],
  /** A rejected event is shown as it came, with whatever personal data its source put in it. */
  'rejected.read': ['admin', 'key:command'],
  'rejected.settle': ['admin', 'key:command'],
  'users.manage': ['admin'],
  'keys.manage': ['admin'],
  'walls.manage': ['admin'],
  'audit.read': ['admin'],
  /** What waits, runs and has failed in the workers; have it done again. */
  'jobs.manage': ['admin'],
  'metrics.read': ['admin', 'key:read'],
} as const satisfies Record<string, readonly Grantee[]>;

export type Permission = keyof typeof permissions;

/** The names under which `who` appears in the table. A key has one for each of its scopes. */
function namesOf(who: Who): Grantee[] {
  switch (who.kind) {
    case 'user':
      return ['anyone', who.role];
    case 'key':
      return ['anyone', ...who.scopes.map((scope) => `key:${scope}` as const)];
    case 'wall':
      return ['anyone', 'wall'];
    case 'anonymous':
      return ['anyone'];
  }
}

/** Whether the table grants `permission` to `who`. It says nothing about which stores: see `maySee`. */
export function may(who: Who, permission: Permission): boolean {
  const grantees: readonly Grantee[] = permissions[permission];
  return namesOf(who).some((name) => grantees.includes(name));
}

/** The key scopes that grant a permission, for the API description. */
export function keyScopesFor(permission: Permission): KeyScope[] {
  const grantees: readonly Grantee[] = permissions[permission];
  return (['ingest', 'read', 'command'] as const).filter((scope) => grantees.includes(`key:${scope}`));
}

/** The roles that a permission is granted to, for the API description. */
export function rolesFor(permission: Permission): Role[] {
  const grantees: readonly Grantee[] = permissions[permission];
  return people.filter((role) => grantees.includes(role));
}

/** A location as far as scopes care. */
export type Place = { code: string; region: string | null };

/** Which locations someone sees: all of them, or those named or in the named regions. */
export type Sight = 'all' | { locations: readonly string[]; regions: readonly string[] };

const nothing: Sight = { locations: [], regions: [] };

/** A manager without stores or regions sees nothing; so does whoever is not signed in. */
export function sightOf(who: Who): Sight {
  switch (who.kind) {
    case 'user':
      return who.role === 'manager' ? { locations: who.locations, regions: who.regions } : 'all';
    case 'key':
      return who.scopes.some((scope) => scope !== 'ingest') ? 'all' : nothing;
    case 'wall':
      return sightOfScope(who.scope);
    case 'anonymous':
      return nothing;
  }
}

function sightOfScope(scope: Scope): Sight {
  const parts = parseScope(scope);
  if (parts.kind === 'all') return 'all';
  return parts.kind === 'region'
    ? { locations: [], regions: [parts.code] }
    : { locations: [parts.code], regions: [] };
}

/** The board scopes that cover exactly what someone sees: what a screen of theirs may subscribe to first. */
export function scopesOf(who: Who): Scope[] {
  const sight = sightOf(who);
  if (sight === 'all') return ['all'];
  return [
    ...sight.regions.map((code): Scope => `region:${code}`),
    ...sight.locations.map((code): Scope => `store:${code}`),
  ];
}

/** Whether `who` sees a location. */
export function maySee(who: Who, place: Place): boolean {
  const sight = sightOf(who);
  if (sight === 'all') return true;
  return (
    sight.locations.includes(place.code) || (place.region !== null && sight.regions.includes(place.region))
  );
}

/** Whether `who` sees all of a region. */
export function maySeeRegion(who: Who, region: string): boolean {
  const sight = sightOf(who);
  return sight === 'all' || sight.regions.includes(region);
}

/** The parts of a scope. */
export function parseScope(scope: Scope): { kind: 'all' } | { kind: 'region' | 'store'; code: string } {
  if (scope === 'all') return { kind: 'all' };
  const colon = scope.indexOf(':');
  return { kind: scope.startsWith('region:') ? 'region' : 'store', code: scope.slice(colon + 1) };
}

/** Whether a text is a well-formed scope. It may still name a store or region that does not exist. */
export function isScope(text: string): text is Scope {
  return text === 'all' || /^(region|store):[^\u0000-\u001f]{1,64}$/.test(text);
}

/** What each scene shows: a wall may subscribe to the topics of its scenes and no others. */
export const sceneTopics: Record<Scene, readonly Topic[]> = {
  overview: ['sales', 'stores', 'stock', 'feed', 'health'],
  stock: ['stores', 'stock', 'alerts', 'health'],
  live: ['live', 'alerts', 'health'],
  promotions: ['groups', 'coupons', 'alerts', 'health'],
};

const companyWide: ReadonlySet<Topic> = new Set(['live', 'groups', 'coupons']);

/**
 * Whether `who` may subscribe to a topic in a scope. `regionOf` is the region of the scope's store, looked up by the
 * caller; null when it has none or the scope is no store.
 *
 * Health is about the machinery, not about stores: it has one scope, `all`, and every board reader may have it. Livestreams,
 * group-buys and coupons have one scope too, for those who see the whole company.
 */
export function maySubscribe(who: Who, topic: Topic, scope: Scope, regionOf: string | null): boolean {
  if (!may(who, 'board.read')) return false;
  if (who.kind === 'wall' && !who.scenes.some((scene) => sceneTopics[scene].includes(topic))) return false;
  if (topic === 'health') return scope === 'all';
  if (companyWide.has(topic) && scope !== 'all') return false;
  const parts = parseScope(scope);
  if (parts.kind === 'all') return sightOf(who) === 'all';
  if (parts.kind === 'region') return maySeeRegion(who, parts.code);
  return maySee(who, { code: parts.code, region: regionOf });
}

/**
 * Whether amounts of money may be shown to `who`. Only a wall that hangs where customers see it may not have them.
 */
export function maySeeMoney(who: Who): boolean {
  return who.kind !== 'anonymous' && !(who.kind === 'wall' && who.hideMoney);
}
