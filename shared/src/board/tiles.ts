/** From rows to the keyed values of each topic. Pure: the publisher fills `BoardState` from the ledger, these read it. */
import type {
  AlertSums,
  AlertTile,
  Anomaly,
  BoardValue,
  HotSku,
  RestockTile,
  RunningOut,
  SourceHealth,
  StockCounts,
  StockFlag,
  StoreTile,
  Topic,
} from '../contract/board.ts';
import { channels } from '../contract/words.ts';
import type { AlertCounts } from './board-stock-store.ts';
import type { DayRow, FeedRow, Place } from './board-store.ts';
import type { MinuteSums } from './record.ts';

/** Net by location in each bucket of a day. */
export type Curve = Map<number, Map<number, number>>;

/** What is known for a whole company. All values are as read from the ledger, none is added up from events. */
export type BoardState = {
  day: string;
  /** Epoch ms of the business day's first minute. */
  dayStart: number;
  places: Map<number, Place>;
  /** Key `location|channel`. */
  days: Map<string, DayRow>;
  curves: { today: Curve; yesterday: Curve; lastWeek: Curve };
  /** By location: net at the same time of day, and of the whole day. */
  sameTime: {
    at: number;
    yesterday: Map<number, { net: number; total: number }>;
    lastWeek: Map<number, { net: number; total: number }>;
  };
  rate: { minute: number; orders: Map<number, number> };
  /** By location, 0 is the company. */
  targets: Map<number, number>;
  stock: Map<number, StockCounts>;
  /** By location: balances at or below their reorder point. */
  low: Map<number, number>;
  unknown: { unknownSkus: number; unknownLocations: number };
  sources: SourceHealth[];
  ledger: { events: number; lastReceivedAt: string | null; openRejections: number };
  ingest: { perSecond: number; commitMsP50: number; commitMsP99: number; queued: number };
};

/** What is read anew for each scope that somebody looks at. */
export type ScopedState = {
  hot: HotSku[];
  flags: StockFlag[];
  feed: FeedRow[];
  next: RunningOut[];
  restock: RestockTile;
  alerts: AlertTile[];
  alertCounts: AlertCounts;
  answers: Pick<AlertSums, 'acknowledgeMinutes' | 'resolveMinutes'>;
};

/** Of a scope that was not read. */
export const emptyScope: ScopedState = {
  hot: [],
  flags: [],
  feed: [],
  next: [],
  restock: { openProposals: 0, underWay: 0, underWayUnits: 0, late: 0, cycleHours: null },
  alerts: [],
  alertCounts: { open: 0, acknowledged: 0, critical: 0 },
  answers: { acknowledgeMinutes: null, resolveMinutes: null },
};

export type Values = Map<string, BoardValue>;

/** Locations of a scope: null means all, and what belongs to no location too. */
export function locationsOf(scope: string, places: Iterable<Place>): Set<number> | null {
  if (scope === 'all') return null;
  const [kind, code] = [scope.slice(0, scope.indexOf(':')), scope.slice(scope.indexOf(':') + 1)];
  const set = new Set<number>();
  for (const place of places) if ((kind === 'region' ? place.region : place.code) === code) set.add(place.no);
  return set;
}

const within = (locations: Set<number> | null, no: number) => locations === null || locations.has(no);
const ratio = (now: number, then: number | null) =>
  then === null || then <= 0 ? null : Math.round((now / then - 1) * 10_000) / 10_000;
const share = (part: number, whole: number | null) =>
  whole === null || whole <= 0 ? null : Math.round((part / whole) * 10_000) / 10_000;
const iso = (ms: number) => new Date(ms).toISOString();

const zero = () => ({ orders: 0, units: 0, placed: 0, paid: 0, refunded: 0, net: 0 });
function addRow(sums: ReturnType<typeof zero>, row: DayRow): void {
  sums.orders += row.orders;
  sums.units += row.units;
  sums.placed += row.placed;
  sums.paid += row.paid;
  sums.refunded += row.refunded;
  sums.net += row.paid - row.refunded;
}

