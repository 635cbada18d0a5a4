import type { Locale } from '@zhanggui/shared/contract/words.ts';
import { campaignToldEn } from './campaigns-told.en.ts';
import { campaignToldZh, type CampaignToldMessages } from './campaigns-told.zh-CN.ts';

const messages: Record<Locale, CampaignToldMessages> = { 'zh-CN': campaignToldZh, en: campaignToldEn };

/** The words for what came of a campaign's messages, and for what failed of it. */
export const campaignToldWords = ({ locale }: { locale: Locale }): CampaignToldMessages => messages[locale];
