/**
 * Keeps `BoardState` equal to the ledger by reading again what changed. Nothing is added up here: each value is replaced
 * by what Postgres says now. What is dear to read is read at most once a second while facts stream in.
 */
import { RUSH_PER_HOUR } from '@zhanggui/shared/alerts/stock-alert.ts';
import {
  readAnswerTimes,
  readLowCounts,
  readOpenAlerts,
  readRestock,
  readRunningOut,
  type OpenAlerts,
} from '@zhanggui/shared/board/board-stock-store.ts';
import {
  changesSince,
  currentWatermark,
  readBuckets,
  readDay,
  readFeed,
  readFlags,
  readHot,
  readLedgerSums,
  readMinuteOrders,
  readPlaces,
  readSameTime,
  readSources,
  readStockCounts,
  readTargets,
  readUnknown,
  type DayRow,
} from '@zhanggui/shared/board/board-store.ts';
import {
  emptyScope,
  locationsOf,
  type BoardState,
  type Curve,
  type ScopedState,
} from '@zhanggui/shared/board/tiles.ts';
import type { CouponsState } from '@zhanggui/shared/board/coupon-tiles.ts';
import type { GroupsState } from '@zhanggui/shared/board/group-tiles.ts';
import type { LiveState } from '@zhanggui/shared/board/live-tiles.ts';
import type { MinuteSums } from '@zhanggui/shared/board/record.ts';
import {
  CURVE_MINUTES,
  topics as allTopics,
  type Anomaly,
  type Scope,
  type Topic,
} from '@zhanggui/shared/contract/board.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import type { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { AnomalyReader } from './anomaly-reader.ts';
import { CouponReader } from './coupon-reader.ts';
import { GroupReader } from './group-reader.ts';
import { LiveReader } from './live-reader.ts';
import { PacedReaders } from './paced-readers.ts';
import { RecordReader } from './record-reader.ts';

const MINUTE = 60_000;
/** The dear reads: hot SKUs, comparison, flags, and what runs out next of a scope. They run beside the looks, which must not wait for them. */
const SLOW_MS = 1000;
/** Change notes are kept for ten minutes; see the job prune-board. */
const ABSENCE_MS = 5 * MINUTE;
const FLAGS = 40;
const FEED = 30;
const ALERTS = 100;
/** What lasts longer at the present rate is for the forecast to say. */
const NEXT_HOURS = 12;

/** What each scope has of its own, and when time alone will change some of it (epoch ms). */
type Scoped = ScopedState & { turnsAt: { alerts: number; restock: number } };
const timeOf = (at: Date | null) => at?.getTime() ?? Infinity;
const alertsOf = ({ tiles, counts }: OpenAlerts) => ({ alerts: tiles, alertCounts: counts });

const clean = {
  hot: false,
  flags: false,
  feed: false,
  pastDays: false,
  counts: false,
  sources: false,
  next: false,
  restock: false,
  answers: false,
};

export class BoardReader {
  #sql: Sql;
  #time: BusinessTime;
  #state: BoardState | null = null;
  #scoped = new Map<Scope, Scoped>();
  #watermark = '0';
  #seen = new Set<string>();
  #comparedMinute = 0;
  #lookedAt = 0;
  #slowAt = 0;
  #slowRead: Promise<void> | null = null;
  #live: LiveReader;
  #groups: GroupReader;
  #coupons: CouponReader;
  #anomalies: AnomalyReader;
  #record: RecordReader;
  /** What has a pace of its own: headlines do not wait for it. */
  #paced: PacedReaders;
  /** Topics whose dear values came in and were not told yet. */
  #landed = new Set<Topic>();
  #onLanded: () => void;
  #dirty = { ...clean };
  #placesStale = false;
  #alertsStale = false;

