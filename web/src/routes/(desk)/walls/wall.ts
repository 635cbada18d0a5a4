import type { Scope } from '@zhanggui/shared/contract/board.ts';
import type { Locale, Scene } from '@zhanggui/shared/contract/words.ts';

export type WallSettings = {
  name: string;
  scenes: Scene[];
  scope: Scope;
  hideMoney: boolean;
  locale: Locale;
  rotateSeconds: number;
  /** Whether a critical alert also sounds. */
  sound: boolean;
};

export type Wall = WallSettings & { id: string; lastSeenAt: string | null; paired: boolean };

export const settingsOf = ({
  name,
  scenes,
  scope,
  hideMoney,
  locale,
  rotateSeconds,
  sound,
}: Wall): WallSettings => ({
  name,
  scenes,
  scope,
  hideMoney,
  locale,
  rotateSeconds,
  sound,
});

const CODE_LENGTH = 6;
/** Left out of codes because people confuse them. */
const NEVER = /[^ABCDEFGHJKMNPQRSTUVWXYZ23456789]/g;

/** A code as it was meant: `abc-def` is `ABCDEF`. */
export function plainCode(typed: string): string {
  return typed.toUpperCase().replace(/[\s-]/g, '');
}

/** What is wrong with a code before anyone is asked: not all there, or letters that no code holds. */
export function codeTrouble(typed: string): { kind: 'length' } | { kind: 'letters'; letters: string } | null {
  const code = plainCode(typed);
  const odd = [...new Set(code.match(NEVER) ?? [])].join(' ');
  if (odd) return { kind: 'letters', letters: odd };
  return code.length === CODE_LENGTH ? null : { kind: 'length' };
}

/** How long a scene stays, as typed; null when it is no whole number that a wall takes. */
export function secondsOf(typed: string): number | null {
  const seconds = Number(typed);
  return /^\d+$/.test(typed.trim()) && seconds >= 5 && seconds <= 3600 ? seconds : null;
}
