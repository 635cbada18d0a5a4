import type { Locale } from '@zhanggui/shared/contract/words.ts';
import { membersEn } from './members.en.ts';
import { membersZh, type MembersMessages } from './members.zh-CN.ts';

export type { MembersMessages };

const messages: Record<Locale, MembersMessages> = { 'zh-CN': membersZh, en: membersEn };

/** The words of members and segments. */
export const memberWords = ({ locale }: { locale: Locale }): MembersMessages => messages[locale];
