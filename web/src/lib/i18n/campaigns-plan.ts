import type { Locale } from '@zhanggui/shared/contract/words.ts';
import { campaignPlanEn } from './campaigns-plan.en.ts';
import { campaignPlanZh, type CampaignPlanMessages } from './campaigns-plan.zh-CN.ts';

export type { CampaignPlanMessages };

const messages: Record<Locale, CampaignPlanMessages> = { 'zh-CN': campaignPlanZh, en: campaignPlanEn };

/** The words around a campaign's launch: what is expected and checked before it, and what it came to. */
export const campaignPlanWords = ({ locale }: { locale: Locale }): CampaignPlanMessages => messages[locale];
