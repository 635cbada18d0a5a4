import { locales, type Locale } from '@zhanggui/shared/contract/words.ts';

export const themes = ['system', 'dark', 'light'] as const;
export type Theme = (typeof themes)[number];

const LOCALE_KEY = 'zhanggui.locale';
const THEME_KEY = 'zhanggui.theme';

function kept<T extends string>(key: string, allowed: readonly T[]): T | null {
  try {
    const value = localStorage.getItem(key);
    return allowed.find((each) => each === value) ?? null;
  } catch {
    return null;
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Without storage it holds until the page is closed.
  }
}

/** What a person chose for this browser: language and appearance. */
export class Preferences {
  #locale = $state<Locale>(
    kept(LOCALE_KEY, locales) ?? (navigator.language.startsWith('zh') ? 'zh-CN' : 'en'),
  );
  #theme = $state<Theme>(kept(THEME_KEY, themes) ?? 'system');

  get locale(): Locale {
    return this.#locale;
  }
  set locale(locale: Locale) {
    this.#locale = locale;
    keep(LOCALE_KEY, locale);
  }
  get theme(): Theme {
    return this.#theme;
  }
  set theme(theme: Theme) {
    this.#theme = theme;
    keep(THEME_KEY, theme);
  }
}

/** Shows the page in the language and colours chosen; follows the system's colours where that was chosen. */
export function applyPreferences(locale: Locale, theme: Theme): () => void {
  const root = document.documentElement;
  root.lang = locale;
  root.dataset.rise = locale === 'en' ? 'green' : 'red';
  const light = matchMedia('(prefers-color-scheme: light)');
  const apply = () => {
    root.dataset.theme = theme === 'system' ? (light.matches ? 'light' : 'dark') : theme;
  };
  apply();
  light.addEventListener('change', apply);
  return () => light.removeEventListener('change', apply);
}
