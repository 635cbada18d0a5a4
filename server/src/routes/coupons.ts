import { z } from 'zod';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { channels } from '@zhanggui/shared/contract/words.ts';
import { findCampaign, findCampaignsByNo, statesOf } from '@zhanggui/shared/coupons/campaign-store.ts';
import { findMembersByNo } from '@zhanggui/shared/coupons/claim-store.ts';
import { codesBegin, normalCode, readCode } from '@zhanggui/shared/coupons/code.ts';
import { findCoupons, listWallet, type CouponRow } from '@zhanggui/shared/coupons/coupon-store.ts';
import type { Basket } from '@zhanggui/shared/coupons/discount.ts';
import { applyAll, bestQuote } from '@zhanggui/shared/coupons/quote.ts';
import { campaignHonours, refusalOf, type RedeemRefusal } from '@zhanggui/shared/coupons/redeem.ts';
import { couponTemplate } from '@zhanggui/shared/coupons/template.ts';
import { listConflicts, type ConflictRow } from '@zhanggui/shared/coupons/use-store.ts';
import { redeemGroup, type RedeemOutcome, type RedeemRequest } from '../coupons/redeem-group.ts';
import { Terms, type CampaignTerms } from '../coupons/terms.ts';
import {
  code as catalogCode,
  cutPage,
  decodeCursor,
  instant,
  line,
  money,
  pageOf,
  pageQuery,
} from '../http/fields.ts';
import { Grouped } from '../http/grouped.ts';
import { answeredBefore, idempotencyHeaders, keyedCommand } from '../http/idempotency.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

const MOST_LINES = 200;
const MOST_CODES = 50;
/** Of a wallet so many coupons are tried, those that end soonest first. */
const MOST_TRIED = 200;

const couponCode = line(64).describe('As it is printed; hyphens, spaces and case do not matter');

const basketLine = z.strictObject({
  sku: catalogCode,
  qty: z.int().min(1).max(100_000),
  unitPrice: money.describe('Minor units for one piece'),
  discount: money.default(0).describe('Minor units off the whole line, before coupons'),
});
const basketFields = {
  lines: z.array(basketLine).min(1).max(MOST_LINES),
  channel: z.enum(channels),
  location: catalogCode.optional(),
};

const answerLine = z.object({
  sku: z.string(),
  qty: z.int(),
  amount: z.int().describe('Before coupons'),
  off: z.int(),
  payable: z.int(),
});

const redeemAnswer = z.object({
  code: z.string(),
  orderId: z.string(),
  campaignId: z.uuid(),
  title: z.string(),
  off: z.int().describe('Minor units that this coupon takes off'),
  lines: z.array(z.int()).describe('Off each line, in their order'),
  payable: z.int().describe('What is left to pay after all coupons of the order'),
});

const coupon = z.object({
  code: z.string(),
  campaignId: z.uuid(),
  campaign: z.string(),
  memberId: z.string(),
  template: couponTemplate,
  status: z.enum(['issued', 'redeemed', 'expired', 'void']),
  usable: z.boolean().describe('Whether it could be redeemed now, for a basket that fits'),
  issuedAt: instant,
  validFrom: instant,
  validTo: instant,
  redeemedAt: instant.nullable(),
  orderId: z.string().nullable(),
  amount: z.int().nullable(),
});

