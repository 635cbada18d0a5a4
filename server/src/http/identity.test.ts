import { describe, expect, it } from 'vitest';
import { hashToken } from '@zhanggui/shared/access/token.ts';
import { clearCookie, cookiesFor, readCookie } from './cookies.ts';
import { shownTokens } from './identity.ts';

const cookies = cookiesFor('http://localhost:3000');

describe('cookies', () => {
  it('are read by their whole name', () => {
    expect(readCookie('a=1; zg_wall=x; zg_session=y', 'zg_session')).toBe('y');
    expect(readCookie('my_zg_session=1; zg_session2=2', 'zg_session')).toBeUndefined();
    expect(readCookie('zg_session=', 'zg_session')).toBeUndefined();
    expect(readCookie(undefined, 'zg_session')).toBeUndefined();
    expect(readCookie('zg_session', 'zg_session')).toBeUndefined();
  });

  it('are Secure, and of this host alone, where people come by https', () => {
    const secure = cookiesFor('https://shop.example').user;
    expect(secure.name).toBe('__Host-zg_session');
    expect(secure.options).toMatchObject({ secure: true, httpOnly: true, sameSite: 'lax', path: '/' });
    expect(cookies.user.options.secure).toBe(false);
  });

  it('are cleared with the options that they were set with', () => {
    const cleared: unknown[] = [];
    clearCookie({ clearCookie: (...args: unknown[]) => cleared.push(args) } as never, cookies.user);
    expect(cleared).toEqual([['zg_session', { httpOnly: true, sameSite: 'lax', path: '/', secure: false }]]);
  });
});

describe('what a caller shows', () => {
  it('is a key, which hides the cookies even when it is malformed', () => {
    const cookie = 'zg_session=s';
    expect(shownTokens({ authorization: 'Bearer zg_k', cookie }, cookies)).toEqual([
      { kind: 'key', hash: hashToken('zg_k') },
    ]);
    expect(shownTokens({ authorization: 'bearer  zg_k' }, cookies)).toHaveLength(1);
    for (const authorization of ['Basic YTpi', 'Bearer', 'Bearer a b', `Bearer ${'x'.repeat(300)}`, ''])
      expect(shownTokens({ authorization, cookie }, cookies)).toEqual([]);
  });

  it('is a session before a wall', () => {
    expect(shownTokens({ cookie: 'zg_wall=w; zg_session=s' }, cookies).map(({ kind }) => kind)).toEqual([
      'user',
      'wall',
    ]);
    expect(shownTokens({}, cookies)).toEqual([]);
  });
});
