/** What facts say was spent on campaigns: advertising, in minor units. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';

/** `campaignId`: of one of ours, or whatever an advertiser calls theirs. */
export type SpendRow = { campaignId: string; channel: string; amount: number };

/** Adds to the sums, in the ledger's transaction. Rows must be unique and sorted by (campaign, channel), the lock order. */
export async function addSpend(sql: Sql, rows: readonly SpendRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    insert into campaign_spend as t (campaign_id, channel, amount)
    select * from unnest(
      ${column(rows, (row) => row.campaignId)}::text[], ${column(rows, (row) => row.channel)}::text[],
      ${column(rows, (row) => row.amount)}::bigint[])
    on conflict (campaign_id, channel) do update set amount = t.amount + excluded.amount`;
}

/** Of a campaign, in all channels. */
export async function readSpend(sql: Sql, campaignId: string): Promise<number> {
  const [row] = await sql<[{ amount: number }]>`
    select coalesce(sum(amount), 0)::bigint as amount from campaign_spend where campaign_id = ${campaignId}`;
  return row.amount;
}
