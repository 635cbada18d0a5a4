import type { Handler } from './job.ts';
import assessStock from './jobs/assess-stock.ts';
import expireAccess from './jobs/expire-access.ts';
import maintainPartitions from './jobs/maintain-partitions.ts';
import expireReservations from './jobs/expire-reservations.ts';
import pruneBoard from './jobs/prune-board.ts';
import watchStock from './jobs/watch-stock.ts';
import pruneCommands from './jobs/prune-commands.ts';

/** Every handler of the catalogue in shared/src/contract/jobs.ts. */
export const handlers: readonly Handler[] = [
  assessStock,
  expireAccess,
  maintainPartitions,
  pruneBoard,
  watchStock,
];
  expireReservations,
  pruneCommands,
