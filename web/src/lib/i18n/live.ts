import type { Locale } from '@zhanggui/shared/contract/words.ts';
import { liveEn } from './live.en.ts';
import { liveZh, type LiveMessages } from './live.zh-CN.ts';

export type { LiveMessages };

const messages: Record<Locale, LiveMessages> = { 'zh-CN': liveZh, en: liveEn };

/** The words of livestreams. They come with their pages and their scene, so both languages may. */
export const liveWords = ({ locale }: { locale: Locale }): LiveMessages => messages[locale];
