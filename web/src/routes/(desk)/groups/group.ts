import type {
  BargainFlag,
  BargainState,
  GroupEnd,
  GroupFlag,
  GroupState,
  PromotionSource,
  RefundReason,
} from '@zhanggui/shared/contract/words.ts';
import type { GroupsMessages } from '#lib/i18n/groups.zh-CN.ts';

/** As `/api/v1/groups` answers. Amounts in minor units. */
export type Group = {
  id: string;
  campaignId: string | null;
  campaign: string | null;
  campaignRef: string | null;
  source: PromotionSource;
  state: GroupState;
  because: GroupEnd | null;
  size: number | null;
  members: number;
  virtual: number;
  leader: string | null;
  openedAt: string;
  expiresAt: string | null;
  formedAt: string | null;
  endedAt: string | null;
  flags: GroupFlag[];
};

export type Seat = {
  position: number;
  memberId: string;
  joinedAt: string;
  leftAt: string | null;
  orderId: string | null;
  refund: { id: string; amount: number; confirmed: boolean } | null;
};
export type GroupDetail = Group & { seats: Seat[] };

export type Bargain = {
  id: string;
  campaign: string | null;
  campaignRef: string | null;
  source: PromotionSource;
  state: BargainState;
  memberId: string | null;
  startPrice: number | null;
  floorPrice: number | null;
  price: number | null;
  helpers: number | null;
  helps: number;
  openedAt: string;
  expiresAt: string | null;
  boughtAt: string | null;
  boughtPrice: number | null;
  endedAt: string | null;
  orderId: string | null;
  flags: BargainFlag[];
};

export type Refund = {
  id: string;
  state: 'untold' | 'asked' | 'late' | 'confirmed';
  groupId: string;
  memberId: string;
  orderId: string;
  amount: number;
  reason: RefundReason;
  askedAt: string;
  reminders: number;
  confirmedAt: string | null;
  confirmedBy: string | null;
};

/** An id as a person can compare it: the end of a long one. */
export const shortId = (id: string): string => (id.length > 14 ? `…${id.slice(-8)}` : id);

export const groupLink = (id: string): string => `/groups/${encodeURIComponent(id)}`;

/** Of a group that nobody told the end of it is not said that it did not form. */
export const stateText = (m: GroupsMessages, { state, because }: Pick<Group, 'state' | 'because'>) =>
  because === 'unheard' ? m.noOutcome : m.states[state];