function sumOf<T>(
  rows: Map<number, T>,
  locations: Set<number> | null,
  value: (row: T) => number,
): number | null {
  let sum: number | null = null;
  for (const [no, row] of rows) if (within(locations, no)) sum = (sum ?? 0) + value(row);
  return sum;
}

/** The company's own target where one is set, else the sum of the stores'. Null: none. */
function targetOf(state: BoardState, locations: Set<number> | null): number | null {
  if (locations === null && state.targets.has(0)) return state.targets.get(0)!;
  let sum: number | null = null;
  for (const [no, amount] of state.targets) if (no !== 0 && within(locations, no)) sum = (sum ?? 0) + amount;
  return sum;
}

/** `record`: of the whole company, and told to nobody else. */
export function salesTiles(
  state: BoardState,
  locations: Set<number> | null,
  scoped: ScopedState,
  record: MinuteSums | null = null,
): Values {
  const values: Values = new Map();
  const today = zero();
  const byChannel = new Map(channels.map((channel) => [channel as string, zero()]));
  for (const row of state.days.values()) {
    if (!within(locations, row.locationNo)) continue;
    addRow(today, row);
    const channel = byChannel.get(row.channel);
    if (channel) addRow(channel, row);
  }
  values.set('today', { day: state.day, firstMinute: iso(state.dayStart), ...today });
  for (const [channel, sums] of byChannel)
    values.set(`channel:${channel}`, { ...sums, share: share(sums.net, today.net) });

  const yesterday = sumOf(state.sameTime.yesterday, locations, (row) => row.net);
  const lastWeek = sumOf(state.sameTime.lastWeek, locations, (row) => row.net);
  values.set('compare', {
    at: iso(state.sameTime.at),
    yesterday,
    lastWeek,
    vsYesterday: ratio(today.net, yesterday),
    vsLastWeek: ratio(today.net, lastWeek),
    yesterdayTotal: sumOf(state.sameTime.yesterday, locations, (row) => row.total),
  });
  const amount = targetOf(state, locations);
  values.set('target', { amount, reached: share(today.net, amount) });
  values.set('rate', {
    minute: iso(state.rate.minute),
    orders: sumOf(state.rate.orders, locations, (orders) => orders) ?? 0,
  });
  for (const [name, curve] of [
    ['curve', state.curves.today],
    ['yesterday', state.curves.yesterday],
    ['lastWeek', state.curves.lastWeek],
  ] as const)
    for (const [bucket, nets] of curve) {
      const net = sumOf(nets, locations, (value) => value);
      if (net !== null) values.set(`${name}:${bucket}`, net);
    }
  scoped.hot.forEach((hot, i) => values.set(`hot:${i + 1}`, hot));
  if (record && locations === null) values.set('record', { ...record, minute: iso(record.minute) });
  return values;
}

export function storeTiles(state: BoardState, locations: Set<number> | null): Values {
  const sums = new Map<number, ReturnType<typeof zero> & { lastSaleAt: number }>();
  for (const row of state.days.values()) {
    if (!within(locations, row.locationNo)) continue;
    let sum = sums.get(row.locationNo);
    if (!sum) sums.set(row.locationNo, (sum = { ...zero(), lastSaleAt: 0 }));
    addRow(sum, row);
    sum.lastSaleAt = Math.max(sum.lastSaleAt, row.lastSaleAt?.getTime() ?? 0);
  }
  const values: Values = new Map();
  for (const place of state.places.values()) {
    if (!within(locations, place.no)) continue;
    const sum = sums.get(place.no);
    // A warehouse ships the web shop's orders and would lead every ranking of stores; the channels tell of those. A place
    // that the catalog does not know yet is shown as soon as it sells.
    if (place.kind !== 'store' && !(place.kind === 'unknown' && sum)) continue;
    const net = sum?.net ?? 0;
    const target = state.targets.get(place.no) ?? null;
    const tile: StoreTile = {
      code: place.code,
      nameZh: place.nameZh,
      nameEn: place.nameEn,
      region: place.region,
      city: place.city,
      orders: sum?.orders ?? 0,
      units: sum?.units ?? 0,
      net,
      target,
      reached: share(net, target),
      vsYesterday: ratio(net, state.sameTime.yesterday.get(place.no)?.net ?? null),
      lastSaleAt: sum?.lastSaleAt ? iso(sum.lastSaleAt) : null,
    };
    values.set(place.code, tile);
  }
  return values;
}

