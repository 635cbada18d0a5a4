import type { CampaignToldMessages } from './campaigns-told.zh-CN.ts';

const plural = (count: string, one: string, many: string): string => `${count} ${count === '1' ? one : many}`;

export const campaignToldEn: CampaignToldMessages = {
  ranges: (count) => `${plural(count, 'range of members', 'ranges of members')} failed and got none`,
  rangesHint: 'Mend the cause, then try again; nobody gets a second one',
  again: 'Try again',
  rangesDone: (members) => `Giving ${plural(members, 'member', 'members')} theirs`,
  title: 'Messages',
  waiting: 'To be sent',
  told: 'Told',
  failed: 'Not delivered',
  waitingHint: 'Who agreed is looked at when they are sent',
  medium: 'Medium',
  nobody: 'Systems that only keep them',
  resend: 'Send failed ones again',
  resent: (members) => `Sending again to ${plural(members, 'member', 'members')}`,
  resentNone: 'Nothing can be sent again: their receivers are off or gone',
};
