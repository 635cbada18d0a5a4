import type { Component } from 'svelte';
import type { Scope } from '@zhanggui/shared/contract/board.ts';
import type { Scene } from '@zhanggui/shared/contract/words.ts';
import Live from './live/Live.svelte';
import Overview from './overview/Overview.svelte';
import Promotions from './promotions/Promotions.svelte';
import Stock from './stock/Stock.svelte';

/** What a wall can show. A new scene is one entry here, its name in the words, and its topics in the permissions. */
export const sceneComponents: Record<Scene, Component<{ scope: Scope }>> = {
  overview: Overview,
  stock: Stock,
  live: Live,
  promotions: Promotions,
};

/** The scenes a wall was given, leaving out those that this build does not know; the overview when none is left. */
export function knownScenes(given: readonly string[]): Scene[] {
  const known = given.filter((scene): scene is Scene => Object.hasOwn(sceneComponents, scene));
  return known.length ? known : ['overview'];
}
