/**
 * Folds uses of coupons into coupons and campaigns. What a coupon is afterwards is a function of the set of its uses and of what became
 * of their orders; campaigns get the difference.
 */
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { addMinutes, findCampaignsByNo, type CampaignRow } from '@zhanggui/shared/coupons/campaign-store.ts';
import { campaignKeyOf, verifyCode, type CodeParts } from '@zhanggui/shared/coupons/code.ts';
import { findCoupons, readCouponSecret, type CouponRow } from '@zhanggui/shared/coupons/coupon-store.ts';
import { applyAll } from '@zhanggui/shared/coupons/quote.ts';
import { brakeEntry } from '@zhanggui/shared/coupons/redeem.ts';
import { categoriesOf, pullBrakes } from '@zhanggui/shared/coupons/redeem-store.ts';
import { couponTemplate, type CouponTemplate } from '@zhanggui/shared/coupons/template.ts';
import { foldUses, mergeUses, type Fate } from '@zhanggui/shared/coupons/use.ts';
import {
  addToCampaigns,
  dirtyCodes,
  lockUses,
  noteUses,
  redoUses,
  takeTouches,
  writeCoupons,
  writeVerdicts,
  type CampaignDelta,
  type FoldedCoupon,
  type FoldedUse,
  type UseRow,
} from '@zhanggui/shared/coupons/use-store.ts';
import type { Sql, SqlPool } from '@zhanggui/shared/platform/database.ts';

const TOUCHES = 200;
const CODES = 500;

/** Takes what ledger transactions left, and folds it. Answers how many coupons were folded. */
export async function settleCoupons(sql: SqlPool, now: Date): Promise<number> {
  for (let taken = TOUCHES; taken === TOUCHES;)
    taken = await sql.begin(async (tx) => {
      const { touches, uses, orderIds } = await takeTouches(tx, TOUCHES);
      await noteUses(tx, mergeUses(uses));
      await redoUses(tx, [...new Set(orderIds)]);
      return touches;
    });
  let folded = 0;
  for (;;) {
    const codes = await dirtyCodes(sql, CODES);
    if (codes.length === 0) return folded;
    await sql.begin((tx) => fold(tx, codes, now));
    folded += codes.length;
  }
}

type Known = { row: CampaignRow; template: CouponTemplate };

async function fold(tx: Sql, codes: readonly string[], now: Date): Promise<void> {
  const secret = await readCouponSecret(tx);
  const parts = new Map<string, CodeParts>();
  for (const code of codes) {
    const proven = verifyCode(code, (no) => campaignKeyOf(secret, no));
    if (proven) parts.set(code, proven);
  }
  const coupons = await findCoupons(tx, [...parts.values()], true);
  const uses = await lockUses(tx, codes);
  const campaigns = await campaignsOf(tx, coupons);
  const category = await categoriesOf(tx, [
    ...new Set(uses.flatMap(({ lines }) => (lines ?? []).map(([sku]) => sku))),
  ]);
  const byKey = new Map(coupons.map((row) => [keyOf(row), row]));
  const deltas = new Map<number, CampaignDelta>();
  const [verdicts, written]: [FoldedUse[], FoldedCoupon[]] = [[], []];
  const minutes = new Map<string, Spent>();
  for (const [code, list] of Map.groupBy(uses, (use) => use.code)) {
    const key = parts.get(code);
    const coupon = key && byKey.get(keyOf(key));
    const campaign = coupon && campaigns.get(coupon.campaignNo);
    if (!coupon || !campaign) {
      verdicts.push(...list.map(({ orderId }) => ({ code, orderId, verdict: 'odd', amount: null })));
      continue;
    }
    const fate = fateOf(coupon, campaign, list, category);
    for (const { orderId } of list)
      verdicts.push({ code, orderId, verdict: fate.verdicts.get(orderId)!, amount: null });
    const after = afterOf(coupon, campaign, fate);
    written.push(after);
    addDelta(deltas, campaign, coupon, after, list, fate);
    addSpent(minutes, coupon, after, now);
  }
  await writeCoupons(tx, written);
  await writeVerdicts(tx, verdicts);
  const changed = [...deltas.values()].filter((delta) =>
    Object.values(delta).some((n, i) => i > 0 && n !== 0),
  );
  await addToCampaigns(tx, changed);
  const spending = [...minutes.values()].sort(
    (a, b) => a.campaignNo - b.campaignNo || a.at.getTime() - b.at.getTime(),
  );
  if (spending.length === 0) return;
  const stopped = await pullBrakes(
    tx,
    await addMinutes(tx, spending, now),
    (no) => campaigns.get(no)!.row.brake,
    now,
  );
  for (const each of stopped) await writeAudit(tx, ...brakeEntry(each));
}

