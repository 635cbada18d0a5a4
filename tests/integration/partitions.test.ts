import { beforeAll, describe, expect, it } from 'vitest';
import { maintainLedgerPartitions } from '@zhanggui/shared/ingest/partition-store.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import { createDatabase } from '../support/database.ts';

const FACTS = 12_000;

describe('maintainLedgerPartitions', () => {
  let sql: SqlPool;
  beforeAll(async () => {
    ({ sql } = await createDatabase());
    await sql`drop table if exists ledger_2020_01, ledger_2020_02`;
    // Two old months, the first with more keys than one chunk.
    await sql
      .unsafe(
        `
      create table ledger_2020_01 partition of ledger for values from ('2020-01-01') to ('2020-02-01');
      create table ledger_2020_02 partition of ledger for values from ('2020-02-01') to ('2020-03-01');
      insert into source (name) values ('till');
      insert into ledger_key (source_no, id, seq) select 1, 'e' || n, n from generate_series(1, ${FACTS}) n;
      insert into ledger_key (source_no, id, seq) values (1, 'today', ${FACTS + 1});
      insert into ledger (seq, recorded_on, source_no, id, type, time, data)
        select n, '2020-01-31', 1, 'e' || n, 'order.paid', now(), '{}' from generate_series(1, ${FACTS}) n;
      insert into ledger (seq, source_no, id, type, time, data) values (${FACTS + 1}, 1, 'today', 'order.paid', now(), '{}');
    `,
      )
      .simple();
  });

  it('has made this month and the next two, and makes none twice', async () => {
    expect(await maintainLedgerPartitions(sql)).toEqual({ created: [], dropped: [] });
    await sql.unsafe(`do $$ begin
      execute 'drop table ledger_' || to_char(current_date + interval '2 months', 'YYYY_MM'); end $$`);
    const runs = await Promise.all([maintainLedgerPartitions(sql), maintainLedgerPartitions(sql)]);
    expect(runs.flatMap((run) => run.created)).toHaveLength(1);
  });

  it('keeps everything when no retention is set', async () => {
    expect(await sql`select count(*) from ledger`).toEqual([{ count: FACTS + 1 }]);
  });

  it('drops whole months past retention with their keys, and nothing else', async () => {
    const { dropped } = await maintainLedgerPartitions(sql, { retainMonths: 2 });
    expect(dropped).toEqual(['ledger_2020_01', 'ledger_2020_02']);
    expect(await sql`select id from ledger`).toEqual([{ id: 'today' }]);
    expect(await sql`select id from ledger_key`).toEqual([{ id: 'today' }]);
  });
});
