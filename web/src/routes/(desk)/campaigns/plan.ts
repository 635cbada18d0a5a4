/** What is expected of a campaign, what its preflight found and what it came to, as the API tells of them. */
import type { Expectation, Span } from '@zhanggui/shared/campaigns/expect.ts';
import type { Check } from '@zhanggui/shared/campaigns/preflight.ts';
import type { CampaignReport } from '@zhanggui/shared/campaigns/report.ts';
import type { CampaignKind, CampaignState } from '@zhanggui/shared/coupons/campaign.ts';
import type { Format } from '#lib/format/format.svelte.ts';
import type { CampaignPlanMessages } from '#lib/i18n/campaigns-plan.ts';

type Named = { code: string; nameZh: string; nameEn: string };
export type Move = {
  sku: Named;
  from: Named | null;
  supplier: string | null;
  to: Named;
  qty: number;
  expectedAt: string;
};
export type PlaceNeed = {
  location: string;
  nameZh: string;
  nameEn: string;
  need: number;
  have: number;
  inbound: number;
  short: number;
};
export type Flight = {
  checks: Check[];
  expectation: Expectation;
  stock: {
    skus: number;
    looked: number;
    days: number;
    short: number;
    locations: PlaceNeed[];
    moves: Move[];
  };
  belowCost: (Named & { cost: number; lowest: number })[];
  overlaps: { id: string; name: string; kind: CampaignKind; members: number | null }[];
};
export type Report = CampaignReport & {
  id: string;
  name: string;
  status: CampaignState;
  madeAt: string;
  final: boolean;
};

/** A check in words. */
export const checkText = (m: CampaignPlanMessages, format: Format, { says, numbers }: Check): string =>
  m.says[says]({
    count: (name) => format.whole(numbers[name]),
    // Of a single piece the smallest coin counts, of a budget it does not.
    money: (name) => format.money(numbers[name], (numbers[name] ?? 0) < 10_000 ? 'exact' : 'whole'),
  });

/** From least to most, once where that is the same. */
export const spanText = (
  m: CampaignPlanMessages,
  { low, high }: Span,
  text: (value: number) => string,
): string => (text(low) === text(high) ? text(low) : m.range(text(low), text(high)));

export type Transfer = {
  kind: 'transfer';
  from: string;
  to: string;
  lines: { sku: string; qty: number }[];
  expectedAt: string;
};

/** Moves as transfers, one for each way. What is to be bought is none. */
export function transfersOf(moves: readonly Move[]): Transfer[] {
  const byWay = Map.groupBy(
    moves.filter(({ from }) => from !== null),
    ({ from, to }) => `${from!.code}\n${to.code}`,
  );
  return [...byWay.values()].map((list) => ({
    kind: 'transfer',
    from: list[0]!.from!.code,
    to: list[0]!.to.code,
    lines: list.map(({ sku, qty }) => ({ sku: sku.code, qty })),
    expectedAt: list
      .map(({ expectedAt }) => expectedAt)
      .sort()
      .at(-1)!,
  }));
}
