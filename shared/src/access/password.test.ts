import { scryptSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkPassword, hashPassword, verifyPassword } from './password.ts';

describe('passwords', () => {
  it('are recognised, and others are not', async () => {
    const stored = await hashPassword('correct horse');
    expect(stored).toMatch(/^scrypt\$15\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
    expect(await verifyPassword('correct horse', stored)).toBe(true);
    expect(await verifyPassword('correct horse ', stored)).toBe(false);
    expect(await verifyPassword('', stored)).toBe(false);
  });

  it('never give the same hash twice', async () => {
    expect(await hashPassword('correct horse')).not.toBe(await hashPassword('correct horse'));
  });

  it('are the same however the keyboard composes them', async () => {
    expect(await verifyPassword('Ünïcödé ﬁne', await hashPassword('U\u0308nïcödé fine'))).toBe(true);
  });

  it('of nobody are wrong, and take as long', async () => {
    expect(await verifyPassword('', null)).toBe(false);
    // Of the processor, not of the clock: that depends on who else is busy.
    const time = async (stored: string | null) => {
      const start = process.cpuUsage();
      await verifyPassword('guess', stored);
      return process.cpuUsage(start).user;
    };
    const stored = await hashPassword('correct horse');
    const [someone, nobody] = [await time(stored), await time(null)];
    expect(nobody).toBeGreaterThan(someone / 3);
  });

  it('hashed with older parameters are still recognised', async () => {
    const salt = Buffer.from('a salt of sixteen');
    const hash = scryptSync('correct horse', salt, 32, { N: 1024, r: 8, p: 1 });
    const stored = `scrypt$10$8$1$${salt.toString('base64url')}$${hash.toString('base64url')}`;
    expect(await verifyPassword('correct horse', stored)).toBe(true);
    expect(await verifyPassword('wrong horse', stored)).toBe(false);
  });

  it('stored in a way that nobody knows are an error, not a wrong password', async () => {
    await expect(verifyPassword('x', 'md5$abc')).rejects.toThrow('Unknown kind');
  });

  it('that come all at once are turned away rather than queued for minutes', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 25 }, () => verifyPassword('x', 'scrypt$10$8$1$c2FsdA$aGFzaA')),
    );
    const away = results.filter((result) => result.status === 'rejected');
    expect(away.length).toBe(5);
    expect(away[0]?.reason).toMatchObject({ code: 'overloaded' });
    expect(await verifyPassword('x', 'scrypt$10$8$1$c2FsdA$aGFzaA')).toBe(false);
  });

  it('have a length', () => {
    expect(checkPassword('1234567890')).toBe('1234567890');
    for (const bad of ['123456789', 'x'.repeat(201)]) expect(() => checkPassword(bad)).toThrow('10 to 200');
  });
});
