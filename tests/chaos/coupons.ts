/** A shop whose members claim coupons and redeem them, and a marketer who sends some to everybody, by commands that may be asked again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { Stage } from './actors.ts';
import type { Records } from './records.ts';

const COUPONS = 12;
const CLAIMS = 30;
const SENT = 12_000;

export async function promote({ client, records, random, name, signal }: Stage): Promise<void> {
  for (let no = 1; !signal.aborted; no++) {
    const run = `${name}-c${no}`;
    const sends = random() < 0.25;
    const ask = (path: string, body: object, key: string) =>
      client.post(`/api/v1${path}`, body, { headers: { 'idempotency-key': `${run}-${key}` } });
    const made = await ask(
      '/campaigns',
      {
        kind: 'coupon',
        name: run,
        template: { title: run, offer: { kind: 'amount', off: 1 }, validity: { kind: 'days', days: 9 } },
        give: sends ? 'push' : 'claim',
        ...(sends && { audience: { kind: 'members', members: membersOf(SENT) } }),
        limits: sends ? { budget: SENT - 1_000 } : { total: COUPONS },
      },
      'make',
    );
    if (made === null) return;
    const id = String(made.body['id']);
    for (const verb of ['approve', 'launch']) {
      const answer = await ask(`/campaigns/${id}/${verb}`, {}, verb);
      if (answer === null) return;
      if (answer.status !== 200) records.contradictions.push(`${run} ${verb}: ${answer.status}`);
    }
    if (sends) {
      records.sent.set(id, SENT - 1_000);
      await sleep(500);
      continue;
    }
    const given: Record<string, string> = {};
    records.claimed.set(id, given);
    for (let n = 0; n < CLAIMS && !signal.aborted; n++) {
      const memberId = `${run}-m${n % 20}`;
      const answer = await ask(`/campaigns/${id}/claims`, { memberId }, `claim${n}`);
      if (answer === null) return;
      if (answer.status === 201) {
        const code = String(answer.body['code']);
        if (given[memberId] !== undefined) records.contradictions.push(`${run}: ${memberId} got two coupons`);
        given[memberId] = code;
        if (random() < 0.5) {
          const lines = [{ sku: 'A', qty: 1, unitPrice: 100 }];
          const body = { orderId: `${run}-o${n}`, channel: 'mall', lines };
          const used = await ask(`/coupons/${code}/redeem`, body, `redeem${n}`);
          if (used === null) return;
          if (used.status === 200) records.redeemed.set(code, body.orderId);
          else records.contradictions.push(`${run} redeem: ${used.status} ${JSON.stringify(used.body)}`);
        }
      } else if (answer.status !== 409)
        records.contradictions.push(`${run} claim: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    if (!signal.aborted && Object.keys(given).length !== COUPONS)
      records.contradictions.push(`${run}: ${Object.keys(given).length} of ${COUPONS} coupons were given`);
  }
}

const membersOf = (count: number): string[] => Array.from({ length: count }, (_, i) => `chaos-${i}`);

const FAN_OUT_WITHIN_MS = 45_000;

/** Who was told that they have a coupon has it, nobody else has; whoever was to be sent one has one; what was redeemed is. */
export async function checkCoupons(sql: SqlPool, records: Records): Promise<string[]> {
  const found: string[] = [];
  const until = performance.now() + FAN_OUT_WITHIN_MS;
  for (;;) {
    const [row] = await sql<[{ waiting: number }]>`
      select count(*)::int as waiting from fan_out_chunk where state = 'waiting'`;
    if (row.waiting === 0) break;
    if (performance.now() > until) return [`${row.waiting} ranges of fan-outs were not done in time`];
    await sleep(200);
  }
  const rows = await sql<{ id: string; coupons: number; members: string[] }[]>`
    select c.id, count(*)::int as coupons, array_agg(m.id) as members
    from campaign c join coupon p on p.campaign_no = c.no join member m on m.no = p.member_no
    where c.give = 'claim' group by 1`;
  const there = new Map(rows.map((row) => [row.id, row]));
  for (const [id, given] of records.claimed) {
    const row = there.get(id);
    if ((row?.coupons ?? 0) > COUPONS)
      found.push(`campaign ${id} gave ${row!.coupons} coupons of ${COUPONS}`);
    for (const member of Object.keys(given))
      if (!row?.members.includes(member)) found.push(`${member} was told of a coupon that is not there`);
  }
  const sent = await sql<
    { id: string; issued: number }[]
  >`select id, issued from campaign where give = 'push'`;
  const issued = new Map(sent.map((row) => [row.id, row.issued]));
  for (const [id, most] of records.sent)
    if (issued.get(id) !== most)
      found.push(`campaign ${id} sent ${issued.get(id)} coupons instead of ${most}`);
  const uses = await sql<{ code: string; orderId: string }[]>`
    select code, order_id as "orderId" from coupon_use where verdict = 'counted'`;
  const used = new Map(uses.map(({ code, orderId }) => [code, orderId]));
  for (const [code, orderId] of records.redeemed)
    if (used.get(code) !== orderId)
      found.push(`coupon ${code} was redeemed for ${orderId}, the books say ${used.get(code)}`);
  return found;
}
