/** Whom a campaign is for, as one choice: nothing for all members, the id of a segment, or what only the API says. */
import type { Audience } from '@zhanggui/shared/coupons/audience.ts';

/** A rule of the campaign's own. It is kept as long as nothing else is chosen. */
export const OWN_RULE = 'rule';
/** A list of members. Only its length is told: a draft keeps the one that it has, a new campaign cannot have the same. */
export const OWN_LIST = 'list';

export function audienceOf(choice: string): { kind: string; segmentId?: string } {
  if (choice === '') return { kind: 'all' };
  if (choice === OWN_LIST) return { kind: 'members' };
  return choice === OWN_RULE ? { kind: 'rule' } : { kind: 'segment', segmentId: choice };
}

/** As it is asked for: how long a list is, is not. */
export const askedOf = (audience: Audience): object =>
  audience.kind === 'members' ? { kind: 'members', holdoutPercent: audience.holdoutPercent } : audience;

export function choiceOf(audience: Audience): string {
  switch (audience.kind) {
    case 'all':
      return '';
    case 'segment':
      return audience.segmentId;
    case 'rule':
      return OWN_RULE;
    case 'members':
      return OWN_LIST;
  }
}
