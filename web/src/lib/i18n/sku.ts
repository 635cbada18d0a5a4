import type { Locale } from '@zhanggui/shared/contract/words.ts';
import { skuEn } from './sku.en.ts';
import { skuZh, type SkuMessages } from './sku.zh-CN.ts';

export type { SkuMessages };

const messages: Record<Locale, SkuMessages> = { 'zh-CN': skuZh, en: skuEn };

/** The words of a SKU's page. They come with that page, so both languages may. */
export const skuWords = ({ locale }: { locale: Locale }): SkuMessages => messages[locale];
