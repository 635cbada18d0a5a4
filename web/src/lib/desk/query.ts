import { goto } from '$app/navigation';
import { page } from '$app/state';

type Address = { pathname: string; searchParams: { toString(): string } };
type Change = Record<string, string | null>;

/** The query of an address with some filters changed, with its question mark. What is empty goes. */
function queryText(url: Address, change: Change): string {
  const params = new URLSearchParams(url.searchParams.toString());
  for (const [name, value] of Object.entries(change)) {
    if (value) params.set(name, value);
    else params.delete(name);
  }
  const query = params.toString();
  return query && `?${query}`;
}

/** The address of a page with some filters changed, for links. */
export const queryLink = (url: Address, change: Change): string => `${url.pathname}${queryText(url, change)}`;

/**
 * Changes the filters in the address, without losing the place on the page.
 *
 * @param replace while typing or sorting: going back should not go through every letter
 */
export function setQuery(change: Change, { replace = false } = {}): void {
  // The path is the one we are at: there is nothing to resolve.
  // eslint-disable-next-line svelte/no-navigation-without-resolve
  void goto(`${page.url.pathname}${queryText(page.url, change)}`, { replace, reset: false });
}
