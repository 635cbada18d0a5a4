import type { Locale } from '@zhanggui/shared/contract/words.ts';
import { alertsEn } from './alerts.en.ts';
import { alertsZh, type AlertsMessages } from './alerts.zh-CN.ts';

export type { AlertsMessages };

const messages: Record<Locale, AlertsMessages> = { 'zh-CN': alertsZh, en: alertsEn };

/** The words of alerts. They come with the pages that show them, so both languages may. */
export const alertWords = ({ locale }: { locale: Locale }): AlertsMessages => messages[locale];
