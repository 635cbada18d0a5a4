import { createContext } from 'svelte';
import type { Format } from '#lib/format/format.svelte.ts';
import type { I18n } from '#lib/i18n/i18n.svelte.ts';
import type { LiveLink } from '#lib/live/link.svelte.ts';

/** What every part of a screen, wall or desk, draws with. */
export type Screen = {
  link: LiveLink;
  i18n: I18n;
  format: Format;
  /** Amounts are withheld from this screen: comparisons and shares take their place. */
  readonly hideMoney: boolean;
};

export const [useScreen, provideScreen] = createContext<Screen>();
