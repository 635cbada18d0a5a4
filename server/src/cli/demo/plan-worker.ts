/** A thread that plans one part of the demo company and ends. See `planner.ts`. */
import { dayWindow } from '@zhanggui/shared/demo/day-window.ts';
import { inOrder, type TimedFact } from '@zhanggui/shared/demo/facts.ts';
import { demoLocations } from '@zhanggui/shared/demo/places.ts';
import { openingFacts } from '@zhanggui/shared/demo/supply.ts';
import { parentPort, workerData } from 'node:worker_threads';
import { eventBody } from '../event-body.ts';
import { worldOf, type Plan, type PlanRequest } from './planner.ts';

const { world: seed, part } = workerData as PlanRequest;
const world = worldOf(seed);
const facts =
  part === 'opening'
    ? demoLocations.flatMap((location) => openingFacts(world, location))
    : inOrder([...dayWindow(world, part)].flat());
const plan = packed(facts);
parentPort?.postMessage(plan, [plan.bytes.buffer, plan.ends.buffer, plan.at.buffer]);

/** All facts as they go over the wire, end to end. */
function packed(timed: readonly TimedFact[]): Plan {
  const bodies = timed.map(({ fact }) => eventBody(fact));
  const ends = new Uint32Array(bodies.length);
  let end = 0;
  for (const [i, body] of bodies.entries()) ends[i] = end += Buffer.byteLength(body);
  const bytes = new Uint8Array(end);
  const encoder = new TextEncoder();
  for (const [i, body] of bodies.entries())
    encoder.encodeInto(body, bytes.subarray(ends[i - 1] ?? 0, ends[i]));
  return { at: Float64Array.from(timed, ({ at }) => at), ends, bytes };
}
