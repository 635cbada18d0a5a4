/** Opens and joins group-buys over HTTP from a process of its own, so that it shares no event loop with what is measured. */
import { random } from './orders.ts';
import { atRate, inLanes, runInChild, serveLoad, tallied, type Tally } from './sending.ts';

export type GroupPlan = {
  url: string;
  key: string;
  clients: number;
  /** Requests a second, sent whether or not earlier ones were answered; 0: as fast as the answers come. */
  rate: number;
  /** Members are called so, with a number. */
  run: string;
} & (
  | { kind: 'open'; campaignId: string; count: number }
  /** `each` members want into each group, in random order. */
  | { kind: 'join'; groups: string[]; each: number }
);

/** Runs a plan in a child process. */
export const runGroupLoad = (plan: GroupPlan): Promise<Tally> => runInChild(import.meta.filename, plan);

/** Who joins what: every group `each` times, shuffled by a generator of its own. */
function shuffled({ groups, each }: { groups: string[]; each: number }): string[] {
  const list = Array.from({ length: groups.length * each }, (_, i) => groups[i % groups.length]!);
  const next = random(7);
  for (let i = list.length - 1; i > 0; i--) {
    const other = Math.floor(next() * (i + 1));
    [list[i], list[other]] = [list[other]!, list[i]!];
  }
  return list;
}

serveLoad(import.meta.filename, (plan: GroupPlan) =>
  tallied(
    { url: plan.url, path: '/api/v1/groups', key: plan.key, contentType: 'application/json' },
    { sockets: plan.rate > 0 ? Infinity : plan.clients, wanted: 201 },
    async (post) => {
      const joins = plan.kind === 'join' ? shuffled(plan) : [];
      const count = plan.kind === 'join' ? joins.length : plan.count;
      const send = (no: number, due: number) => {
        const memberId = `${plan.run}-${no}`;
        return plan.kind === 'join'
          ? post(JSON.stringify({ memberId }), due, `/api/v1/groups/${joins[no]!}/joins`)
          : post(JSON.stringify({ campaignId: plan.campaignId, memberId }), due);
      };
      if (plan.rate > 0) await atRate(count, plan.rate, send);
      else await inLanes(plan.clients, { seconds: 300, most: count }, send);
    },
  ),
);
