import type { Attachment } from 'svelte/attachments';

/** Keeps the screen awake while the page is visible. Browsers take the lock back when it is hidden. */
export const keepAwake: Attachment = () => {
  let lock: WakeLockSentinel | null = null;
  let gone = false;
  const ask = async () => {
    if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
    try {
      const got = await navigator.wakeLock.request('screen');
      if (gone) await got.release();
      else lock = got;
    } catch {
      // Low battery, or a policy: the wall works, the panel's own timer decides.
    }
  };
  const askAgain = () => void ask();
  askAgain();
  document.addEventListener('visibilitychange', askAgain);
  return () => {
    gone = true;
    document.removeEventListener('visibilitychange', askAgain);
    void lock?.release();
  };
};

/** A slow walk of a few pixels, so that no line stays on the same ones for years. */
const walk = [
  [0, 0],
  [2, 1],
  [4, 3],
  [2, 4],
  [-1, 3],
  [-3, 1],
  [-4, -2],
  [-2, -4],
  [1, -3],
  [3, -1],
] as const;

/** Where the picture stands in this minute, in CSS pixels. */
export function pixelShift(now: number): { x: number; y: number } {
  const [x, y] = walk[Math.floor(now / 60_000) % walk.length]!;
  return { x, y };
}

const IDLE_MS = 3000;

/** Calls `idle(false)` when someone moves the pointer or presses a key, and `idle(true)` three seconds after the last time. */
export function watchIdle(idle: (is: boolean) => void): Attachment {
  return () => {
    let timer = 0;
    const stir = () => {
      clearTimeout(timer);
      timer = window.setTimeout(() => idle(true), IDLE_MS);
      idle(false);
    };
    timer = window.setTimeout(() => idle(true), IDLE_MS);
    const events = ['pointermove', 'pointerdown', 'keydown'] as const;
    for (const event of events) window.addEventListener(event, stir, { passive: true });
    return () => {
      clearTimeout(timer);
      for (const event of events) window.removeEventListener(event, stir);
    };
  };
}
