/** Background work rests while the ledger works. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type SqlPool } from '@zhanggui/shared/platform/database.ts';
import { giveWay, LEDGER_APPLICATION } from '@zhanggui/shared/platform/give-way.ts';
import { createDatabase } from '../support/database.ts';

let [sql, ledger]: SqlPool[] = [];
beforeAll(async () => {
  const { url, sql: own } = await createDatabase();
  [sql, ledger] = [own, connect(url, { max: 1, application: LEDGER_APPLICATION })];
  await ledger`select 1`;
});
afterAll(() => ledger!.end({ timeout: 1 }));

test('it goes on at once where nothing is sold, however long it has worked', async () => {
  await giveWay(sql!, 3_600_000);
});

test('it rests several times as long as it worked while the ledger is in the middle of something', async () => {
  const tx = await ledger!.reserve();
  await tx`begin`;
  const began = performance.now();
  await giveWay(sql!, 200);
  expect(performance.now() - began).toBeGreaterThan(1_000);
  await tx`rollback`;
  tx.release();
});
