import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Api, ApiError } from './api.ts';
import type { OutgoingEvent } from './event-body.ts';
import { EventSender } from './event-sender.ts';

type Handler = (body: OutgoingEvent[], res: ServerResponse, req: IncomingMessage) => void;
let close: (() => void) | undefined;
afterEach(() => close?.());

async function serve(handler: Handler): Promise<string> {
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () =>
      handler(JSON.parse(Buffer.concat(chunks).toString() || 'null') as OutgoingEvent[], res, req),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const accept = (body: OutgoingEvent[], res: ServerResponse) =>
  res.end(JSON.stringify({ accepted: body.length, duplicates: 0, rejected: [] }));

const refuse = (res: ServerResponse, status: number, code: string, headers: Record<string, string> = {}) =>
  res.writeHead(status, headers).end(JSON.stringify({ code, detail: `because ${code}` }));

const event = (n: number, size = 10): OutgoingEvent => ({
  id: String(n),
  source: 's',
  type: 't',
  time: '2026-01-01T00:00:00Z',
  data: 'x'.repeat(size),
});

describe('EventSender', () => {
  it('sends everything once, in batches that keep the limits', async () => {
    const batches: { events: number; bytes: number }[] = [];
    const ids: string[] = [];
    const serverUrl = await serve((body, res, req) => {
      batches.push({ events: body.length, bytes: Number(req.headers['content-length']) });
      ids.push(...body.map(({ id }) => id));
      expect(req.headers).toMatchObject({
        authorization: 'Bearer k',
        'content-type': 'application/cloudevents-batch+json',
      });
      expect(body[0]).toMatchObject({ specversion: '1.0' });
      accept(body, res);
    });
    const sender = new EventSender({
      api: new Api({ serverUrl, key: 'k' }),
      batchEvents: 100,
      concurrency: 3,
    });
    for (let n = 0; n < 1050; n++) await sender.add(event(n, n < 50 ? 60_000 : 10));
    await sender.flush();
    expect(ids.sort()).toEqual(Array.from({ length: 1050 }, (_, n) => String(n)).sort());
    for (const { events, bytes } of batches) {
      expect(events).toBeLessThanOrEqual(100);
      expect(bytes).toBeLessThanOrEqual(1024 * 1024);
    }
    expect(sender.counts).toEqual({ sent: 1050, accepted: 1050, duplicates: 0, rejected: 0 });
    expect(sender.latencies.count).toBe(batches.length);
  });

  it('has no more requests under way than it may', async () => {
    let underway = 0;
    let most = 0;
    const serverUrl = await serve((body, res) => {
      most = Math.max(most, ++underway);
      setTimeout(() => {
        underway -= 1;
        accept(body, res);
      }, 5);
    });
    const sender = new EventSender({ api: new Api({ serverUrl, key: 'k' }), batchEvents: 1, concurrency: 3 });
    for (let n = 0; n < 30; n++) await sender.add(event(n));
    await sender.flush();
    expect(most).toBe(3);
  });

  it('waits as long as an overloaded server asks, and loses nothing', async () => {
    const times: number[] = [];
    const serverUrl = await serve((body, res) => {
      times.push(performance.now());
      if (times.length === 1) refuse(res, 429, 'overloaded', { 'retry-after': '0.3' });
      else if (times.length === 2) refuse(res, 503, 'database_away', { 'retry-after': '0.2' });
      else accept(body, res);
    });
    const sender = new EventSender({ api: new Api({ serverUrl, key: 'k' }) });
    await sender.add(event(1));
    await sender.flush();
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(290);
    expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThan(190);
    expect(sender.counts).toMatchObject({ sent: 1, accepted: 1 });
  });

  it('tells which events were rejected', async () => {
    const told: string[] = [];
    const serverUrl = await serve((_body, res) =>
      res.end(
        JSON.stringify({
          accepted: 1,
          duplicates: 1,
          rejected: [{ index: 2, id: '2', code: 'invalid_event', detail: 'no' }],
        }),
      ),
    );
    const sender = new EventSender({
      api: new Api({ serverUrl, key: 'k' }),
      onRejected: ({ id, detail }) => told.push(`${id}: ${detail}`),
    });
    for (let n = 0; n < 3; n++) await sender.add(event(n));
    await sender.flush();
    expect(told).toEqual(['2: no']);
    expect(sender.counts).toEqual({ sent: 3, accepted: 1, duplicates: 1, rejected: 1 });
  });

  it('fails with the server’s reason where trying again would not help', async () => {
    const serverUrl = await serve((_body, res) => refuse(res, 401, 'unauthenticated'));
    const sender = new EventSender({ api: new Api({ serverUrl, key: 'k' }) });
    await sender.add(event(1));
    await expect(sender.flush()).rejects.toThrow(ApiError);
    await expect(sender.flush()).rejects.toThrow(/because unauthenticated/);
  });

  it('gives up on a server that stays away', async () => {
    const serverUrl = await serve(() => undefined);
    close?.();
    const api = new Api({ serverUrl, key: 'k', patienceMs: 250 });
    await expect(api.get('/x')).rejects.toThrow(/ECONNREFUSED/);
  });
});
