/** A form says less than the API: what it does not say, stays as it was. */

type Tree = Record<string, unknown>;

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * @param was how it was
 * @param first what the form said of it before anything was typed
 * @param now what it says
 * @returns how it was, with what was changed in the form. Lists count as a whole, and so does what became of another kind.
 */
export function keep(was: unknown, first: unknown, now: unknown): unknown {
  if (!isTree(was) || !isTree(first) || !isTree(now) || first['kind'] !== now['kind'])
    return was !== undefined && same(first, now) ? was : now;
  const kept: Tree = { ...was };
  for (const key of Object.keys(first)) if (!(key in now)) delete kept[key];
  for (const key of Object.keys(now)) kept[key] = keep(was[key], first[key], now[key]);
  return kept;
}
