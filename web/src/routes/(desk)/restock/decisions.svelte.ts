import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { api, ApiError } from '#lib/api/api.ts';
import { ordersOf, quantityOf, type ApprovalResult, type Offer, type Proposal } from './restock.ts';

export type Outcome = { done: Proposal[]; results: ApprovalResult[] };

/** What an error means where it is about one proposal of several. */
const refusals: Record<string, string> = {
  not_found: 'not_found',
  conflict: 'not_open',
  outside_scope: 'outside_scope',
  insufficient_stock: 'insufficient_stock',
};

const pathOf = ({ id }: Pick<Proposal, 'id'>) => `/api/v1/proposals/${encodeURIComponent(id)}`;

/** What is picked, changed and decided on the restock board. */
export class Decisions {
  readonly picked = new SvelteSet<string>();
  /** Quantities as they were typed, by proposal. */
  #typed = new SvelteMap<string, string>();
  /** Another source than the proposed one, by proposal. */
  #chosen = new SvelteMap<string, Offer>();
  #busy = new SvelteSet<string>();
  /** Why the last decision did not go through, by proposal. */
  #refused = new SvelteMap<string, ApprovalResult>();

  typed({ id, qty }: Proposal): string {
    return this.#typed.get(id) ?? String(qty);
  }
  type({ id, qty }: Proposal, text: string): void {
    if (text.trim() === String(qty)) this.#typed.delete(id);
    else this.#typed.set(id, text);
    this.#refused.delete(id);
  }
  /** The quantity to approve; null when what was typed is none. */
  qtyOf(proposal: Proposal): number | null {
    return quantityOf(this.typed(proposal));
  }
  isChanged({ id }: Proposal): boolean {
    return this.#typed.has(id);
  }
  /** The source that was chosen instead of the proposed one. */
  sourceOf({ id }: Proposal): Offer | undefined {
    return this.#chosen.get(id);
  }
  choose({ id }: Proposal, offer: Offer): void {
    if (offer.current) this.#chosen.delete(id);
    else this.#chosen.set(id, offer);
    this.#refused.delete(id);
  }
  /** Where it could come from, for the quantity as it stands. Throws an `ApiError`. */
  async offers(proposal: Proposal): Promise<Offer[]> {
    const qty = this.qtyOf(proposal) ?? proposal.qty;
    return (await api.get<{ rows: Offer[] }>(`${pathOf(proposal)}/sources?qty=${qty}`)).rows;
  }
  isBusy({ id }: Proposal): boolean {
    return this.#busy.has(id);
  }
  refusalOf({ id }: Proposal): ApprovalResult | undefined {
    return this.#refused.get(id);
  }

  pick(id: string, on: boolean): void {
    if (on) this.picked.add(id);
    else this.picked.delete(id);
  }
  pickAll(proposals: readonly Proposal[], on: boolean): void {
    for (const { id } of proposals) this.pick(id, on);
  }

  /** Approves with the quantities as they stand; those whose quantity is wrong stay. Throws an `ApiError`. */
  approve(proposals: readonly Proposal[]): Promise<Outcome> {
    const sound = proposals.filter((each) => this.qtyOf(each) !== null);
    return this.#decide(sound, async () => {
      const isAsProposed = (each: Proposal) => !this.isChanged(each) && this.sourceOf(each) === undefined;
      const asProposed = sound.filter(isAsProposed);
      const results: ApprovalResult[] = [];
      // Together, so that what goes the same way becomes one order.
      if (asProposed.length > 0) {
        const answer = await api.post<{ results: ApprovalResult[] }>('/api/v1/proposals/approve', {
          ids: asProposed.map(({ id }) => id),
        });
        results.push(...answer.results);
      }
      for (const each of sound.filter((one) => !isAsProposed(one)))
        results.push(await this.#approveChanged(each));
      return results;
    });
  }

  reject(proposals: readonly Proposal[], reason: string): Promise<Outcome> {
    return this.#decide(proposals, async () => {
      const ids = proposals.map(({ id }) => id);
      const { results } = await api.post<{ results: ApprovalResult[] }>('/api/v1/proposals/reject', {
        ids,
        reason,
      });
      return results;
    });
  }

  async #approveChanged(proposal: Proposal): Promise<ApprovalResult> {
    const { id } = proposal;
    const chosen = this.sourceOf(proposal);
    try {
      const { order } = await api.post<Proposal>(`${pathOf(proposal)}/approve`, {
        qty: this.qtyOf(proposal),
        ...(chosen && {
          source: chosen.location === null ? { supplier: chosen.supplier } : { location: chosen.location },
        }),
      });
      return { id, order, refused: null };
    } catch (error) {
      const refused = error instanceof ApiError ? refusals[error.code] : undefined;
      if (refused === undefined) throw error;
      return { id, order: null, refused };
    }
  }

  /**
   * Takes decisions back: a rejected proposal opens again; of an approved one the order is called off, and what is still
   * needed is proposed anew. Throws an `ApiError` where it is too late.
   */
  async takeBack(proposals: readonly Proposal[], results: readonly ApprovalResult[]): Promise<void> {
    const orders = ordersOf(results);
    for (const code of orders) await api.post(`/api/v1/supply-orders/${encodeURIComponent(code)}/cancel`);
    if (orders.length === 0) for (const each of proposals) await api.post(`${pathOf(each)}/reopen`);
  }

  async #decide(proposals: readonly Proposal[], ask: () => Promise<ApprovalResult[]>): Promise<Outcome> {
    const free = proposals.filter((each) => !this.isBusy(each));
    if (free.length < proposals.length || free.length === 0) return { done: [], results: [] };
    for (const { id } of free) this.#busy.add(id);
    try {
      const results = await ask();
      const refused = new Map(results.filter((each) => each.refused !== null).map((each) => [each.id, each]));
      for (const { id } of free) {
        const refusal = refused.get(id);
        if (refusal) this.#refused.set(id, refusal);
        else {
          this.#refused.delete(id);
          this.#typed.delete(id);
          this.#chosen.delete(id);
        }
        this.picked.delete(id);
      }
      return { done: free.filter(({ id }) => !refused.has(id)), results };
    } finally {
      for (const { id } of free) this.#busy.delete(id);
    }
  }
}
