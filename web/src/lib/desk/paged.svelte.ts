import { api, type Page, type Query } from '#lib/api/api.ts';

/** A list that comes page by page. What is shown stays while it is fetched again. */
export class Paged<Row> {
  #path: string;
  #query: Query = {};
  #cursor: string | null = null;
  #asked = 0;
  #rows = $state.raw<Row[] | null>(null);
  #more = $state(false);
  #busy = $state(false);
  #error = $state.raw<unknown>(null);

  constructor(path: string) {
    this.#path = path;
  }

  /** Null until the first page is there. */
  get rows(): Row[] | null {
    return this.#rows;
  }
  get hasMore(): boolean {
    return this.#more;
  }
  get busy(): boolean {
    return this.#busy;
  }
  get error(): unknown {
    return this.#error;
  }

  /** From the top. */
  load(query: Query = this.#query): Promise<void> {
    this.#query = query;
    return this.#fetch(null);
  }
  more(): Promise<void> {
    return this.#fetch(this.#cursor);
  }

  /** Shows a row as it is now, without asking for the list again. */
  replace(fits: (row: Row) => boolean, row: Row): void {
    this.#rows = this.#rows?.map((old) => (fits(old) ? row : old)) ?? null;
  }

  /** Takes rows away that are no longer in it. */
  drop(fits: (row: Row) => boolean): void {
    this.#rows = this.#rows?.filter((row) => !fits(row)) ?? null;
  }

  async #fetch(cursor: string | null): Promise<void> {
    const ask = ++this.#asked;
    this.#busy = true;
    this.#error = null;
    try {
      const page = await api.get<Page<Row>>(this.#path, { ...this.#query, cursor });
      // Filters may have changed meanwhile: only the newest question counts.
      if (ask !== this.#asked) return;
      this.#rows = cursor === null ? page.rows : [...(this.#rows ?? []), ...page.rows];
      this.#cursor = page.nextCursor;
      this.#more = page.nextCursor !== null;
    } catch (error) {
      if (ask === this.#asked) this.#error = error;
    } finally {
      if (ask === this.#asked) this.#busy = false;
    }
  }
}
