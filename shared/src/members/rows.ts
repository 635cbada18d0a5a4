/** Members as a bulk upsert takes them. Pure: the API and CSV import share it. */
import { z } from 'zod';
import { dayOfLife, momentOfLife } from '../contract/events.ts';

/** As long as a shop's own id may be. */
export const memberId = z
  .string()
  .trim()
  .min(1)
  .max(128)
  .regex(/^[^\u0000-\u001f]+$/, 'must not hold control characters');

const text = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^[^\u0000-\u001f]+$/, 'must not hold control characters');

/** A mark that people or rules put on members. */
export const tag = text(64);
/** A way to write to a member: sms, mail, push, wechat … */
export const medium = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'must be small letters, digits, - and _, at most 32');
export const consents = z.record(medium, z.boolean().nullable());

/** A field left out stays as it is, null empties it. */
export const memberRow = z.strictObject({
  memberId,
  name: text(100).nullable().optional(),
  phone: z
    .string()
    .regex(/^\+?[\d\s().\-–/]{4,32}$/, 'must be a phone number')
    .nullable()
    .optional(),
  mail: z
    .string()
    .trim()
    .max(254)
    .regex(/^[^\s@\u0000-\u001f]+@[^\s@\u0000-\u001f]+$/, 'must be a mail address')
    .nullable()
    .optional(),
  level: text(50).nullable().optional(),
  birthday: dayOfLife.nullable().optional(),
  joinedAt: momentOfLife.nullable().optional(),
  tags: z.array(tag).max(50).nullable().optional(),
  consents: consents.optional(),
});
export type MemberRowInput = z.output<typeof memberRow>;
