/**
 * Redemptions of a group in one transaction: the orders, then the coupons are locked, each redemption is decided under the locks, and
 * what they cost is counted last. A campaign that spends faster than its brake allows is stopped with the redemption that shows it.
 */
import {
  findAnswers,
  keepAnswers,
  type KeptAnswer,
  type KeyedCommand,
} from '@zhanggui/shared/access/idempotency-store.ts';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { addMinutes, statesOf } from '@zhanggui/shared/coupons/campaign-store.ts';
import { readCode, type CodeParts } from '@zhanggui/shared/coupons/code.ts';
import { findCoupons, type CouponRow } from '@zhanggui/shared/coupons/coupon-store.ts';
import type { Basket } from '@zhanggui/shared/coupons/discount.ts';
import type { Candidate } from '@zhanggui/shared/coupons/quote.ts';
import { brakeEntry, redemptionOf, refusalOf, type RedeemRefusal } from '@zhanggui/shared/coupons/redeem.ts';
import {
  countRedeemed,
  insertUses,
  lockOrders,
  pullBrakes,
  redeemCoupons,
  usesOfOrders,
  type Redemption,
  type Spending,
} from '@zhanggui/shared/coupons/redeem-store.ts';
import { inOneGo, type Sql, type SqlPool } from '@zhanggui/shared/platform/database.ts';
import { again } from '../http/grouped.ts';
import type { CampaignTerms, Terms } from './terms.ts';

export type RedeemRequest = {
  /** Normalised, and proven by its signature. */
  code: string;
  parts: CodeParts;
  orderId: string;
  basket: Basket;
  command: KeyedCommand | null;
};

export type Redeemed = { code: string; orderId: string; off: number; lines: number[]; payable: number };

export type RedeemOutcome =
  | { kind: 'redeemed'; redeemed: Redeemed; campaignNo: number }
  | { kind: 'answered'; kept: KeptAnswer }
  | { kind: 'refused'; error: AppError };

export type RedeemContext = {
  sql: SqlPool;
  terms: Terms;
  now: () => Date;
  encode: (redeemed: Redeemed, terms: CampaignTerms) => unknown;
};

/** Somebody used the same Idempotency-Key, or a campaign was stopped, in the meantime. */
class Overtaken extends Error {}

export async function redeemGroup(
  context: RedeemContext,
  requests: readonly RedeemRequest[],
): Promise<(RedeemOutcome | typeof again)[]> {
  const { sql, terms, now: clock } = context;
  const now = clock();
  const outcomes = requests.map((): RedeemOutcome | typeof again => again);
  const [answers, known] = await Promise.all([
    findAnswers(
      sql,
      requests.flatMap(({ command }) => command ?? []),
    ),
    terms.of(requests.map(({ parts }) => parts.campaignNo)),
  ]);
  const kept = new Map(answers.map((row) => [`${row.who} ${row.key}`, row]));
  const names = new Set<string>();
  const open: number[] = [];
  for (const [i, { command, code, parts }] of requests.entries()) {
    const key = command && `key ${command.who} ${command.key}`;
    const answered = command && kept.get(`${command.who} ${command.key}`);
    if (answered) outcomes[i] = { kind: 'answered', kept: answered };
    else if (!known.has(parts.campaignNo)) outcomes[i] = refuse('not_found', `There is no coupon ${code}`);
    // The same coupon or command twice in a group: the second one is decided when the first one is known.
    else if (!names.has(code) && !(key && names.has(key))) open.push(i);
    names.add(code);
    if (key) names.add(key);
  }
  if (open.length === 0) return outcomes;
  try {
    const decided = await inOneGo(sql, (tx) => decide(context, tx, requests, open, known, now));
    for (const [i, outcome] of decided) outcomes[i] = outcome;
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error;
  }
  return outcomes;
}

const refuse = (code: RedeemRefusal | 'not_found', detail?: string): RedeemOutcome => ({
  kind: 'refused',
  error: new AppError(code, detail),
});

