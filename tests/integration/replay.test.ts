/** The replay against a real server: the books end as the file says, to the penny, however often and however interrupted. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { repositoryRoot } from '@zhanggui/shared/platform/settings.ts';
import { createLog } from '@zhanggui/shared/platform/log.ts';
import type { JourneyReport } from '@zhanggui/server/src/cli/complete-journey/import.ts';
import refreshMembers from '@zhanggui/workers/src/jobs/refresh-members.ts';
import { addUp, type Household } from '../support/complete-journey.ts';
import { call, startServer, machine, type TestServer } from '../support/running-server.ts';
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

const journeyFolder = path.join(
  process.env['REAL_DATA_DIR'] ?? path.resolve(repositoryRoot, '../shared/data'),
  'complete-journey',
);

async function foundInNewYork(): Promise<void> {
  server = await startServer({ env: { CURRENCY: 'USD', BUSINESS_TZ: 'UTC' } });
  await server.sql`update company set currency = 'USD', time_zone = 'UTC'`;
}

async function journey(folder: string): Promise<{ code: number; report: JourneyReport; said: string }> {
  const { code, out, said } = await zg(server, ['import', '--format', 'complete-journey', folder, '--json']);
  return { code, report: JSON.parse(out || '{}') as JourneyReport, said };
}

/** Works off what the sales say of members, as a worker does. */
async function refresh(): Promise<void> {
  const { sql, hints, settings } = server.server.parts;
  const log = createLog('test', 'silent');
  const context = { sql, hints, settings, log, queues: { add: () => Promise.resolve() }, now: new Date() };
  // A run ends after some seconds, and the next one goes on.
  do await refreshMembers.run(context, {});
  while ((await sql`select from member_touch limit 1`).length > 0);
}

async function ask<T>(method: 'GET' | 'POST', route: string, body?: object): Promise<T> {
  const as = await machine(server.sql, 'read', 'command');
  const answer = await call<T>(server, method, `/api/v1${route}`, { as, ...(body && { body }) });
  expect(answer.status, answer.text).toBeOneOf([200, 201]);
  return answer.body;
}

type PastCoupon = { code: string; skus: number; told: number; redeemed: number };
const couponsOf = async (id: string) =>
  (await ask<{ rows: PastCoupon[] }>('GET', `/past-campaigns/${id}/coupons?limit=500`)).rows;
const pastCampaigns = async () =>
  (
    await ask<{ rows: { id: string; sourceId: string; targeted: number; redeemed: number }[] }>(
      'GET',
      '/past-campaigns',
    )
  ).rows;

