/** What people look like on the wire. */
import { z } from 'zod';
import { passwordLength } from '@zhanggui/shared/access/password.ts';
import { roles } from '@zhanggui/shared/contract/words.ts';
import { code, instant, line } from '../http/fields.ts';

/** Loose on purpose: `admin@localhost` is one, and whether mail arrives no pattern can tell. */
export const email = z
  .string()
  .trim()
  .max(254)
  .regex(/^[^@\s]+@[^@\s]+$/, 'must be an e-mail address')
  .toLowerCase();

export const password = z
  .string()
  .min(passwordLength.min, `must have at least ${passwordLength.min} characters`)
  .max(passwordLength.max, `must have at most ${passwordLength.max} characters`);

export const role = z.enum(roles);

/** A manager's stores and regions, by code. */
export const limits = {
  locations: z.array(code).max(500),
  regions: z.array(code).max(100),
};

export const userRow = z.object({
  id: z.uuid(),
  email: z.string(),
  name: z.string(),
  role,
  ...limits,
  hasPassword: z.boolean().describe('False: comes in by a link only'),
  createdAt: instant,
  lastSeenAt: instant.nullable(),
  disabledAt: instant.nullable(),
});

export const newUser = z.strictObject({
  email,
  name: line(100),
  role,
  locations: limits.locations.optional(),
  regions: limits.regions.optional(),
});

export const userChange = z.strictObject({
  email: email.optional(),
  name: line(100).optional(),
  role: role.optional(),
  locations: limits.locations.optional(),
  regions: limits.regions.optional(),
  disabled: z.boolean().optional(),
});
