import type { Locale } from '@zhanggui/shared/contract/words.ts';
import { automationsEn } from './automations.en.ts';
import { automationsZh, type AutomationMessages } from './automations.zh-CN.ts';

export type { AutomationMessages };

const messages: Record<Locale, AutomationMessages> = { 'zh-CN': automationsZh, en: automationsEn };

/** The words of rules by behaviour. They come with their pages, so both languages may. */
export const automationWords = ({ locale }: { locale: Locale }): AutomationMessages => messages[locale];
