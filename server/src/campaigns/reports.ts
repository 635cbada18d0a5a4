/** Reports of campaigns, made when they are asked for and kept for a moment. */
import {
  keepReport,
  makeReport,
  readReport,
  type KeptReport,
} from '@zhanggui/shared/campaigns/report-store.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';

/**
 * A report that is no older is answered as it is, and one that took long for ten times as long: making one reads the orders of the
 * campaign's whole time.
 */
const FRESH_MS = 2_000;
const REST = 10;

export class Reports {
  readonly #sql: SqlPool;
  /** Those that are being made: who asks meanwhile waits for the same one. */
  readonly #making = new Map<string, Promise<KeptReport | null>>();
  /** How long the last one took, ms. */
  readonly #took = new Map<string, number>();

  constructor(sql: SqlPool) {
    this.#sql = sql;
  }

  /** Null: no such campaign, or it was never launched. */
  async of(id: string): Promise<KeptReport | null> {
    const kept = await readReport(this.#sql, id);
    const fresh = Math.max(FRESH_MS, REST * (this.#took.get(id) ?? 0));
    if (kept && (kept.final || Date.now() - kept.madeAt.getTime() < fresh)) return kept;
    const making = this.#making.get(id) ?? this.#make(id).finally(() => void this.#making.delete(id));
    this.#making.set(id, making);
    return making;
  }

  async #make(id: string): Promise<KeptReport | null> {
    const now = new Date();
    const began = performance.now();
    const made = await makeReport(this.#sql, id, now);
    this.#took.set(id, performance.now() - began);
    if (made === null) return null;
    await keepReport(this.#sql, made, { now, final: false });
    return { madeAt: now, final: false, report: made.report };
  }
}
