/**
 * The shop that pays refunds back. It stands outside of the company and remembers all that it was told; some of its answers get lost,
 * so that the same message comes again.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { Records } from './records.ts';

/** Of so many messages one is taken and not answered. */
const LOST = 6;

export class Receiver {
  readonly #server: Server;
  readonly #records: Records;
  #taken = 0;

  constructor(records: Records) {
    this.#records = records;
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.#take(String(request.headers['webhook-id']), Buffer.concat(chunks).toString('utf8'));
        if ((this.#taken += 1) % LOST === 0) response.destroy();
        else response.end();
      });
    });
  }

  #take(webhookId: string, text: string): void {
    const { type, data } = JSON.parse(text) as {
      type: string;
      data: { refunds: { id: string; orderId: string; amount: number }[] };
    };
    // A reminder is no second refund, and has a type of its own.
    if (type !== 'refund.asked') return;
    for (const { id, orderId, amount } of data.refunds) {
      const known = this.#records.refunds.get(orderId) ?? [];
      if (!known.some((asked) => asked.id === id && asked.webhookId === webhookId))
        known.push({ id, amount, webhookId });
      this.#records.refunds.set(orderId, known);
    }
  }

  /** Listens, and has the company tell it of refunds. */
  async open(sql: SqlPool): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    await sql`
      insert into delivery_endpoint (name, kind, url, secret, events, locale, per_minute)
      values ('shop', 'webhook', ${url}, 'whsec_c2VjcmV0', '{refund.asked}', 'en', 600)`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
