/**
 * Shares `total` out over `weights` in whole minor units so that the parts add up to `total` exactly (largest remainder;
 * ties go to the earlier part). Weights are integers ≥ 0; where they are all 0, `fallback` weighs instead, and where
 * that is all 0 too, the first part takes everything. `verify` computes the same in SQL.
 */
export function shareOut(total: number, weights: readonly number[], fallback: readonly number[]): number[] {
  if (weights.length === 0) return [];
  let sum = 0;
  for (const weight of weights) sum += weight;
  if (sum === total) return [...weights];
  if (sum === 0) {
    if (fallback.every((weight) => weight === 0)) return weights.map((_, i) => (i === 0 ? total : 0));
    return shareOut(total, fallback, []);
  }
  // BigInt because total × weight passes 2^53 for legal amounts; this path is rare (order-level discounts, freight).
  const bigSum = BigInt(sum);
  const bigTotal = BigInt(total);
  let left = total;
  const parts = weights.map((weight, i) => {
    const product = bigTotal * BigInt(weight);
    const part = Number(product / bigSum);
    left -= part;
    return { i, part, remainder: product % bigSum };
  });
  const byRemainder = parts.toSorted((a, b) =>
    a.remainder === b.remainder ? a.i - b.i : a.remainder > b.remainder ? -1 : 1,
  );
  for (let k = 0; k < left; k++) byRemainder[k]!.part += 1;
  return parts.map((entry) => entry.part);
}
