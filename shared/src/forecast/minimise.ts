/** Finds the parameters with the least error: Nelder and Mead's simplex, within bounds. Pure and without randomness. */

/**
 * @param start first guess, within the bounds
 * @param low lower bound of each parameter; values outside are pulled to the bound before `error` sees them
 * @param steps most evaluations of `error`
 * @returns the best parameters seen
 */
export function minimise(
  error: (point: Float64Array) => number,
  start: readonly number[],
  low: readonly number[],
  high: readonly number[],
  steps = 60 * start.length,
): Float64Array {
  const size = start.length;
  let left = steps;
  const bounded = (point: Float64Array): Float64Array => {
    for (let i = 0; i < size; i++) point[i] = Math.min(high[i]!, Math.max(low[i]!, point[i]!));
    return point;
  };
  const look = (point: Float64Array) => {
    left -= 1;
    const value = error(bounded(point));
    return { point, value: Number.isFinite(value) ? value : Number.MAX_VALUE };
  };
  const corners = [look(Float64Array.from(start))];
  for (let i = 0; i < size; i++) {
    const corner = Float64Array.from(start);
    const room = high[i]! - low[i]!;
    const step = 0.2 * room;
    corner[i] = corner[i]! + step > high[i]! ? corner[i]! - step : corner[i]! + step;
    corners.push(look(corner));
  }
  const centre = new Float64Array(size);
  const beside = (worst: Float64Array, factor: number) => {
    const point = new Float64Array(size);
    for (let i = 0; i < size; i++) point[i] = centre[i]! + factor * (centre[i]! - worst[i]!);
    return look(point);
  };
  while (left > 0) {
    corners.sort((a, b) => a.value - b.value);
    const best = corners[0]!;
    const worst = corners[size]!;
    if (worst.value - best.value <= 1e-7 * Math.abs(best.value)) break;
    centre.fill(0);
    for (let c = 0; c < size; c++) for (let i = 0; i < size; i++) centre[i]! += corners[c]!.point[i]! / size;
    const mirrored = beside(worst.point, 1);
    if (mirrored.value < best.value) {
      const further = beside(worst.point, 2);
      corners[size] = further.value < mirrored.value ? further : mirrored;
    } else if (mirrored.value < corners[size - 1]!.value) {
      corners[size] = mirrored;
    } else {
      const nearer = beside(worst.point, mirrored.value < worst.value ? 0.5 : -0.5);
      if (nearer.value < Math.min(worst.value, mirrored.value)) corners[size] = nearer;
      else
        for (let c = 1; c <= size; c++) {
          const shrunk = new Float64Array(size);
          for (let i = 0; i < size; i++) shrunk[i] = (best.point[i]! + corners[c]!.point[i]!) / 2;
          corners[c] = look(shrunk);
        }
    }
  }
  return corners.reduce((best, corner) => (corner.value < best.value ? corner : best)).point;
}
