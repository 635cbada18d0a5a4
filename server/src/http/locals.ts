import type { Who } from '@zhanggui/shared/access/permissions.ts';

declare global {
  // Express has its own types open for exactly this.
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Express {
    /** What the middleware in front of every route leaves for it. */
    interface Locals {
      requestId: string;
      who: Who;
      /** Hash of the session, key or wall token that proved who it is; absent for the anonymous. */
      tokenHash?: string;
      /** Path pattern of the route that took the request. */
      route?: string;
      /** Error code of the answer, for the access log. */
      code?: string;
    }
  }
}
