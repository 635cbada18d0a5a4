/** A web shop that holds pieces for its customers, by commands that may be asked again. */
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { Stage } from './actors.ts';
import { eventOf, PLACES, placeCode, SKUS, skuCode, tell } from './facts.ts';
import type { Records } from './records.ts';

export async function reserve({ client, records, random, name, signal }: Stage): Promise<void> {
  const upTo = (most: number) => 1 + Math.floor(random() * most);
  for (let no = 1; !signal.aborted; no++) {
    const reference = `${name}-r${no}`;
    const lines = Array.from({ length: upTo(2) }, () => ({ sku: skuCode(upTo(SKUS)), qty: upTo(3) }));
    const where = random() < 0.5 ? { location: placeCode(upTo(PLACES)) } : { allowSplit: random() < 0.5 };
    const wish = { reference, channel: 'mall', lines, ttlSeconds: 30, ...where };
    const headers = { 'idempotency-key': reference };
    const record: { id: string | null | undefined } = { id: undefined };
    records.reservations.set(reference, record);
    const answer = await client.post('/api/v1/reservations', wish, { headers });
    if (answer === null) return;
    if (answer.status === 201) record.id = String(answer.body['id']);
    else if (answer.status === 409) record.id = null;
    else records.contradictions.push(`${reference}: ${answer.status} ${JSON.stringify(answer.body)}`);
    if (random() < 0.2) {
      const again = await client.post('/api/v1/reservations', wish, { headers });
      const same =
        again === null || (again.status === answer.status && again.body['id'] === answer.body['id']);
      // A refusal is no deed: the same question may be answered otherwise later.
      if (!same && record.id === null && again.status === 201) record.id = String(again.body['id']);
      else if (!same)
        records.contradictions.push(`${reference}: ${answer.status}, and asked again ${again.status}`);
    }
    if (typeof record.id !== 'string') continue;
    const next = random();
    if (next < 0.3) {
      const verb = (['extend', 'release', 'fulfil'] as const)[Math.floor(random() * 3)]!;
      const key = { 'idempotency-key': `${reference}-${verb}` };
      const body = verb === 'extend' ? { ttlSeconds: 60 } : {};
      const changed = await client.post(`/api/v1/reservations/${record.id}/${verb}`, body, { headers: key });
      // It may have run out while nobody answered.
      if (changed !== null && ![200, 409].includes(changed.status))
        records.contradictions.push(
          `${reference} ${verb}: ${changed.status} ${JSON.stringify(changed.body)}`,
        );
    } else if (next < 0.8) {
      const order = { orderId: reference, channel: 'mall', location: placeCode(1), total: 1000 };
      const fulfilment = { method: 'ship', location: placeCode(upTo(PLACES)) };
      const data = { ...order, lines: lines.map((line) => ({ ...line, unitPrice: 500 })), fulfilment };
      await tell({ client, records }, [eventOf(reference, 'order.placed', Date.now(), data)], { firm: true });
    }
  }
}

/** Beside what seats of groups hold: what was promised is there once, under its id; what was refused is not there. */
export async function checkReservations(sql: SqlPool, records: Records): Promise<string[]> {
  const rows = await sql<{ reference: string; ids: string[] }[]>`
    select reference, array_agg(id::text) as ids from reservation r
    where not exists (select from group_seat s where s.order_id = r.reference) group by 1`;
  const there = new Map(rows.map((row) => [row.reference, row.ids]));
  const found: string[] = [];
  for (const [reference, { id }] of records.reservations) {
    const ids = there.get(reference) ?? [];
    const right =
      id === undefined ? ids.length <= 1 : id === null ? ids.length === 0 : ids.length === 1 && ids[0] === id;
    if (!right)
      found.push(
        `reservation ${reference} was answered ${String(id)}, there are ${ids.join(', ') || 'none'}`,
      );
    there.delete(reference);
  }
  for (const reference of there.keys()) found.push(`reservation ${reference} was never asked for`);
  return found;
}
