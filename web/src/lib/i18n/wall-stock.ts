import type { Locale } from '@zhanggui/shared/contract/words.ts';
import { wallStockEn } from './wall-stock.en.ts';
import { wallStockZh, type WallStockMessages } from './wall-stock.zh-CN.ts';

export type { WallStockMessages };

const messages: Record<Locale, WallStockMessages> = { 'zh-CN': wallStockZh, en: wallStockEn };

/** The words of the scene “Stock”. Few enough to carry both languages. */
export const wallStockWords = ({ locale }: { locale: Locale }): WallStockMessages => messages[locale];
