import { maintainLedgerPartitions } from '@zhanggui/shared/ingest/partition-store.ts';
import { connect } from '@zhanggui/shared/platform/database.ts';
import { found, migrate } from '@zhanggui/shared/platform/migrate.ts';
import { migrateQueues } from '@zhanggui/shared/platform/queue-backends.ts';
import type { Settings } from '@zhanggui/shared/platform/settings.ts';

/**
 * Makes a database ready for this version: schema, the company's currency and time zone, the ledger's first partitions,
 * and the queues' tables where they are kept in Postgres. Safe to run at any time, also by several at once.
 * Returns the names of the migrations that ran.
 */
export async function prepareDatabase(
  databaseUrl: string,
  settings: Pick<Settings, 'currency' | 'timeZone' | 'redisUrl'>,
): Promise<string[]> {
  const sql = connect(databaseUrl, { max: 1, application: 'zhanggui migrate' });
  try {
    const ran = await migrate(sql);
    await found(sql, settings);
    await maintainLedgerPartitions(sql);
    if (settings.redisUrl === undefined) await migrateQueues(databaseUrl);
    return ran;
  } finally {
    await sql.end({ timeout: 5 });
  }
}
