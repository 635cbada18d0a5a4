/**
 * Members who earn points by orders, lose them by refunds, and spend or are given some by commands that may be asked again. Each lane
 * has members of its own.
 */
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { Stage } from './actors.ts';
import { eventOf, placeCode, tell } from './facts.ts';
import { HELD_SKU } from './groups.ts';
import type { Records } from './records.ts';

const MEMBERS = 5;
const UNIT_PRICE = 10_000;

export async function collect(stage: Stage): Promise<void> {
  const { client, records, random, name, signal } = stage;
  const member = () => `${name}-m${Math.floor(random() * MEMBERS)}`;
  for (let no = 1; !signal.aborted; no++) {
    const run = `${name}-p${no}`;
    const memberId = member();
    const orderId = `${run}-o`;
    const at = Date.now();
    const facts = [
      eventOf(`${run}-placed`, 'order.placed', at, {
        orderId,
        memberId,
        channel: 'mall',
        lines: [{ sku: HELD_SKU, qty: 1, unitPrice: UNIT_PRICE }],
        total: UNIT_PRICE,
        fulfilment: { method: 'ship', location: placeCode(1) },
      }),
      eventOf(`${run}-paid`, 'order.paid', at, { orderId }),
      ...(random() < 0.4
        ? [
            eventOf(`${run}-back`, 'order.refunded', at + 1, {
              orderId,
              amount: random() < 0.5 ? UNIT_PRICE : UNIT_PRICE / 4,
              lines: [],
            }),
          ]
        : []),
      ...(random() < 0.2 ? [eventOf(`${run}-off`, 'order.cancelled', at + 2, { orderId })] : []),
    ];
    // What follows may be heard of first.
    await tell({ client, records }, random() < 0.3 ? facts.toReversed() : facts, { firm: true });
    for (const [verb, points] of [
      ['give', 20],
      ['spend', 30],
    ] as const) {
      const ref = `${run}-${verb}`;
      const answer = await client.post(
        `/api/v1/members/${memberId}/points/${verb}`,
        { points, ref, ...(verb === 'give' && { reason: 'chaos' }) },
        { headers: { 'idempotency-key': ref } },
      );
      // A member is made by a job, of facts: until then there is none.
      const refused = answer?.status === 404 || (answer?.status === 409 && verb === 'spend');
      if (answer === null) records.points.set(ref, undefined);
      else if (answer.status === 200) records.points.set(ref, verb === 'give' ? points : -points);
      else if (refused) records.points.set(ref, 0);
      else records.contradictions.push(`${ref}: ${answer.status} ${JSON.stringify(answer.body)}`);
      if (answer === null) return;
    }
  }
}

/** Points from outside: what was answered was booked once, what was refused was not, and nothing else was. Whole orders: `zg verify`. */
export async function checkPoints(sql: SqlPool, records: Records): Promise<string[]> {
  const rows = await sql<{ ref: string; delta: number; entries: number }[]>`
    select ref, sum(delta)::int as delta, count(*)::int as entries from point_entry where kind in ('spent', 'given') group by ref`;
  const there = new Map(rows.map((row) => [row.ref, row]));
  const found: string[] = [];
  for (const [ref, delta] of records.points) {
    const row = there.get(ref);
    if (delta !== undefined && (row?.delta ?? 0) !== delta)
      found.push(`${ref} was answered as ${delta} points, the books say ${row?.delta ?? 0}`);
    if ((row?.entries ?? 0) > 1) found.push(`${ref} was booked ${row!.entries} times`);
    there.delete(ref);
  }
  for (const ref of there.keys()) found.push(`${ref} was booked and never asked for`);
  return found;
}
