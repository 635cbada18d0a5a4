/** The Socket.IO messages, typed once for both ends. Sockets tell; they change nothing. */
import type { ErrorCode } from './errors.ts';
import type { Delta, Pulse, Scope, Snapshot, Topic } from './board.ts';
import type { Locale, Role, Scene } from './words.ts';

export type SubscribeAnswer = { ok: true } | { ok: false; code: ErrorCode };

export type ClientToServer = {
  /** Also the way to ask for a fresh snapshot: subscribing again sends one. */
  subscribe: (ask: { topic: Topic; scope: Scope }, answer: (result: SubscribeAnswer) => void) => void;
  unsubscribe: (ask: { topic: Topic; scope: Scope }) => void;
};

export type ServerToClient = {
  snapshot: (snapshot: Snapshot) => void;
  delta: (delta: Delta) => void;
  pulse: (pulse: Pulse) => void;
  /** First message: who this screen is. Sent again when its settings change. */
  hello: (hello: Hello) => void;
  /** The session, key or wall was revoked; the server closes after it. */
  revoked: () => void;
};

export type Company = { currency: string; timeZone: string; demo: boolean };

export type Hello = { company: Company } & (
  | { kind: 'user'; name: string; role: Role; scopes: Scope[] }
  | {
      kind: 'wall';
      name: string;
      scenes: Scene[];
      scope: Scope;
      hideMoney: boolean;
      locale: Locale;
      rotateSeconds: number;
      /** Whether a critical alert also sounds. */
      sound: boolean;
    }
  | { kind: 'key'; name: string }
);
