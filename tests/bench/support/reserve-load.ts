/** Asks for reservations over HTTP from a process of its own, so that it shares no event loop with what is measured. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { PLACES, placeCode, random, SKUS, skuCode } from './orders.ts';

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
export async function runReserveLoad(plan: ReservePlan, onStart?: () => void): Promise<ReserveResult> {
  const child = fork(import.meta.filename, [], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.send(plan);
  for (;;) {
    const [message] = (await once(child, 'message')) as ['started' | ReserveResult];
    if (message !== 'started') return message;
    onStart?.();
  }
}

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
  const agent = new Agent({ keepAlive: true, maxSockets: rate > 0 ? Infinity : plan.clients });
  const result: ReserveResult = { reserved: 0, seconds: 0, latencies: [], others: {} };
  const post = async (body: object, due: number): Promise<number | string> => {
    const status = await send(plan, agent, JSON.stringify(body)).catch(
      (error: NodeJS.ErrnoException) => error.code ?? error.message,
    );
    if (status === 201) {
      result.reserved += 1;
      result.latencies.push(performance.now() - due);
    } else result.others[status] = (result.others[status] ?? 0) + 1;
    return status;
  };
  process.send!('started');
  const started = performance.now();
  if (plan.kind === 'race') {
    const client = async (_: unknown, i: number) => {
      for (let n = 0; ; n++) {
        const wish = { lines: [{ sku: skuCode(1), qty: 1 }], location: placeCode(1) };
        const status = await post(
          { reference: `${plan.run}-${i}-${n}`, channel: 'mall', ...wish },
          performance.now(),
        );
        if (status !== 201) return;
      }
    };
    await Promise.all(Array.from({ length: plan.clients }, client));
  } else if (rate > 0) {
    const under: Promise<unknown>[] = [];
    for (let no = 0; no < rate * plan.seconds; no++) {
      const due = started + (no * 1000) / rate;
      const wait = due - performance.now();
      if (wait > 0) await sleep(wait);
      under.push(post(mixedBody(plan.run, no), due));
    }
    await Promise.all(under);
  } else {
    let no = 0;
    const until = started + plan.seconds * 1000;
    const lane = async () => {
      while (performance.now() < until) await post(mixedBody(plan.run, no++), performance.now());
    };
    await Promise.all(Array.from({ length: plan.clients }, lane));
  }
  result.seconds = (performance.now() - started) / 1000;
  agent.destroy();
  return result;
}

function send({ url, key }: ReservePlan, agent: Agent, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}/api/v1/reservations`,
      {
        method: 'POST',
        agent,
        headers: {
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(body),
          Authorization: `Bearer ${key}`,
        },
      },
      (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode!));
        answer.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

if (process.argv[1] === import.meta.filename && process.send)
  process.once('message', (plan: ReservePlan) => {
    void work(plan).then((result) => process.send!(result, undefined, {}, () => process.exit(0)));
  });
