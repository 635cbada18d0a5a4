/**
 * Claims of a group in one transaction. Decided from a look before it; what was decided is then inserted and counted on conditions, and
 * where a coupon was there already or the counters say no, the group is decided anew.
 */
import {
  findAnswers,
  keepAnswers,
  type KeptAnswer,
  type KeyedCommand,
} from '@zhanggui/shared/access/idempotency-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { audienceWhere, ruleOf } from '@zhanggui/shared/coupons/audience-store.ts';
import { givesAt } from '@zhanggui/shared/coupons/campaign.ts';
import { addMinutes, findCampaignsById, type CampaignRow } from '@zhanggui/shared/coupons/campaign-store.ts';
import { Claims, type ClaimRefusal } from '@zhanggui/shared/coupons/claim.ts';
import {
  countClaimed,
  findClaimants,
  flagSources,
  introduceMembers,
  membersIn,
} from '@zhanggui/shared/coupons/claim-store.ts';
import type { CouponKey } from '@zhanggui/shared/coupons/code.ts';
import { byKey, insertCoupons, roomOf } from '@zhanggui/shared/coupons/coupon-store.ts';
import { couponTemplate, validityOf } from '@zhanggui/shared/coupons/template.ts';
import { asOf } from '@zhanggui/shared/members/as-of.ts';
import { segmentOf } from '@zhanggui/shared/members/segment-store.ts';
import { inOneGo, type SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { again } from '../http/grouped.ts';

export type ClaimRequest = {
  campaignId: string;
  memberId: string;
  command: KeyedCommand | null;
  /** Set where the source claims more than a person does. */
  flag: { source: string; claims: number } | null;
};

export type Given = CouponKey & { validFrom: Date; validTo: Date };

export type ClaimOutcome =
  | { kind: 'given'; coupon: Given }
  | { kind: 'answered'; kept: KeptAnswer }
  | { kind: 'refused'; error: AppError };

export type ClaimContext = {
  sql: SqlPool;
  time: BusinessTime;
  now: () => Date;
  /** The answer as the wire has it, to be kept with its command. */
  encode: (coupon: Given, request: ClaimRequest) => unknown;
};

type Plan = { index: number; request: ClaimRequest; campaign: CampaignRow; coupon: Given };

/** Others were faster with a coupon, a counter or a key. */
class Overtaken extends Error {}

export async function claimGroup(
  context: ClaimContext,
  requests: readonly ClaimRequest[],
): Promise<(ClaimOutcome | typeof again)[]> {
  const { sql, now: clock } = context;
  const now = clock();
  const outcomes = requests.map((): ClaimOutcome | typeof again => again);
  const plans = await planGroup(context, requests, outcomes, now);
  const flags = requests.flatMap(({ flag }, i) => {
    const campaignNo = plans.campaigns.get(requests[i]!.campaignId)?.no;
    return flag && campaignNo !== undefined ? [{ campaignNo, ...flag }] : [];
  });
  if (flags.length > 0) await flagSources(sql, flags, now);
  if (plans.list.length > 0) await commitPlans(context, plans.list, outcomes, now);
  return outcomes;
}

async function planGroup(
  { sql, time }: ClaimContext,
  requests: readonly ClaimRequest[],
  outcomes: (ClaimOutcome | typeof again)[],
  now: Date,
): Promise<{ list: Plan[]; campaigns: Map<string, CampaignRow> }> {
  const ids = [...new Set(requests.map(({ campaignId }) => campaignId))];
  const [rows, claimants, answers] = await Promise.all([
    findCampaignsById(sql, ids),
    findClaimants(sql, requests),
    findAnswers(
      sql,
      requests.flatMap(({ command }) => command ?? []),
    ),
  ]);
  const campaigns = new Map(rows.map((row) => [row.id, row]));
  const known = new Map(claimants.map((row) => [`${row.campaignId} ${row.memberId}`, row]));
  const kept = new Map(answers.map((row) => [`${row.who} ${row.key}`, row]));
  const eligible = await audiences({ sql, time }, rows, claimants, now);
  const seen = new Set<string>();
  const strangers: string[] = [];
  const claims = new Claims();
  const list: Plan[] = [];
  const validities = new Map<number, { from: number; to: number }>();
  const validity = (campaign: CampaignRow) => {
    let found = validities.get(campaign.no);
    if (!found) {
      found = validityOf(couponTemplate.parse(campaign.template).validity, now.getTime());
      validities.set(campaign.no, found);
    }
    return found;
  };
  for (const [index, request] of requests.entries()) {
    const key = request.command && `${request.command.who} ${request.command.key}`;
    const answered = key === null ? undefined : kept.get(key);
    if (answered) {
      outcomes[index] = { kind: 'answered', kept: answered };
      continue;
    }
    // What an earlier command of this group does under the same key is known in the next one.
    if (key !== null && seen.has(key)) continue;
    if (key !== null) seen.add(key);
    const campaign = campaigns.get(request.campaignId);
    if (!campaign || campaign.kind !== 'coupon') {
      outcomes[index] = refuse('not_found', `There is no coupon campaign ${request.campaignId}`);
      continue;
    }
    const gives = givesAt(campaign, now);
    const claimant = known.get(`${request.campaignId} ${request.memberId}`);
    if (!claimant) {
      // Somebody new to us: a shop may know its members before their facts come.
      if (campaign.audience.kind === 'all' && gives) strangers.push(request.memberId);
      else outcomes[index] = refuse(gives ? 'not_eligible' : 'campaign_not_running');
      continue;
    }
    const nth = claims.decide(
      { ...campaign, gives, room: roomOf(campaign) },
      {
        ...claimant,
        eligible: !claimant.forgotten && (eligible.get(campaign.no)?.has(claimant.memberNo) ?? true),
      },
    );
    if (typeof nth === 'string') {
      outcomes[index] = refuse(nth);
      continue;
    }
    const { from, to } = validity(campaign);
    if (to <= now.getTime()) {
      outcomes[index] = refuse('campaign_not_running', 'Its coupons are not valid any more');
      continue;
    }
    const coupon = {
      campaignNo: campaign.no,
      memberNo: claimant.memberNo,
      nth,
      validFrom: new Date(from),
      validTo: new Date(to),
    };
    list.push({ index, request, campaign, coupon });
  }
  if (strangers.length > 0) await introduceMembers(sql, strangers);
  await recall(sql, requests, outcomes);
  return { list, campaigns };
}

/**
 * The looks that a refusal follows from are not of one moment: what is in the way of a command may be itself, sent twice through two
 * servers. Then it is answered as there.
 */
async function recall(
  sql: SqlPool,
  requests: readonly ClaimRequest[],
  outcomes: (ClaimOutcome | typeof again)[],
): Promise<void> {
  const refused = requests.flatMap(({ command }, i) => {
    const outcome = outcomes[i]!;
    return command && outcome !== again && outcome.kind === 'refused' ? [{ command, i }] : [];
  });
  const answers = await findAnswers(
    sql,
    refused.map(({ command }) => command),
  );
  const kept = new Map(answers.map((row) => [`${row.who} ${row.key}`, row]));
  for (const { command, i } of refused) {
    const answered = kept.get(`${command.who} ${command.key}`);
    if (answered) outcomes[i] = { kind: 'answered', kept: answered };
  }
}

const refuse = (code: ClaimRefusal | 'not_found', detail?: string): ClaimOutcome => ({
  kind: 'refused',
  error: new AppError(code, detail),
});

/** Of campaigns that are not for everybody: who of those who claim is in the audience. */
async function audiences(
  { sql, time }: Pick<ClaimContext, 'sql' | 'time'>,
  campaigns: readonly CampaignRow[],
  claimants: readonly { campaignNo: number; memberNo: number }[],
  now: Date,
): Promise<Map<number, Set<number>>> {
  const found = new Map<number, Set<number>>();
  for (const campaign of campaigns) {
    const { audience } = campaign;
    if (audience.kind === 'all' && audience.holdoutPercent === 0) continue;
    const rule = await ruleOf(sql, audience);
    const where = audienceWhere(sql, campaign, rule, (on, each) =>
      segmentOf(on, each, asOf(time, now.getTime())),
    );
    const nos = claimants
      .filter(({ campaignNo }) => campaignNo === campaign.no)
      .map(({ memberNo }) => memberNo);
    found.set(campaign.no, await membersIn(sql, nos, where));
  }
  return found;
}

async function commitPlans(
  { sql, encode }: ClaimContext,
  plans: readonly Plan[],
  outcomes: (ClaimOutcome | typeof again)[],
  now: Date,
): Promise<void> {
  const counts = new Map<number, number>();
  for (const { campaign } of plans) counts.set(campaign.no, (counts.get(campaign.no) ?? 0) + 1);
  const issued = [...counts].sort(([a], [b]) => a - b).map(([campaignNo, n]) => ({ campaignNo, issued: n }));
  try {
    await inOneGo(sql, async (tx) => {
      const work = Promise.all([
        insertCoupons(tx, plans.map(({ coupon }) => coupon).toSorted(byKey)),
        countClaimed(tx, issued),
        addMinutes(tx, issued, now),
        keepAnswers(
          tx,
          plans.flatMap(({ request, coupon }) =>
            request.command ? [{ ...request.command, answer: encode(coupon, request) }] : [],
          ),
        ),
      ]);
      const [inserted, counted, kept] = await work;
      if (inserted.length < plans.length || counted.size < issued.length || !kept) throw new Overtaken();
    });
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error;
    // All are decided anew, also who was refused: the last coupon may be for them, where it was planned for one who has theirs already.
    for (const [i, outcome] of outcomes.entries())
      if (outcome !== again && outcome.kind === 'refused') outcomes[i] = again;
    return;
  }
  for (const { index, coupon } of plans) outcomes[index] = { kind: 'given', coupon };
}
