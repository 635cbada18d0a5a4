/** What the scene “Promotions” makes of the topics `groups` and `coupons`. Pure. */
import type {
  CouponCampaign,
  CouponMinute,
  GroupFormed,
  GroupTile,
} from '@zhanggui/shared/contract/board.ts';
import type { BoardTopic } from '#lib/live/topic.svelte.ts';

type Groups = BoardTopic<'groups'>;
type Coupons = BoardTopic<'coupons'>;
const MINUTE = 60_000;

/** As many as the board tells of each kind. */
const MOST = 12;
function numbered<T extends object>(board: Groups, name: 'ending' | 'filling' | 'formed'): T[] {
  return Array.from({ length: MOST }, (_, i) => board.get(`${name}:${i + 1}`) as T | undefined).filter(
    (row) => row !== undefined,
  );
}

/** A group is about to end, and not merely the next one to: within so long. */
export const ENDING_MS = 60 * MINUTE;
/** Closer than this it needs somebody to act now. */
export const URGENT_MS = 5 * MINUTE;

/** Groups that end within the hour, the next one first. */
export const endingGroups = (board: Groups, now: number): GroupTile[] =>
  numbered<GroupTile>(board, 'ending').filter(({ expiresAt }) => Date.parse(expiresAt) - now <= ENDING_MS);

/** Groups that lack fewest members, without those that are shown elsewhere. */
export const fillingGroups = (board: Groups, shown: readonly GroupTile[]): GroupTile[] => {
  const ids = new Set(shown.map(({ id }) => id));
  return numbered<GroupTile>(board, 'filling').filter(({ id }) => !ids.has(id));
};

export const formedGroups = (board: Groups): GroupFormed[] => numbered<GroupFormed>(board, 'formed');

/** So many seats can be told apart in a ring; with more it is one line. */
export const MOST_SEATS = 12;

/**
 * The dashes of a ring whose length is `length`: a piece for each seat, or one line where there are too many. For
 * `stroke-dasharray` of the seats that are there and of those that are taken.
 */
export function ringOf(members: number, size: number): { length: number; seats: string; taken: string } {
  const taken = Math.max(0, Math.min(members, size));
  if (size > MOST_SEATS) return { length: size, seats: `${size} 0`, taken: `${taken} ${size}` };
  // In seats: about the same on the screen, however many there are.
  const gap = Math.min(0.3, size * 0.04);
  const seat = `${(1 - gap).toFixed(2)} ${gap.toFixed(2)}`;
  return {
    length: size,
    seats: seat,
    // The last gap reaches to the ring's end: what follows would begin at its start again.
    taken: taken === 0 ? `0 ${size}` : [...Array.from({ length: taken }, () => seat), `0 ${size}`].join(' '),
  };
}

/** A campaign with its id. */
export type Campaign = CouponCampaign & { id: string };

const rank = ({ state, pausedBy, fanOut }: CouponCampaign): number => {
  if (pausedBy === 'brake') return 0;
  if (fanOut) return 1;
  return { running: 2, paused: 3, ended: 4 }[state];
};

/** Those that need somebody, then those that are being sent, those that run, and what is over; the newest first. */
export function campaignsOf(board: Coupons): Campaign[] {
  const all = [...board.entries<CouponCampaign>('campaign:')].map(([key, campaign]) => ({
    ...campaign,
    id: key.slice('campaign:'.length),
  }));
  return all.sort(
    (a, b) =>
      rank(a) - rank(b) || (b.launchedAt ?? '').localeCompare(a.launchedAt ?? '') || (a.id < b.id ? 1 : -1),
  );
}

/** One minute of coupons; `at` in epoch ms. */
export type FlowMinute = { at: number; issued: number; redeemed: number };

export const FLOW_MINUTES = 60;

/** The hour until `now`, also the minutes in which nothing happened; of one campaign, or of all. */
export function flowOf(board: Coupons, now: number, campaign: string | null = null): FlowMinute[] {
  const last = Math.floor(now / MINUTE);
  return Array.from({ length: FLOW_MINUTES }, (_, i) => {
    const minute = last - FLOW_MINUTES + 1 + i;
    const key = campaign === null ? (`minute:${minute}` as const) : (`minute:${minute}@${campaign}` as const);
    const told: CouponMinute | undefined = board.get(key);
    return { at: minute * MINUTE, issued: told?.issued ?? 0, redeemed: told?.redeemed ?? 0 };
  });
}

/** For those who hear it: so many minutes each in one row. */
export function inSteps(minutes: readonly FlowMinute[], step: number): FlowMinute[] {
  const rows: FlowMinute[] = [];
  for (const [i, { at, issued, redeemed }] of minutes.entries()) {
    const row = i % step === 0 ? undefined : rows.at(-1);
    if (!row) rows.push({ at, issued, redeemed });
    else {
      row.issued += issued;
      row.redeemed += redeemed;
    }
  }
  return rows;
}
