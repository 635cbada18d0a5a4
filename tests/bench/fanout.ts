/**
 * Fanout: 10,000 screens in one room on this machine, 4 deltas a second of 1 kB; Socket.IO as the server uses it, beside a
 * bare `ws` broadcast of the same bytes. `npm run bench -- fanout [--clients 10000] [--seconds 10] [--rounds 3]`
 *
 * Server and screens share the processor, so the figures hold the screens' cost of reading too, on both sides alike.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { FanoutDone } from './support/fanout-server.ts';
import { median, option, printTable, quantile, say } from './support/table.ts';

const clients = option('clients', 10_000);
const seconds = option('seconds', 10);
const rounds = option('rounds', 3);
const PER_SECOND = 4;

type Result = { p50: number; p99: number; cpu: number };

function start(file: string, ...args: string[]): ChildProcess {
  const child = fork(path.join(import.meta.dirname, 'support', file), args, {
    execArgv: [],
    serialization: 'advanced',
  });
  child.on('exit', (code) => {
    if (code)
      throw new Error(`${file} ended with ${code}: is the limit of open files (ulimit -n) above ${clients}?`);
  });
  return child;
}

async function answer<T>(child: ChildProcess): Promise<T> {
  const [message] = (await once(child, 'message')) as [T];
  return message;
}

async function measure(kind: 'socket.io' | 'ws'): Promise<Result> {
  const server = start('fanout-server.ts', kind);
  const { port } = await answer<{ port: number }>(server);
  const screens = start('fanout-clients.ts');
  screens.send({ url: `ws://127.0.0.1:${port}`, kind, count: clients });
  await answer(screens);
  const deltas = seconds * PER_SECOND;
  server.send({ deltas, everyMs: 1000 / PER_SECOND, bytes: 1000 });
  const done = await answer<FanoutDone>(server);
  screens.send('report');
  const latencies = await answer<number[]>(screens);
  screens.disconnect();
  server.disconnect();
  await Promise.all([once(screens, 'exit'), once(server, 'exit')]);
  if (latencies.length !== clients * deltas)
    say(`${kind}: ${latencies.length} of ${clients * deltas} messages arrived`);
  // The first second warms up.
  const warm = latencies.slice(clients * PER_SECOND);
  return { p50: median(warm), p99: quantile(warm, 0.99), cpu: done.cpuMicros / (clients * deltas) };
}

const results = { 'socket.io': [] as Result[], ws: [] as Result[] };
for (let round = 0; round < rounds; round++)
  for (const kind of ['ws', 'socket.io'] as const) {
    const result = await measure(kind);
    results[kind].push(result);
    say(
      `round ${round + 1}: ${kind} p50 ${result.p50.toFixed(0)} ms, p99 ${result.p99.toFixed(0)} ms, ${result.cpu.toFixed(1)} µs a message`,
    );
  }
const of = (kind: 'socket.io' | 'ws', field: keyof Result) =>
  median(results[kind].map((result) => result[field]));
const row = (title: string, field: keyof Result, wanted: string) => {
  const [measured, raw] = [of('socket.io', field), of('ws', field)];
  return [title, measured, raw, measured / raw, wanted];
};
printTable(
  [`fanout to ${clients} screens`, 'measured', 'raw limit (ws)', 'ratio', 'wanted'],
  [
    row('delta p50, ms', 'p50', ''),
    row('delta p99, ms', 'p99', '≤ 1.5'),
    row('server processor, µs a message', 'cpu', '≤ 1.6'),
  ],
);
