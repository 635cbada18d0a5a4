import type { RequestHandler } from 'express';
import helmet from 'helmet';

/**
 * Security headers. Everything comes from our own origin; the one inline script that the web build has (it starts the
 * app) is allowed by its hash. Style attributes may be inline, they can't run anything; style sheets may not.
 *
 * What needs TLS to make sense (HSTS, upgrading requests, origin isolation) is only sent where PUBLIC_URL says https:
 * on a shop's own network over http it would lock people out.
 */
export function securityHeaders(publicUrl: string, inlineScriptHashes: readonly string[]): RequestHandler {
  const https = publicUrl.startsWith('https:');
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'", ...inlineScriptHashes.map((hash) => `'${hash}'`)],
        scriptSrcAttr: ["'none'"],
        styleSrc: ["'self'"],
        styleSrcAttr: ["'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        // The same origin by http and by websocket.
        connectSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        ...(https ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    strictTransportSecurity: https,
    crossOriginOpenerPolicy: https,
    originAgentCluster: https,
    referrerPolicy: { policy: 'no-referrer' },
  });
}
