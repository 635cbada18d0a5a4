/** What the file holds, counted while it is read: the figures that the ledger has to match. */
import { plus, zero, type Decimal } from './decimal.ts';
import type { MappedLine } from './line.ts';

export type Sums = {
  /** Different document numbers. */
  documents: number;
  lines: number;
  /** Pieces with their sign. */
  units: number;
  /** Minor units with their sign. */
  money: number;
};

type Kind = MappedLine['kind'];

export class Tally {
  readonly sums: Record<Kind | 'all', Sums> = {
    all: noSums(),
    sale: noSums(),
    refund: noSums(),
    adjustment: noSums(),
  };
  /** Lines whose amount has fractions of a minor unit, and what rounding them changed, in major units. */
  roundedLines = 0;
  roundedBy: Decimal = zero;
  readonly #documents: Record<Kind | 'all', Set<string>> = {
    all: new Set(),
    sale: new Set(),
    refund: new Set(),
    adjustment: new Set(),
  };

  add(line: MappedLine): void {
    for (const kind of ['all', line.kind] as const) {
      const sums = this.sums[kind];
      const documents = this.#documents[kind].add(line.document);
      sums.documents = documents.size;
      sums.lines += 1;
      sums.units += line.qty;
      sums.money += line.amount;
    }
    if (line.rounded.digits !== 0n) {
      this.roundedLines += 1;
      this.roundedBy = plus(this.roundedBy, line.rounded);
    }
  }
}

function noSums(): Sums {
  return { documents: 0, lines: 0, units: 0, money: 0 };
}
