/** Passwords as scrypt hashes that carry their own parameters, so that these can be raised without locking anyone out. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { AppError } from '../contract/errors.ts';

/** 2^15 · 8 · 128 bytes = 32 MiB of memory and about 0.2 s a guess. */
const current = { log2n: 15, r: 8, p: 3 } as const;
const HASH_BYTES = 32;
const SALT_BYTES = 16;

/** At least this long; longer beats stranger. The upper limit keeps hashing from being a way to burn our time. */
export const passwordLength = { min: 10, max: 200 } as const;

/** Throws `invalid_request` for a password that is too short or too long; returns it otherwise. */
export function checkPassword(password: string): string {
  const { min, max } = passwordLength;
  if (password.length >= min && password.length <= max) return password;
  const detail = `must have ${min} to ${max} characters`;
  throw new AppError('invalid_request', `password: ${detail}`, { errors: [{ field: 'password', detail }] });
}

type Cost = { log2n: number; r: number; p: number };

/** Hashes a password for storage: `scrypt$15$8$3$<salt>$<hash>`, base64url. Only tests of something else ask for a lower cost. */
export async function hashPassword(password: string, cost: Cost = current): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, cost, HASH_BYTES);
  return ['scrypt', cost.log2n, cost.r, cost.p, salt.toString('base64url'), hash.toString('base64url')].join(
    '$',
  );
}

/**
 * Whether a password fits a stored hash. With `stored` null (nobody of that name, or no password set) it takes as long
 * and answers false: the time must not tell who has an account.
 */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const parts = stored === null ? null : parse(stored);
  const { cost, salt, hash } = parts ?? {
    cost: current,
    salt: Buffer.alloc(SALT_BYTES),
    hash: Buffer.alloc(HASH_BYTES),
  };
  const derived = await derive(password, salt, cost, hash.length);
  return timingSafeEqual(derived, hash) && parts !== null;
}

function parse(stored: string): { cost: Cost; salt: Buffer; hash: Buffer } {
  const [kind, log2n, r, p, salt, hash, ...more] = stored.split('$');
  if (kind !== 'scrypt' || hash === undefined || more.length > 0)
    throw new Error('Unknown kind of password hash');
  return {
    cost: { log2n: Number(log2n), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt ?? '', 'base64url'),
    hash: Buffer.from(hash, 'base64url'),
  };
}

/** One at a time: four threads hashing at once would take 128 MiB and every thread that file access needs. */
let turn: Promise<unknown> = Promise.resolve();
let waiting = 0;
const MAX_WAITING = 20;

async function derive(password: string, salt: Buffer, cost: Cost, length: number): Promise<Buffer> {
  if (waiting >= MAX_WAITING)
    throw new AppError('overloaded', 'Too many people sign in at once', { retryAfter: 2 });
  waiting += 1;
  const mine = turn.then(() => runScrypt(password, salt, cost, length));
  turn = mine.catch(() => undefined).finally(() => (waiting -= 1));
  return mine;
}

function runScrypt(password: string, salt: Buffer, { log2n, r, p }: Cost, length: number): Promise<Buffer> {
  const N = 2 ** log2n;
  return new Promise((resolve, reject) => {
    // NFKC: the same characters typed on another keyboard or phone must be the same bytes.
    scrypt(password.normalize('NFKC'), salt, length, { N, r, p, maxmem: 256 * N * r }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
