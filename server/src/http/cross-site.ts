import type { IncomingHttpHeaders } from 'node:http';
import type { Request } from 'express';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import type { Who } from '@zhanggui/shared/access/permissions.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses a change that another site made a browser ask for. Browsers attach cookies by themselves, so a cookie alone
 * does not prove that our page asked; a key in the Authorization header does, because no browser adds it by itself.
 * Sign-in and pairing are checked too: being signed in as somebody else without noticing is an attack as well.
 *
 * Two signs, both set by the browser and out of a page's reach: Sec-Fetch-Site, and Origin for browsers that are too
 * old for it. A caller that sends neither is no browser and has no cookies that a stranger could ride on. In addition
 * the JSON content type, which every route with a body demands, can't be sent across sites without a preflight.
 */
export function refuseCrossSite(req: Request, who: Who, publicUrl: string): void {
  if (SAFE_METHODS.has(req.method) || who.kind === 'key') return;
  if (!isSameOrigin(req.headers, publicUrl)) throw new AppError('cross_site');
}

/** Whether the browser says that our own page made this request; true for callers that are no browsers. */
export function isSameOrigin(headers: IncomingHttpHeaders, publicUrl: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const origin = headers.origin;
  return origin === undefined || isOwnOrigin(origin, headers.host, publicUrl);
}

/**
 * Whether an Origin header names the host that the request was sent to, or the one the company is known by (a proxy
 * may send another Host on). The scheme is left out: behind a proxy that speaks TLS for us it differs without meaning.
 */
export function isOwnOrigin(origin: string, host: string | undefined, publicUrl: string): boolean {
  const from = hostOf(origin);
  if (from === undefined) return false;
  return (host !== undefined && from === hostOf(`http://${host}`)) || from === hostOf(publicUrl);
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host || undefined : undefined;
}
