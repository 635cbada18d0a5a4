import { createContext } from 'svelte';

/** Layouts a scene is designed for. Between them the nearest is used, and its grid takes up the difference. */
export type Family = 'landscape' | 'wide' | 'portrait';

/** Design canvases in units: the type keeps its size in them, whatever the panel. */
const canvases: Record<Family, { width: number; height: number }> = {
  landscape: { width: 1920, height: 1080 },
  wide: { width: 3840, height: 1080 },
  portrait: { width: 1080, height: 1920 },
};

export function familyOf(width: number, height: number): Family {
  const ratio = width / height;
  if (ratio >= 2.6) return 'wide';
  return ratio <= 0.8 ? 'portrait' : 'landscape';
}

/** Pixels for a unit: the canvas fills the screen in one direction and never stands out in the other. */
export function scaleOf(width: number, height: number): number {
  const canvas = canvases[familyOf(width, height)];
  return Math.min(width / canvas.width, height / canvas.height);
}

/**
 * The screen as a canvas. While a wall is shown, 1rem is ten units: every length and size in rem scales with the panel,
 * text stays sharp at 4K, and nothing is stretched.
 */
export class Canvas {
  #width = $state(1920);
  #height = $state(1080);

  readonly family = $derived(familyOf(this.#width, this.#height));
  readonly scale = $derived(scaleOf(this.#width, this.#height));

  fit(width: number, height: number): void {
    if (width <= 0 || height <= 0) return;
    this.#width = width;
    this.#height = height;
  }
}

export const [useCanvas, provideCanvas] = createContext<Canvas>();
