import type { Locale } from '@zhanggui/shared/contract/words.ts';
import { adminEn } from './desk-admin.en.ts';
import { adminZh, type AdminMessages } from './desk-admin.zh-CN.ts';

export type { AdminMessages };

const messages: Record<Locale, AdminMessages> = { 'zh-CN': adminZh, en: adminEn };

/** The words of the administration's pages. They come with those pages only, so both languages may. */
export const adminWords = ({ locale }: { locale: Locale }): AdminMessages => messages[locale];
