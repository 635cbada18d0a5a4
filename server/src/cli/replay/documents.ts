/**
 * Gathers lines into documents and turns them into facts. Ids are made of the document's number and the line's place in
 * it, so that the same file replayed again makes the same facts.
 */
import type { OutgoingEvent } from '../event-body.ts';
import type { MappedLine } from './line.ts';
import type { Mapping } from './mapping.ts';

/** The contract takes at most so many lines in an order; a longer document makes several. */
const LINES_AN_ORDER = 1000;
const MINUTE_MS = 60_000;

type OpenDocument = {
  number: string;
  /** Lines of any kind so far. */
  lines: number;
  sales: MappedLine[];
  lastLine: number;
  lastAt: number;
};

/** A document that went on after it had been sent: its line is not in the ledger. */
export class LateLineError extends Error {}

export class Documents {
  readonly #mapping: Mapping;
  readonly #open = new Map<string, OpenDocument>();
  // Kept for the whole file: without it, a document that goes on after its end would silently lose its later lines.
  readonly #closed = new Set<string>();

  constructor(mapping: Mapping) {
    this.#mapping = mapping;
  }

  /** Documents seen so far. */
  get count(): number {
    return this.#closed.size + this.#open.size;
  }

  /**
   * Takes one line; returns the facts that are complete now. Throws LateLineError for a line whose document was closed:
   * then `gather` in the mapping is too small for the file.
   */
  add(line: MappedLine): OutgoingEvent[] {
    if (this.#closed.has(line.document))
      throw new LateLineError(`document ${line.document} had ended before`);
    const facts = this.#closeBefore(line);
    const document = this.#touch(line);
    document.lines += 1;
    if (line.kind === 'sale') document.sales.push(line);
    else facts.push(line.kind === 'refund' ? this.#refund(line, document) : this.#adjustment(line, document));
    return facts;
  }

  /** Ends all documents; returns their facts. */
  end(): OutgoingEvent[] {
    const facts = [...this.#open.values()].flatMap((document) => this.#orders(document));
    for (const number of this.#open.keys()) this.#closed.add(number);
    this.#open.clear();
    return facts;
  }

  /** The map is in the order of the documents' last lines: the ones to close stand first. */
  #closeBefore({ line, at }: MappedLine): OutgoingEvent[] {
    const { lines, minutes } = this.#mapping.gather;
    const facts: OutgoingEvent[] = [];
    for (const [number, document] of this.#open) {
      const faded = minutes !== undefined && at - document.lastAt > minutes * MINUTE_MS;
      if (line - document.lastLine <= lines && !faded) break;
      this.#open.delete(number);
      this.#closed.add(number);
      facts.push(...this.#orders(document));
    }
    return facts;
  }

  #touch({ document: number, line, at }: MappedLine): OpenDocument {
    const known = this.#open.get(number);
    const document = known ?? { number, lines: 0, sales: [], lastLine: line, lastAt: at };
    document.lastLine = line;
    document.lastAt = Math.max(document.lastAt, at);
    if (known !== undefined) this.#open.delete(number);
    this.#open.set(number, document);
    return document;
  }

  /** One order of all sold lines; the first line says when, where and by whom. */
  #orders({ number, sales }: OpenDocument): OutgoingEvent[] {
    const facts: OutgoingEvent[] = [];
    for (let from = 0; from < sales.length; from += LINES_AN_ORDER) {
      const lines = sales.slice(from, from + LINES_AN_ORDER);
      const [first] = lines;
      if (first === undefined) break;
      const part = from === 0 ? number : `${number}/part/${from / LINES_AN_ORDER + 1}`;
      facts.push(
        this.#fact(part, 'order.placed', first.at, {
          orderId: part,
          channel: first.channel,
          location: first.location,
          ...(first.member === null ? {} : { memberId: first.member }),
          lines: lines.map(({ sku, qty, unitPrice, discount }) => ({
            sku,
            qty,
            unitPrice,
            ...(discount === 0 ? {} : { discount }),
          })),
          total: lines.reduce((sum, { amount }) => sum + amount, 0),
          currency: this.#mapping.currency,
          fulfilment: { method: this.#mapping.fulfilment, location: first.location },
        }),
      );
    }
    return facts;
  }

  /**
   * A fact for each refunded line. One for the whole document would lose which SKU the money belongs to: the order it
   * refunds is not known, and an amount without an order is shared out by pieces.
   */
  #refund(line: MappedLine, document: OpenDocument): OutgoingEvent {
    return this.#fact(`${document.number}/refund/${document.lines}`, 'order.refunded', line.at, {
      orderId: document.number,
      amount: Math.abs(line.amount),
      lines: line.qty === 0 ? [] : [{ sku: line.sku, qty: Math.abs(line.qty) }],
      ...(line.goodsReturn ? { returnTo: line.location } : {}),
    });
  }

  #adjustment(line: MappedLine, document: OpenDocument): OutgoingEvent {
    return this.#fact(`${document.number}/adjustment/${document.lines}`, 'stock.adjusted', line.at, {
      location: line.location,
      reason: line.name.slice(0, 500),
      lines: [{ sku: line.sku, delta: line.qty }],
    });
  }

  #fact(id: string, type: string, at: number, data: unknown): OutgoingEvent {
    return { id, source: this.#mapping.source, type, time: new Date(at).toISOString(), data };
  }
}
