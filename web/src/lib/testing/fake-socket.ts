import type { Delta, Pulse, Scope, Snapshot, Topic } from '@zhanggui/shared/contract/board.ts';
import type { ServerToClient, SubscribeAnswer } from '@zhanggui/shared/contract/socket.ts';
import type { BoardSocket, OpenSocket } from '#lib/live/socket.ts';

type Ask = { topic: Topic; scope: Scope };
type Handler = (...args: never[]) => void;

/** The server's end of a link, played by a test. */
export class FakeServer {
  sockets: FakeSocket[] = [];
  /** What new connections meet. */
  door: 'open' | 'silent' | 'closed' | 'unauthenticated' = 'open';

  open: OpenSocket = () => {
    const socket = new FakeSocket(this);
    this.sockets.push(socket);
    return socket as unknown as BoardSocket;
  };

  get last(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('nobody has connected');
    return socket;
  }
}

export class FakeSocket {
  connected = false;
  asked: Ask[] = [];
  left: Ask[] = [];
  answer: SubscribeAnswer = { ok: true };
  #server: FakeServer;
  #handlers = new Map<string, Handler[]>();

  constructor(server: FakeServer) {
    this.#server = server;
  }

  on(name: string, handler: Handler): void {
    this.#handlers.set(name, [...(this.#handlers.get(name) ?? []), handler]);
  }
  connect(): void {
    if (this.#server.door === 'open') {
      this.connected = true;
      this.#fire('connect');
    }
    if (this.#server.door === 'closed') this.#fire('connect_error', new Error('websocket error'));
    if (this.#server.door === 'unauthenticated') {
      this.#fire(
        'connect_error',
        Object.assign(new Error('unauthenticated'), { data: { code: 'unauthenticated' } }),
      );
    }
  }
  disconnect(): void {
    this.connected = false;
  }
  emit(name: 'subscribe' | 'unsubscribe', ask: Ask, answer?: (result: SubscribeAnswer) => void): void {
    if (name === 'subscribe') {
      this.asked.push(ask);
      answer?.(this.answer);
    } else this.left.push(ask);
  }

  /** Sends as the server would. */
  say<N extends keyof ServerToClient>(name: N, ...args: Parameters<ServerToClient[N]>): void {
    this.#fire(name, ...args);
  }
  pulse(now: number, more: Partial<Pulse> = {}): void {
    const at = new Date(now).toISOString();
    this.say('pulse', { now: at, looked: at, epoch: 'a', version: 'v1', ...more });
  }
  snapshot(message: Partial<Snapshot> & Pick<Snapshot, 'topic' | 'data'>): void {
    this.say('snapshot', { scope: 'all', epoch: 'a', seq: 0, at: new Date(0).toISOString(), ...message });
  }
  delta(message: Partial<Delta> & Pick<Delta, 'topic' | 'from' | 'to'>): void {
    this.say('delta', { scope: 'all', epoch: 'a', at: new Date(0).toISOString(), ...message });
  }
  drop(): void {
    this.connected = false;
    this.#fire('disconnect');
  }

  #fire(name: string, ...args: unknown[]): void {
    for (const handler of this.#handlers.get(name) ?? []) (handler as (...args: unknown[]) => void)(...args);
  }
}
