/** What screens make of topic `live`: the shows in order, their curves, and how urgent a product's end is. Pure. */
import type {
  LiveFeatured,
  LiveMark,
  LiveMinute,
  LiveNext,
  LivePast,
  LiveRequest,
  LiveTile,
} from '@zhanggui/shared/contract/board.ts';
import type { BoardTopic } from '#lib/live/topic.svelte.ts';

type Board = BoardTopic<'live'>;
const MINUTE = 60_000;

/** Shows on air, the one with most viewers first; of equals the one that began first. */
export function showsOf(board: Board): LiveTile[] {
  const shows = [...board.entries<LiveTile>('session:')].map(([, show]) => show);
  return shows.sort((a, b) => b.viewers - a.viewers || (a.startedAt < b.startedAt ? -1 : 1));
}

const numbered = <T extends object>(board: Board, name: 'past' | 'next', most: number): T[] =>
  Array.from({ length: most }, (_, i) => board.get(`${name}:${i + 1}`) as T | undefined).filter(
    (row) => row !== undefined,
  );
export const pastShows = (board: Board): LivePast[] => numbered<LivePast>(board, 'past', 5);
export const nextShows = (board: Board): LiveNext[] => numbered<LiveNext>(board, 'next', 3);

export const marksOf = (board: Board, session: string): LiveMark[] =>
  board.get(`marks:${session}`)?.list ?? [];

/** What is asked of a show's host, the oldest first. */
export function requestsOf(board: Board, session: string): LiveRequest[] {
  const all = [...board.entries<LiveRequest>('request:')].map(([, request]) => request);
  return all
    .filter((request) => request.session === session)
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** One minute of a curve; `at` in epoch ms. Viewers are null where nothing was heard, money is where it is hidden. */
export type CurveMinute = { at: number; viewers: number | null; orders: number; placed: number | null };

/** The minutes from `from` to `to` (epoch ms), also those in which nothing was heard. */
export function curveOf(board: Board, session: string, from: number, to: number): CurveMinute[] {
  const first = Math.floor(from / MINUTE);
  const last = Math.floor(to / MINUTE);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
    const minute: LiveMinute | undefined = board.get(`minute:${first + i}@${session}`);
    return {
      at: (first + i) * MINUTE,
      viewers: minute?.viewers ?? null,
      orders: minute?.orders ?? 0,
      placed: minute ? minute.placed : 0,
    };
  });
}

/** Closer than this the host has to act; closer than the second everybody may know. */
export const URGENT_MS = 5 * MINUTE;
const SOON_MS = 20 * MINUTE;

export type Runway = {
  state: 'gone' | 'urgent' | 'soon' | 'lasts' | 'still';
  /** Until the last piece goes; null: nothing sells, or nothing is left. */
  leftMs: number | null;
};

/** How long what the host holds up lasts. */
export function runwayOf({ available, soldOutAt }: LiveFeatured, now: number): Runway {
  if (available <= 0) return { state: 'gone', leftMs: null };
  if (soldOutAt === null) return { state: 'still', leftMs: null };
  const leftMs = Math.max(0, Date.parse(soldOutAt) - now);
  return { state: leftMs < URGENT_MS ? 'urgent' : leftMs < SOON_MS ? 'soon' : 'lasts', leftMs };
}

/** Where it ends first, where it is sold from several places; null: there is only one, or nobody knows it. */
export function placeOf(
  { elsewhere, location, locationNameZh, locationNameEn }: LiveFeatured,
  nameOf: (names: { nameZh: string; nameEn: string }) => string,
): string | null {
  if (elsewhere === null || location === null) return null;
  return nameOf({ nameZh: locationNameZh ?? '', nameEn: locationNameEn ?? '' }) || location;
}

/** `4:07` below an hour, `1:12:40` below a day. */
export function countdown(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** Longer than this a countdown by the second says nothing. */
export const COUNTED_MS = 2 * 3_600_000;
