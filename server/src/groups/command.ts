/** Commands about group-buys, what is answered, and what deciding them needs. */
import type { Actor } from '@zhanggui/shared/access/audit-store.ts';
import type { KeptAnswer, KeyedCommand } from '@zhanggui/shared/access/idempotency-store.ts';
import { AppError, type ErrorCode } from '@zhanggui/shared/contract/errors.ts';
import type { GroupEnd, GroupState } from '@zhanggui/shared/contract/words.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import type { again } from '../http/grouped.ts';
import type { Booked } from '../stock/book-holds.ts';
import type { Places } from '../stock/places.ts';

/** What is asked for. */
export type GroupAsk = { memberId: string } & (
  | { kind: 'open'; campaignId: string; orderId: string | null }
  | { kind: 'join'; groupId: string; orderId: string | null }
  | { kind: 'leave'; groupId: string }
);
export type GroupCommand = GroupAsk & { command: KeyedCommand | null; by: Actor };

/** A group as a command answers it. */
export type GroupAnswer = {
  id: string;
  campaignId: string;
  source: 'ours';
  state: GroupState;
  because: GroupEnd | null;
  size: number;
  members: number;
  virtual: number;
  leader: string | null;
  openedAt: Date;
  expiresAt: Date;
  formedAt: Date | null;
  endedAt: Date | null;
  flags: [];
};

export type GroupOutcome =
  | { kind: 'done'; group: GroupAnswer }
  | { kind: 'answered'; kept: KeptAnswer }
  | { kind: 'refused'; error: AppError };

export type GroupContext = {
  sql: SqlPool;
  time: BusinessTime;
  places: Places;
  now: () => Date;
  encode: (group: GroupAnswer) => unknown;
  /** After commit. */
  onCommit: (booked: Booked) => void;
};

export type Outcomes = (GroupOutcome | typeof again)[];

export const refuse = (code: ErrorCode, detail?: string): GroupOutcome => ({
  kind: 'refused',
  error: new AppError(code, detail),
});
