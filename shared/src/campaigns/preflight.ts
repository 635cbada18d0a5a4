/**
 * What is looked at before a campaign is launched, and what it means. Pure. `stop`: nothing could come of it, so it is not launched.
 * `warn`: a person decides. Words are the screen's; here are their numbers. Money in minor units.
 */
import type { CampaignKind, GiveMode } from '../coupons/campaign.ts';
import type { Expectation } from './expect.ts';

export const checkLevels = ['ok', 'warn', 'stop'] as const;
export type CheckLevel = (typeof checkLevels)[number];

export const checkSubjects = [
  'audience',
  'stock',
  'budget',
  'price',
  'overlap',
  'validity',
  'consent',
] as const;
export type CheckSubject = (typeof checkSubjects)[number];

/** What a check says, with the names of its numbers. */
export const sayings = {
  audience: ['members'],
  audience_held: ['members', 'held'],
  audience_small_holdout: ['members', 'held'],
  audience_empty: [],
  stock_enough: ['need', 'have'],
  stock_short: ['need', 'have', 'short', 'locations'],
  stock_seat: ['need', 'have'],
  stock_unknown: ['skus'],
  stock_no_forecast: ['skus'],
  budget: ['most', 'expected'],
  budget_small: ['missing'],
  budget_nothing: ['each'],
  budget_unbounded: [],
  price: ['skus'],
  price_below_cost: ['skus', 'worst'],
  price_unknown: ['skus'],
  overlap_none: [],
  overlap: ['campaigns', 'members'],
  validity: ['days'],
  validity_short: ['hours'],
  validity_over: [],
  consent: ['members'],
  consent_few: ['members'],
  consent_none: [],
  no_gateway: [],
} as const satisfies Record<string, readonly string[]>;
export type Saying = keyof typeof sayings;

export type Check = {
  subject: CheckSubject;
  level: CheckLevel;
  says: Saying;
  numbers: Record<string, number>;
};

/** What was found out. */
export type Facts = {
  kind: CampaignKind;
  give: GiveMode | null;
  expectation: Expectation;
  /** Members held out. */
  held: number;
  limits: { budget: number | null; exposure: number | null; each: number };
  /** Coupons, seats or bargains that there can be at most; null: no limit. */
  most: number | null;
  stock: {
    skus: number;
    unknown: number;
    withoutForecast: number;
    need: number;
    have: number;
    short: number;
    locations: number;
    /** Where every seat or bargain holds its pieces: what one needs that is not there. */
    seat: { need: number; have: number } | null;
  };
  price: { skus: number; unknown: number; belowCost: number; worst: number };
  overlap: { campaigns: number; members: number };
  /** Hours that a coupon, a group or a bargain lasts; 0: over before it begins. */
  hours: number;
  /** Members who may be written to, by medium that a receiver needs consent for. */
  media: readonly { medium: string; members: number }[];
  /** Receivers of messages, with or without a medium. */
  gateways: number;
};

/** Fewer held out than this never tell anything. */
const LEAST_HELD = 100;
/** Less than this is hardly time to come and buy. */
const SHORT_HOURS: Record<CampaignKind, number> = { coupon: 72, group: 2, bargain: 2 };
/** Of ten members who are meant fewer than three may be written to. */
const FEW_CONSENTS = 0.3;

/** All checks, in the order in which they are shown. */
export function checksOf(facts: Facts): Check[] {
  return [
    audience(facts),
    stock(facts),
    budget(facts),
    price(facts),
    overlap(facts),
    validity(facts),
    ...(facts.kind === 'coupon' && facts.give === 'push' ? [consent(facts)] : []),
  ];
}

/** What decides whether anything could come of it. All of it is read at once, while some of the other facts take a second. */
export type StopFacts = Pick<
  Facts,
  'give' | 'kind' | 'held' | 'limits' | 'most' | 'hours' | 'expectation'
