/** CSV files, plain or gzipped, as a stream of records with their line numbers: a file may be larger than memory. */
import { parse } from 'csv-parse';
import { open } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CliError } from './errors.ts';

/** One record: its fields by column of the header row, and the number of the line on which it ends (the header is line 1). */
export type CsvRecord = { line: number; fields: string[] };

export type CsvFile = { header: string[]; records: AsyncIterable<CsvRecord> };

/**
 * Opens a CSV file with a header row: UTF-8 (a byte order mark is skipped), gzipped or not, told by its first bytes.
 * Fields are as they stand, not trimmed. Throws CliError for a file that cannot be read or has no header; `records`
 * throws one for a file that stops being CSV.
 */
export async function openCsv(
  path: string,
  { delimiter = ',' }: { delimiter?: string } = {},
): Promise<CsvFile> {
  const gzipped = await startsGzipped(path);
  const parser = parse({
    bom: true,
    delimiter,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
  });
  const source = createReadStream(path, { highWaterMark: 256 * 1024 });
  // An error of any part reaches the parser, whose iterator throws it.
  const done = () => undefined;
  if (gzipped) pipeline(source, createGunzip(), parser, done);
  else pipeline(source, parser, done);

  const iterator = (parser as AsyncIterable<Parsed>)[Symbol.asyncIterator]();
  const first = await next(iterator, path);
  if (first === null) throw new CliError(`${path} is empty: it needs a header row`);
  return { header: first.fields.map((name) => name.trim()), records: rest(iterator, path) };
}

type Parsed = { info: { lines: number }; record: string[] };

async function* rest(iterator: AsyncIterator<Parsed>, path: string): AsyncIterable<CsvRecord> {
  try {
    for (let record = await next(iterator, path); record !== null; record = await next(iterator, path))
      yield record;
  } finally {
    // Whoever stops early lets the file be closed.
    await iterator.return?.();
  }
}

async function next(iterator: AsyncIterator<Parsed>, path: string): Promise<CsvRecord | null> {
  try {
    const { done, value } = await iterator.next();
    return done ? null : { line: value.info.lines, fields: value.record };
  } catch (error) {
    throw new CliError(
      `${path} cannot be read: ${String(error instanceof Error ? error.message : error)}`,
      undefined,
      {
        cause: error,
      },
    );
  }
}

async function startsGzipped(path: string): Promise<boolean> {
  try {
    const file = await open(path);
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
      return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new CliError(
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      undefined,
      {
        cause: error,
      },
    );
  }
}
