import type { Handler } from './job.ts';
import expireAccess from './jobs/expire-access.ts';
import maintainPartitions from './jobs/maintain-partitions.ts';
import pruneBoard from './jobs/prune-board.ts';

/** Every handler of the catalogue in shared/src/contract/jobs.ts. */
export const handlers: readonly Handler[] = [expireAccess, maintainPartitions, pruneBoard];