> & {
  stock: Pick<Facts['stock'], 'seat'>;
};

/** Why it is not launched; empty: it may be. */
export const stopsOf = (facts: StopFacts): Saying[] =>
  [audience(facts), seat(facts), budget(facts), validity(facts)].flatMap((each) =>
    each?.level === 'stop' ? [each.says] : [],
  );

const check =
  (subject: CheckSubject) =>
  (level: CheckLevel, says: Saying, numbers: Record<string, number> = {}): Check => ({
    subject,
    level,
    says,
    numbers,
  });

function audience({ give, expectation: { audience: members }, held }: StopFacts): Check {
  const say = check('audience');
  // Whoever claims may be a member that nobody knows yet; what is sent needs somebody.
  if (members === 0 && give === 'push') return say('stop', 'audience_empty');
  if (held === 0) return say('ok', 'audience', { members });
  return held < LEAST_HELD
    ? say('warn', 'audience_small_holdout', { members, held })
    : say('ok', 'audience_held', { members, held });
}

/** Whether there is enough for the first seat or bargain; null: enough, or nothing is held. */
function seat({ stock: { seat: one } }: StopFacts): Check | null {
  return one === null || one.have >= one.need
    ? null
    : check('stock')('stop', 'stock_seat', { need: one.need, have: one.have });
}

function stock(facts: Facts): Check {
  const say = check('stock');
  const found = facts.stock;
  const none = seat(facts);
  if (none !== null) return none;
  if (found.unknown > 0) return say('warn', 'stock_unknown', { skus: found.unknown });
  const { need, have, short, locations } = found;
  if (short > 0) return say('warn', 'stock_short', { need, have, short, locations });
  if (found.skus > 0 && found.withoutForecast === found.skus)
    return say('warn', 'stock_no_forecast', { skus: found.skus });
  return say('ok', 'stock_enough', { need, have });
}

function budget({ give, limits: { budget: money, exposure, each }, most, expectation }: StopFacts): Check {
  const say = check('budget');
  if (most === 0) return say('stop', 'budget_nothing', { each });
  if (exposure === null) return say('warn', 'budget_unbounded');
  const missing = give === 'push' && most !== null ? Math.max(0, expectation.audience - most) : 0;
  if (missing > 0) return say('warn', 'budget_small', { missing });
  return say('ok', 'budget', { most: money ?? exposure, expected: expectation.cost.expected });
}

function price({ price: { skus, unknown, belowCost, worst } }: Facts): Check {
  const say = check('price');
  if (belowCost > 0) return say('warn', 'price_below_cost', { skus: belowCost, worst });
  if (skus > 0 && unknown === skus) return say('warn', 'price_unknown', { skus });
  return say('ok', 'price', { skus: skus - unknown });
}

function overlap({ overlap: { campaigns, members } }: Facts): Check {
  const say = check('overlap');
  return campaigns === 0 ? say('ok', 'overlap_none') : say('warn', 'overlap', { campaigns, members });
}

function validity({ kind, hours }: StopFacts): Check {
  const say = check('validity');
  if (hours <= 0) return say('stop', 'validity_over');
  return hours < SHORT_HOURS[kind]
    ? say('warn', 'validity_short', { hours: Math.round(hours) })
    : say('ok', 'validity', { days: Math.round(hours / 2.4) / 10 });
}

function consent({ media, gateways, expectation: { audience: members } }: Facts): Check {
  const say = check('consent');
  if (gateways === 0) return say('warn', 'no_gateway');
  // Whoever needs no consent hears of everybody.
  if (media.length < gateways || members === 0) return say('ok', 'consent', { members });
  const most = Math.max(...media.map((each) => each.members));
  if (most === 0) return say('warn', 'consent_none');
  return say(
    most < members * FEW_CONSENTS ? 'warn' : 'ok',
    most < members * FEW_CONSENTS ? 'consent_few' : 'consent',
    {
      members: most,
    },
  );
}
