/** The replay against a real server: the books end as the file says, to the penny, however often and however interrupted. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { repositoryRoot } from '@zhanggui/shared/platform/settings.ts';
import { startServer, machine, type TestServer } from '../support/running-server.ts';
import { zg } from '../support/zg.ts';

const HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'replay-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A company in London, for the tests of one `describe`. */
let server: TestServer;
async function foundInLondon(): Promise<void> {
  server = await startServer({ env: { CURRENCY: 'GBP', BUSINESS_TZ: 'Europe/London' } });
  await server.sql`update company set currency = 'GBP', time_zone = 'Europe/London'`;
}

type Report = Record<string, number | string | boolean> & {
  sales: Record<string, number>;
  refunds: Record<string, number>;
  adjustments: Record<string, number>;
};

async function replay(
  file: string,
  ...more: string[]
): Promise<{ code: number; report: Report; said: string }> {
  const { code, out, said } = await zg(server, [
    'replay',
    '--format',
    'online-retail',
    file,
    '--json',
    ...more,
  ]);
  return { code, report: JSON.parse(out) as Report, said };
}

type Sums = {
  key: string;
  orders: number;
  units: number;
  placed: number;
  paid: number;
  refunded: number;
  net: number;
};

async function summary(groupBy: string): Promise<Sums[]> {
  const { authorization } = await machine(server.sql, 'read');
  const query = `from=2010-12-01&to=2011-12-31&groupBy=${groupBy}`;
  const answer = await fetch(`${server.url}/api/v1/sales/summary?${query}`, { headers: { authorization } });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { rows: Sums[] }).rows;
}

const total = (rows: readonly Sums[]) => {
  const sum = (field: Exclude<keyof Sums, 'key'>) => rows.reduce((so, row) => so + row[field], 0);
  return {
    orders: sum('orders'),
    units: sum('units'),
    paid: sum('paid'),
    refunded: sum('refunded'),
    net: sum('net'),
  };
};

/** A file of a few hundred invoices, two lines each, one minute apart. */
async function writeSmallFile(name: string, prefix: string, invoices: number): Promise<string> {
  const lines = [HEADER];
  for (let n = 0; n < invoices; n++) {
    const time = new Date(Date.UTC(2011, 2, 1, 9, n)).toISOString().slice(0, 19).replace('T', ' ');
    for (const [sku, price] of [
      ['A', '1.25'],
      ['B', '0.10'],
    ] as const)
      lines.push(`${prefix}${n},${sku},Thing ${sku},2,${time},${price},12345.0,France`);
  }
  const file = path.join(folder, name);
  await writeFile(file, lines.join('\n'));
  return file;
}

describe('zg replay', () => {
  beforeAll(foundInLondon);

  test('stops before it sends anything into a company of another currency', async () => {
    const file = await writeSmallFile('wrong.csv', 'W', 2);
    await server.sql`update company set currency = 'CNY'`;
    const { code, out, said } = await zg(server, ['replay', '--format', 'online-retail', file, '--json']);
    await server.sql`update company set currency = 'GBP'`;
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(said).toContain('CURRENCY=GBP');
    const [row] = await server.sql<[{ facts: number }]>`select count(*) as facts from ledger`;
    expect(row.facts).toBe(0);
  });

  test('is finished by starting it again after an interruption, and leaves no key behind', async () => {
    const file = await writeSmallFile('small.csv', 'S', 400);
    const stop = new AbortController();
    // Ten invoices a second: it is somewhere in the middle when it is stopped.
    const begun = expect
      .poll(() => server.sql`select 1 from ledger limit 1`, { timeout: 20_000 })
      .toHaveLength(1)
      .finally(() => stop.abort());
    const first = await zg(
      server,
      ['replay', '--format', 'online-retail', file, '--json', '--speed', '600'],
      {
        signal: stop.signal,
      },
    );
    await begun;
    expect(first.code).toBe(130);
    const before = JSON.parse(first.out) as Report;
    expect(before['interrupted']).toBe(true);
    expect(before['accepted']).toBeLessThan(400);

    const { code, report } = await replay(file);
    expect(code).toBe(0);
    expect(report).toMatchObject({
      read: 800,
      sent: 400,
      duplicates: before['accepted'],
      rejected: 0,
      money: 108_000,
    });
    expect(total(await summary('channel'))).toMatchObject({ orders: 400, units: 1600, net: 108_000 });
    const keys = await server.sql`select 1 from api_key where name like 'zg %' and revoked_at is null`;
    expect(keys).toHaveLength(0);
  }, 60_000);

  test('tells the catalog the names of what it did not know', async () => {
    const skus = await server.sql`select code, name_en, list_price, known from sku order by code`;
    expect(skus).toEqual([
      { code: 'A', name_en: 'Thing A', list_price: 125, known: true },
      { code: 'B', name_en: 'Thing B', list_price: 10, known: true },
    ]);
    const places = await server.sql`select code, name_en, kind from location`;
    expect(places).toEqual([{ code: 'UK-WEB', name_en: 'UK web shop', kind: 'online_warehouse' }]);
  });

  test('ends with 1 where the server refuses events, and names them', async () => {
    const file = path.join(folder, 'long.csv');
    await writeFile(
      file,
      [HEADER, `L1,${'x'.repeat(65)},Thing,1,2011-03-02 10:00:00,1.00,,France`].join('\n'),
    );
    const { code, report, said } = await replay(file);
    expect(code).toBe(1);
    expect(report).toMatchObject({ sent: 1, accepted: 0, rejected: 1 });
    expect(said).toMatch(/event L1 was rejected .*sku/);
  });
});

