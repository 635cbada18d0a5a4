import { onDestroy } from 'svelte';
import type { Scope, Topic } from '@zhanggui/shared/contract/board.ts';
import { useScreen } from '#lib/screen.ts';
import type { BoardTopic } from './topic.svelte.ts';

/** A topic for as long as the component lives. For another scope, key the component by it. */
export function useTopic<T extends Topic>(name: T, scope: Scope): BoardTopic<T> {
  const { topic, release } = useScreen().link.watch(name, scope);
  onDestroy(release);
  return topic;
}
