import { SvelteMap } from 'svelte/reactivity';

/** `location` null is the company; `amount` in minor units, null for none. */
export type Target = { day: string; location: string | null; amount: number };
export type TargetChange = { day: string; location: string | null; amount: number | null };

/** A cell holds an amount, nothing, or a text that is no amount and stays as it was typed. */
export type Value = number | null | { wrong: string };
export type Edit = { day: string; location: string | null; value: Value };

type Step = { key: string; before: Value; after: Value }[];

const keyOf = (day: string, location: string | null) => `${day} ${location ?? ''}`;

const same = (a: Value, b: Value): boolean => (isWrong(a) && isWrong(b) ? a.wrong === b.wrong : a === b);

export const isWrong = (value: Value): value is { wrong: string } =>
  typeof value === 'object' && value !== null;

/** A month's targets as they stand, what was changed and not saved yet, and every step back. */
export class TargetDraft {
  #saved = new SvelteMap<string, number>();
  #edited = new SvelteMap<string, Value>();
  #refused = new SvelteMap<string, true>();
  #past = $state.raw<Step[]>([]);
  #future = $state.raw<Step[]>([]);

  /** Begins anew with what the server says. */
  reset(rows: readonly Target[]): void {
    this.#saved.clear();
    for (const { day, location, amount } of rows) this.#saved.set(keyOf(day, location), amount);
    this.#edited.clear();
    this.#refused.clear();
    this.#past = [];
    this.#future = [];
  }

  value(day: string, location: string | null): Value {
    return this.#value(keyOf(day, location));
  }
  isEdited(day: string, location: string | null): boolean {
    return this.#edited.has(keyOf(day, location));
  }
  /** The server would not take it. */
  isRefused(day: string, location: string | null): boolean {
    return this.#refused.has(keyOf(day, location));
  }
  get unsaved(): number {
    return this.#edited.size;
  }
  get wrong(): number {
    return [...this.#edited.values()].filter(isWrong).length;
  }
  get canUndo(): boolean {
    return this.#past.length > 0;
  }
  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** Changes cells in one step: a paste is undone as a whole. */
  set(edits: readonly Edit[]): void {
    const step = edits.flatMap(({ day, location, value }) => {
      const key = keyOf(day, location);
      const before = this.#value(key);
      return same(before, value) ? [] : [{ key, before, after: value }];
    });
    if (step.length === 0) return;
    for (const { key, after } of step) this.#put(key, after);
    this.#past = [...this.#past, step];
    this.#future = [];
  }
  undo(): void {
    const step = this.#past.at(-1);
    if (!step) return;
    for (const { key, before } of step) this.#put(key, before);
    this.#past = this.#past.slice(0, -1);
    this.#future = [...this.#future, step];
  }
  redo(): void {
    const step = this.#future.at(-1);
    if (!step) return;
    for (const { key, after } of step) this.#put(key, after);
    this.#future = this.#future.slice(0, -1);
    this.#past = [...this.#past, step];
  }
  /** Back to what is saved; a step like any other, so that it can be undone, too. */
  discard(): void {
    this.set(
      [...this.#edited.keys()].map((key) => ({ ...placeOf(key), value: this.#saved.get(key) ?? null })),
    );
  }

  /** What to send: the amounts that differ from what is saved, without those that are none. */
  changes(): TargetChange[] {
    return [...this.#edited].flatMap(([key, value]) =>
      isWrong(value) ? [] : [{ ...placeOf(key), amount: value }],
    );
  }
  /** What is saved where these changes go: what would take them back. */
  savedOf(changes: readonly TargetChange[]): TargetChange[] {
    return changes.map(({ day, location }) => ({
      day,
      location,
      amount: this.#saved.get(keyOf(day, location)) ?? null,
    }));
  }
  /** What stands in the server's books now; edits made while they were on their way stay edits. */
  markSaved(changes: readonly TargetChange[]): void {
    for (const { day, location, amount } of changes) {
      const key = keyOf(day, location);
      const shown = this.#value(key);
      if (amount === null) this.#saved.delete(key);
      else this.#saved.set(key, amount);
      this.#put(key, shown);
    }
  }
  markRefused(changes: readonly TargetChange[]): void {
    for (const { day, location } of changes) this.#refused.set(keyOf(day, location), true);
  }

  /** Sum of the amounts; null where there is none. */
  sum(days: readonly string[], locations: readonly (string | null)[]): number | null {
    let sum: number | null = null;
    for (const day of days) {
      for (const location of locations) {
        const value = this.value(day, location);
        if (typeof value === 'number') sum = (sum ?? 0) + value;
      }
    }
    return sum;
  }
  /** The company's target of a month: each day its own, else the sum of its stores'. */
  companySum(days: readonly string[], stores: readonly string[]): number | null {
    let sum: number | null = null;
    for (const day of days) {
      const amount = this.sum([day], [null]) ?? this.sum([day], stores);
      if (amount !== null) sum = (sum ?? 0) + amount;
    }
    return sum;
  }

  #value(key: string): Value {
    return this.#edited.get(key) ?? (this.#edited.has(key) ? null : (this.#saved.get(key) ?? null));
  }
  #put(key: string, value: Value): void {
    this.#refused.delete(key);
    if (same(value, this.#saved.get(key) ?? null)) this.#edited.delete(key);
    else this.#edited.set(key, value);
  }
}

function placeOf(key: string): { day: string; location: string | null } {
  return { day: key.slice(0, 10), location: key.slice(11) || null };
}
