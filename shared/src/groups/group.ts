/** The life of a group-buy: who is in, who leads, when it forms and when it is over. Pure; times in epoch ms. */
import type { GroupEnd, GroupState } from '../contract/words.ts';

/** One who is in, in order of joining: the first one leads. */
export type Seat<Member> = { position: number; member: Member };

export type Group<Member> = {
  state: GroupState;
  /** Why it is not open any more. */
  because: GroupEnd | null;
  /** null: nobody told. Then it is never full. */
  size: number | null;
  seats: readonly Seat<Member>[];
  nextPosition: number;
  /** At this moment it is over; null: nobody knows. */
  expiresAt: number | null;
  /** At its deadline it is filled up from so many members on; null: never. */
  virtualFrom: number | null;
  /** How many it was filled up with. */
  virtual: number;
  /** When it formed or ended. */
  at: number | null;
};

export type JoinRefusal = 'already_joined' | 'group_full' | 'group_over';
export type LeaveRefusal = 'not_joined' | 'group_full' | 'group_over';

export const openGroup = <M>(
  opener: M,
  terms: Pick<Group<M>, 'size' | 'expiresAt' | 'virtualFrom'>,
): Group<M> => ({
  ...terms,
  state: 'open',
  because: null,
  seats: [{ position: 1, member: opener }],
  nextPosition: 2,
  virtual: 0,
  at: null,
});

export const leaderOf = <M>({ seats }: Pick<Group<M>, 'seats'>): M | null => seats[0]?.member ?? null;

const seatOf = <M>({ seats }: Group<M>, member: M) => seats.find((seat) => seat.member === member);

/** Why nobody may join or leave now; null: they may. At its deadline a group is over, also where nobody has noticed yet. */
const closed = <M>({ state, expiresAt }: Group<M>, now: number): 'group_full' | 'group_over' | null => {
  if (state === 'formed') return 'group_full';
  return state === 'expired' || (expiresAt !== null && now >= expiresAt) ? 'group_over' : null;
};

/** The group with one more, formed if that fills it, or why not. */
export function join<M>(group: Group<M>, member: M, now: number): Group<M> | JoinRefusal {
  if (seatOf(group, member)) return 'already_joined';
  const refusal = closed(group, now);
  if (refusal) return refusal;
  const seats = [...group.seats, { position: group.nextPosition, member }];
  const after = { ...group, seats, nextPosition: group.nextPosition + 1 };
  return seats.length === group.size ? { ...after, state: 'formed', because: 'full', at: now } : after;
}

/** The group without one; the next one leads on, and when the last one leaves it is over. */
export function leave<M>(group: Group<M>, member: M, now: number): Group<M> | LeaveRefusal {
  const refusal = closed(group, now);
  if (refusal) return refusal;
  if (!seatOf(group, member)) return 'not_joined';
  const seats = group.seats.filter((seat) => seat.member !== member);
  const after = { ...group, seats };
  return seats.length === 0 ? { ...after, state: 'expired', because: 'left', at: now } : after;
}

/** What becomes of a group whose time is up. One that is not open, or has time left, stays as it is. */
export function atDeadline<M>(group: Group<M>, now: number): Group<M> {
  const { state, expiresAt, size, seats, virtualFrom } = group;
  if (state !== 'open' || expiresAt === null || now < expiresAt) return group;
  if (size !== null && virtualFrom !== null && seats.length >= virtualFrom)
    return { ...group, state: 'formed', because: 'filled', virtual: size - seats.length, at: now };
  return { ...group, state: 'expired', because: size === null ? 'unheard' : 'time', at: now };
}

/** A campaign that is called off ends its open groups; nobody is added for it. */
export const callOff = <M>(group: Group<M>, now: number): Group<M> =>
  group.state === 'open' ? { ...group, state: 'expired', because: 'cancelled', at: now } : group;