describe('zg import --format complete-journey', () => {
  const files = {
    campaign_descriptions: [
      'campaign_id,campaign_type,start_date,end_date',
      '1,Type A,2017-03-03,2017-04-09',
    ],
    campaigns: ['campaign_id,household_id', '1,7', '1,8', '1,9'],
    coupons: ['coupon_upc,product_id,campaign_id', 'U1,P1,1', 'U1,P2,1', 'U1,P2,1', 'U2,P3,1'],
    // One of them was not sent any, and one redeems twice.
    coupon_redemptions: [
      'household_id,coupon_upc,campaign_id,redemption_date',
      '7,U1,1,2017-03-05',
      '7,U2,1,2017-03-05',
      '10,U1,1,2017-03-09',
    ],
    demographics: [
      'household_id,age,income,home_ownership,marital_status,household_size,household_comp,kids_count',
      '7,65+,35-49K,Homeowner,Married,2,2 Adults No Kids,0',
      '8,NA,NA,NA,NA,1,NA,NA',
    ],
    products: [
      'product_id,manufacturer_id,department,brand,product_category,product_type,package_size',
      'P1,2,GROCERY,National,COFFEE,"BEANS, DARK",12 OZ',
      'P2,2,GROCERY,National,NA,NA,NA',
      'P3,2,GROCERY,Private,TEA,GREEN,NA',
      'P9,2,GROCERY,Private,TEA,NEVER SOLD,NA',
    ],
    transactions: [
      'household_id,store_id,basket_id,product_id,quantity,sales_value,retail_disc,coupon_disc,coupon_match_disc,week,transaction_timestamp',
      // 2 × 2.505 before, 0.51 off by the card; a maker pays 1 of the rest.
      '7,S1,B1,P1,2,4.50,0.51,1,0,9,2017-03-05 11:53:26',
      '7,S1,B1,P3,1,2.00,0,0,0,9,2017-03-05 11:53:26',
      '8,S2,B2,P3,0,1.99,0,0,0,9,2017-03-06 09:00:00',
    ],
  };
  let source: string;
  beforeAll(async () => {
    await foundInNewYork();
    source = await mkdtemp(path.join(folder, 'journey-'));
    for (const [name, lines] of Object.entries(files))
      await writeFile(path.join(source, `${name}.csv`), lines.join('\n'));
  });

  test('brings sales, households and campaigns in, and changes nothing the second time', async () => {
    const first = await journey(source);
    expect(first.code, first.said).toBe(0);
    const books = {
      campaigns: 1,
      targeted: 3,
      coupons: 2,
      couponSkus: 4,
      redeemed: 3,
      orders: 2,
      lines: 3,
      units: 4,
      net: 849,
    };
    expect(first.report).toMatchObject({
      books,
      changedCampaigns: 1,
      facts: { sent: 2, accepted: 2 },
      read: { lines: 3, withoutPieces: 1, skus: 3, stores: 2 },
    });
    const [order] = await server.sql`select data from ledger where id = 'B1'`;
    expect(order!['data']).toMatchObject({
      memberId: '7',
      couponCodes: ['U1'],
      total: 650,
      lines: [
        { sku: 'P1', qty: 2, unitPrice: 251, discount: 52, paidByMaker: 100 },
        { sku: 'P3', qty: 1, unitPrice: 200 },
      ],
    });
    await refresh();
    const tagged = { rule: { field: 'tags', anyOf: ['age: 65+'] } };
    expect(await ask('POST', '/segments/count', tagged)).toMatchObject({ count: 1 });

    const again = await journey(source);
    expect(again.report).toMatchObject({
      books,
      changedCampaigns: 0,
      facts: { sent: 2, accepted: 0, duplicates: 2 },
    });
    const { code, out } = await zg(server, ['verify', '--json']);
    expect(code, out).toBe(0);
  });

  test('stands among the campaigns as one that is over, and is replaced as a whole when it is told otherwise', async () => {
    const [before] = await pastCampaigns();
    expect(before).toMatchObject({ sourceId: '1', targeted: 3, redeemed: 3 });
    // Two who redeemed three, and two who got theirs for nothing.
    expect(await ask('GET', `/campaigns/${before!.id}`)).toMatchObject({
      status: 'finished',
      issued: 5,
      redeemed: 3,
      spent: 0,
      startsAt: '2017-03-03T00:00:00.000Z',
      endsAt: '2017-04-10T00:00:00.000Z',
    });
    expect(await couponsOf(before!.id)).toEqual([
      { code: 'U1', skus: 2, told: 3, redeemed: 2 },
      { code: 'U2', skus: 1, told: 1, redeemed: 1 },
    ]);
    expect(await ask('GET', `/past-campaigns/${before!.id}/coupons/U1/skus`)).toMatchObject({
      rows: [{ sku: 'P1' }, { sku: 'P2' }],
    });
    const fewer = files.coupon_redemptions.slice(0, 3).join('\n');
    await writeFile(path.join(source, 'coupon_redemptions.csv'), fewer);
    expect((await journey(source)).report).toMatchObject({ changedCampaigns: 1, books: { redeemed: 2 } });
    expect(await pastCampaigns()).toMatchObject([{ id: before!.id, redeemed: 2 }]);
    const { code, out } = await zg(server, ['verify', '--json']);
    expect(code, out).toBe(0);
  });

  test('says what is missing before it sends anything', async () => {
    await rm(path.join(source, 'products.csv'));
    const { code, said } = await journey(source);
    expect({ code, said }).toEqual({ code: 2, said: expect.stringContaining('products.csv') as string });
  });
});

