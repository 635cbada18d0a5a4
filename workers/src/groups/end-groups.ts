/**
 * What becomes of groups whose time is up: formed or expired, once. A chunk is one transaction: the groups are claimed, decided, written,
 * their refunds asked for and their pieces freed, so it may be killed at any point, run twice and beside itself.
 */
import { noteChange } from '@zhanggui/shared/board/change-store.ts';
import { claimDue, closeSeats, findCalledOff } from '@zhanggui/shared/groups/deadline-store.ts';
import { atDeadline, callOff } from '@zhanggui/shared/groups/group.ts';
import {
  CampaignCounts,
  countOnCampaigns,
  lockGroups,
  readSeats,
  writeGroups,
  type LockedGroup,
} from '@zhanggui/shared/groups/group-store.ts';
import { askRefunds } from '@zhanggui/shared/groups/refund-store.ts';
import type { Sql, SqlPool } from '@zhanggui/shared/platform/database.ts';
import { releaseHolds } from '@zhanggui/shared/stock/reservation-store.ts';
import { bookFreed } from '../stock/book-freed.ts';

/** Groups in one transaction. */
const CHUNK = 500;

export type Ended = { formed: number; expired: number; refunds: number; signals: number };

/** Ends all that is due now. */
export async function endGroups(sql: SqlPool, now: Date): Promise<Ended> {
  const done: Ended = { formed: 0, expired: 0, refunds: 0, signals: 0 };
  const all = async (campaignNo?: number) => {
    for (let ended = CHUNK; ended === CHUNK;)
      ended = await sql.begin((tx) => endChunk(tx, now, campaignNo, done));
  };
  await all();
  for (const campaignNo of await findCalledOff(sql)) await all(campaignNo);
  return done;
}

/** Answers how many groups it ended. */
async function endChunk(tx: Sql, now: Date, campaignNo: number | undefined, done: Ended): Promise<number> {
  const nos = await claimDue(tx, { now, most: CHUNK, ...(campaignNo !== undefined && { campaignNo }) });
  if (nos.length === 0) return 0;
  // They are ours already; this reads them.
  const [locked, seats] = [await lockGroups(tx, nos), await readSeats(tx, nos)];
  const counts = new CampaignCounts();
  const ended = locked.map((row): LockedGroup => {
    const group = { ...row.group, seats: seats.get(row.no) ?? [] };
    const after = campaignNo === undefined ? atDeadline(group, now.getTime()) : callOff(group, now.getTime());
    const members = after.seats.length;
    if (after.state === 'formed')
      counts.add(row.campaignNo, { redeemed: members, reserved: -row.bonus, spent: row.bonus });
    else counts.add(row.campaignNo, { issued: -members, reserved: -row.bonus });
    return { ...row, group: after };
  });
  await writeGroups(tx, ended);
  const expired = ended.filter(({ group }) => group.state === 'expired').map(({ no }) => no);
  const held = await closeSeats(tx, expired);
  done.refunds += await askRefunds(tx, expired);
  done.signals += await bookFreed(tx, await releaseHolds(tx, held));
  await noteChange(tx, { topics: ['groups'], minutes: [], locationNos: [] });
  await countOnCampaigns(tx, counts.rows());
  done.expired += expired.length;
  done.formed += ended.length - expired.length;
  return ended.length;
}