/** Coupons in members' hands: what they are worth for a basket, and their redemption. */
export const couponRoutes = ({ sql }: Parts) => {
  const terms = new Terms(sql);
  const grouped = new Grouped<RedeemRequest, RedeemOutcome>({
    decide: (requests) =>
      redeemGroup(
        {
          sql,
          terms,
          now: () => new Date(),
          encode: (made, campaign) => z.encode(redeemAnswer, redeemedOf(made, campaign)),
        },
        requests,
      ),
    weigh: ({ basket }) => 2 + basket.lines.length / 4,
    groupWeight: 200,
  });

  async function basketOf(body: {
    lines: z.output<typeof basketLine>[];
    channel: string;
    location?: string | undefined;
  }): Promise<Basket> {
    const category = await terms.categories(
      body.lines.map(({ sku }) => sku),
      Date.now(),
    );
    return {
      channel: body.channel,
      location: body.location ?? null,
      lines: body.lines.map(({ sku, qty, unitPrice, discount }) => ({
        sku,
        qty,
        category: category(sku),
        amount: Math.max(0, qty * unitPrice - discount),
      })),
    };
  }

  async function shown(rows: readonly CouponRow[]): Promise<z.output<typeof coupon>[]> {
    const nos = rows.map(({ campaignNo }) => campaignNo);
    const [known, states, members] = await Promise.all([
      terms.of(nos),
      statesOf(sql, nos),
      findMembersByNo(sql, [...new Set(rows.map(({ memberNo }) => memberNo))]),
      terms.secret(),
    ]);
    const now = Date.now();
    return rows.flatMap((row) => {
      const campaign = known.get(row.campaignNo);
      if (!campaign) return [];
      const [validFrom, validTo] = [row.validFrom.getTime(), row.validTo.getTime()];
      return [
        {
          ...row,
          code: terms.codeNow(row),
          campaignId: campaign.id,
          campaign: campaign.name,
          template: campaign.template,
          memberId: members.get(row.memberNo) ?? '',
          status: row.state,
          usable:
            row.state === 'issued' &&
            validFrom <= now &&
            now < validTo &&
            campaignHonours(states.get(row.campaignNo) ?? 'cancelled'),
        },
      ];
    });
  }

  /** Throws `not_found` for what is no coupon of ours. */
  async function proven(text: string) {
    const parts = await terms.verify(text);
    if (!parts) throw new AppError('not_found', 'There is no coupon with this code');
    return { code: normalCode(text)!, parts };
  }

  return [
    route({
      method: 'post',
      path: '/api/v1/coupons/quote',
      permission: 'coupons.command',
      tag: 'coupons',
      summary: 'The best legal combination of coupons for a basket',
      description: `Of the member's coupons, or of the codes given, or of both. Of one stacking class at most one coupon goes into a basket, and one that
stands alone goes with no other. Coupons are applied in one order: goods for a price, percent, 满减, amount; no line and no total goes below zero.
\`exact\` is false where there were so many combinations that not all were tried. Nothing is redeemed.`,
      body: z.strictObject({
        ...basketFields,
        memberId: line(128).optional(),
        codes: z.array(couponCode).max(MOST_CODES).optional(),
      }),
      answer: z.object({
        amount: z.int().describe('Minor units before coupons'),
        off: z.int(),
        payable: z.int(),
        lines: z.array(answerLine),
        coupons: z
          .array(
            z.object({
              code: z.string(),
              title: z.string(),
              off: z.int(),
              lines: z.array(z.int()),
              validTo: instant,
            }),
          )
          .describe('To be redeemed, in the order in which they are applied'),
        refused: z
          .array(z.object({ code: z.string(), reason: z.string() }))
          .describe('Codes that cannot be used, and why'),
        exact: z.boolean(),
      }),
      errors: ['cross_site'],
      async handler({ body }) {
        const now = new Date();
        const refused: { code: string; reason: RedeemRefusal | 'not_found' }[] = [];
        const own = await Promise.all(
          (body.codes ?? []).map(async (text) => ({ text, parts: await terms.verify(text) })),
        );
        const keys = own.flatMap(({ parts }) => parts ?? []);
        for (const { text, parts } of own) if (!parts) refused.push({ code: text, reason: 'not_found' });
        const [basket, wallet, named, namedStates] = await Promise.all([
          basketOf(body),
          body.memberId === undefined ? [] : listWallet(sql, body.memberId, now, MOST_TRIED),
          keys.length === 0 ? [] : findCoupons(sql, keys),
          statesOf(
            sql,
            keys.map(({ campaignNo }) => campaignNo),
          ),
          terms.secret(),
        ]);
        const rows = [...new Map([...wallet, ...named].map((row) => [keyOf(row), row])).values()];
        const states = new Map([
          ...namedStates,
          ...wallet.map(({ campaignNo, campaignState }) => [campaignNo, campaignState] as const),
        ]);
        const known = await terms.of(rows.map(({ campaignNo }) => campaignNo));
        const explicit = new Set(named.map(keyOf));
        for (const { text, parts } of own)
          if (parts && !explicit.has(keyOf(parts))) refused.push({ code: text, reason: 'not_found' });
        const candidates = rows.flatMap((row) => {
          const campaign = known.get(row.campaignNo);
          if (!campaign) return [];
          const candidate = {
            code: terms.codeNow(row),
            template: campaign.template,
            validTo: row.validTo.getTime(),
          };
          const campaignState = states.get(row.campaignNo) ?? 'cancelled';
          const reason =
            refusalOf(
              { ...candidate, state: row.state, validFrom: row.validFrom.getTime(), campaignState },
              now.getTime(),
            ) ?? (applyAll(basket, [candidate]).off === 0 ? 'coupon_not_applicable' : null);
          if (reason === null) return [candidate];
          if (explicit.has(keyOf(row))) refused.push({ code: candidate.code, reason });
          return [];
        });
        const quote = bestQuote(basket, candidates);
        const titles = new Map(
          candidates.map(({ code, template, validTo }) => [code, { title: template.title, validTo }]),
        );
        return {
          ...quote,
          refused,
          lines: basket.lines.map(({ sku, qty, amount }, i) => ({
            sku,
            qty,
            amount,
            off: quote.lines[i]!,
            payable: amount - quote.lines[i]!,
          })),
          coupons: quote.coupons.map((applied) => {
            const { title, validTo } = titles.get(applied.code)!;
            return { ...applied, title, validTo: new Date(validTo) };
          }),
        };
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/coupons/:code/redeem',
      permission: 'coupons.command',
      tag: 'coupons',
      summary: 'Redeem a coupon for an order',
      description: `Atomic: of two tills that redeem the same coupon at once one is told \`coupon_used\`. The same coupon for the same order again is
answered as before. What is taken off is worked out here, of the basket, beside the order's other coupons. The coupon comes back when the
order is cancelled or refunded in full, where its template says so. A till that was offline sends \`coupon.redeemed\` later.`,
      headers: idempotencyHeaders,
      params: z.object({ code: couponCode }),
      body: z.strictObject({ ...basketFields, orderId: line(128) }),
      answer: redeemAnswer,
      errors: [
        'not_found',
        'campaign_not_running',
        'coupon_used',
        'coupon_not_yet_valid',
        'coupon_expired',
        'coupon_not_applicable',
        'coupon_not_combinable',
        'conflict',
        'overloaded',
        'cross_site',
      ],
      async handler({ params, body, who, req }) {
        const command = keyedCommand({ req, who });
        const { code, parts } = await proven(params.code);
        const basket = await basketOf(body);
        const outcome = await grouped.submit({ code, parts, orderId: body.orderId, basket, command });
        switch (outcome.kind) {
          case 'redeemed': {
            const known = await terms.of([outcome.campaignNo]);
            return redeemedOf(outcome.redeemed, known.get(outcome.campaignNo)!);
          }
          case 'answered':
            return answeredBefore(command!, outcome.kept, redeemAnswer);
          case 'refused':
            throw outcome.error;
        }
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/coupons',
      permission: 'coupons.command',
      tag: 'coupons',
      summary: 'List a member’s coupons that are not over, those that end soonest first',
      query: z.object({ memberId: line(128) }),
      answer: z.object({ rows: z.array(coupon) }),
      async handler({ query: { memberId } }) {
        return { rows: await shown(await listWallet(sql, memberId, new Date(), MOST_TRIED)) };
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/coupons/conflicts',
      permission: 'campaigns.read',
      tag: 'coupons',
      summary: 'Redemptions that facts tell of and that should not have been, newest first',
      description: `\`conflict\`: another order used the coupon before. \`late\`: after its end. \`void\`: after its campaign was called off. \`odd\`: no
coupon has this code. They cost what they cost, but are not counted against the campaign. \`counted\` is the redemption that counts, where one does.`,
      query: z.object({ campaignId: z.uuid().optional(), ...pageQuery }),
      answer: pageOf(
        z.object({
          code: z.string(),
          campaignId: z.uuid().nullable(),
          campaign: z.string().nullable(),
          orderId: z.string(),
          at: instant,
          verdict: z.enum(['conflict', 'late', 'void', 'odd']),
          channel: z.string().nullable(),
          location: z.string().nullable(),
          counted: z
            .object({
              orderId: z.string(),
              at: instant,
              channel: z.string().nullable(),
              location: z.string().nullable(),
            })
            .nullable(),
        }),
      ),
      errors: ['not_found'],
      async handler({ query: { campaignId, limit, cursor } }) {
        const position = decodeCursor(cursor, z.tuple([z.iso.datetime(), z.string(), z.string()]));
        const rows = await listConflicts(sql, {
          begins: campaignId === undefined ? null : codesBegin((await findCampaign(sql, campaignId)).no),
          after: position && { at: new Date(position[0]), code: position[1], orderId: position[2] },
          limit: limit + 1,
        });
        const { rows: page, nextCursor } = cutPage(rows, limit, ({ at, code, orderId }) => [
          at.toISOString(),
          code,
          orderId,
        ]);
        // What a code says of its campaign is proven, unless no coupon has it.
        const noOf = ({ code, verdict }: ConflictRow) =>
          verdict === 'odd' ? null : (readCode(code)?.campaignNo ?? null);
        const campaigns = await findCampaignsByNo(
          sql,
          page.flatMap((row) => noOf(row) ?? []),
        );
        const known = new Map(campaigns.map((row) => [row.no, row]));
        return {
          rows: page.map((row) => {
            const campaign = known.get(noOf(row) ?? 0);
            const counted = row.counted && { ...row.counted, at: new Date(row.counted.at) };
            return { ...row, counted, campaignId: campaign?.id ?? null, campaign: campaign?.name ?? null };
          }),
          nextCursor,
        };
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/coupons/:code',
      permission: 'coupons.command',
      tag: 'coupons',
      summary: 'Show a coupon',
      params: z.object({ code: couponCode }),
      answer: coupon,
      errors: ['not_found'],
      async handler({ params }) {
        const { parts } = await proven(params.code);
        const [row] = await shown(await findCoupons(sql, [parts]));
        if (!row) throw new AppError('not_found', 'There is no coupon with this code');
        return row;
      },
    }),
  ];
};

const keyOf = ({ memberNo, campaignNo, nth }: Pick<CouponRow, 'memberNo' | 'campaignNo' | 'nth'>): string =>
  `${memberNo} ${campaignNo} ${nth}`;

const redeemedOf = (
  made: { code: string; orderId: string; off: number; lines: number[]; payable: number },
  campaign: CampaignTerms,
): z.output<typeof redeemAnswer> => ({ ...made, campaignId: campaign.id, title: campaign.template.title });
