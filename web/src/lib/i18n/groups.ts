import type { Locale } from '@zhanggui/shared/contract/words.ts';
import { groupsEn } from './groups.en.ts';
import { groupsZh, type GroupsMessages } from './groups.zh-CN.ts';

export type { GroupsMessages };

const messages: Record<Locale, GroupsMessages> = { 'zh-CN': groupsZh, en: groupsEn };

/** The words of group-buys, bargains and their refunds. */
export const groupWords = ({ locale }: { locale: Locale }): GroupsMessages => messages[locale];
