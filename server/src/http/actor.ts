import type { Actor } from '@zhanggui/shared/access/audit-store.ts';
import type { UserIdentity, Who } from '@zhanggui/shared/access/permissions.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';

/** Who a change goes down to in the audit log. Walls and strangers change nothing. */
export function actorOf(who: Who): Actor {
  switch (who.kind) {
    case 'user':
      return { kind: 'user', id: who.id, name: who.email };
    case 'key':
      return { kind: 'key', id: who.id, name: who.name };
    case 'wall':
    case 'anonymous':
      throw new AppError('forbidden');
  }
}

/** The person behind a call to a route that only people may use. */
export function personOf(who: Who): UserIdentity {
  if (who.kind !== 'user') throw new AppError('forbidden');
  return who;
}
