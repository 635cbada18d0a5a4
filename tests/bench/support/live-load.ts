/** Livestreams on air: a pulse of each room in each second, and orders that name their session, from a process of its own. */
import { placeCode, random, skuCode } from './orders.ts';
import { atRate, runInChild, serveLoad, tallied } from './sending.ts';

export type LivePlan = {
  url: string;
  key: string;
  /** Sessions that report; the first is left to the caller. */
  sessions: string[];
  seconds: number;
  /** Orders a second. */
  rate: number;
};
export type LiveResult = { requests: number; latencies: number[]; failures: Record<string, number> };

export const runLive = (plan: LivePlan, onStart?: () => void): Promise<LiveResult> =>
  runInChild(import.meta.filename, plan, onStart);

const SKUS_ON_SHOW = 12;
const ORDERS_IN_A_REQUEST = 10;

export const liveEvent = (type: string, id: string, at: number, data: object) => ({
  specversion: '1.0',
  id,
  source: 'live',
  type,
  time: new Date(at).toISOString(),
  data,
});

/** What a room says of the last second. */
export const pulseOf = (sessionId: string, viewers: number) => ({
  sessionId,
  viewers,
  entered: 30,
  likes: 200,
  comments: 20,
  clicks: 40,
  bySku: [{ sku: skuCode(1), clicks: 40 }],
});

function orderOf(no: number, sessionId: string, run: string) {
  const next = random(no);
  const line = {
    sku: skuCode(1 + Math.floor(next() * SKUS_ON_SHOW)),
    qty: 1 + Math.floor(next() * 2),
    unitPrice: 9900,
  };
  return {
    orderId: `${run}-${no}`,
    channel: 'live',
    sessionId,
    lines: [line],
    total: line.qty * line.unitPrice,
    fulfilment: { method: 'ship', location: placeCode(1 + Math.floor(next() * 2)) },
  };
}

async function work({ url, key, sessions, seconds, rate }: LivePlan): Promise<LiveResult> {
  const run = Date.now().toString(36);
  const reporting = sessions.slice(1);
  const perSecond = rate / ORDERS_IN_A_REQUEST;
  const { good, latencies, others } = await tallied(
    { url, path: '/api/v1/events', key, contentType: 'application/cloudevents-batch+json' },
    { sockets: Infinity, wanted: 200 },
    async (post) => {
      const orders = atRate(Math.ceil(perSecond * seconds), perSecond, (no, due) =>
        post(
          JSON.stringify(
            Array.from({ length: ORDERS_IN_A_REQUEST }, (_, i) => {
              const order = no * ORDERS_IN_A_REQUEST + i;
              const session = sessions[Math.floor(random(order + 1)() * sessions.length)]!;
              return liveEvent('order.placed', `${run}-o${order}`, Date.now(), orderOf(order, session, run));
            }),
          ),
          due,
        ),
      );
      // One after the other within the second, as rooms are.
      const pulses = atRate(reporting.length * seconds, reporting.length, (no, due) => {
        const session = reporting[no % reporting.length]!;
        return post(
          JSON.stringify([
            liveEvent('live.pulse', `${run}-p${no}`, Date.now(), pulseOf(session, 1000 + (no % 97))),
          ]),
          due,
        );
      });
      await Promise.all([orders, pulses]);
    },
  );
  return { requests: good, latencies, failures: others };
}

serveLoad(import.meta.filename, work);
