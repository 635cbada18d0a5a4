/** The two cookies: a person's session and a wall's token. */
import type { CookieOptions, Response } from 'express';
import { SESSION_MAX_DAYS } from '@zhanggui/shared/access/session-store.ts';

const DAY_MS = 86_400_000;

export type Cookie = { name: string; options: CookieOptions };
export type Cookies = { user: Cookie; wall: Cookie };

/**
 * How cookies are set. Where the company is reached by https they are Secure and have the `__Host-` prefix, so that no
 * subdomain and no plain-text page can plant one. Where it is reached by http, they are not: a
 * Secure cookie would never come back over http.
 *
 * SameSite=Lax: a link in a mail opens the desk signed in, while a form on another site changes nothing.
 */
export function cookiesFor(publicUrl: string): Cookies {
  const secure = publicUrl.startsWith('https:');
  const prefix = secure ? '__Host-' : '';
  const options: CookieOptions = { httpOnly: true, sameSite: 'lax', path: '/', secure };
  return {
    // How long a session lives is decided by the database; the cookie only must not go first.
    user: { name: `${prefix}zg_session`, options: { ...options, maxAge: SESSION_MAX_DAYS * DAY_MS } },
    // The longest that browsers keep a cookie. It is set anew when the wall loads its page.
    wall: { name: `${prefix}zg_wall`, options: { ...options, maxAge: 400 * DAY_MS } },
  };
}

export function setCookie(res: Response, cookie: Cookie, token: string): void {
  res.cookie(cookie.name, token, cookie.options);
}

export function clearCookie(res: Response, cookie: Cookie): void {
  const { maxAge: _, ...options } = cookie.options;
  res.clearCookie(cookie.name, options);
}

/** The value of a cookie in a Cookie header. Our values are base64url, so nothing needs decoding. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const equals = part.indexOf('=');
    if (equals > 0 && part.slice(0, equals).trim() === name)
      return part.slice(equals + 1).trim() || undefined;
  }
  return undefined;
}
