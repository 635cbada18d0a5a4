/** Secrets that the server makes: shown once, stored as SHA-256 only. */
import { createHash, randomBytes, randomInt } from 'node:crypto';

/** A random secret of 256 bits and the hash it is stored as. */
export type Token = { token: string; hash: string };

/** Makes a token. A prefix says at sight, to a person or a secret scanner, what kind of secret it is. */
export function newToken(prefix = ''): Token {
  const token = prefix + randomBytes(32).toString('base64url');
  return { token, hash: hashToken(token) };
}

/**
 * What a token is looked up by. Being found by its hash in an index leaks nothing of the token through timing, and a
 * slow hash would gain nothing: there are 2^256 tokens to try.
 */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** The token of a wall, made from its pairing's secret: fetching it twice, because an answer got lost, gives the same. */
export function wallTokenOf(pairingId: string, secret: string): Token {
  const token = createHash('sha256').update(`wall ${pairingId} ${secret}`).digest('base64url');
  return { token, hash: hashToken(token) };
}

/** Letters and digits that nobody confuses when reading them from a screen across a room. */
const CODE_ALPHABET = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';

/** Six characters: 900 million codes, for the ten minutes that a screen waits. */
export function newPairingCode(): string {
  return Array.from({ length: 6 }, () => CODE_ALPHABET[randomInt(CODE_ALPHABET.length)]).join('');
}

/** A code as a person may have typed it: `abc-def` is `ABCDEF`. */
export function normalizePairingCode(typed: string): string {
  return typed.toUpperCase().replace(/[\s-]/g, '');
}
