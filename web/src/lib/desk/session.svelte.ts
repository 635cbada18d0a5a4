import { createContext } from 'svelte';
import type { Role } from '@zhanggui/shared/contract/words.ts';
import { api } from '#lib/api/api.ts';
import type { Preferences } from './preferences.svelte.ts';

export type SessionUser = {
  id: string;
  email: string;
  name: string;
  role: Role;
  locations: string[];
  regions: string[];
  hasPassword: boolean;
};
export type SessionAnswer = { user: SessionUser; scopes: string[] };

/** Who is signed in at this desk, and what they chose for this browser. */
export class Session {
  readonly preferences: Preferences;
  #user = $state.raw<SessionUser | null>(null);

  constructor(preferences: Preferences) {
    this.preferences = preferences;
  }

  /** Null until the server has told. */
  get user(): SessionUser | null {
    return this.#user;
  }

  /** Throws an `ApiError`: `unauthenticated` when nobody is signed in. */
  async load(): Promise<void> {
    this.#user = (await api.get<SessionAnswer>('/api/v1/session')).user;
  }

  async end(): Promise<void> {
    await api.delete('/api/v1/session');
    this.#user = null;
  }
}

export const [useSession, provideSession] = createContext<Session>();
