import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Io } from './io.ts';
import { runZg } from './program.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zg-'));
});
afterAll(() => rm(folder, { recursive: true }));

type Outcome = { code: number; out: string; said: string };

async function zg(...args: string[]): Promise<Outcome> {
  const out: string[] = [];
  const said: string[] = [];
  const io: Io = {
    env: { DATA_DIR: folder },
    folder,
    out: (text) => out.push(text),
    note: (text) => said.push(text),
    progress: () => undefined,
    input: () => Promise.resolve(''),
    signal: new AbortController().signal,
  };
  const code = await runZg(args, io);
  return { code, out: out.join('\n'), said: said.join('\n') };
}

const commandLines = [
  ['status'],
  ['key', 'create', '--name', 'n', '--scopes', 'ingest'],
  ['key', 'list'],
  ['user', 'add', '--email', 'a@b', '--role', 'viewer'],
  ['user', 'list'],
  ['link'],
  ['wall', 'list'],
  ['events', 'rejected'],
  ['events', 'replay', '--all'],
  ['verify'],
  ['simulate', '--duration', '1s'],
];

describe('zg', () => {
  it('prints help on standard output and ends well', async () => {
    const { code, out, said } = await zg('--help');
    expect(code).toBe(0);
    expect(said).toBe('');
    for (const name of ['key', 'user', 'import', 'verify', 'simulate', 'replay', 'demo', 'status', 'events'])
      expect(out).toContain(name);
  });

  it.each(commandLines)('zg %s %s has help', async (...line) => {
    const words = line
      .filter((word) => /^[a-z]+$/.test(word))
      .slice(0, line[0] === 'key' || line[0] === 'user' ? 2 : 1);
    const { code, out } = await zg(...words, '--help');
    expect(code).toBe(0);
    expect(out).toMatch(/Usage: zg/);
  });

  it.each(commandLines)(
    'zg %s %s says that no company runs, and nothing on standard output',
    async (...line) => {
      const { code, out, said } = await zg(...line);
      expect(code).toBe(2);
      expect(out).toBe('');
      expect(said).toMatch(/No company runs in .*npm start/);
    },
  );

  it.each([
    [['no-such-command']],
    [['key', 'create', '--name', 'n']],
    [['key', 'create', '--name', 'n', '--scopes', 'ingest,everything']],
    [['user', 'add', '--email', 'a@b', '--role', 'king']],
    [['simulate', '--scenario', 'quiet']],
    [['simulate', '--rate', '0']],
    [['simulate', '--duration', 'long']],
    [['import', 'cats', 'x.csv']],
    [['events', 'replay']],
    [['replay', 'x.csv']],
  ])('ends with 2 for wrong usage: %j', async (line) => {
    const { code, out, said } = await zg(...line);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(said).not.toBe('');
  });
});

describe('zg replay --dry-run', () => {
  const csv = (lines: string[]) =>
    ['InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country', ...lines].join(
      '\r\n',
    );

  it('reads a gzipped file, whatever it is called, and reports without a company', async () => {
    const file = join(folder, 'sales.csv');
    const lines = [
      '1,A,"A ""fine"" thing, red",2,2011-01-04 10:00:00,1.25,,France',
      'C2,A,,-1,2011-01-04 10:01:00,1.25,,France',
    ];
    await writeFile(file, gzipSync(csv(lines)));
    const { code, out } = await zg('replay', '--format', 'online-retail', 'sales.csv', '--dry-run', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      read: 2,
      failed: 0,
      invoices: 2,
      lines: 2,
      units: 1,
      money: 125,
      sent: 0,
    });
  });

  it('names the lines that it cannot map, and ends with 1', async () => {
    await writeFile(
      join(folder, 'bad.csv'),
      csv(['1,A,x,2,2011-01-04 10:00:00,1.25,,', '1,A,x,two,2011-01-04 10:00:00,1.25,,']),
    );
    const { code, out, said } = await zg(
      'replay',
      '--format',
      'online-retail',
      'bad.csv',
      '--dry-run',
      '--json',
    );
    expect(code).toBe(1);
    expect(said).toContain('line 3: two is not a whole number');
    expect(JSON.parse(out)).toMatchObject({ read: 2, failed: 1, lines: 1 });
  });

  it('ends with 2 for a file or mapping that is not there, or is another', async () => {
    await writeFile(join(folder, 'other.csv'), 'a,b\n1,2\n');
    for (const [line, reason] of [
      [['replay', '--format', 'online-retail', 'missing.csv', '--dry-run'], /missing\.csv/],
      [['replay', '--format', 'offline', 'other.csv', '--dry-run'], /built in: online-retail/],
      [['replay', '--format', 'online-retail', 'other.csv', '--dry-run'], /no column InvoiceNo/],
    ] as const) {
      const { code, out, said } = await zg(...line);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(said).toMatch(reason);
    }
  });
});

describe('zg import', () => {
  it('refuses a header that the API does not know, before it needs a company', async () => {
    await writeFile(join(folder, 'skus.csv'), 'code,colour\n1,red\n');
    const { code, said } = await zg('import', 'skus', 'skus.csv');
    expect(code).toBe(2);
    expect(said).toMatch(/colour.*It takes code, nameZh/);
  });
});

describe('the repository', () => {
  it('documents every built-in mapping', async () => {
    const page = await readFile(join(import.meta.dirname, '../../../docs/replay.md'), 'utf8');
    expect(page).toContain('online-retail');
  });
});
