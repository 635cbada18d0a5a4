/** Checks of campaigns against the ledger. */
import type { Sql } from '../platform/database.ts';
import { differences, type Differences } from '../platform/differences.ts';

/** What was spent on each campaign, by channel. */
export function compareSpend(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select data ->> 'campaignId' as campaign_id, data ->> 'channel' as channel, sum((data ->> 'amount')::bigint)::bigint as amount
        from ledger where type = 'spend.recorded' and data ->> 'campaignId' is not null group by 1, 2`,
      found: sql`select campaign_id, channel, amount from campaign_spend`,
      keys: ['campaign_id', 'channel'],
      values: ['amount'],
    },
    limit,
  );
}
