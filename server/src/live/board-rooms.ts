import type { Server, Socket } from 'socket.io';
import type { Scope, Snapshot, Topic } from '@zhanggui/shared/contract/board.ts';
import type { ClientToServer, ServerToClient } from '@zhanggui/shared/contract/socket.ts';
import type { Identity } from '@zhanggui/shared/access/permissions.ts';

/** What the handshake leaves on a socket. */
export type SocketData = {
  who: Identity;
  /** Hash of the token that proved it: looked up again when access changes. */
  tokenHash: string;
  /** What it is subscribed to, `topic|scope`. */
  subscriptions: Set<string>;
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
