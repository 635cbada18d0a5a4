import { isScope, parseScope } from '@zhanggui/shared/access/permissions.ts';
import type { AdminMessages } from '#lib/i18n/desk-admin.ts';

export type AuditRow = {
  no: number;
  at: string;
  actorKind: 'user' | 'key' | 'operator';
  actorId: string | null;
  actorName: string;
  action: string;
  target: string | null;
  details: Record<string, unknown>;
};

export function actionName(action: string, m: AdminMessages): string {
  return m.audit.actions[action] ?? m.audit.otherAction;
}

/** What was acted on, as people call it. */
export function targetName(
  { action, target }: Pick<AuditRow, 'action' | 'target'>,
  m: AdminMessages,
): string {
  if (target === null) return '';
  if (action === 'catalog.upsert') return m.audit.books[target] ?? target;
  return action.startsWith('rejected.') ? `#${target}` : target;
}

/** In minor units. */
const amounts = new Set(['approvalAbove', 'budget']);

/**
 * What an entry tells, in words. What this build has no words for is left out rather than shown raw.
 *
 * @param money writes minor units as an amount
 */
export function detailsOf(
  { details }: Pick<AuditRow, 'details'>,
  m: AdminMessages,
  money: (minor: number) => string,
): { name: string; value: string }[] {
  return Object.entries(details).flatMap(([field, value]) => {
    const name = m.audit.fields[field];
    const text =
      name === undefined
        ? ''
        : typeof value === 'number' && amounts.has(field)
          ? money(value)
          : valueOf(field, value, m);
    return name === undefined || text === '' ? [] : [{ name, value: text }];
  });
}

function valueOf(field: string, value: unknown, m: AdminMessages): string {
  if (Array.isArray(value)) return value.map((each) => valueOf(field, each, m)).join(m.listPause);
  if (typeof value === 'boolean') return value ? m.yes : m.no;
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return '';
  if (field === 'scope' && isScope(value)) {
    const parts = parseScope(value);
    return parts.kind === 'all' ? m.places.all : `${m.places[parts.kind]} ${parts.code}`;
  }
  const words: Record<string, Record<string, string | { name: string }>> = {
    role: m.roles,
    scopes: m.scopes,
    scenes: m.scenes,
    locale: m.locales,
    how: m.audit.how,
  };
  const word = words[field]?.[value];
  return word === undefined ? value : typeof word === 'string' ? word : word.name;
}
