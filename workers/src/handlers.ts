import type { Handler } from './job.ts';
import ageStock from './jobs/age-stock.ts';
import approveProposals from './jobs/approve-proposals.ts';
import assessStock from './jobs/assess-stock.ts';
import bookArrivals from './jobs/book-arrivals.ts';
import chaseOrders from './jobs/chase-orders.ts';
import closeCoupons from './jobs/close-coupons.ts';
import escalateAlerts from './jobs/escalate-alerts.ts';
import expireAccess from './jobs/expire-access.ts';
import expireGroups from './jobs/expire-groups.ts';
import expireReservations from './jobs/expire-reservations.ts';
import chaseRefunds from './jobs/chase-refunds.ts';
import foldGroups from './jobs/fold-groups.ts';
import fanOutCoupons from './jobs/fan-out-coupons.ts';
import gradeMembers from './jobs/grade-members.ts';
import keepReports from './jobs/keep-reports.ts';
import maintainPartitions from './jobs/maintain-partitions.ts';
import measureAutomations from './jobs/measure-automations.ts';
import noteStockOuts from './jobs/note-stock-outs.ts';
import planRestock from './jobs/plan-restock.ts';
import pruneBoard from './jobs/prune-board.ts';
import pruneCommands from './jobs/prune-commands.ts';
import pruneDeliveries from './jobs/prune-deliveries.ts';
import pruneMembers from './jobs/prune-members.ts';
import refreshMembers from './jobs/refresh-members.ts';
import runAutomations from './jobs/run-automations.ts';
import sendDelivery from './jobs/send-delivery.ts';
import settleCoupons from './jobs/settle-coupons.ts';
import tellAlerts from './jobs/tell-alerts.ts';
import sweepSignals from './jobs/sweep-signals.ts';
import watchCampaigns from './jobs/watch-campaigns.ts';
import watchStock from './jobs/watch-stock.ts';

/** Every handler of the catalogue in shared/src/contract/jobs.ts. */
export const handlers: readonly Handler[] = [
  ageStock,
  approveProposals,
  bookArrivals,
  chaseOrders,
  assessStock,
  closeCoupons,
  escalateAlerts,
  expireAccess,
  expireGroups,
  chaseRefunds,
  foldGroups,
  expireReservations,
  fanOutCoupons,
  gradeMembers,
  keepReports,
  maintainPartitions,
  measureAutomations,
  noteStockOuts,
  planRestock,
  pruneBoard,
  pruneCommands,
  pruneDeliveries,
  pruneMembers,
  refreshMembers,
  runAutomations,
  sendDelivery,
  settleCoupons,
  sweepSignals,
  tellAlerts,
  watchCampaigns,
  watchStock,
];
