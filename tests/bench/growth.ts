/**
 * Growth: what a full ledger costs. The same company twice, once with nothing in the ledger and once with a past; ingest, a
 * tick of the board and a summary are measured in turns. `npm run bench -- growth [--events 10_000_000] [--rounds 3]`
 *
 * Ten million events need about 10 GB of disk under TMPDIR and some minutes to write.
 */
import { connect } from '@zhanggui/shared/platform/database.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { readSummary, type Grouping } from '@zhanggui/shared/sales/summary-store.ts';
import { GroupCommitter } from '@zhanggui/server/src/ingest/committer.ts';
import { Resolver } from '@zhanggui/server/src/ingest/resolver.ts';
import { BoardReader } from '@zhanggui/server/src/live/board-reader.ts';
import { writeHistory } from './support/history.ts';
import { runLoad } from './support/load.ts';
import { orderBatch } from './support/orders.ts';
import { foundCompany, openPostgres, settle, startServer } from './support/rig.ts';
import { median, option, printTable, say } from './support/table.ts';

const events = option('events', 10_000_000);
const rounds = option('rounds', 3);
const seconds = option('seconds', 6);
const names = ['bench_empty', 'bench_full'] as const;
type Name = (typeof names)[number];
type Figures = { ingest: number[]; tick: number[]; summary: number[] };

const postgres = await openPostgres();
const { key } = await foundCompany(postgres, 'bench_empty');
await postgres.clone('bench_empty', 'bench_full');
const full = connect(postgres.url('bench_full'), { max: 1, application: 'bench' });
const began = performance.now();
await writeHistory(full, events, (done) =>
  say(`${done} events after ${Math.round((performance.now() - began) / 1000)} s`),
);
await settle(full);
await full.end();

async function ingest(name: Name, round: number): Promise<number> {
  const server = await startServer(postgres.url(name));
  const plan = {
    url: server.url,
    key,
    batch: 100,
    connections: 24,
    most: 20_000 * seconds,
    rate: 0,
    first: 0,
  };
  await runLoad({ ...plan, run: `warm${round}`, seconds: 2 });
  const result = await runLoad({ ...plan, run: `full${round}`, seconds });
  await server.stop();
  return result.orders / result.seconds;
}

/** Milliseconds of a look after one more order, and of summaries of today. */
async function reads(name: Name, round: number): Promise<{ tick: number[]; summary: number[] }> {
  const sql = connect(postgres.url(name), { max: 4, application: 'bench' });
  const time = new BusinessTime('Asia/Shanghai');
  const committer = new GroupCommitter({ sql, resolver: new Resolver(), time, currency: 'CNY' });
  const reader = new BoardReader(sql, time);
  await reader.look(Date.now());
  await reader.scoped('all');
  const figures = { tick: [] as number[], summary: [] as number[] };
  for (let i = 0; i < 200; i++) {
    await committer.submit(orderBatch(`tick${round}`, i, 1, Date.now()));
    const started = performance.now();
    await reader.look(Date.now());
    figures.tick.push(performance.now() - started);
  }
  const today = time.day(Date.now());
  const groupings: Grouping[] = ['channel', 'location', 'hour', 'sku'];
  for (let i = 0; i < 100; i++) {
    const started = performance.now();
    await readSummary(sql, groupings[i % 4]!, { from: today, to: today, sight: null }, 'Asia/Shanghai');
    figures.summary.push(performance.now() - started);
  }
  await sql.end();
  return figures;
}

const figures: Record<Name, Figures> = {
  bench_empty: { ingest: [], tick: [], summary: [] },
  bench_full: { ingest: [], tick: [], summary: [] },
};
for (let round = 0; round < rounds; round++)
  for (const name of names) {
    figures[name].ingest.push(await ingest(name, round));
    const { tick, summary } = await reads(name, round);
    figures[name].tick.push(...tick);
    figures[name].summary.push(...summary);
    say(
      `round ${round + 1}: ${name} ${Math.round(figures[name].ingest.at(-1)!)} orders/s, tick ${median(tick).toFixed(1)} ms, summary ${median(summary).toFixed(1)} ms`,
    );
  }
for (const name of names) await postgres.drop(name);
await postgres.stop();

const row = (title: string, field: keyof Figures, wanted: string) => {
  const [grown, empty] = [median(figures.bench_full[field]), median(figures.bench_empty[field])];
  return [title, grown, empty, grown / empty, wanted];
};
printTable(
  [`growth: ${events.toLocaleString('en-US')} events`, 'full ledger', 'empty ledger', 'ratio', 'wanted'],
  [
    row('orders/s over HTTP', 'ingest', '≥ 0.8'),
    row('board tick after one order, p50 ms', 'tick', '≤ 1.3'),
    row('summary of today, p50 ms', 'summary', '≤ 1.3'),
  ],
);
