import type { Server, Socket } from 'socket.io';
import type { Scope, Snapshot, Topic } from '@zhanggui/shared/contract/board.ts';
import type { ClientToServer, ServerToClient } from '@zhanggui/shared/contract/socket.ts';
import type { Identity } from '@zhanggui/shared/access/permissions.ts';
import type { ShownToken } from '../http/identity.ts';

export type Subscription = { topic: Topic; scope: Scope };

/** What the handshake leaves on a socket. */
export type SocketData = {
  who: Identity;
  /** The token that proved it: looked up again when access changes. */
  token: ShownToken;
  subscriptions: Map<string, Subscription>;
  /** Ends when everything that this socket has asked for so far is done. */
  turn: Promise<void>;
  /** Subscribes in the current window. */
  asks: { since: number; count: number };
};

export type BoardServer = Server<ClientToServer, ServerToClient, Record<string, never>, SocketData>;
export type BoardSocket = Socket<ClientToServer, ServerToClient, Record<string, never>, SocketData>;

/** What the sockets ask of the publisher, which owns the rooms and everything sent into them. */
export type Publisher = {
  /** Called once, before the first socket. */
  attach(io: BoardServer): void;
  /**
   * Puts a socket into the room of a topic and scope, and sends it the snapshot. Subscribing again is how a screen
   * asks for a fresh snapshot. With `hideMoney` it is the room whose amounts are null.
   */
  join(socket: BoardSocket, topic: Topic, scope: Scope, how: { hideMoney: boolean }): Promise<void>;
  /** Something may have changed: look at the ledger now. */
  poke(): void;
  /** Names, places or targets changed: read them anew. */
  pokeCatalog(): void;
  leave(socket: BoardSocket, topic: Topic, scope: Scope): Promise<void>;
  /** What a screen that joins now would be sent. */
  snapshot(topic: Topic, scope: Scope, how: { hideMoney: boolean }): Promise<Snapshot>;
  /** When the ledger was last read successfully. */
  readonly lookedAt: Date | null;
  close(): Promise<void>;
};
