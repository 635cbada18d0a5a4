/** A small company for tests of restock and supply: three shops on a line, two warehouses, two SKUs, two suppliers. */
import type { Sql } from '@zhanggui/shared/platform/database.ts';

export type Supply = { sku(code: string): number; location(code: string): number };

/** Shops S1, S2 and S3 lie one degree of latitude apart, HQ three degrees from S1. FAR sends to warehouses only, NEAR everywhere. */
export async function foundSupply(sql: Sql): Promise<Supply> {
  await sql`
    insert into supplier (code, name_zh, name_en, lead_time_days, direct)
    values ('FAR', '远', 'Far', 9, false), ('NEAR', '近', 'Near', 3, true)`;
  const skus = await sql<{ code: string; no: number }[]>`
    insert into sku (code, known, name_zh, name_en, cost, list_price, supplier, pack_size)
    values ('A', true, '甲', 'A', 1000, 1900, 'FAR', 4), ('B', true, '乙', 'B', 500, 800, 'NEAR', 1),
      ('C', true, '丙', 'C', 200, 300, 'NEAR', 1)
    returning code, no`;
  const locations = await sql<{ code: string; no: number }[]>`
    insert into location (code, known, kind, name_zh, name_en, region, latitude, longitude)
    values ('S1', true, 'store', '一店', 'Shop 1', 'EAST', 30, 120), ('S2', true, 'store', '二店', 'Shop 2', 'EAST', 31, 120),
      ('S3', true, 'store', '三店', 'Shop 3', 'WEST', 32, 120), ('HQ', true, 'hq_warehouse', '总仓', 'HQ', null, 33, 120),
      ('WEB', true, 'online_warehouse', '网仓', 'Web', null, null, null)
    returning code, no`;
  const numbers = (rows: { code: string; no: number }[]) => (code: string) => {
    const row = rows.find((each) => each.code === code);
    if (!row) throw new Error(`no ${code} in this company`);
    return row.no;
  };
  return { sku: numbers(skus), location: numbers(locations) };
}

export type BalanceSetting = {
  onHand: number;
  reserved?: number;
  inbound?: number;
  reorderPoint?: number;
  orderUpTo?: number;
  rate?: number;
};

/** Puts a balance and its policy down as if facts had made it so. */
export async function setBalance(
  sql: Sql,
  at: Supply,
  sku: string,
  location: string,
  { onHand, reserved = 0, inbound = 0, reorderPoint, orderUpTo, rate = 0 }: BalanceSetting,
): Promise<void> {
  const [skuNo, locationNo] = [at.sku(sku), at.location(location)];
  const available = onHand - reserved;
  const low = reorderPoint !== undefined && available <= reorderPoint;
  await sql`
    insert into stock (sku_no, location_no, on_hand, reserved, inbound, reorder_point, low_at, flagged_at)
    values (${skuNo}, ${locationNo}, ${onHand}, ${reserved}, ${inbound}, ${reorderPoint ?? null},
      ${low ? sql`now()` : null}, ${available <= 0 ? sql`now()` : null})
    on conflict (sku_no, location_no) do update set on_hand = excluded.on_hand, reserved = excluded.reserved,
      inbound = excluded.inbound, reorder_point = excluded.reorder_point, low_at = excluded.low_at,
      flagged_at = excluded.flagged_at`;
  if (reorderPoint !== undefined && orderUpTo !== undefined)
    await sql`
      insert into policy (sku_no, location_no, reorder_point, order_up_to, rate)
      values (${skuNo}, ${locationNo}, ${reorderPoint}, ${orderUpTo}, ${rate})
      on conflict (sku_no, location_no) do update set reorder_point = excluded.reorder_point,
        order_up_to = excluded.order_up_to, rate = excluded.rate`;
}
