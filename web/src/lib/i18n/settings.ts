import type { Locale } from '@zhanggui/shared/contract/words.ts';
import { settingsEn } from './settings.en.ts';
import { settingsZh, type SettingsMessages } from './settings.zh-CN.ts';

const messages: Record<Locale, SettingsMessages> = { 'zh-CN': settingsZh, en: settingsEn };

/** The words of what the company decided for all: who may approve how much, and what points are given. */
export const settingsWords = ({ locale }: { locale: Locale }): SettingsMessages => messages[locale];