  /** `onLanded`: dear values came in, ask `landed` of what. `onDue`: there is something that only a look begins. */
  constructor(
    sql: Sql,
    time: BusinessTime,
    { onLanded, onDue }: { onLanded: () => void; onDue: () => void } = {
      onLanded: () => undefined,
      onDue: () => undefined,
    },
  ) {
    this.#sql = sql;
    this.#time = time;
    this.#onLanded = onLanded;
    this.#live = new LiveReader(sql);
    this.#groups = new GroupReader(sql, time);
    this.#coupons = new CouponReader(sql, time);
    this.#anomalies = new AnomalyReader(sql, time);
    this.#record = new RecordReader(sql);
    this.#paced = new PacedReaders(
      [
        { topic: 'live', reader: this.#live, noted: true, first: true },
        { topic: 'groups', reader: this.#groups, noted: true, first: true },
        { topic: 'coupons', reader: this.#coupons, noted: true, first: true },
        { topic: 'alerts', reader: this.#anomalies, noted: false, first: true },
        { topic: 'sales', reader: this.#record, noted: false, first: false },
      ],
      {
        onRead: (topic) => {
          this.#landed.add(topic);
          this.#onLanded();
        },
        onTurn: onDue,
      },
    );
  }

  get state(): BoardState {
    if (!this.#state) throw new Error('the board was not read yet');
    return this.#state;
  }

  get live(): LiveState {
    return this.#live.state;
  }

  get groups(): GroupsState {
    return this.#groups.state;
  }

  get coupons(): CouponsState {
    return this.#coupons.state;
  }

  /** What loses money now. */
  get anomalies(): readonly Anomaly[] {
    return this.#anomalies.state;
  }

  /** The record minute that was told of last. */
  get record(): MinuteSums | null {
    return this.#record.state;
  }

  get loaded(): boolean {
    return this.#state !== null;
  }

  /** Names, targets or places changed: read them with the next look. */
  catalogChanged(): void {
    this.#placesStale = true;
  }

  async scoped(scope: Scope): Promise<ScopedState> {
    const known = this.#scoped.get(scope);
    if (known) return known;
    const [sql, state, locations, now] = [
      this.#sql,
      this.state,
      this.#numbers(scope),
      new Date(this.#lookedAt),
    ];
    const [hot, flags, feed, next, restock, alerts, answers] = await Promise.all([
      readHot(sql, state.day, locations),
      readFlags(sql, locations, FLAGS),
      readFeed(sql, locations, FEED),
      this.#readNext(locations, now),
      readRestock(sql, locations, now),
      readOpenAlerts(sql, locations, { now, limit: ALERTS }),
      readAnswerTimes(sql, locations, now),
    ]);
    const turnsAt = { alerts: timeOf(alerts.turnsAt), restock: timeOf(restock.turnsAt) };
    const scoped = { hot, flags, feed, next, restock: restock.tile, ...alertsOf(alerts), answers, turnsAt };
    this.#scoped.set(scope, scoped);
    // A look that ran beside these reads did not know of the scope: what it was told of then is read with the next.
    this.#dirtyLists();
    this.#alertsStale = true;
    return scoped;
  }

  /** Whether what a scope shows is at hand. */
  knows(scope: Scope): boolean {
    return this.#scoped.has(scope);
  }

  scopedNow(scope: Scope): ScopedState {
    return this.#scoped.get(scope) ?? emptyScope;
  }

  #dirtyLists(): void {
    Object.assign(this.#dirty, {
      hot: true,
      flags: true,
      feed: true,
      next: true,
      restock: true,
      answers: true,
    });
  }

  /** Nobody looks at this scope any more. */
  forget(scope: Scope): void {
    this.#scoped.delete(scope);
  }

  #numbers(scope: Scope): number[] | null {
    const set = locationsOf(scope, this.state.places.values());
    return set && [...set];
  }

  /** Looks once. Answers the topics that may have changed. Throws what the database throws; the state stays as it was. */
  async look(now: number): Promise<Set<Topic>> {
    const absent = now - this.#lookedAt;
    this.#lookedAt = now;
    // After a sleep the notes may be pruned already, so nothing can be told from them.
    if (!this.#state || this.#state.day !== this.#time.day(now) || absent > ABSENCE_MS)
      return this.#loadAll(now);
    const state = this.#state;
    const { next, notes } = await changesSince(this.#sql, this.#watermark);
    const fresh = notes.filter((note) => !this.#seen.has(note.xid));
    const topics = new Set<Topic>(fresh.flatMap((note) => note.topics));

    const reads: Promise<void>[] = [];
    if (topics.has('sales')) {
      const locationNos = [...new Set(fresh.flatMap((note) => note.locationNos))];
      const minutes = new Set(fresh.flatMap((note) => note.minutes.map((minute) => minute.getTime())));
      if (locationNos.some((no) => no !== 0 && !state.places.has(no))) this.#placesStale = true;
      reads.push(this.#readDay(state, locationNos), ...this.#readCurves(state, minutes));
      this.#dirty.hot = true;
    }
    if (topics.has('stock')) this.#dirty.counts = this.#dirty.flags = true;
    if (topics.has('stock') || topics.has('alerts')) this.#dirty.next = this.#dirty.restock = true;
    if (topics.has('alerts')) this.#dirty.answers = true;
    this.#passTime(now, topics);
    if (topics.has('feed')) this.#dirty.feed = true;
    this.#paced.begin(now, topics);
    if (topics.has('health')) this.#dirty.sources = true;
    if (this.#placesStale) {
      this.#placesStale = false;
      reads.push(this.#readCatalog(state));
      for (const topic of ['sales', 'stores', 'stock', 'alerts', 'feed'] as const) topics.add(topic);
    }
    if (topics.has('alerts')) reads.push(this.#readAlerts(state, new Date(now)));
    const minute = this.#time.minute(now);
    const slow = now - this.#slowAt >= SLOW_MS;
    if (minute !== this.#comparedMinute || (slow && this.#dirty.pastDays)) {
      reads.push(this.#readComparison(state, minute));
      topics.add('sales').add('stores');
      // What nobody buys any more lasts longer from minute to minute.
      this.#dirty.next = true;
    }
    if (slow && this.#isDirty() && this.#slowRead === null) {
      this.#slowAt = now;
      this.#readBeside(state);
    }
    for (const topic of this.landed()) topics.add(topic);
    try {
      await Promise.all(reads);
    } catch (error) {
      // Half of the state may be newer than the watermark says; begin anew when the database is back.
      this.#state = null;
      throw error;
    }
    this.#watermark = next;
    // Transactions below the new watermark do not come again.
    this.#seen = new Set(notes.filter((note) => BigInt(note.xid) >= BigInt(next)).map((note) => note.xid));
    return topics;
  }

  /** Topics whose dear values came in since this was asked last. */
  landed(): ReadonlySet<Topic> {
    const topics = this.#landed;
    this.#landed = new Set();
    return topics;
  }

  /** A snooze or a silence ends, an order is late from now on: no note tells. */
  #passTime(now: number, topics: Set<Topic>): void {
    if (this.#alertsStale) topics.add('alerts');
    this.#alertsStale = false;
    for (const { turnsAt } of this.#scoped.values()) {
      if (turnsAt.alerts <= now) topics.add('alerts');
      if (turnsAt.restock <= now) this.#dirty.restock = true;
    }
  }

  #readBeside(state: BoardState): void {
    const topics = this.#dirtyTopics();
    const before = { ...this.#dirty };
    this.#slowRead = this.#readSlow(state, new Date(this.#lookedAt))
      .then(
        () => {
          for (const topic of topics) this.#landed.add(topic);
        },
        // The next look meets the same database, and says what is wrong with it.
        () => {
          for (const [key, was] of Object.entries(before))
            if (was) this.#dirty[key as keyof typeof before] = true;
        },
      )
      .finally(() => {
        this.#slowRead = null;
        if (this.#landed.size > 0) this.#onLanded();
      });
  }

  /** Waits for what still runs. */
  async close(): Promise<void> {
    await Promise.all([this.#slowRead, this.#paced.close()]);
  }

  #isDirty(): boolean {
    return this.#dirtyTopics().length > 0;
  }

  #dirtyTopics(): Topic[] {
    const topics: Topic[] = [];
    if (this.#dirty.hot) topics.push('sales');
    const { counts, flags, next, restock } = this.#dirty;
    if (counts || flags || next || restock) topics.push('stock');
    if (this.#dirty.answers) topics.push('alerts');
    if (this.#dirty.feed) topics.push('feed');
    if (this.#dirty.sources) topics.push('health');
    return topics;
  }

  async #loadAll(now: number): Promise<Set<Topic>> {
    const day = this.#time.day(now);
    const sql = this.#sql;
    // Before the reads: what commits while they run is looked at again.
    const watermark = await currentWatermark(sql);
    const state: BoardState = {
      day,
      dayStart: this.#time.start(day),
      places: new Map(),
      days: new Map(),
      curves: { today: new Map(), yesterday: new Map(), lastWeek: new Map() },
      sameTime: { at: now, yesterday: new Map(), lastWeek: new Map() },
      rate: { minute: 0, orders: new Map() },
      targets: new Map(),
      stock: new Map(),
      low: new Map(),
      unknown: { unknownSkus: 0, unknownLocations: 0 },
      sources: [],
      ledger: { events: 0, lastReceivedAt: null, openRejections: 0 },
      ingest: { perSecond: 0, commitMsP50: 0, commitMsP99: 0, queued: 0 },
    };
    this.#dirty = { ...clean, counts: true, sources: true };
    this.#dirtyLists();
    await Promise.all([
      this.#readCatalog(state),
      this.#readDay(state, null),
      ...(['today', 'yesterday', 'lastWeek'] as const).map((which) => this.#readCurve(state, which, null)),
      this.#readComparison(state, this.#time.minute(now)),
      this.#paced.readFirst(now),
    ]);
    this.#state = state;
    await Promise.all([this.#readSlow(state, new Date(now)), this.#readAlerts(state, new Date(now))]);
    this.#watermark = watermark;
    this.#seen.clear();
    return new Set<Topic>(allTopics);
  }

  async #readCatalog(state: BoardState): Promise<void> {
    const [places, targets] = await Promise.all([readPlaces(this.#sql), readTargets(this.#sql, state.day)]);
    state.places = new Map(places.map((place) => [place.no, place]));
    state.targets = new Map(targets.map((target) => [target.locationNo, target.amount]));
    this.#dirty.counts = true;
    this.#dirtyLists();
  }

  async #readDay(state: BoardState, locationNos: number[] | null): Promise<void> {
    const rows: DayRow[] = await readDay(this.#sql, state.day, locationNos);
    for (const row of rows) state.days.set(`${row.locationNo}|${row.channel}`, row);
  }

  #range(
    state: BoardState,
    which: keyof BoardState['curves'],
  ): { start: number; end: number; minutes: number } {
    const shift = { today: 0, yesterday: -1, lastWeek: -7 }[which];
    const day = this.#time.shift(state.day, shift);
    const end = this.#time.start(this.#time.shift(day, 1));
    return { start: this.#time.start(day), end, minutes: CURVE_MINUTES };
  }

  /** Reads again the buckets that the changed minutes lie in, of the three days that the curves show. */
  #readCurves(state: BoardState, minutes: Set<number>): Promise<void>[] {
    return (['today', 'yesterday', 'lastWeek'] as const).flatMap((which) => {
      const { start, end } = this.#range(state, which);
      const buckets = new Set<number>();
      for (const minute of minutes)
        if (minute >= start && minute < end)
          buckets.add(Math.floor((minute - start) / (CURVE_MINUTES * MINUTE)));
      if (buckets.size === 0) return [];
      if (which !== 'today') this.#dirty.pastDays = true;
      return [this.#readCurve(state, which, [...buckets])];
    });
  }

  async #readCurve(
    state: BoardState,
    which: keyof BoardState['curves'],
    buckets: number[] | null,
  ): Promise<void> {
    const rows = await readBuckets(this.#sql, this.#range(state, which), buckets);
    const curve: Curve = state.curves[which];
    for (const { bucket, locationNo, net } of rows) {
      let nets = curve.get(bucket);
      if (!nets) curve.set(bucket, (nets = new Map<number, number>()));
      nets.set(locationNo, net);
    }
  }

  /** Today's moment on the other days: through the last full minute, at the same wall-clock time. */
  async #readComparison(state: BoardState, minute: number): Promise<void> {
    const elapsed = minute - state.dayStart;
    const sameTime = (which: 'yesterday' | 'lastWeek') => {
      const { start, end } = this.#range(state, which);
      return readSameTime(this.#sql, { start, until: Math.min(start + elapsed, end), end });
    };
    const [yesterday, lastWeek, orders] = await Promise.all([
      sameTime('yesterday'),
      sameTime('lastWeek'),
      readMinuteOrders(this.#sql, minute - MINUTE),
    ]);
    const byLocation = (rows: { locationNo: number; net: number; total: number }[]) =>
      new Map(rows.map(({ locationNo, net, total }) => [locationNo, { net, total }]));
    state.sameTime = { at: minute, yesterday: byLocation(yesterday), lastWeek: byLocation(lastWeek) };
    state.rate = {
      minute: minute - MINUTE,
      orders: new Map(orders.map((row) => [row.locationNo, row.orders])),
    };
    this.#comparedMinute = minute;
    this.#dirty.pastDays = false;
  }

  async #readAlerts(state: BoardState, now: Date): Promise<void> {
    await Promise.all(
      [...this.#scoped.keys()].map(async (scope) => {
        const alerts = await readOpenAlerts(this.#sql, this.#numbers(scope), { now, limit: ALERTS });
        const scoped = this.#scoped.get(scope);
        if (!scoped || this.#state !== state) return;
        const turnsAt = { ...scoped.turnsAt, alerts: timeOf(alerts.turnsAt) };
        this.#scoped.set(scope, { ...scoped, ...alertsOf(alerts), turnsAt });
      }),
    );
  }

  #readNext(locations: number[] | null, now: Date) {
    return readRunningOut(this.#sql, locations, { now, perHour: RUSH_PER_HOUR, withinHours: NEXT_HOURS });
  }

  async #readSlow(state: BoardState, now: Date): Promise<void> {
    const dirty = this.#dirty;
    this.#dirty = { ...clean, pastDays: dirty.pastDays };
    const sql = this.#sql;
    const perScope = [...this.#scoped.keys()].map(async (scope) => {
      const locations = this.#numbers(scope);
      const [hot, flags, feed, next, restock, answers] = await Promise.all([
        dirty.hot && readHot(sql, state.day, locations),
        dirty.flags && readFlags(sql, locations, FLAGS),
        dirty.feed && readFeed(sql, locations, FEED),
        dirty.next && this.#readNext(locations, now),
        dirty.restock && readRestock(sql, locations, now),
        dirty.answers && readAnswerTimes(sql, locations, now),
      ]);
      const scoped = this.#scoped.get(scope);
      // Begun before everything was read anew, it would bring back what was.
      if (!scoped || this.#state !== state) return;
      this.#scoped.set(scope, {
        ...scoped,
        ...(hot && { hot }),
        ...(flags && { flags }),
        ...(feed && { feed }),
        ...(next && { next }),
        ...(restock && {
          restock: restock.tile,
          turnsAt: { ...scoped.turnsAt, restock: timeOf(restock.turnsAt) },
        }),
        ...(answers && { answers }),
      });
    });
    await Promise.all([
      ...perScope,
      (async () => {
        if (!dirty.counts) return;
        const [counts, low, unknown] = await Promise.all([
          readStockCounts(sql),
          readLowCounts(sql),
          readUnknown(sql),
        ]);
        state.low = new Map(low.map((row) => [row.locationNo, row.low]));
        state.stock = new Map(counts.map(({ locationNo, ...rest }) => [locationNo, rest]));
        state.unknown = unknown;
      })(),
      (async () => {
        if (!dirty.sources) return;
        [state.sources, state.ledger] = await Promise.all([readSources(sql), readLedgerSums(sql)]);
      })(),
    ]);
  }
}
