import type { Locale } from '@zhanggui/shared/contract/words.ts';
import { rulesEn } from './rules.en.ts';
import { rulesZh, type RulesMessages } from './rules.zh-CN.ts';

export type { RulesMessages };

const messages: Record<Locale, RulesMessages> = { 'zh-CN': rulesZh, en: rulesEn };

/** The words of the pages where administrators say who is told, what is kept quiet and what needs nobody's approval. */
export const rulesWords = ({ locale }: { locale: Locale }): RulesMessages => messages[locale];
