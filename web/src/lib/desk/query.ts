import { goto } from '$app/navigation';
import { page } from '$app/state';

type Address = { pathname: string; searchParams: { toString(): string } };

/** The address of a page with some filters changed, for links. What is empty goes. */
export function queryLink(url: Address, change: Record<string, string | null>): string {
  const params = new URLSearchParams(url.searchParams.toString());
  for (const [name, value] of Object.entries(change)) {
    if (value) params.set(name, value);
    else params.delete(name);
  }
  const query = params.toString();
  return query ? `${url.pathname}?${query}` : url.pathname;
}

/**
 * Changes the filters in the address, without losing the place on the page.
 *
 * @param replace while typing or sorting: going back should not go through every letter
 */
export function setQuery(change: Record<string, string | null>, { replace = false } = {}): void {
  void goto(queryLink(page.url, change), { replace, reset: false });
}
