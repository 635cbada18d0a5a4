import type { LiveLink } from './link.svelte.ts';

/** Lets the link look at itself at once when the page is seen again or the network is back, not at its next round. */
export function watchPage(link: LiveLink): () => void {
  const check = () => {
    if (document.visibilityState === 'visible') link.check();
  };
  document.addEventListener('visibilitychange', check);
  window.addEventListener('online', check);
  window.addEventListener('pageshow', check);
  return () => {
    document.removeEventListener('visibilitychange', check);
    window.removeEventListener('online', check);
    window.removeEventListener('pageshow', check);
  };
}
