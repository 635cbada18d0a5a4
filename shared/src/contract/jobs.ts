/**
 * The job catalogue: every job with its queue, its payload's schema, and its period if it repeats.
 * Payloads carry ids only. Workers refuse to start when a handler is missing or double.
 */
import { z } from 'zod';

/** By urgency, so that a million coupons never delay an alert. */
export const queues = ['urgent', 'deadlines', 'bulk', 'planning', 'delivery', 'housekeeping'] as const;
export type QueueName = (typeof queues)[number];

type JobSpec = { queue: QueueName; payload: z.ZodType; everyMs?: number };

export const jobs = {
  /** Opens, changes and ends the alerts and proposals of the balances that signals point at. */
  'assess-stock': { queue: 'urgent', payload: z.object({}) },
  /** Enqueues `assess-stock` for signals that no server enqueued. */
  'sweep-signals': { queue: 'urgent', payload: z.object({}), everyMs: 5_000 },
  /** Looks for rushes, and for alerts that do not fit their balances. */
  'watch-stock': { queue: 'urgent', payload: z.object({}), everyMs: 30_000 },
  /** Books what arrived of transfers and purchases, as facts from outside say. */
  'book-arrivals': { queue: 'urgent', payload: z.object({}), everyMs: 2_000 },
  /** Opens an alert for each order that is late. */
  'chase-orders': { queue: 'deadlines', payload: z.object({}), everyMs: 60_000 },
  /** Approves the proposals that the company's rule is about. */
  'approve-proposals': { queue: 'urgent', payload: z.object({}), everyMs: 30_000 },
  /** Notes once a day how much of the stock lies too long. */
  'age-stock': { queue: 'planning', payload: z.object({}), everyMs: 3_600_000 },
  /** Ends reservations whose time is up. */
  'expire-reservations': { queue: 'deadlines', payload: z.object({}), everyMs: 5_000 },
  /** Forgets Idempotency-Keys and reservations of long ago. */
  'prune-commands': { queue: 'housekeeping', payload: z.object({}), everyMs: 3_600_000 },
  /** Asks the next level about alerts that nobody answers; ends acknowledgements and snoozes that are over. */
  'escalate-alerts': { queue: 'deadlines', payload: z.object({}), everyMs: 15_000 },
  /** Hands the news of alerts to delivery, and enqueues what is to be sent. */
  'tell-alerts': { queue: 'delivery', payload: z.object({}), everyMs: 5_000 },
  /** Tries once to send a message to an endpoint. */
  'send-delivery': { queue: 'delivery', payload: z.object({ id: z.uuid() }) },
  /** Deletes deliveries that were done long ago. */
  'prune-deliveries': { queue: 'housekeeping', payload: z.object({}), everyMs: 3_600_000 },
  /** Gives an audience its coupons, range by range, for a moment; what is left goes on in the next job. */
  'fan-out-coupons': { queue: 'bulk', payload: z.object({ campaignId: z.uuid() }) },
  /** Begins and ends campaigns by the clock, and enqueues fan-outs that nobody works on. */
  'watch-campaigns': { queue: 'deadlines', payload: z.object({}), everyMs: 2_000 },
  /** Folds uses of coupons that facts tell of into coupons and campaigns. */
  'settle-coupons': { queue: 'deadlines', payload: z.object({}), everyMs: 2_000 },
  /** Ends coupons whose time is over, and gives back the money that was kept for them. */
  'close-coupons': { queue: 'housekeeping', payload: z.object({}), everyMs: 600_000 },
  /** Makes the last report of campaigns of which nothing changes any more. */
  'keep-reports': { queue: 'housekeeping', payload: z.object({}), everyMs: 600_000 },
  /** Forms or ends groups, and ends bargains, whose time is up; asks for the refunds of those that expired. */
  'expire-groups': { queue: 'deadlines', payload: z.object({}), everyMs: 2_000 },
  /** Follows refunds until they are confirmed: asks, tells, and asks again about those that are late. */
  'chase-refunds': { queue: 'deadlines', payload: z.object({}), everyMs: 10_000 },
  /** Finds the occasions of rules by behaviour, and draws who gets a coupon. */
  'run-automations': { queue: 'bulk', payload: z.object({}), everyMs: 10_000 },
  /** Measures what members bought after their draw, once the window is over. */
  'measure-automations': { queue: 'housekeeping', payload: z.object({}), everyMs: 600_000 },
  /** Groups and bargains of shops that run their own engine, as their facts say; and the orders of ours. */
  'fold-groups': { queue: 'deadlines', payload: z.object({}), everyMs: 2_000 },
  /** Forecasts and policies of all SKUs: the run that was asked for, or the day's if it is time. */
  'plan-restock': { queue: 'planning', payload: z.object({}), everyMs: 3_600_000 },
  /** Remembers when balances had nothing: days without stock are not days without demand. */
  'note-stock-outs': { queue: 'housekeeping', payload: z.object({}), everyMs: 300_000 },
  /** Creates the ledger's coming months and drops those past retention. */
  'maintain-partitions': { queue: 'housekeeping', payload: z.object({}), everyMs: 3_600_000 },
  /** Members whose orders changed, and what is said of members: profiles, points and tags. */
  'refresh-members': { queue: 'urgent', payload: z.object({}), everyMs: 2_000 },
  /** Fifths and automatic tags of all members: once a business day, or at once with `force`. */
  'grade-members': {
    queue: 'planning',
    payload: z.object({ force: z.boolean().optional() }),
    everyMs: 600_000,
  },
  /** Deletes what members looked at long ago. */
  'prune-members': { queue: 'housekeeping', payload: z.object({}), everyMs: 3_600_000 },
  /** Deletes expired sessions, links and pairing codes. */
  'expire-access': { queue: 'housekeeping', payload: z.object({}), everyMs: 60_000 },
  /** Deletes change notes that every publisher has long read. */
  'prune-board': { queue: 'housekeeping', payload: z.object({}), everyMs: 60_000 },
} as const satisfies Record<string, JobSpec>;

export type JobName = keyof typeof jobs;
export type JobPayload<N extends JobName> = z.infer<(typeof jobs)[N]['payload']>;
