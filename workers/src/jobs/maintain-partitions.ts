import { maintainLedgerPartitions } from '@zhanggui/shared/ingest/partition-store.ts';
import { handle } from '../job.ts';

/** The ledger's coming months are there long before their first fact; those past retention go. */
export default handle('maintain-partitions', async ({ sql, settings, log }) => {
  const { created, dropped } = await maintainLedgerPartitions(sql, {
    retainMonths: settings.ledgerRetentionMonths,
  });
  if (created.length + dropped.length > 0) log.info({ created, dropped }, 'ledger partitions maintained');
});
