import type { SettingsMessages } from './settings.zh-CN.ts';

export const settingsEn: SettingsMessages = {
  title: 'Company settings',
  lead: 'What holds for the whole company. Each change is in the audit log.',
  unsaved: 'Changes are not saved',
  limit: {
    title: 'Approval of campaigns',
    says: (limit) =>
      `One person decides about ${limit} at most: what may cost more (with what they approved alone in the last 30 days) is approved by somebody who neither wrote nor changed it.`,
    none: 'Every campaign that costs anything is approved by somebody who neither wrote nor changed it.',
    change: 'Change the limit',
    label: 'One person decides about',
    hint: '0: every campaign that costs anything needs somebody else',
    bad: 'An amount, such as 50000 or 50k',
    saved: 'Limit saved',
  },
  points: {
    title: 'Points',
    says: (unit, points) => `${points} ${points === '1' ? 'point' : 'points'} for each whole ${unit} paid`,
    none: 'Payments earn no points',
    label: (unit) => `Points for each whole ${unit} paid`,
    hint: 'For orders paid after it is saved; those before stay as they are',
    bad: '0 to 1000, with four decimals at most',
    saved: 'Saved: orders paid from now on go by it',
    history: 'Earlier rates',
    from: 'From',
    rate: 'Rate',
    by: 'By',
    beginning: 'the beginning',
  },
  automations: { title: 'Automations' },
};
