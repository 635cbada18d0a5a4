import { may } from '@zhanggui/shared/access/permissions.ts';
import type { Reader } from '#lib/alerts/alert-list.ts';
import type { SessionUser } from '#lib/desk/session.svelte.ts';

/** What the person at this desk may do about alerts. */
export const readerOf = (user: SessionUser | null): Reader => ({
  id: user?.id ?? null,
  answers: user !== null && may({ kind: 'user', ...user }, 'alerts.answer'),
});
