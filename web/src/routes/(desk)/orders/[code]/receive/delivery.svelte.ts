import type { Tally } from './tally.ts';
import { addTo, allHere, setIn, type Here } from './tally.ts';
import type { SupplyLine } from '../../order.ts';

type Kept = { deliveryId: string; tally: Tally };

const UNDO_MOST = 200;

/**
 * A delivery that is being taken in. Kept on this device until it is booked: a phone that locks, or a page that is left,
 * loses no scan. Its id goes with it, so that booking it twice books it once.
 */
export class Delivery {
  readonly #key: string;
  readonly #newId: () => string;
  #id: string;
  #tally = $state.raw<Tally>({});
  #before = $state.raw<Tally[]>([]);

  constructor(order: string, newId: () => string = () => crypto.randomUUID()) {
    this.#key = `zhanggui.receive.${order}`;
    this.#newId = newId;
    const kept = this.#read();
    this.#id = kept?.deliveryId ?? newId();
    this.#tally = kept?.tally ?? {};
  }

  get id(): string {
    return this.#id;
  }
  get tally(): Tally {
    return this.#tally;
  }
  get canUndo(): boolean {
    return this.#before.length > 0;
  }

  add(sku: string, qty: number, damaged = 0): void {
    this.#change(addTo(this.#tally, sku, qty, damaged));
  }
  set(sku: string, here: Here): void {
    this.#change(setIn(this.#tally, sku, here));
  }
  all(lines: readonly SupplyLine[]): void {
    this.#change(allHere(lines, this.#tally));
  }
  undo(): void {
    const last = this.#before.at(-1);
    if (!last) return;
    this.#before = this.#before.slice(0, -1);
    this.#tally = last;
    this.#keep();
  }

  /** Booked: the next delivery of this order is another one. */
  done(): void {
    this.#tally = {};
    this.#before = [];
    this.#id = this.#newId();
    try {
      localStorage.removeItem(this.#key);
    } catch {
      // Nothing was kept.
    }
  }

  #change(tally: Tally): void {
    this.#before = [...this.#before, this.#tally].slice(-UNDO_MOST);
    this.#tally = tally;
    this.#keep();
  }
  #keep(): void {
    try {
      localStorage.setItem(this.#key, JSON.stringify({ deliveryId: this.#id, tally: this.#tally }));
    } catch {
      // Without storage it holds until the page is closed.
    }
  }
  #read(): Kept | null {
    try {
      const kept = JSON.parse(localStorage.getItem(this.#key) ?? 'null') as Kept | null;
      return kept && typeof kept.deliveryId === 'string' && typeof kept.tally === 'object' ? kept : null;
    } catch {
      return null;
    }
  }
}
