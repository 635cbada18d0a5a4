/** Bargains of our own engine, as commands decide about them. Lock order: bargains (by no), reservations, balances, campaigns. */
import type { BargainState, PromotionSource } from '../contract/words.ts';
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import type { Hold } from './group-store.ts';

/** What cuts are made of. */
export async function readBargainSecret(sql: Sql): Promise<Buffer> {
  const [row] = await sql<[{ value: Buffer }]>`select value from bargain_secret`;
  return row.value;
}

export type LockedBargain = {
  no: number;
  id: string;
  source: PromotionSource;
  state: BargainState;
  campaignNo: number;
  memberNo: number;
  startPrice: number;
  floorPrice: number;
  price: number;
  helpers: number;
  helps: number;
  buyAnytime: boolean;
  expiresAt: Date;
  boughtAt: Date | null;
  orderId: string | null;
};

/** Locks a bargain; null where there is none. */
export async function lockBargain(sql: Sql, id: string): Promise<LockedBargain | null> {
  const [row] = await sql<LockedBargain[]>`
    select no, id, source, state, campaign_no as "campaignNo", member_no as "memberNo", start_price as "startPrice",
      floor_price as "floorPrice", price, helpers, helps, buy_anytime as "buyAnytime", expires_at as "expiresAt", bought_at as "boughtAt",
      order_id as "orderId"
    from bargain where id = ${id} for update`;
  return row ?? null;
}

/** Which of a member's bargains in a campaign count for their limit. */
export async function takenBargains(sql: Sql, campaignNo: number, memberNo: number): Promise<Set<number>> {
  const rows = await sql<{ nth: number }[]>`
    select nth from bargain where campaign_no = ${campaignNo} and member_no = ${memberNo} and counts`;
  return new Set(rows.map(({ nth }) => nth));
}

export type NewBargain = {
  id: string;
  campaignNo: number;
  memberNo: number;
  nth: number;
  startPrice: number;
  floorPrice: number;
  helpers: number;
  buyAnytime: boolean;
  openedAt: Date;
  expiresAt: Date;
};

/** False where the member has opened another one in the meantime. */
export async function insertBargain(sql: Sql, row: NewBargain): Promise<boolean> {
  const { count } = await sql`
    insert into bargain (id, source, campaign_no, member_no, nth, counts, start_price, floor_price, price, helpers, buy_anytime, opened_at,
      expires_at)
    values (${row.id}, 'ours', ${row.campaignNo}, ${row.memberNo}, ${row.nth}, true, ${row.startPrice}, ${row.floorPrice}, ${row.startPrice},
      ${row.helpers}, ${row.buyAnytime}, ${row.openedAt}, ${row.expiresAt})
    on conflict do nothing`;
  return count === 1;
}

/** Takes a helper's cut off. False where they have helped already: then nothing was done. */
export async function cutBargain(
  sql: Sql,
  { no, nth, memberNo, cut, at }: { no: number; nth: number; memberNo: number; cut: number; at: Date },
): Promise<boolean> {
  const { count } = await sql`
    with help as (
      insert into bargain_help (bargain_no, nth, member_no, cut, at) values (${no}, ${nth}, ${memberNo}, ${cut}, ${at})
      on conflict do nothing returning bargain_no
    )
    update bargain b set helps = helps + 1, cut = b.cut + ${cut}, price = price - ${cut} from help where b.no = help.bargain_no`;
  return count === 1;
}

/** Fixes the price: once, since only an open one is bought. */
export async function buyBargain(
  sql: Sql,
  {
    no,
    at,
    orderId,
    held,
    hold,
  }: { no: number; at: Date; orderId: string | null; held: string | null; hold: Hold | null },
): Promise<void> {
  await sql`
    update bargain set state = 'bought', bought_at = ${at}, bought_price = price, order_id = ${orderId}, held = ${held},
      hold_skus = ${column(hold?.lines ?? [], ({ skuNo }) => skuNo)}::int[], hold_qtys = ${column(hold?.lines ?? [], ({ qty }) => qty)}::int[],
      hold_location = ${hold?.locationNo ?? null}
    where no = ${no} and state = 'open'`;
}
