import type { Locale } from '@zhanggui/shared/contract/words.ts';
import { shelfEn } from './shelf.en.ts';
import { shelfZh, type ShelfMessages } from './shelf.zh-CN.ts';

export type { ShelfMessages };

const messages: Record<Locale, ShelfMessages> = { 'zh-CN': shelfZh, en: shelfEn };

/** The words of stock on shelves. They come with its pages, so both languages may. */
export const shelfWords = ({ locale }: { locale: Locale }): ShelfMessages => messages[locale];
