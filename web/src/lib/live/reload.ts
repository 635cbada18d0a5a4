import { dev, version } from '$app/env';

const KEY = 'zhanggui.reloadedFor';
/** Spread over this long, so that a thousand walls do not fetch the new build in the same second. */
const SPREAD_MS = 20_000;

/** Build of the web app that the server's files are, or null when they can't be read. */
async function servedVersion(): Promise<string | null> {
  try {
    const answer = await fetch('/_app/version.json', { cache: 'no-store' });
    return ((await answer.json()) as { version: string }).version;
  } catch {
    return null;
  }
}

/**
 * Reloads the page some seconds after the server begins to serve another build; returns what cancels it. Never twice for
 * the same version: while servers of two builds run side by side, a screen would go to and fro between them.
 *
 * @param told the version that the last pulse named
 */
export function reloadOnNewVersion(
  told: string | null,
  reload: () => void = () => location.reload(),
): () => void {
  if (dev || told === null || told === version || sessionStorage.getItem(KEY) === told)
    return () => undefined;
  const timer = window.setTimeout(
    () => {
      void servedVersion().then((served) => {
        if (served !== told) return;
        sessionStorage.setItem(KEY, told);
        reload();
      });
    },
    1000 + Math.random() * SPREAD_MS,
  );
  return () => clearTimeout(timer);
}