async function decide(
  { terms, encode }: RedeemContext,
  tx: Sql,
  requests: readonly RedeemRequest[],
  open: readonly number[],
  known: ReadonlyMap<number, CampaignTerms>,
  now: Date,
): Promise<Map<number, RedeemOutcome | typeof again>> {
  const mine = open.map((i) => requests[i]!);
  const orderIds = mine.map(({ orderId }) => orderId);
  const [, coupons, uses, states] = await Promise.all([
    lockOrders(tx, orderIds),
    findCoupons(
      tx,
      mine.map(({ parts }) => parts),
      true,
    ),
    usesOfOrders(tx, orderIds),
    statesOf(
      tx,
      mine.map(({ parts }) => parts.campaignNo),
    ),
  ]);
  const found = new Map(coupons.map((row) => [keyOf(row), row]));
  // What other coupons of these orders are, by order.
  const others = await candidatesOf(terms, uses);
  const decided = new Map<number, RedeemOutcome | typeof again>();
  const made = new Map<number, Redemption>();
  for (const i of open) {
    const { code, parts, orderId, basket } = requests[i]!;
    const coupon = found.get(keyOf(parts));
    const campaign = known.get(parts.campaignNo)!;
    const state = states.get(parts.campaignNo);
    if (!coupon || !state) {
      decided.set(i, refuse('not_found', `There is no coupon ${code}`));
      continue;
    }
    const candidate = { code, template: campaign.template, validTo: coupon.validTo.getTime() };
    const beside = others.get(orderId) ?? [];
    const rest = beside.filter((each) => each.code !== code);
    // Asked for again, by somebody who did not hear the answer: the same answer.
    const repeated = coupon.state === 'redeemed' && coupon.orderId === orderId;
    const refusal = repeated
      ? null
      : refusalOf(
          { ...candidate, state: coupon.state, validFrom: coupon.validFrom.getTime(), campaignState: state },
          now.getTime(),
        );
    const worth = refusal ?? redemptionOf(basket, candidate, rest);
    if (repeated && typeof worth !== 'string') {
      decided.set(i, outcomeOf(requests[i]!, { ...worth, off: coupon.amount ?? worth.off }));
      continue;
    }
    if (typeof worth === 'string') {
      decided.set(i, refuse(worth));
      continue;
    }
    const off = Math.min(worth.off, campaign.liability);
    made.set(i, {
      key: parts,
      code,
      orderId,
      off,
      channel: basket.channel,
      location: basket.location,
      returned: campaign.template.returned,
    });
    others.set(orderId, [...rest, candidate]);
    decided.set(i, outcomeOf(requests[i]!, { ...worth, off }));
  }
  if (made.size > 0) await write(tx, { requests, made, decided, known, encode, now });
  return decided;
}

const keyOf = ({ memberNo, campaignNo, nth }: Pick<CouponRow, 'memberNo' | 'campaignNo' | 'nth'>): string =>
  `${memberNo} ${campaignNo} ${nth}`;

const outcomeOf = (
  { code, orderId, parts }: RedeemRequest,
  { off, lines, payable }: { off: number; lines: number[]; payable: number },
): RedeemOutcome => ({
  kind: 'redeemed',
  redeemed: { code, orderId, off, lines, payable },
  campaignNo: parts.campaignNo,
});

async function candidatesOf(
  terms: Terms,
  uses: readonly { orderId: string; code: string; verdict: string | null }[],
): Promise<Map<string, Candidate[]>> {
  const counted = uses.filter(({ verdict }) => verdict === 'counted');
  const parts = counted.map(({ code }) => readCode(code));
  const known = await terms.of(parts.flatMap((each) => each?.campaignNo ?? []));
  const byOrder = new Map<string, Candidate[]>();
  for (const [i, { orderId, code }] of counted.entries()) {
    const campaign = known.get(parts[i]?.campaignNo ?? 0);
    if (!campaign) continue;
    const candidate = { code, template: campaign.template, validTo: 0 };
    byOrder.set(orderId, [...(byOrder.get(orderId) ?? []), candidate]);
  }
  return byOrder;
}

type Writing = {
  requests: readonly RedeemRequest[];
  made: ReadonlyMap<number, Redemption>;
  decided: ReadonlyMap<number, RedeemOutcome | typeof again>;
  known: ReadonlyMap<number, CampaignTerms>;
  encode: RedeemContext['encode'];
  now: Date;
};

async function write(tx: Sql, { requests, made, decided, known, encode, now }: Writing): Promise<void> {
  const list = [...made.values()];
  const spending = new Map<number, Spending>();
  for (const { key, off, returned } of list) {
    const { campaignNo } = key;
    const row = spending.get(campaignNo) ?? { campaignNo, redeemed: 0, spent: 0, freed: 0 };
    row.redeemed += 1;
    row.spent += off;
    // What may come back keeps the rest of its money until it ends.
    row.freed += returned ? off : known.get(campaignNo)!.liability;
    spending.set(campaignNo, row);
  }
  const rows = [...spending.values()].sort((a, b) => a.campaignNo - b.campaignNo);
  const answers = [...made.keys()].flatMap((i) => {
    const outcome = decided.get(i);
    const { command, parts } = requests[i]!;
    if (!command || outcome === again || outcome?.kind !== 'redeemed') return [];
    return [{ ...command, answer: encode(outcome.redeemed, known.get(parts.campaignNo)!) }];
  });
  const [, , counted, minutes, kept] = await Promise.all([
    redeemCoupons(tx, list, now),
    insertUses(tx, list, now),
    countRedeemed(tx, rows),
    addMinutes(tx, rows, now),
    keepAnswers(tx, answers),
  ]);
  if (counted.size < rows.length || !kept) throw new Overtaken();
  const stopped = await pullBrakes(tx, minutes, (no) => counted.get(no)?.brake ?? null, now);
  for (const each of stopped) await writeAudit(tx, ...brakeEntry(each));
}
