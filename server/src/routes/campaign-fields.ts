import { z } from 'zod';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import {
  audience,
  audienceChange,
  audienceWish,
  type Audience,
  type AudienceChange,
} from '@zhanggui/shared/coupons/audience.ts';
import { campaignKinds, campaignStates, exposureOf, giveModes } from '@zhanggui/shared/coupons/campaign.ts';
import type { CampaignDraft, CampaignRow } from '@zhanggui/shared/coupons/campaign-store.ts';
import type { Told } from '@zhanggui/shared/coupons/message-store.ts';
import { campaignKindsOffered, describedTemplate } from '../campaigns/kinds.ts';
import { instant, line, money } from '../http/fields.ts';

const MAX_TOTAL = 100_000_000;
/** A list of a hundred thousand members. */
export const CAMPAIGN_BYTES = 8 * 1024 * 1024;

const limits = z.strictObject({
  perMember: z.int().min(1).max(15).default(1).describe('Of this campaign at most so many for one member'),
  total: z.int().min(1).max(MAX_TOTAL).nullable().default(null).describe('So many in all; null: no limit'),
  budget: money
    .nullable()
    .default(null)
    .describe(
      'Minor units. What one costs at worst is reserved when it is issued, and settled when it is redeemed or ends; null: no limit',
    ),
  brakePerMinute: money
    .min(1)
    .nullable()
    .default(null)
    .describe('More money than this redeemed in one minute pauses the campaign; null: never'),
});

/** What its maker says of a campaign. */
export const campaignWish = z.strictObject({
  kind: z.enum(Object.keys(campaignKindsOffered) as (keyof typeof campaignKindsOffered)[]),
  name: line(100),
  template: z.unknown().describe('By kind; of a coupon as `couponTemplate`'),
  audience: audienceWish.default({ kind: 'all', holdoutPercent: 0 }),
  give: z
    .enum(giveModes)
    .default('push')
    .describe(
      'How coupons come to members: sent to the audience, claimed by members of it, or given by a rule',
    ),
  limits: limits.default({ perMember: 1, total: null, budget: null, brakePerMinute: null }),
  startsAt: instant.nullable().default(null).describe('Launched before, it waits until then'),
  endsAt: instant.nullable().default(null).describe('Nothing is given any more from then on'),
});
export const describedWish = campaignWish.extend({ template: describedTemplate });

/** Of a draft that is there. */
const ofDraft = {
  audience: audienceChange
    .default({ kind: 'all', holdoutPercent: 0 })
    .describe('`members` without a list keeps the one that there is'),
};
const changeFields = { ...ofDraft, revision: z.int() };
export const campaignChange = campaignWish.extend(changeFields);
export const describedChange = describedWish.extend(changeFields);
const lookFields = {
  ...ofDraft,
  id: z.uuid().optional().describe('Of the draft that it would change'),
};
export const campaignLook = campaignWish.extend(lookFields);
export const describedLook = describedWish.extend(lookFields);

const progress = z.object({
  chunks: z.int(),
  done: z.int(),
  failedChunks: z.int(),
  seen: z.int().describe('Members of the audience that were looked at'),
  had: z.int().describe('Of them had a coupon of it already'),
  perSecond: z.int().nullable(),
  secondsLeft: z.int().nullable(),
  error: z.string().nullable(),
});

