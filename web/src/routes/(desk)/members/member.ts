/** Members as the server answers them. Money in minor units. */
export type ListedMember = {
  id: string;
  name: string | null;
  phone: string | null;
  level: string | null;
  tags: string[];
  autoTags: string[];
  orders: number;
  net: number;
  points: number;
  lastOrderAt: string | null;
  lastSeenAt: string | null;
  forgottenAt: string | null;
};

export type MemberOrder = {
  orderId: string;
  placedAt: string;
  channel: string;
  store: string;
  units: number;
  total: number;
  refunded: number;
  state: 'placed' | 'paid' | 'cancelled';
};

export type Member = ListedMember & {
  mail: string | null;
  joinedAt: string | null;
  birthday: string | null;
  consents: Record<string, boolean>;
  units: number;
  refunded: number;
  averageTicket: number | null;
  firstOrderAt: string | null;
  gapDays: number | null;
  discountShare: number | null;
  favouriteCategory: string | null;
  favouriteChannel: string | null;
  favouriteStore: string | null;
  lastVisitAt: string | null;
  recencyScore: number | null;
  frequencyScore: number | null;
  moneyScore: number | null;
  ticketScore: number | null;
  latestOrders: MemberOrder[];
};

export type PointEntry = {
  no: number;
  kind: 'order' | 'spent' | 'given';
  ref: string;
  delta: number;
  reason: string | null;
  at: string;
  /** Of what was booked by somebody. */
  createdBy: string | null;
};

/** What the desk calls a booking that nobody named: not worth showing. */
export const DESK_REF = 'desk-';

export type TagRule = { tag: string; nameZh: string; nameEn: string };
