/** Sends orders over HTTP from a process of its own, so that it shares no event loop with what is measured. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { orderBatch } from './orders.ts';

export type LoadPlan = {
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
export async function runLoad(plan: LoadPlan, onStart?: () => void): Promise<LoadResult> {
  const child = fork(import.meta.filename, [], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.send(plan);
  for (;;) {
    const [message] = (await once(child, 'message')) as ['started' | LoadResult];
    if (message !== 'started') return message;
    onStart?.();
  }
}

async function work(plan: LoadPlan): Promise<LoadResult> {
  const { batch, connections, seconds, rate } = plan;
  const count = Math.ceil((rate > 0 ? rate * seconds : plan.most) / batch);
  const at = Date.now();
  const bodies = Array.from({ length: count }, (_, i) =>
    Buffer.from(JSON.stringify(orderBatch(plan.run, plan.first + i * batch, batch, at))),
  );
  const agent = new Agent({ keepAlive: true, maxSockets: rate > 0 ? Infinity : connections });
  const result: LoadResult = { orders: 0, seconds: 0, latencies: [], failures: {} };
  process.send!('started');
  const started = performance.now();
  const post = async (body: Buffer, due: number) => {
    const status = await send(plan, agent, body).catch(
      (error: NodeJS.ErrnoException) => error.code ?? error.message,
    );
    if (status === 200) {
      result.orders += batch;
      result.latencies.push(performance.now() - due);
    } else result.failures[status] = (result.failures[status] ?? 0) + 1;
  };
  if (rate > 0) {
    const under: Promise<void>[] = [];
    for (const [i, body] of bodies.entries()) {
      const due = started + (i * batch * 1000) / rate;
      const wait = due - performance.now();
      if (wait > 0) await sleep(wait);
      under.push(post(body, due));
    }
    await Promise.all(under);
  } else {
    let next = 0;
    const until = started + seconds * 1000;
    const lane = async () => {
      while (next < bodies.length && performance.now() < until)
        await post(bodies[next++]!, performance.now());
    };
    await Promise.all(Array.from({ length: connections }, lane));
  }
  result.seconds = (performance.now() - started) / 1000;
  agent.destroy();
  return result;
}

function send({ url, key }: LoadPlan, agent: Agent, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}/api/v1/events`,
      {
        method: 'POST',
        agent,
        headers: {
          'Content-Type': 'application/cloudevents-batch+json',
          'Content-Length': body.length,
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
  process.once('message', (plan: LoadPlan) => {
    void work(plan).then((result) => process.send!(result, undefined, {}, () => process.exit(0)));
  });
