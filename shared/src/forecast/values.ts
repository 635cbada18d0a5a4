/** A series, oldest first. */
export type Values = Float64Array | readonly number[];

/** The mean of `values`; 0 of none. */
export function meanOf(values: Values): number {
  let sum = 0;
  for (let t = 0; t < values.length; t++) sum += values[t]!;
  return values.length === 0 ? 0 : sum / values.length;
}

/** The value below which `share` of the sorted `values` lie, interpolated; 0 of none. */
export function quantileOf(sorted: Values, share: number): number {
  if (sorted.length === 0) return 0;
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below]! + (at - below) * (sorted[above]! - sorted[below]!);
}
