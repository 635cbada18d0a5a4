import '@testing-library/svelte/vitest';
import { vi } from 'vitest';

vi.mock('chart.js', () => import('./charts.ts'));

// What jsdom lacks of a browser. Nothing moves: tests look at what is shown, not at how it got there.
window.matchMedia ??= (query) =>
  ({
    matches: query.includes('reduced-motion'),
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }) as unknown as MediaQueryList;
Element.prototype.animate ??= () =>
  ({ cancel: () => undefined, finished: Promise.resolve() }) as unknown as Animation;
