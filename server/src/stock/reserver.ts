/** Takes reservations in groups, so that those who want the same pieces are asked one after the other. */
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import { again, Grouped } from '../http/grouped.ts';
import type { Booked } from './book-holds.ts';
import { reserveGroup, type EncodeAnswer, type Outcome, type ReserveRequest } from './reserve-group.ts';

export type Decided = Exclude<Outcome, { kind: 'again' }>;

export type ReserverOptions = {
  sql: SqlPool;
  encode: EncodeAnswer;
  onCommit: (booked: Booked) => void;
};

/** Lines in one transaction. */
const GROUP_LINES = 400;

export class Reserver {
  #grouped: Grouped<ReserveRequest, Decided>;

  constructor({ sql, encode, onCommit }: ReserverOptions) {
    this.#grouped = new Grouped({
      weigh: ({ lines }) => lines.length,
      groupWeight: GROUP_LINES,
      decide: async (requests) => {
        const { outcomes, booked } = await reserveGroup(sql, requests, encode);
        for (const one of booked) onCommit(one);
        return outcomes.map((outcome) => (outcome.kind === 'again' ? again : outcome));
      },
    });
  }

  /** Answers after commit. Throws AppError `overloaded`, and what the database throws; then nothing was reserved. */
  submit(request: ReserveRequest): Promise<Decided> {
    return this.#grouped.submit(request);
  }
}