export function stockTiles(state: BoardState, locations: Set<number> | null, scoped: ScopedState): Values {
  const values: Values = new Map();
  const total = { balances: 0, soldOut: 0, oversold: 0, low: 0 };
  for (const [no, counts] of state.stock) {
    const place = state.places.get(no);
    if (!place || !within(locations, no)) continue;
    total.balances += counts.balances;
    total.soldOut += counts.soldOut;
    total.oversold += counts.oversold;
    const low = state.low.get(no) ?? 0;
    total.low += low;
    values.set(`location:${place.code}`, {
      code: place.code,
      nameZh: place.nameZh,
      nameEn: place.nameEn,
      balances: counts.balances,
      soldOut: counts.soldOut,
      oversold: counts.oversold,
      low,
    });
  }
  values.set('summary', { ...total, ...state.unknown });
  values.set('restock', scoped.restock);
  scoped.next.forEach((next, i) => values.set(`next:${i + 1}`, next));
  for (const flag of scoped.flags) values.set(`flag:${flag.sku}@${flag.location}`, flag);
  return values;
}

/** `anomalies`: of the whole company, and told to nobody else. */
export function alertTiles(scoped: ScopedState, anomalies: readonly Anomaly[] = []): Values {
  const values: Values = new Map([['summary', { ...scoped.alertCounts, ...scoped.answers }]]);
  for (const alert of scoped.alerts) values.set(`alert:${alert.id}`, alert);
  for (const anomaly of anomalies) values.set(`anomaly:${anomaly.id}`, anomaly);
  return values;
}

export function feedTiles(scoped: ScopedState): Values {
  return new Map(
    scoped.feed.map(({ id, at, kind, params }) => [
      String(id).padStart(12, '0'),
      { id, at: at.toISOString(), kind, params },
    ]),
  );
}

export function healthTiles(state: BoardState): Values {
  const values: Values = new Map<string, BoardValue>([
    ['ingest', state.ingest],
    ['ledger', state.ledger],
  ]);
  for (const source of state.sources) values.set(`source:${source.name}`, source);
  return values;
}

const moneyFields = new Set([
  'placed', 'paid', 'refunded', 'net', 'amount', 'target', 'yesterday', 'lastWeek', 'yesterdayTotal',
  'perThousand', 'planAmount', 'planByNow', 'lastPlaced', 'refundAmount', 'usualAmount',
]); // prettier-ignore
/** Of coupons; elsewhere `reserved` are pieces. */
const couponMoney = new Set(['budget', 'reserved', 'spent', 'spentToday']);

/**
 * What a screen without the right to money gets: amounts become null, shares and ratios stay, and the curves become
 * thousandths of the largest day's total, so that their shape can be drawn and nothing can be computed back.
 */
export function hideMoney(topic: Topic, values: Values): Values {
  const scale = topic === 'sales' ? curveScale(values) : 1;
  const fields = topic === 'coupons' ? couponMoney : moneyFields;
  const hidden: Values = new Map();
  for (const [key, value] of values)
    hidden.set(
      key,
      typeof value === 'number' ? Math.round((value * 1000) / scale) : withoutMoney(value, fields),
    );
  return hidden;
}

function withoutMoney(value: Record<string, unknown>, fields: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([field, inner]) => {
      if (fields.has(field)) return [field, null];
      if (field === 'params') return [field, withoutMoney(inner as Record<string, unknown>, fields)];
      return [field, inner];
    }),
  );
}

function curveScale(values: Values): number {
  let largest = 0;
  for (const name of ['curve:', 'yesterday:', 'lastWeek:']) {
    let sum = 0;
    for (const [key, value] of values) if (key.startsWith(name) && typeof value === 'number') sum += value;
    largest = Math.max(largest, sum);
  }
  return largest || 1;
}
