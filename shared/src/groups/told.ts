/**
 * Groups and bargains of shops that run their own engine. What they are is a function of the set of facts about them: sorted by time,
 * source and id and told from the beginning, so that any order of arrival ends in the same. Pure; times in epoch ms.
 */
import type { BargainFlag, GroupFlag } from '../contract/words.ts';
import { atDeadline, type Group, type Seat } from './group.ts';

/** A fact about a group or a bargain. `key` is `time source id`. */
export type ToldFact = {
  key: string;
  at: number;
  step: 'opened' | 'joined' | 'left' | 'helped';
  member: string;
  orderId: string | null;
  cut: number | null;
  /** How many fill the group, where the fact that opened it says so. */
  size: number | null;
};

/** What a campaign of ours says of its groups, where theirs belongs to one. */
export type ToldTerms = { size: number | null; lifeMs: number | null };

/** Where nobody told how long a group lasts, it is given up so long after the last that was heard of it. */
export const UNHEARD_MS = 24 * 3_600_000;

export type ToldSeat = Seat<string> & { joinedAt: number; leftAt: number | null; orderId: string | null };

export type ToldGroup = Group<string> & {
  openedAt: number;
  /** All that ever were, in order of joining. */
  everyone: ToldSeat[];
  flags: GroupFlag[];
};

export const inOrder = <F extends { at: number; key: string }>(facts: readonly F[]): F[] =>
  facts.toSorted((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));

/** The sizes that are told: by whoever opens it, and nobody else. */
const sizesOf = (facts: readonly ToldFact[]): number[] =>
  facts.flatMap(({ step, size }) => (step === 'opened' && size !== null ? [size] : []));

/**
 * A group as its facts tell it. They are facts: nobody is turned away. What ours would not have done is flagged.
 *
 * @param now when it is asked: a group without news runs out by the clock
 */
export function toldGroup(facts: readonly ToldFact[], terms: ToldTerms, now: number): ToldGroup {
  const { lifeMs } = terms;
  const list = inOrder(facts);
  const size = terms.size ?? sizesOf(list)[0] ?? null;
  const openedAt = list.find(({ step }) => step === 'opened')?.at ?? list[0]!.at;
  const heardAt = list.at(-1)!.at;
  const expiresAt = lifeMs === null ? heardAt + UNHEARD_MS : openedAt + lifeMs;
  const flags = new Set<GroupFlag>(sizesOf(list).some((each) => each !== size) ? ['told_size'] : []);
  const everyone: ToldSeat[] = [];
  const there = new Map<string, ToldSeat>();
  let formedAt: number | null = null;
  let emptiedAt: number | null = null;
  let opener: string | null = null;
  for (const { step, member, at, orderId } of list) {
    if (step === 'left') {
      const seat = there.get(member);
      if (!seat) continue;
      seat.leftAt = at;
      there.delete(member);
      if (formedAt !== null) flags.add('left_after_forming');
      if (there.size === 0) emptiedAt = at;
      continue;
    }
    if (step === 'opened') {
      if (opener !== null && opener !== member) flags.add('opened_twice');
      opener ??= member;
    }
    const known = there.get(member);
    if (known) {
      known.orderId ??= orderId;
      continue;
    }
    if (formedAt === null && at >= expiresAt && lifeMs !== null) flags.add('joined_late');
    const seat = { position: everyone.length + 1, member, joinedAt: at, leftAt: null, orderId };
    everyone.push(seat);
    there.set(member, seat);
    emptiedAt = null;
    if (size === null) continue;
    if (there.size > size) flags.add('over_full');
    if (there.size === size) {
      if (formedAt !== null) flags.add('formed_twice');
      formedAt ??= at;
    }
  }
  const group: Group<string> = {
    state: 'open',
    because: null,
    size,
    seats: everyone.filter(({ leftAt }) => leftAt === null),
    nextPosition: everyone.length + 1,
    expiresAt,
    virtualFrom: null,
    virtual: 0,
    at: null,
  };
  const ended = ((): Group<string> => {
    if (formedAt !== null) return { ...group, state: 'formed', because: 'full', at: formedAt };
    if (emptiedAt !== null) return { ...group, state: 'expired', because: 'left', at: emptiedAt };
    const over = atDeadline(group, now);
    // The moment that it was over, not the one at which it was looked at.
    return over === group ? group : { ...over, at: expiresAt };
  })();
  return { ...ended, openedAt, everyone, flags: [...flags].sort() };
}

