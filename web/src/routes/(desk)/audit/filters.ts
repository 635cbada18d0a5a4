export type AuditFilters = { actor: string; action: string; from: string; to: string };

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const fitting = (value: string | null, pattern: RegExp): string =>
  value && pattern.test(value) ? value : '';

/** What an address asks for; what does not fit is as if it were not there. */
export function filtersFrom(params: Pick<URLSearchParams, 'get'>): AuditFilters {
  return {
    actor: fitting(params.get('actor'), UUID),
    action: fitting(params.get('action'), /^[a-z]+\.[a-z]+$/),
    from: fitting(params.get('from'), DAY),
    to: fitting(params.get('to'), DAY),
  };
}

/** The address's query for filters, without the empty ones. */
export function queryOf(filters: AuditFilters): string {
  const text = new URLSearchParams(Object.entries(filters).filter(([, value]) => value !== '')).toString();
  return text && `?${text}`;
}
