/** Orders and counts from CSV: rows that belong together are sent as one request each. */
import { createHash } from 'node:crypto';
import { ApiError } from './api.ts';
import { withApi } from './company.ts';
import { openCsv } from './csv.ts';
import { rowMaker, type DocumentKind } from './import-rows.ts';
import type { Io } from './io.ts';
import { whole } from './output.ts';

type Row = Record<string, unknown>;
type Document = { key: string; line: number; head: Row; lines: Row[] };

/** Which fields say what a document is; the others are those of its lines. */
const heads: Record<DocumentKind, { keys: readonly string[]; lines: readonly string[] }> = {
  'supply-orders': { keys: ['order'], lines: ['sku', 'qty'] },
  counts: { keys: ['location', 'ref'], lines: ['sku', 'onHand'] },
};

type Made = { code?: string; id?: string; differing?: number; value?: number };

/** Reads the file, sends each document, and prints what became of it. What is refused does not hold up the others. */
export async function importDocuments(
  io: Io,
  what: DocumentKind,
  path: string,
  json: boolean,
): Promise<{ failed: number }> {
  const { header, records } = await openCsv(path);
  const makeRow = rowMaker(what, header);
  const { keys, lines: lineFields } = heads[what];
  const found = new Map<string, Document>();
  for await (const { line, fields } of records) {
    const row = makeRow(fields);
    const key = keys.map((name) => String(row[name] ?? '')).join(' ');
    const head = Object.fromEntries(
      Object.entries(row).filter(([name]) => name !== 'order' && !lineFields.includes(name)),
    );
    const document = found.get(key) ?? { key, line, head, lines: [] };
    document.lines.push(
      Object.fromEntries(lineFields.flatMap((name) => (name in row ? [[name, row[name]]] : []))),
    );
    found.set(key, document);
  }
  const made: (Made & { key: string })[] = [];
  const failed: { line: number; key: string; code: string; detail: string }[] = [];
  await withApi(io, { purpose: 'import', scopes: ['command'] }, async ({ api }) => {
    for (const { key, line, head, lines } of found.values()) {
      io.signal.throwIfAborted();
      const body = { ...head, lines };
      // A request that is tried again must not make a second order.
      const idempotencyKey = createHash('sha256')
        .update(`${key}\n${JSON.stringify(body)}`)
        .digest('base64url');
      try {
        const answer = await api.post<Made>(`/api/v1/${what}`, body, idempotencyKey);
        made.push({ key, ...answer });
        if (!json) io.out(madeLine(key, answer));
      } catch (error) {
        if (!(error instanceof ApiError) || error.status >= 500) throw error;
        failed.push({ line, key, code: error.problem.code ?? String(error.status), detail: error.message });
        if (!json) io.note(`line ${line}: ${key}: ${error.message}`);
      }
    }
  });
  if (json)
    io.out(
      JSON.stringify({
        made: made.map(({ key, code, id, differing, value }) => ({ key, code, id, differing, value })),
        failed,
      }),
    );
  else io.out(`${whole(made.length)} made, ${whole(failed.length)} failed`);
  return { failed: failed.length };
}

const madeLine = (key: string, { code, id, differing }: Made): string =>
  code !== undefined
    ? `${key}: ${code}`
    : `${key}: count ${id}, ${whole(differing ?? 0)} SKUs differ from the book`;
