/**
 * Who uses the company while it is being broken. An actor is a loop that does one thing after the other until `signal`; it
 * writes down what it was promised, and `check` says afterwards where the books differ. Add one to `actors`.
 */
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import { checkCoupons, promote } from './coupons.ts';
import { checkFacts, tellFacts } from './facts.ts';
import { checkGroups, gather } from './groups.ts';
import type { Client } from './client.ts';
import { checkPoints, collect } from './points.ts';
import { checkReservations, reserve } from './reservations.ts';
import type { Records } from './records.ts';

export type Stage = {
  client: Client;
  records: Records;
  /** Of this actor alone, so that what it does is a function of the seed. */
  random: () => number;
  /** Of this loop: ids begin with it. */
  name: string;
  /** Brings the deadline of all groups and bargains of a campaign forward to now, and waits until they are over. */
  endNow: (campaignId: string) => Promise<void>;
  /** Ends the loops; what is under way is asked to its end. */
  signal: AbortSignal;
};

export type Actor = {
  name: string;
  /** Loops beside each other. */
  lanes: number;
  run: (stage: Stage) => Promise<void>;
  /** Differences between what was promised and what is there. */
  check: (sql: SqlPool, records: Records) => Promise<string[]>;
};

export const actors: readonly Actor[] = [
  { name: 'facts', lanes: 6, run: tellFacts, check: checkFacts },
  { name: 'reservations', lanes: 3, run: reserve, check: checkReservations },
  { name: 'coupons', lanes: 2, run: promote, check: checkCoupons },
  { name: 'groups', lanes: 2, run: gather, check: checkGroups },
  { name: 'points', lanes: 1, run: collect, check: checkPoints },
];
