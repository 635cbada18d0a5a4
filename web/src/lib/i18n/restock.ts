import type { Locale } from '@zhanggui/shared/contract/words.ts';
import { restockEn } from './restock.en.ts';
import { restockZh, type RestockMessages } from './restock.zh-CN.ts';

export type { RestockMessages };

const messages: Record<Locale, RestockMessages> = { 'zh-CN': restockZh, en: restockEn };

/** The words of restocking. They come with its pages, so both languages may. */
export const restockWords = ({ locale }: { locale: Locale }): RestockMessages => messages[locale];
