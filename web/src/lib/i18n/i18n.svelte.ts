import type { Locale } from '@zhanggui/shared/contract/words.ts';
import { zh, type Messages } from './zh-CN.ts';

const loaders: Record<Locale, () => Promise<Messages>> = {
  'zh-CN': () => Promise.resolve(zh),
  en: async () => (await import('./en.ts')).en,
};

/** The language of this screen. Chinese is built in; English comes when it is asked for. */
export class I18n {
  #locale = $state<Locale>('zh-CN');
  #messages = $state.raw<Messages>(zh);
  #wanted: Locale = 'zh-CN';

  get locale(): Locale {
    return this.#locale;
  }
  /** The words: `i18n.m.wall.title`. */
  get m(): Messages {
    return this.#messages;
  }

  async use(locale: Locale): Promise<void> {
    this.#wanted = locale;
    const messages = await loaders[locale]();
    // Someone may have pressed the key again while the words were on their way.
    if (this.#wanted !== locale) return;
    this.#messages = messages;
    this.#locale = locale;
  }

  toggle(): Promise<void> {
    return this.use(this.#wanted === 'zh-CN' ? 'en' : 'zh-CN');
  }
}
