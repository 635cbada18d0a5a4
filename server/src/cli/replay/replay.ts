/** Replays a file through the public API: reads, maps, gathers, sends, and says how it all adds up. */
import type { Rejection } from '@zhanggui/shared/contract/events.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { openCsv } from '../csv.ts';
import type { OutgoingEvent } from '../event-body.ts';
import type { EventSender } from '../event-sender.ts';
import { formatDecimal } from './decimal.ts';
import { Documents, LateLineError } from './documents.ts';
import { lineReader, type MappedLine } from './line.ts';
import type { Mapping } from './mapping.ts';
import { SkuNames } from './sku-names.ts';
import { Tally, type Sums } from './tally.ts';

export type ReplayOptions = {
  path: string;
  mapping: Mapping;
  sender: Pick<EventSender, 'counts' | 'add' | 'push' | 'flush'>;
  /** File time passes so many times faster than the clock; null: as fast as the server takes it. */
  speed: number | null;
  signal: AbortSignal;
  /** Told now and then how far it is. */
  onProgress: (report: { read: number; sent: number }) => void;
  /** Told of each line that could not be mapped and each event that the server refused. */
  onProblem: (problem: string) => void;
};

/** How a replay ended. Lines and documents are the file's, `sent` to `rejected` count events. Money in minor units. */
export type ReplayReport = {
  format: string;
  currency: string;
  /** Lines read, without the header. */
  read: number;
  /** Lines that the mapping leaves out, and lines that it could not read. */
  skipped: number;
  failed: number;
  sent: number;
  accepted: number;
  duplicates: number;
  rejected: number;
  /** Of all mapped lines: different document numbers, lines, pieces and money, with their signs in the file. */
  invoices: number;
  lines: number;
  units: number;
  money: number;
  sales: Sums;
  refunds: Sums;
  adjustments: Sums;
  /** Lines whose amount had to be rounded to a minor unit, and by how much in sum, in major units. */
  roundedLines: number;
  roundedBy: string;
  interrupted: boolean;
  seconds: number;
};

/** Lines between two looks at the clock and the progress. */
const PROGRESS_LINES = 5000;

/**
 * Replays the whole file, or until the signal; documents that are complete by then are sent. Throws CliError for a file that cannot
 * be read, and what the API throws when the server stays away.
 */
export async function replayFile(options: ReplayOptions): Promise<{ report: ReplayReport; names: SkuNames }> {
  const { path, mapping, sender, signal, onProgress, onProblem } = options;
  const started = performance.now();
  const { header, records } = await openCsv(path, { delimiter: mapping.delimiter });
  const readLine = lineReader(mapping, header);
  const documents = new Documents(mapping);
  const tally = new Tally();
  const names = new SkuNames();
  const pace = options.speed === null ? null : new Pace(options.speed, sender, signal);
  const count = { read: 0, skipped: 0, failed: 0 };

  for await (const record of records) {
    if (signal.aborted) break;
    count.read += 1;
    if (count.read % PROGRESS_LINES === 0) onProgress({ read: count.read, sent: sender.counts.sent });
    const result = readLine(record);
    if (result.ok === 'skip') {
      count.skipped += 1;
      continue;
    }
    if (!result.ok) {
      count.failed += 1;
      onProblem(`line ${result.line}: ${result.problem}`);
      continue;
    }
    const facts = gather(documents, result.line);
    if (facts instanceof LateLineError) {
      count.failed += 1;
      onProblem(`line ${record.line}: ${facts.message}; raise "gather" in the mapping`);
      continue;
    }
    tally.add(result.line);
    names.add(result.line);
    if (pace !== null) await pace.until(result.line.at);
    for (const fact of facts) await sender.add(fact);
  }
  // A document cut off by Ctrl-C must not become an order with half its lines: the next replay could not mend it.
  if (!signal.aborted) for (const fact of documents.end()) await sender.add(fact);
  await sender.flush();

  const { all, sale, refund, adjustment } = tally.sums;
  const report: ReplayReport = {
    format: mapping.name,
    currency: mapping.currency,
    ...count,
    ...sender.counts,
    invoices: all.documents,
    lines: all.lines,
    units: all.units,
    money: all.money,
    sales: sale,
    refunds: refund,
    adjustments: adjustment,
    roundedLines: tally.roundedLines,
    roundedBy: formatDecimal(tally.roundedBy),
    interrupted: signal.aborted,
    seconds: Math.round(performance.now() - started) / 1000,
  };
  return { report, names };
}

/** A rejected event, for `onProblem`. */
export function describeRejection({ id, code, detail }: Rejection): string {
  return `event ${id ?? '?'} was rejected (${code}): ${detail}`;
}

function gather(documents: Documents, line: MappedLine): OutgoingEvent[] | LateLineError {
  try {
    return documents.add(line);
  } catch (error) {
    if (error instanceof LateLineError) return error;
    throw error;
  }
}

/** Holds the reader back so that file time passes `speed` times as fast as the clock. */
class Pace {
  readonly #speed: number;
  readonly #sender: Pick<EventSender, 'push'>;
  readonly #signal: AbortSignal;
  #origin: { file: number; clock: number } | null = null;

  constructor(speed: number, sender: Pick<EventSender, 'push'>, signal: AbortSignal) {
    this.#speed = speed;
    this.#sender = sender;
    this.#signal = signal;
  }

  /** Resolves when it is time for a line of this file time. What was added before is sent meanwhile. */
  async until(fileTime: number): Promise<void> {
    this.#origin ??= { file: fileTime, clock: performance.now() };
    const due = this.#origin.clock + (fileTime - this.#origin.file) / this.#speed;
    const wait = due - performance.now();
    // Below a few milliseconds a timer is coarser than the wait.
    if (wait < 5) return;
    await this.#sender.push();
    await sleep(wait, undefined, { signal: this.#signal }).catch(() => undefined);
  }
}
