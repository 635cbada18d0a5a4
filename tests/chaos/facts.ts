/** Facts as tills and shops send them: late, twice, out of order, and again when no answer came. */
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { Stage } from './actors.ts';
import type { Records } from './records.ts';

export const SKUS = 40;
export const PLACES = 6;
export const skuCode = (no: number): string => `SKU-${String(no).padStart(3, '0')}`;
export const placeCode = (no: number): string => `L${String(no).padStart(2, '0')}`;

export type Event = { id: string; source: string; [attribute: string]: unknown };

export const eventOf = (id: string, type: string, at: number, data: object): Event => ({
  specversion: '1.0',
  id,
  source: 'chaos',
  type,
  time: new Date(at).toISOString(),
  data,
});

const LARGEST_BATCH = 20;

/** One till: sends batch after batch. */
export async function tellFacts({ client, records, random, name, signal }: Stage): Promise<void> {
  const upTo = (most: number) => 1 + Math.floor(random() * most);
  const chance = (share: number) => random() < share;
  /** Steps of orders that were placed, to be told at some time. */
  const later: { orderId: string; type: string }[] = [];
  let sent: Event[] = [];
  let [facts, orders] = [0, 0];
  const fact = (type: string, data: object): Event =>
    // Up to ten seconds ago: counts come before and after what they count.
    eventOf(`${name}-${(facts += 1)}`, type, Date.now() - Math.floor(random() * 10_000), data);

  function place(): Event[] {
    const orderId = `${name}-o${(orders += 1)}`;
    const location = placeCode(upTo(PLACES));
    const lines = Array.from({ length: upTo(3) }, () => ({
      sku: skuCode(upTo(SKUS)),
      qty: upTo(3),
      unitPrice: 100 * upTo(50),
    }));
    const method = (['carry', 'pickup', 'ship'] as const)[Math.floor(random() * 3)]!;
    const placed = fact('order.placed', {
      orderId,
      channel: method === 'carry' ? 'pos' : 'mall',
      location,
      lines,
      total: lines.reduce((sum, { qty, unitPrice }) => sum + qty * unitPrice, 0),
      fulfilment: { method, location },
    });
    const steps =
      method === 'carry'
        ? []
        : [
            'order.paid',
            chance(0.3) ? 'order.cancelled' : method === 'ship' ? 'order.shipped' : 'order.picked_up',
          ];
    // Some are told before the order itself.
    const early = steps.filter(() => chance(0.2)).map((type) => fact(type, { orderId }));
    later.push(...steps.map((type) => ({ orderId, type })));
    return chance(0.5) ? [...early, placed] : [placed, ...early];
  }

  function other(): Event {
    const location = placeCode(upTo(PLACES));
    const sku = skuCode(upTo(SKUS));
    const kind = random();
    if (kind < 0.5) return fact('stock.received', { location, ref: 'd', lines: [{ sku, qty: 5 * upTo(6) }] });
    if (kind < 0.8) return fact('stock.counted', { location, lines: [{ sku, onHand: upTo(40) - 1 }] });
    const to = placeCode(upTo(PLACES));
    return fact('stock.transferred', { from: location, to, ref: 't', lines: [{ sku, qty: upTo(5) }] });
  }

  while (!signal.aborted) {
    // A till that lost its answers sends yesterday's batch again.
    const again = sent.length > 0 && chance(0.1);
    const batch: Event[] = again ? sent : [];
    for (const most = upTo(LARGEST_BATCH); !again && batch.length < most;) {
      const kind = random();
      if (kind < 0.5) batch.push(...place());
      else if (kind < 0.85 && later.length > 0) {
        const [step] = later.splice(Math.floor(random() * later.length), 1);
        batch.push(fact(step!.type, { orderId: step!.orderId }));
      } else batch.push(other());
    }
    await tell({ client, records }, batch, { firm: !chance(0.1) });
    sent = batch;
  }
}

/** Sends a batch and writes down what came of it. One that is not `firm` is given up when no answer comes. */
export async function tell(
  { client, records }: Pick<Stage, 'client' | 'records'>,
  batch: readonly Event[],
  { firm }: { firm: boolean },
): Promise<void> {
  const keys = batch.map(({ source, id }) => `${source} ${id}`);
  const fresh = keys.every((key) => !records.facts.has(key));
  const known = keys.every((key) => records.facts.get(key)?.answered);
  for (const key of keys) if (!records.facts.has(key)) records.facts.set(key, { answered: false });
  const before = client.retries;
  const answer = await client.post('/api/v1/events', batch, firm ? {} : { tries: 1 });
  if (answer === null) return;
  const { accepted, duplicates } = answer.body as { accepted: number; duplicates: number };
  if (answer.status !== 200 || accepted + duplicates !== batch.length)
    records.contradictions.push(`${keys[0]}: ${answer.status} ${JSON.stringify(answer.body)}`);
  else {
    if (fresh && before === client.retries && duplicates > 0)
      records.contradictions.push(`${keys[0]}: ${duplicates} duplicates of what was never sent before`);
    if (known && accepted > 0) records.contradictions.push(`${keys[0]}: ${accepted} accepted a second time`);
    for (const key of keys) records.facts.get(key)!.answered = true;
  }
}

/** How many facts were sent and how many answered. */
export function countDeliveries(records: Records): { sent: number; answered: number } {
  const all = [...records.facts.values()];
  return { sent: all.length, answered: all.filter(({ answered }) => answered).length };
}

/** Promise 1, from outside: what was answered is in the ledger exactly once, and nothing is there that nobody sent. */
export async function checkFacts(sql: SqlPool, records: Records): Promise<string[]> {
  const rows = await sql<{ key: string; times: number }[]>`
    select s.name || ' ' || l.id as key, count(*)::int as times
    from ledger l join source s on s.no = l.source_no group by 1`;
  const times = new Map(rows.map((row) => [row.key, row.times]));
  const found: string[] = [];
  for (const [key, { answered }] of records.facts) {
    const there = times.get(key) ?? 0;
    if (there > 1 || (answered && there === 0))
      found.push(`${key} was ${answered ? '' : 'not '}answered and is in the ledger ${there} times`);
    times.delete(key);
  }
  for (const key of times.keys()) found.push(`${key} is in the ledger and was never sent`);
  return found;
}
