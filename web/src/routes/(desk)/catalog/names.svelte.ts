import { api } from '#lib/api/api.ts';
import type { Named } from './catalog.ts';

/** A short book of the catalog, to choose from and to call by name: regions, categories, suppliers. */
export class Names {
  #path: string;
  #rows = $state.raw<Named[]>([]);
  #byCode = $derived(new Map(this.#rows.map((row) => [row.code, row])));

  constructor(book: 'regions' | 'categories' | 'suppliers') {
    this.#path = `/api/v1/catalog/${book}`;
  }

  get rows(): readonly Named[] {
    return this.#rows;
  }

  /** Where it can't be had, codes stand for names. */
  async load(): Promise<void> {
    this.#rows = await api.all<Named>(this.#path).catch(() => []);
  }

  find(code: string | null): Named | null {
    return code === null ? null : (this.#byCode.get(code) ?? { code, nameZh: code, nameEn: code });
  }
}