describe.skipIf(!existsSync(journeyFolder))(
  'The Complete Journey (skipped where REAL_DATA_DIR has no such folder)',
  () => {
    beforeAll(foundInNewYork);

    test(
      'comes out of the reports in its own numbers, and its segments are those of the files',
      { timeout: 300_000 },
      async () => {
        const expected = addUp(journeyFolder);
        expect(expected).toMatchObject({
          campaigns: 27,
          targeted: 6_589,
          couponSkus: 116_204,
          redeemed: 2_102,
          lines: 75_000,
        });
        const first = await journey(journeyFolder);
        expect(first.code, first.said).toBe(0);
        const books = {
          campaigns: 27,
          targeted: 6_589,
          couponSkus: 116_204,
          redeemed: 2_102,
          orders: expected.baskets,
          lines: 75_000,
          units: expected.units,
          net: expected.net,
        };
        expect(first.report).toMatchObject({ books, facts: { rejected: 0 }, refused: 0 });
        expect(first.report.books.coupons).toBe(expected.skusOf.size);

        for (const { id, sourceId, targeted } of await pastCampaigns()) {
          expect({ sourceId, targeted }).toEqual({
            sourceId,
            targeted: expected.targetedOf.get(sourceId)!.size,
          });
          for (const { code, skus, redeemed } of await couponsOf(id)) {
            const key = `${sourceId} ${code}`;
            expect({ key, skus, redeemed }).toEqual({
              key,
              skus: expected.skusOf.get(key)!.size,
              redeemed: expected.redeemedOf.get(key) ?? 0,
            });
          }
        }

        await refresh();
        const today = Date.parse(new Date().toISOString().slice(0, 10));
        const daysSince = (day: string) => (today - Date.parse(day)) / 86_400_000;
        const recent = daysSince('2017-10-01');
        type Fits = (household: Household) => boolean;
        const segments: [object, Fits][] = [
          [{ field: 'orders', min: 1 }, () => true],
          [{ field: 'recencyDays', max: recent }, ({ lastDay }) => lastDay >= '2017-10-01'],
          [{ field: 'orders', min: 40 }, ({ orders }) => orders >= 40],
          [{ field: 'net', min: 5_000, max: 20_000 }, ({ net }) => net >= 5_000 && net <= 20_000],
          [
            { field: 'favouriteCategory', in: ['SOFT DRINKS', 'BEEF'] },
            ({ favouriteCategory }) => ['SOFT DRINKS', 'BEEF'].includes(favouriteCategory ?? ''),
          ],
          [{ field: 'discountShare', min: 50 }, ({ discountShare }) => discountShare >= 50],
          [{ field: 'discountShare', max: 20 }, ({ discountShare }) => discountShare <= 20],
          [{ field: 'averageTicket', min: 500 }, ({ averageTicket }) => averageTicket >= 500],
          [
            { field: 'categories', allOf: ['SOFT DRINKS', 'BEEF'] },
            ({ categories }) => categories.has('SOFT DRINKS') && categories.has('BEEF'),
          ],
          [
            {
              all: [
                { field: 'tags', anyOf: ['income: 50-74K', 'income: 75-99K'] },
                { not: { field: 'stores', anyOf: ['367'] } },
                {
                  any: [
                    { field: 'recencyDays', max: recent },
                    { field: 'units', min: 60 },
                  ],
                },
              ],
            },
            ({ tags, stores, lastDay, units }) =>
              (tags.has('income: 50-74K') || tags.has('income: 75-99K')) &&
              !stores.has('367') &&
              (lastDay >= '2017-10-01' || units >= 60),
          ],
        ];
        const membersOf = async (segment: string): Promise<string[]> => {
          const ids: string[] = [];
          for (let cursor: string | null = ''; cursor !== null;) {
            const page: { rows: { id: string }[]; nextCursor: string | null } = await ask(
              'GET',
              `/members?limit=500&segment=${segment}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
            );
            ids.push(...page.rows.map(({ id }) => id));
            cursor = page.nextCursor;
          }
          return ids.sort();
        };
        for (const [rule, fits] of segments) {
          // Households that were sent coupons and bought nothing are members too, and fit no condition about purchases.
          const found = [...expected.households].flatMap(([id, household]) => (fits(household) ? [id] : []));
          const { count } = await ask<{ count: number }>('POST', '/segments/count', { rule });
          expect({ rule, count }).toEqual({ rule, count: found.length });
          const { id } = await ask<{ id: string }>('POST', '/segments', {
            name: JSON.stringify(rule).slice(0, 60),
            rule,
          });
          expect(await membersOf(id)).toEqual(found.sort());
          expect(found, JSON.stringify(rule)).not.toHaveLength(0);
        }

        const again = await journey(journeyFolder);
        expect(again.report).toMatchObject({
          books,
          changedCampaigns: 0,
          facts: { accepted: 0, duplicates: expected.baskets },
        });
        const verified = await zg(server, ['verify', '--json']);
        expect(verified.code, verified.out).toBe(0);
      },
    );
  },
);
