import { io, type Socket } from 'socket.io-client';
import type { ClientToServer, ServerToClient } from '@zhanggui/shared/contract/socket.ts';

export type BoardSocket = Pick<
  Socket<ServerToClient, ClientToServer>,
  'on' | 'emit' | 'connect' | 'disconnect' | 'connected'
>;
export type OpenSocket = () => BoardSocket;

/**
 * A fresh socket, not yet connecting. Its own reconnection is off: it waits for a ping timeout of many seconds before it
 * notices a dead link, and the board wants to know within three.
 *
 * @param as which of this browser's two cookies speaks: one browser can be both a paired wall and a signed-in person.
 */
export function openSocket(as: 'wall' | 'user'): BoardSocket {
  return io({
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    autoConnect: false,
    query: { as },
  });
}
