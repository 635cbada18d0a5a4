import type { Locale } from '@zhanggui/shared/contract/words.ts';
import { campaignsEn } from './campaigns.en.ts';
import { campaignsZh, type CampaignMessages } from './campaigns.zh-CN.ts';

export type { CampaignMessages };

const messages: Record<Locale, CampaignMessages> = { 'zh-CN': campaignsZh, en: campaignsEn };

/** The words of campaigns and coupons. They come with their pages, so both languages may. */
export const campaignWords = ({ locale }: { locale: Locale }): CampaignMessages => messages[locale];