/** What facts say of a group that our own engine decides: differences, nothing else. */
export function toldOfOurs(
  facts: readonly ToldFact[],
  { size: ours, members }: { size: number; members: ReadonlySet<string> },
): GroupFlag[] {
  const there = new Map<string, boolean>();
  for (const { step, member } of inOrder(facts)) there.set(member, step !== 'left');
  const flags = new Set<GroupFlag>(sizesOf(facts).some((each) => each !== ours) ? ['told_size'] : []);
  for (const [member, isIn] of there) {
    if (isIn && !members.has(member)) flags.add('told_more');
    if (!isIn && members.has(member)) flags.add('told_less');
  }
  return [...flags].sort();
}

export type ToldBargainTerms = {
  startPrice: number;
  floorPrice: number;
  helpers: number;
  lifeMs: number;
} | null;

export type ToldBargain = {
  state: 'open' | 'expired';
  member: string | null;
  openedAt: number;
  expiresAt: number;
  helps: { member: string; cut: number | null; at: number }[];
  cut: number;
  /** What is left of the start price; null: nobody told that. */
  price: number | null;
  flags: BargainFlag[];
};

/** A bargain as its facts tell it. That it was bought its order says. */
export function toldBargain(facts: readonly ToldFact[], terms: ToldBargainTerms, now: number): ToldBargain {
  const list = inOrder(facts);
  const opened = list.find(({ step }) => step === 'opened');
  const openedAt = opened?.at ?? list[0]!.at;
  const expiresAt = terms === null ? list.at(-1)!.at + UNHEARD_MS : openedAt + terms.lifeMs;
  const flags = new Set<BargainFlag>();
  const helps: ToldBargain['helps'] = [];
  const seen = new Set<string>();
  let cut = opened?.cut ?? 0;
  for (const fact of list) {
    if (fact.step === 'opened' && fact.member !== opened?.member) flags.add('opened_twice');
    if (fact.step !== 'helped') continue;
    // Each member counts once; a second cut of theirs is told, and shown.
    if (seen.has(fact.member)) {
      flags.add('helped_twice');
      continue;
    }
    seen.add(fact.member);
    helps.push({ member: fact.member, cut: fact.cut, at: fact.at });
    cut += fact.cut ?? 0;
    if (terms !== null && fact.at >= expiresAt) flags.add('helped_late');
  }
  if (terms !== null && helps.length > terms.helpers) flags.add('too_many_helpers');
  if (terms !== null && terms.startPrice - cut < terms.floorPrice) flags.add('below_floor');
  return {
    state: now >= expiresAt ? 'expired' : 'open',
    member: opened?.member ?? null,
    openedAt,
    expiresAt,
    helps,
    cut,
    price: terms === null ? null : Math.max(0, terms.startPrice - cut),
    flags: [...flags].sort(),
  };
}

/**
 * What facts say of a bargain that our own engine decides: helpers that it never let in, and cuts that it never gave.
 *
 * @param helpers who helped, and what they took off
 */
export function toldOfOurBargain(
  facts: readonly ToldFact[],
  helpers: ReadonlyMap<string, number | null>,
): BargainFlag[] {
  const flags = new Set<BargainFlag>();
  for (const { step, member, cut } of facts) {
    if (step !== 'helped') continue;
    if (!helpers.has(member)) flags.add('told_more');
    else if (cut !== null && cut !== helpers.get(member)) flags.add('told_cut');
  }
  return [...flags].sort();
}
