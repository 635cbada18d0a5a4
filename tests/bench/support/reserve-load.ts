/** Asks for reservations over HTTP from a process of its own, so that it shares no event loop with what is measured. */
import { PLACES, placeCode, random, SKUS, skuCode } from './orders.ts';
import { atRate, inLanes, runInChild, serveLoad, tallied, type Post } from './sending.ts';

export type ReservePlan = {
  url: string;
  key: string;
  run: string;
  clients: number;
} & (
  | {
      /** Every client asks for one piece of the same SKU at the same place until it is told that there is none. */
      kind: 'race';
    }
  | {
      /** Any SKUs at any places. */
      kind: 'mixed';
      seconds: number;
      /** Reservations a second, asked for whether or not earlier ones were answered; 0: as fast as the answers come. */
      rate: number;
    }
);

/** `ms` of each answer 201; with a rate from the moment it was due, so that a queue before the server counts too. */
export type ReserveResult = {
  reserved: number;
  seconds: number;
  latencies: number[];
  others: Record<string, number>;
};

/** Runs a plan in a child process. */
export const runReserveLoad = (plan: ReservePlan, onStart?: () => void): Promise<ReserveResult> =>
  runInChild(import.meta.filename, plan, onStart);

/** One or two lines; mostly at a certain place, else near one, else anywhere. A function of the number alone. */
function mixedBody(run: string, no: number): object {
  const next = random(no);
  const line = () => ({ sku: skuCode(1 + Math.floor(next() ** 3 * SKUS)), qty: 1 + Math.floor(next() * 2) });
  const lines = next() < 0.6 ? [line()] : [line(), line()];
  const place = placeCode(1 + Math.floor(next() * PLACES));
  const where = next();
  return {
    reference: `${run}-${no}`,
    channel: 'mall',
    lines,
    ...(where < 0.6 ? { location: place } : where < 0.9 ? { near: place } : { allowSplit: true }),
  };
}

async function work(plan: ReservePlan): Promise<ReserveResult> {
  const rate = plan.kind === 'mixed' ? plan.rate : 0;
  const { good, ...measured } = await tallied(
    { url: plan.url, path: '/api/v1/reservations', key: plan.key, contentType: 'application/json' },
    { sockets: rate > 0 ? Infinity : plan.clients, wanted: 201 },
    async (post) => {
      if (plan.kind === 'race') return race(plan, post);
      const send = (no: number, due: number) => post(JSON.stringify(mixedBody(plan.run, no)), due);
      if (rate > 0) await atRate(rate * plan.seconds, rate, send);
      else await inLanes(plan.clients, plan, send);
    },
  );
  return { ...measured, reserved: good };
}

async function race({ run, clients }: ReservePlan, post: Post): Promise<void> {
  const client = async (_: unknown, i: number) => {
    for (let n = 0; ; n++) {
      const wish = { lines: [{ sku: skuCode(1), qty: 1 }], location: placeCode(1) };
      const body = JSON.stringify({ reference: `${run}-${i}-${n}`, channel: 'mall', ...wish });
      if ((await post(body, performance.now())) !== 201) return;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
}

serveLoad(import.meta.filename, work);
