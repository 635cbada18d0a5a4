/** Sends orders over HTTP from a process of its own, so that it shares no event loop with what is measured. */
import { orderBatch, type OrderOptions } from './orders.ts';
import { atRate, inLanes, runInChild, serveLoad, tallied } from './sending.ts';

export type LoadPlan = OrderOptions & {
  url: string;
  key: string;
  run: string;
  /** Number of the first order. */
  first: number;
  /** Orders in one request. */
  batch: number;
  connections: number;
  seconds: number;
  /** Orders a second, sent whether or not earlier ones were answered; 0: as fast as the answers come. */
  rate: number;
  /** Orders prepared in advance at most, with rate 0. */
  most: number;
};

/** `ms` of each request; with a rate from the moment it was due, so that a queue before the server counts too. */
export type LoadResult = {
  orders: number;
  seconds: number;
  latencies: number[];
  failures: Record<string, number>;
};

/** Runs a plan in a child process. `onStart` is called when bodies are ready and sending begins. */
export const runLoad = (plan: LoadPlan, onStart?: () => void): Promise<LoadResult> =>
  runInChild(import.meta.filename, plan, onStart);

async function work(plan: LoadPlan): Promise<LoadResult> {
  const { url, key, batch, connections, seconds, rate } = plan;
  const count = Math.ceil((rate > 0 ? rate * seconds : plan.most) / batch);
  const at = Date.now();
  const bodies = Array.from({ length: count }, (_, i) =>
    Buffer.from(JSON.stringify(orderBatch(plan.run, plan.first + i * batch, batch, at, plan))),
  );
  const { good, others, ...measured } = await tallied(
    { url, path: '/api/v1/events', key, contentType: 'application/cloudevents-batch+json' },
    { sockets: rate > 0 ? Infinity : connections, wanted: 200 },
    (post) => {
      const send = (no: number, due: number) => post(bodies[no]!, due);
      return rate > 0
        ? atRate(count, rate / batch, send)
        : inLanes(connections, { seconds, most: count }, send);
    },
  );
  return { ...measured, orders: good * batch, failures: others };
}

serveLoad(import.meta.filename, work);
