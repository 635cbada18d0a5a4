import type { Locale } from '@zhanggui/shared/contract/words.ts';
import { deskEn } from './desk.en.ts';
import { deskZh, type DeskMessages } from './desk.zh-CN.ts';

export type { DeskMessages };

const messages: Record<Locale, DeskMessages> = { 'zh-CN': deskZh, en: deskEn };

/** The words of the desk's own pages. The wall does not load them. */
export const deskWords = ({ locale }: { locale: Locale }): DeskMessages => messages[locale];
