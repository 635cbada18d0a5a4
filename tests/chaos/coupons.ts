/** A shop whose members rush for coupons and redeem them, and a marketer who sends some to everybody, by commands that may be asked again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { Stage } from './actors.ts';
import { eventOf, tell } from './facts.ts';
import type { Records } from './records.ts';

const COUPONS = 12;
const CLAIMS = 30;
/** Of those who claim some claim twice. */
const CLAIMANTS = 20;
const AUDIENCE = 12_000;
/** Less than the audience: the budget ends in the middle of a range. */
const SENT = AUDIENCE - 1_000;
const LOOK_MS = 100;

type Ask = (path: string, body: object, key: string) => ReturnType<Stage['client']['post']>;

export async function promote(stage: Stage): Promise<void> {
  const { client, records, random, name, signal } = stage;
  for (let no = 1; !signal.aborted; no++) {
    const run = `${name}-c${no}`;
    const ask: Ask = (path, body, key) =>
      client.post(`/api/v1${path}`, body, { headers: { 'idempotency-key': `${run}-${key}` } });
    // However short the round is, one lane begins with a fan-out.
    const sends = name.endsWith('.0') && no === 1 ? true : random() < 0.25;
    const made = await ask(
      '/campaigns',
      {
        kind: 'coupon',
        name: run,
        template: {
          title: run,
          offer: { kind: 'amount', off: 1 },
          validity: { kind: 'days', days: 9 },
          returned: random() < 0.5,
        },
        give: sends ? 'push' : 'claim',
        ...(sends && { audience: { kind: 'members', members: membersOf(AUDIENCE) } }),
        // As many by number or by money: each takes off one at most.
        limits: sends ? { budget: SENT } : random() < 0.5 ? { total: COUPONS } : { budget: COUPONS },
      },
      'make',
    );
    if (made === null) return;
    const id = String(made.body['id']);
    for (const verb of ['approve', 'launch']) {
      const answer = await ask(`/campaigns/${id}/${verb}`, {}, verb);
      if (answer === null) return;
      if (answer.status !== 200)
        records.contradictions.push(`${run} ${verb}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    if (sends) {
      records.sent.set(id, SENT);
      await records.during('fan-out', () => untilSent(stage, id));
    } else if (!(await rush(stage, ask, run, id))) return;
  }
}

/** Until all have theirs, or the round is over. */
async function untilSent({ client, signal }: Stage, id: string): Promise<void> {
  while (!signal.aborted) {
    const progress = (await client.get(`/api/v1/campaigns/${id}`))?.['progress'] as
      { done: number; chunks: number } | null | undefined;
    if (progress && progress.done === progress.chunks) return;
    await sleep(LOOK_MS);
  }
}

/** Everybody claims at once, more than there are coupons; half of those who got one redeem it. False: somebody was not answered. */
async function rush({ client, records, random }: Stage, ask: Ask, run: string, id: string): Promise<boolean> {
  const given: Record<string, string> = {};
  records.claimed.set(id, given);
  const answers = await records.during('claims', () =>
    Promise.all(
      Array.from({ length: CLAIMS }, async (_, n) => {
        const memberId = `${run}-m${n % CLAIMANTS}`;
        const answer = await ask(`/campaigns/${id}/claims`, { memberId }, `claim${n}`);
        if (answer?.status === 201) {
          if (given[memberId] !== undefined)
            records.contradictions.push(`${run}: ${memberId} got two coupons`);
          given[memberId] = String(answer.body['code']);
        } else if (answer && answer.status !== 409)
          records.contradictions.push(`${run} claim: ${answer.status} ${JSON.stringify(answer.body)}`);
        return answer;
      }),
    ),
  );
  if (answers.includes(null)) return false;
  if (Object.keys(given).length !== COUPONS)
    records.contradictions.push(`${run}: ${Object.keys(given).length} of ${COUPONS} coupons were given`);
  const lines = [{ sku: 'A', qty: 1, unitPrice: 100 }];
  const codes = Object.values(given);
  const orderOf = (n: number) => `${run}-o${n}`;
  const used = await Promise.all(
    codes.map(async (code, n) => {
      if (random() < 0.5) return undefined;
      const answer = await ask(
        `/coupons/${code}/redeem`,
        { orderId: orderOf(n), channel: 'mall', lines },
        `redeem${n}`,
      );
      if (answer?.status === 200) records.redeemed.set(code, orderOf(n));
      else if (answer)
        records.contradictions.push(`${run} redeem: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer;
    }),
  );
  await tell({ client, records }, codes.flatMap(later), { firm: true });
  return !used.includes(null);

  /** Two tills without a line took a coupon, also one that was redeemed; and some orders come to nothing. */
  function later(code: string, n: number) {
    if (random() < 0.5) return [];
    const at = Date.now();
    const facts = [orderOf(n), `${run}-t${n}`].map((orderId, till) =>
      eventOf(`${run}-use${n}.${till}`, 'coupon.redeemed', at - Math.floor(random() * 60_000), {
        code,
        orderId,
      }),
    );
    if (random() < 0.5) return facts;
    // Then another use of it may count, or none.
    records.redeemed.delete(code);
    return [...facts, eventOf(`${run}-off${n}`, 'order.cancelled', at, { orderId: orderOf(n) })];
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