const realFile = path.join(
  process.env['REAL_DATA_DIR'] ?? path.resolve(repositoryRoot, '../shared/data'),
  'online-retail-2010-12_2011-09.csv.gz',
);

/** Fields of a line whose only quotes are around a whole field. */
function fieldsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
}

/** The file summed up as plainly as can be, in thousandths of a pound. */
function independentSums(file: string) {
  const bySku = new Map<string, number>();
  const invoices = new Set<string>();
  const sum = { lines: 0, units: 0, thousandths: 0 };
  for (const line of gunzipSync(readFileSync(file)).toString('utf8').trim().split(/\r?\n/).slice(1)) {
    const [invoice = '', sku = '', , quantity, , price] = fieldsOf(line);
    const thousandths = Number(quantity) * Math.round(Number(price) * 1000);
    invoices.add(invoice);
    sum.lines += 1;
    sum.units += Number(quantity);
    sum.thousandths += thousandths;
    bySku.set(sku, (bySku.get(sku) ?? 0) + thousandths);
  }
  return { invoices: invoices.size, ...sum, bySku };
}

describe.skipIf(!existsSync(realFile))('Online Retail (skipped where REAL_DATA_DIR has no such file)', () => {
  beforeAll(foundInLondon);

  test(
    'ends in books that equal the file to the penny, and changes nothing the second time',
    { timeout: 300_000 },
    async () => {
      const expected = independentSums(realFile);
      const first = await replay(realFile);
      expect(first.code).toBe(0);
      expect(first.report).toMatchObject({
        read: expected.lines,
        failed: 0,
        rejected: 0,
        duplicates: 0,
        invoices: expected.invoices,
        lines: expected.lines,
        units: expected.units,
        money: Math.round(expected.thousandths / 10),
      });
      const { sales, refunds } = first.report;
      expect(total(await summary('channel'))).toEqual({
        orders: sales['documents'],
        units: sales['units'],
        paid: sales['money'],
        refunded: -(refunds['money'] ?? 0),
        net: Math.round(expected.thousandths / 10),
      });
      // SKU by SKU; fractions of a penny are rounded line by line, hence the few that differ by less than one.
      const nets = new Map((await summary('sku')).map(({ key, net }) => [key, net]));
      for (const [sku, thousandths] of expected.bySku)
        expect(Math.abs((nets.get(sku) ?? 0) - thousandths / 10), sku).toBeLessThan(0.5);
      const [ledger] = await server.sql<[{ lines: number; units: number }]>`
      select count(*) as lines, sum(coalesce((line ->> 'qty')::int, (line ->> 'delta')::int)
        * case when type = 'order.refunded' then -1 else 1 end) as units
      from ledger, jsonb_array_elements(data -> 'lines') line`;
      // Two bad debts are pieces in the file and none in the books: one refunded instead of one sold, each.
      expect(ledger).toEqual({ lines: expected.lines, units: expected.units - 4 });

      const again = await replay(realFile);
      expect(again.report).toMatchObject({
        sent: first.report['sent'],
        accepted: 0,
        duplicates: first.report['sent'],
      });
      expect(total(await summary('channel'))).toMatchObject({ net: Math.round(expected.thousandths / 10) });
      const verified = await zg(server, ['verify', '--json']);
      expect(JSON.parse(verified.out)).toMatchObject({ ok: true, board: 'checked' });
      expect(verified.code).toBe(0);
    },
  );
});
