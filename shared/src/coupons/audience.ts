/** Whom a campaign is for. Pure. */
import { z } from 'zod';
import { ruleSchema, type Rule } from '../members/rule.ts';

/** Members in one list at most; more are a segment. */
export const MOST_LISTED = 100_000;

const memberId = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\u0000-\u001f]+$/, 'must not hold control characters');

/** Percent of the audience that gets nothing, so that the effect can be measured: always the same members for a campaign. */
const holdoutPercent = z.int().min(0).max(50).default(0);

const listed = z.strictObject({
  kind: z.literal('members'),
  members: z.array(memberId).min(1).max(MOST_LISTED),
  holdoutPercent,
});
const others = [
  z.strictObject({ kind: z.literal('all'), holdoutPercent }),
  z.strictObject({ kind: z.literal('segment'), segmentId: z.uuid(), holdoutPercent }),
  z.strictObject({ kind: z.literal('rule'), rule: ruleSchema, holdoutPercent }),
] as const;

/** As it is asked for. */
export const audienceWish = z.discriminatedUnion('kind', [listed, ...others]);
export type AudienceWish = z.infer<typeof audienceWish>;
/** Of a draft that is there: a list without its members stays, since nobody is told who is on it. */
export const audienceChange = z.discriminatedUnion('kind', [listed.partial({ members: true }), ...others]);
export type AudienceChange = z.infer<typeof audienceChange>;

/** As it is shown: of a list only how long it is. */
export const audience = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('all'), holdoutPercent }),
  z.object({ kind: z.literal('members'), count: z.int(), holdoutPercent }),
  z.object({ kind: z.literal('segment'), segmentId: z.uuid(), holdoutPercent }),
  z.object({ kind: z.literal('rule'), rule: ruleSchema, holdoutPercent }),
]);
type Shown = z.infer<typeof audience>;
type ShownSegment = Extract<Shown, { kind: 'segment' }>;
/** As it is kept: once it is launched with the segment's rule, so that who changes the segment changes nothing about who gets it. */
export type Audience = Exclude<Shown, ShownSegment> | (ShownSegment & { rule?: Rule });