const keyOf = ({ memberNo, campaignNo, nth }: Pick<CouponRow, 'memberNo' | 'campaignNo' | 'nth'>): string =>
  `${memberNo} ${campaignNo} ${nth}`;

async function campaignsOf(tx: Sql, coupons: readonly CouponRow[]): Promise<Map<number, Known>> {
  const rows = await findCampaignsByNo(tx, [...new Set(coupons.map(({ campaignNo }) => campaignNo))]);
  return new Map(rows.map((row) => [row.no, { row, template: couponTemplate.parse(row.template) }]));
}

function fateOf(
  coupon: CouponRow,
  { row, template }: Known,
  uses: readonly UseRow[],
  category: ReadonlyMap<string, string>,
): Fate {
  const validTo = coupon.validTo.getTime();
  return foldUses(
    uses.map(({ orderId, at, decided, amount, undone, lines, channel, location, code }) => ({
      orderId,
      at: at.getTime(),
      decided,
      undone,
      amount:
        amount ??
        (lines &&
          applyAll(
            {
              channel: channel ?? '',
              location,
              lines: lines.map(([sku, qty, unitPrice, discount]) => ({
                sku,
                qty,
                category: category.get(sku) ?? null,
                amount: Math.max(0, qty * unitPrice - discount),
              })),
            },
            // The till has taken it where it worked: only what it took off is asked.
            [
              {
                code,
                template: {
                  ...template,
                  scope: { ...template.scope, channels: undefined, locations: undefined },
                },
                validTo,
              },
            ],
          ).off),
    })),
    {
      liability: row.liability,
      validTo,
      voidFrom: row.state === 'cancelled' ? row.endedAt!.getTime() : null,
      returned: template.returned,
      open: coupon.open,
    },
    coupon.state === 'redeemed' ? coupon.orderId : null,
  );
}

function afterOf(coupon: CouponRow, { template }: Known, { state, use, amount }: Fate): FoldedCoupon {
  const { memberNo, campaignNo, nth } = coupon;
  const redeemed = use !== null;
  return {
    memberNo,
    campaignNo,
    nth,
    state,
    orderId: use?.orderId ?? null,
    redeemedAt: use && new Date(use.at),
    amount: redeemed ? amount : null,
    // What may come back keeps the rest of its money until it ends; so does what a till told of: an earlier use, of a larger basket,
    // may be heard of later.
    open: state === 'issued' || (redeemed && coupon.open && (template.returned || !use.decided)),
  };
}

type Spent = { campaignNo: number; at: Date; redeemed: number; spent: number };

/** What was spent belongs to the minute in which it was: tills that were offline tell of a whole day at once. */
function addSpent(minutes: Map<string, Spent>, before: CouponRow, after: FoldedCoupon, now: Date): void {
  const redeemed = Number(after.state === 'redeemed') - Number(before.state === 'redeemed');
  const spent = (after.amount ?? 0) - (before.amount ?? 0);
  if (redeemed === 0 && spent === 0) return;
  const { campaignNo } = after;
  const at = new Date(
    Math.floor(Math.min(now.getTime(), (after.redeemedAt ?? now).getTime()) / 60_000) * 60_000,
  );
  const key = `${campaignNo} ${at.getTime()}`;
  const row = minutes.get(key) ?? { campaignNo, at, redeemed: 0, spent: 0 };
  row.redeemed += redeemed;
  row.spent += spent;
  minutes.set(key, row);
}

const bad = (verdict: string | null | undefined): number =>
  Number(verdict === 'conflict' || verdict === 'late' || verdict === 'void');

function addDelta(
  deltas: Map<number, CampaignDelta>,
  { row: { no, liability } }: Known,
  before: CouponRow,
  after: FoldedCoupon,
  uses: readonly UseRow[],
  { verdicts }: Fate,
): void {
  const delta = deltas.get(no) ?? {
    campaignNo: no,
    redeemed: 0,
    returned: 0,
    conflicts: 0,
    reserved: 0,
    spent: 0,
  };
  const kept = ({ open, amount }: Pick<FoldedCoupon, 'open' | 'amount'>) =>
    open ? liability - (amount ?? 0) : 0;
  delta.redeemed += Number(after.state === 'redeemed') - Number(before.state === 'redeemed');
  delta.spent += (after.amount ?? 0) - (before.amount ?? 0);
  delta.reserved += kept(after) - kept(before);
  for (const { orderId, verdict } of uses) {
    const now = verdicts.get(orderId);
    delta.returned += Number(now === 'returned') - Number(verdict === 'returned');
    delta.conflicts += bad(now) - bad(verdict);
  }
  deltas.set(no, delta);
}
