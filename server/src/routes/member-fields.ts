/** Members as the API shows them. */
import { z } from 'zod';
import { may, sightOf, type Who } from '@zhanggui/shared/access/permissions.ts';
import { maskMail, maskPhone } from '@zhanggui/shared/members/member.ts';
import type { MemberProfile, MemberRow, MemberSight } from '@zhanggui/shared/members/member-store.ts';
import { instant } from '../http/fields.ts';

const score = z.int().nullable().describe('1 to 5: the fifth of all members that bought; 5 is the best');
const minor = z.int().describe('Minor units');

export const listedMember = z.object({
  id: z.string().describe('The shop’s own id'),
  name: z.string().nullable(),
  phone: z.string().nullable().describe('Masked in lists, and unless the role needs it'),
  level: z.string().nullable(),
  tags: z.array(z.string()).describe('Given by people and shops'),
  autoTags: z.array(z.string()).describe('Given by rules'),
  orders: z.int(),
  net: minor,
  points: z.int(),
  lastOrderAt: instant.nullable(),
  lastSeenAt: instant.nullable(),
  forgottenAt: instant.nullable(),
});

export const memberProfile = listedMember.extend({
  mail: z.string().nullable().describe('Masked unless the role needs it'),
  firstSeenAt: instant,
  joinedAt: instant.nullable(),
  birthday: z.string().nullable(),
  consents: z.record(z.string(), z.boolean()),
  units: z.int(),
  refunded: minor,
  averageTicket: minor.nullable(),
  firstOrderAt: instant.nullable(),
  gapDays: z.int().nullable().describe('Days between orders, mean'),
  discountShare: z
    .int()
    .nullable()
    .describe('Percent of what was bought below its list price or with a coupon'),
  favouriteCategory: z.string().nullable(),
  favouriteChannel: z.string().nullable(),
  favouriteStore: z.string().nullable(),
  categories: z.array(z.string()),
  channels: z.array(z.string()),
  stores: z.array(z.string()),
  lastVisitAt: instant.nullable(),
  recencyScore: score,
  frequencyScore: score,
  moneyScore: score,
  ticketScore: score,
  profiledAt: instant.nullable().describe('When it was last computed from the orders'),
});

export const memberOrder = z.object({
  orderId: z.string(),
  placedAt: instant,
  channel: z.string(),
  store: z.string(),
  units: z.int(),
  total: minor,
  refunded: minor,
  state: z.enum(['placed', 'paid', 'cancelled']),
});

/** Lists tell members apart; nobody needs a hundred numbers on a screen. */
export function listed<M extends MemberRow>(member: M): M {
  return member.phone === null ? member : { ...member, phone: maskPhone(member.phone) };
}

/** Whom someone sees: a manager those who bought in their stores. */
export function sightOn(who: Who): MemberSight {
  const sight = sightOf(who);
  return sight === 'all' ? undefined : sight;
}

/** One member: number and address as they are for whoever needs them. */
export const shown = <M extends MemberProfile>(who: Who, member: M): M =>
  may(who, 'members.phone') ? member : listed({ ...member, mail: member.mail && maskMail(member.mail) });
