/**
 * Length of a bar as a percentage. In steps of a fifth of a percent, about what a wall can show: a bar that moved by less
 * with every sale would be laid out and painted eight times a second for nothing.
 */
export function barLength(share: number | null | undefined): string {
  const within = Math.min(1, Math.max(0, share ?? 0));
  return `${(Math.round(within * 500) / 5).toFixed(1)}%`;
}
