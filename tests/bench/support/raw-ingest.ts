/**
 * The raw limit of ingest: the very statements that the ledger transactions send, with their parameters, played back on
 * bare connections. No HTTP, no validation, no folding, no waiting for one statement's answer before the next is sent.
 */
import { checkEvent, type CheckedFact } from '@zhanggui/shared/ingest/event.ts';
import { connect } from '@zhanggui/shared/platform/database.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { Resolver } from '@zhanggui/server/src/ingest/resolver.ts';
import { commitGroup } from '@zhanggui/server/src/ingest/transaction.ts';
import postgres from 'postgres';
import { orderBatch } from './orders.ts';

type Statement = { text: string; parameters: string[] };

/** Commits `groups` × `size` orders on a database and returns the statements of each group. */
export async function recordGroups(url: string, groups: number, size: number): Promise<Statement[][]> {
  const recorded: Statement[][] = [];
  let recording: Statement[] = [];
  const plain = connect(url);
  const sql = postgres(url, {
    max: 1,
    types: plain.options.types as never,
    debug: (_connection, text, parameters: unknown[]) => {
      if (/^\s*(insert|update|select|with)/i.test(text))
        recording.push({ text, parameters: parameters.map(parameterText) });
    },
  });
  const books = { sql: sql as never, resolver: new Resolver(), time: new BusinessTime('Asia/Shanghai') };
  for (let i = 0; i < groups; i++) {
    const facts: CheckedFact[] = orderBatch('raw', i * size, size, Date.now()).flatMap((event) => {
      const checked = checkEvent(event, 'CNY');
      return checked.ok ? [checked.value] : [];
    });
    recording = [];
    await commitGroup(books, { facts, rejected: [] });
    // Looking up codes comes before the transaction and happens once only.
    recorded.push(
      recording.filter(
        ({ text }) => !/^\s*(insert into|select code, no from) *"?(source|sku|location)"? /i.test(text),
      ),
    );
  }
  await Promise.all([sql.end(), plain.end()]);
  return recorded;
}

/** As Postgres reads it, so that playing back costs the driver as little as can be. */
function parameterText(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (!Array.isArray(value)) return String(value);
  const items = value.map((item: unknown) =>
    item === null || item === undefined
      ? 'NULL'
      : `"${String(item).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`,
  );
  return `{${items.join(',')}}`;
}

/**
 * Plays groups back on a database that holds none of them; answers the seconds that those after the first `warm` took. The
 * first touch of each page after a checkpoint is dear, and the server is measured warm too.
 */
export async function playGroups(
  url: string,
  groups: readonly Statement[][],
  { connections, warm }: { connections: number; warm: number },
): Promise<number> {
  const sql = postgres(url, { max: connections });
  const play = async (part: readonly Statement[][]): Promise<number> => {
    const started = performance.now();
    let next = 0;
    const lane = async () => {
      for (let group = part[next++]; group; group = part[next++]) {
        const statements = group;
        await sql.begin((tx) =>
          statements.map(({ text, parameters }) => tx.unsafe(text, parameters, { prepare: true })),
        );
      }
    };
    await Promise.all(Array.from({ length: connections }, lane));
    return (performance.now() - started) / 1000;
  };
  await play(groups.slice(0, warm));
  const seconds = await play(groups.slice(warm));
  await sql.end();
  return seconds;
}
