import type { Locale } from '@zhanggui/shared/contract/words.ts';
import { wallPromotionsEn } from './wall-promotions.en.ts';
import { wallPromotionsZh, type WallPromotionMessages } from './wall-promotions.zh-CN.ts';

export type { WallPromotionMessages };

const messages: Record<Locale, WallPromotionMessages> = { 'zh-CN': wallPromotionsZh, en: wallPromotionsEn };

/** The words of the wall's scene “Promotions”. They come with the wall, so both languages may. */
export const wallPromotionWords = ({ locale }: { locale: Locale }): WallPromotionMessages => messages[locale];
