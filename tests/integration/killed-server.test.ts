/** Promise 1 at its narrowest: the server dies after it has written everything, and before the commit. */
import { expect, it } from 'vitest';
import { startServer as startProcess } from '../bench/support/rig.ts';
import { event } from '../support/books.ts';
import { machine, startServer } from '../support/running-server.ts';

it('leaves nothing of what it had not committed, and takes it anew when it is sent again', async () => {
  const { sql, databaseUrl, url } = await startServer();
  const { authorization } = await machine(sql, 'ingest');
  const order = {
    orderId: 'o1',
    channel: 'pos',
    lines: [{ sku: 'A', qty: 2, unitPrice: 100 }],
    total: 200,
    fulfilment: { method: 'carry', location: 'S1' },
  };
  const body = JSON.stringify(event('e1', 'order.placed', new Date().toISOString(), order));
  const post = (server: string) =>
    fetch(`${server}/api/v1/events`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/cloudevents+json' },
      body,
    });

  const doomed = await startProcess(databaseUrl);
  // The change note is the last that a ledger transaction writes: it waits for us there, with all the rest written.
  const blocked = Promise.withResolvers<void>();
  const holding = Promise.withResolvers<void>();
  const hold = sql.begin(async (tx) => {
    await tx`lock table board_change in exclusive mode`;
    holding.resolve();
    await blocked.promise;
  });
  await holding.promise;
  const unanswered = expect(post(doomed.url)).rejects.toThrow();
  const waits = async () =>
    (
      await sql<{ query: string }[]>`
        select query from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and query like '%board_change%'`
    ).length;
  await expect.poll(waits, { timeout: 10_000 }).toBe(1);
  process.kill(doomed.pid, 'SIGKILL');
  await unanswered;
  blocked.resolve();
  await hold;
  await expect.poll(waits).toBe(0);

  const rows = () => sql<{ id: string }[]>`select id from ledger`;
  expect([...(await rows())]).toEqual([]);
  expect(await (await post(url)).json()).toEqual({ accepted: 1, duplicates: 0, rejected: [] });
  expect(await (await post(url)).json()).toEqual({ accepted: 0, duplicates: 1, rejected: [] });
  expect([...(await rows())]).toEqual([{ id: 'e1' }]);
});
