/** What generators of load have in common: a process of their own, requests at a rate or as fast as answers come, and a tally. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where to, as whom, and what kind of body. */
export type Target = { url: string; path: string; key: string; contentType: string };

/** `latencies`, in ms, of the answers of the wanted status; `others` counts the rest by status or error code. */
export type Tally = { good: number; seconds: number; latencies: number[]; others: Record<string, number> };

/**
 * Sends one body and notes the answer; `due`: when it should have gone, as of `performance.now()`; `path` where it is another than the
 * target's. Answers status or error.
 */
export type Post = (body: Buffer | string, due: number, path?: string) => Promise<number | string>;

/** Runs a plan in a child process of `file`, which calls `serveLoad`. `onStart` is called when sending begins. */
export async function runInChild<Result extends object>(
  file: string,
  plan: object,
  onStart?: () => void,
): Promise<Result> {
  const child = fork(file, [], { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send(plan);
  for (;;) {
    const [message] = (await once(child, 'message')) as ['started' | Result];
    if (message !== 'started') return message;
    onStart?.();
  }
}

/** The child's end of `runInChild`; does nothing in any other process. */
export function serveLoad<Plan, Result>(file: string, work: (plan: Plan) => Promise<Result>): void {
  if (process.argv[1] !== file || !process.send) return;
  process.once('message', (plan: Plan) => {
    void work(plan).then((result) => process.send!(result, undefined, {}, () => process.exit(0)));
  });
}

/** Tells the parent that sending begins, lets `send` send, and answers what came back. `sockets`: Infinity opens as many as it takes. */
export async function tallied(
  target: Target,
  { sockets, wanted }: { sockets: number; wanted: number },
  send: (post: Post) => Promise<void>,
): Promise<Tally> {
  const agent = new Agent({ keepAlive: true, maxSockets: sockets });
  const tally: Tally = { good: 0, seconds: 0, latencies: [], others: {} };
  process.send!('started');
  const started = performance.now();
  await send(async (body, due, path = target.path) => {
    const status = await postOnce({ ...target, path }, agent, body).catch(
      (error: NodeJS.ErrnoException) => error.code ?? error.message,
    );
    if (status === wanted) {
      tally.good += 1;
      tally.latencies.push(performance.now() - due);
    } else tally.others[status] = (tally.others[status] ?? 0) + 1;
    return status;
  });
  tally.seconds = (performance.now() - started) / 1000;
  agent.destroy();
  return tally;
}

/** Calls `send` `count` times, `perSecond` of them a second, whether or not earlier ones are done: a queue counts too. */
export async function atRate(
  count: number,
  perSecond: number,
  send: (no: number, due: number) => Promise<unknown>,
): Promise<void> {
  const started = performance.now();
  const under: Promise<unknown>[] = [];
  for (let no = 0; no < count; no++) {
    const due = started + (no * 1000) / perSecond;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    under.push(send(no, due));
  }
  await Promise.all(under);
}

/** In `lanes` lanes, each as fast as its answers come, for so many seconds or up to `most`. */
export async function inLanes(
  lanes: number,
  { seconds, most = Infinity }: { seconds: number; most?: number },
  send: (no: number, due: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const until = performance.now() + seconds * 1000;
  const lane = async () => {
    while (next < most && performance.now() < until) await send(next++, performance.now());
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function postOnce(
  { url, path, key, contentType }: Target,
  agent: Agent,
  body: Buffer | string,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url + path,
      {
        method: 'POST',
        agent,
        headers: {
          'Content-Type': contentType,
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