const campaignFields = {
  id: z.uuid(),
  kind: z.enum(campaignKinds),
  name: z.string(),
  status: z.enum(campaignStates),
  give: z.enum(giveModes).nullable(),
  template: z.unknown(),
  audience,
  limits: z.object({
    perMember: z.int(),
    total: z.int().nullable(),
    budget: z.int().nullable(),
    brakePerMinute: z.int().nullable(),
  }),
  targeted: z.int().describe('Members of the audience when it was launched'),
  issued: z.int(),
  failed: z
    .int()
    .describe('Members of the audience that got none: number or money was used up, or it could not be done'),
  redeemed: z.int(),
  returned: z.int().describe('Came back with a refund'),
  conflicts: z
    .int()
    .describe('Redemptions told by facts that should not have been; not in `redeemed` and `spent`'),
  budget: z.int().nullable(),
  spent: z.int().describe('Minor units that its coupons took off'),
  reserved: z
    .int()
    .describe(
      'Minor units kept for coupons that may still be redeemed; spent + reserved never pass the budget',
    ),
  liability: z.int().describe('What one costs at worst, minor units'),
  exposure: z.int().nullable().describe('What all of it costs at worst; null: without bound'),
  startsAt: instant.nullable(),
  endsAt: instant.nullable(),
  createdAt: instant,
  createdBy: z.string(),
  revision: z.int(),
  approvedAt: instant.nullable(),
  approvedBy: z.string().nullable(),
  launchedAt: instant.nullable(),
  pausedAt: instant.nullable(),
  pausedBecause: z.string().nullable().describe('`brake`: it spent too fast'),
  endedAt: instant.nullable(),
  settledAt: instant
    .nullable()
    .describe('When nothing was open of its coupons any more: no step is made from then on'),
};
export const campaign = z.object(campaignFields);
const told = {
  waiting: z.int().describe('To be sent; who of them may be written to is looked at then'),
  told: z.int(),
  failed: z.int().describe('Could not be sent; see `…/messages/retry`'),
};
const messages = z.object({
  ...told,
  media: z
    .array(z.object({ medium: z.string().nullable(), ...told }))
    .describe('By medium; null: receivers that write to nobody themselves'),
});

export const campaignDetail = z.object({
  ...campaignFields,
  progress: progress.nullable().describe('Of the fan-out; null where there is none'),
  messages: messages.describe(
    'Members by what came of the messages about their coupons, once for each gateway; messages are kept for 60 days',
  ),
  flags: z
    .array(z.object({ source: z.string(), minute: instant, claims: z.int() }))
    .describe('Odd claiming, newest first'),
});

/** All of them, and each medium. */
export function showTold(media: readonly (Told & { medium: string | null })[]): z.output<typeof messages> {
  const sum = (of: keyof Told) => media.reduce((all, each) => all + each[of], 0);
  return { waiting: sum('waiting'), told: sum('told'), failed: sum('failed'), media: [...media] };
}

export const campaignById = z.object({ id: z.uuid() });

export function showCampaign(row: CampaignRow): z.output<typeof campaign> {
  return {
    ...row,
    status: row.state,
    limits: {
      perMember: row.perMember,
      total: row.total,
      budget: row.budget,
      brakePerMinute: row.brake,
    },
    exposure: exposureOf(row),
  };
}

function keep(given: AudienceChange, before: Audience | null): Audience {
  if (given.kind !== 'members') return given;
  const { members, ...rest } = given;
  if (members) return { ...rest, count: new Set(members).size };
  if (before?.kind === 'members') return { ...rest, count: before.count };
  throw invalid('audience.members', 'is needed: there is no list to keep');
}

type Wish = Omit<z.output<typeof campaignWish>, 'audience'> & { audience: AudienceChange };

/** Checks a wish and works out what it may cost; `before`: whom the draft is for that it changes. Throws `invalid_request`. */
export function draftOf(body: Wish, before: Audience | null = null): CampaignDraft {
  const kind = campaignKindsOffered[body.kind];
  const template = kind.template.safeParse(body.template);
  if (!template.success) {
    const errors = template.error.issues.map(({ path, message }) => ({
      field: ['template', ...path].map(String).join('.'),
      detail: message,
    }));
    throw new AppError('invalid_request', `${errors[0]?.field}: ${errors[0]?.detail}`, { errors });
  }
  if (body.startsAt && body.endsAt && body.startsAt >= body.endsAt)
    throw invalid('endsAt', 'must be after startsAt');
  if (body.kind === 'coupon' && body.give === 'rule' && body.audience.holdoutPercent > 0)
    throw invalid('audience.holdoutPercent', 'is of the automation that gives its coupons');
  return {
    ...body,
    ...body.limits,
    template: template.data,
    // Groups and bargains are opened by members; only coupons are given.
    give: body.kind === 'coupon' ? body.give : null,
    audience: keep(body.audience, before),
    brake: body.limits.brakePerMinute,
    liability: kind.liability(template.data),
  };
}

/** A field of a campaign that does not fit. */
export const invalid = (field: string, detail: string): AppError =>
  new AppError('invalid_request', `${field}: ${detail}`, { errors: [{ field, detail }] });
