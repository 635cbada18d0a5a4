/**
 * Replenishment: real demand of 3,451 SKUs over 150 weeks, replayed against the shipped policy and against the textbook's, each
 * along its trade-off between fill rate and cost. `npm run bench -- replenishment`
 *
 * Data: `REAL_DATA_DIR`, else ../shared/data beside the project, file `forecasting/man-3451x150.csv.gz`.
 *
 * Both: a look a week; the same orders from levels (`orderQuantity`); the same cost, lead time and minimum order; lost sales;
 * EOQ. The first year is only learnt from. A replay begins with the order-up-to level on the shelf, and is measured from when
 * the first orders have arrived. Of a SKU that is new in the replay, demand counts from when its first order could be there:
 * before its first sale nobody orders it. The column "with new SKUs" counts that demand too: no policy that sees no future can
 * have it.
 *
 * The textbook's policy has the better of each choice that was tried for it: order-up-to instead of a fixed quantity, and the
 * error of all past forecasts instead of a smoothed one. It serves every SKU with the same z. The shipped one serves what is
 * cheap and fast better than what is dear and slow, so at the same fill rate in pieces its mean over SKUs is lower.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { croston } from '@zhanggui/shared/forecast/intermittent.ts';
import { repositoryRoot } from '@zhanggui/shared/platform/settings.ts';
import { demandSpread, steadyRate } from '@zhanggui/shared/restock/lead-time-demand.ts';
import { classify, policyOf, type PolicyInput } from '@zhanggui/shared/restock/policy.ts';
import { costAt, replay, type Item, type Result } from './support/replenish.ts';
import { printTable, say } from './support/table.ts';

const file = path.join(
  process.env['REAL_DATA_DIR'] ?? path.resolve(repositoryRoot, '../shared/data'),
  'forecasting/man-3451x150.csv.gz',
);
if (!existsSync(file)) {
  say(`There is no ${file}: set REAL_DATA_DIR to where the data lie.`);
  process.exit(1);
}

const FROM = 52;
const LONGEST_LEAD = 16;
const span = { from: FROM, measured: FROM + LONGEST_LEAD + 1 };
const WANTED_FILL = 0.97;
const WANTED_SAVING = 0.1;

const items: Item[] = gunzipSync(readFileSync(file))
  .toString()
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [sku = '', , cost, order, keeping, lead, least, ...weeks] = line.replaceAll('"', '').split(',');
    const demand = Float64Array.from(weeks, Number);
    return {
      sku,
      unitCost: Number(cost) * 100,
      orderCost: Number(order) * 100,
      holdingPerYear: Number(keeping) / Number(cost),
      leadWeeks: Number(lead),
      minOrder: Math.max(1, Number(least)),
      demand,
      first: demand.findIndex((units) => units > 0),
    };
  });
const weeks = items[0]!.demand.length;
const selling = items.filter((item) => item.first >= 0);
const started = performance.now();

// What each week knows: computed once, from the weeks up to it, and used by every point of a curve.

type Known = { rate: Float64Array; sd: Float64Array };
const known = (): Known => ({ rate: new Float64Array(weeks), sd: new Float64Array(weeks) });

/** Croston's rate, and the root mean squared error of his forecasts one week ahead. */
function textbook({ demand, first }: Item): Known {
  const out = known();
  let [squares, count] = [0, 0];
  for (let week = first; week >= 0 && week < weeks; week++) {
    if (week > first) {
      squares += (demand[week]! - out.rate[week - 1]!) ** 2;
      count += 1;
    }
    out.rate[week] = croston(demand.subarray(0, week + 1), 0.1).rate;
    out.sd[week] = count > 0 ? Math.sqrt(squares / count) : 0;
  }
  return out;
}

/** What the policy slice makes of a history: a steady rate, and the spread over lead time and review. */
function shipped({ demand, first, leadWeeks }: Item): Known {
  const out = known();
  for (let week = FROM - 1; first >= 0 && week < weeks; week++) {
    if (week < first) continue;
    out.rate[week] = steadyRate(demand, week + 1);
    out.sd[week] = demandSpread(demand, leadWeeks + 1, week + 1);
  }
  return out;
}

const CLASS_WEEKS = 13;
const book = new Map(selling.map((item) => [item, textbook(item)]));
const ours = new Map(selling.map((item) => [item, shipped(item)]));
say(`forecasts made after ${Math.round((performance.now() - started) / 1000)} s`);

/** Classes, each quarter anew, from the year before. */
const classes = new Map<Item, { abc: 'A' | 'B' | 'C'; xyz: 'X' | 'Y' | 'Z' }[]>(
  selling.map((item) => [item, []]),
);
for (let week = FROM - 1; week < weeks; week += CLASS_WEEKS) {
  const found = classify(
    selling.map((item) => ({
      revenue: item.unitCost * item.demand.subarray(week + 1 - FROM, week + 1).reduce((a, b) => a + b, 0),
      rate: ours.get(item)!.rate[week]! / 7,
      sd: ours.get(item)!.sd[week]! / Math.sqrt(7),
    })),
  );
  for (const [i, item] of selling.entries()) classes.get(item)!.push(found[i]!);
}

function textbookAt(z: number): Result {
  return replay(
    selling,
    (item, week) => {
      if (week < item.first) return null;
      const { rate, sd } = book.get(item)!;
      const exposure = item.leadWeeks + 1;
      const reorderPoint = Math.max(
        0,
        Math.ceil(rate[week]! * exposure + z * sd[week]! * Math.sqrt(exposure)),
      );
      const eoq = Math.sqrt((2 * rate[week]! * 52 * item.orderCost) / (item.unitCost * item.holdingPerYear));
      return { reorderPoint, orderUpTo: reorderPoint + Math.max(1, Math.round(eoq)) };
    },
    span,
  );
}

function inputOf(item: Item, week: number): PolicyInput {
  const { rate, sd } = ours.get(item)!;
  return {
    rate: rate[week]! / 7,
    sd: sd[week]! / Math.sqrt(7),
    leadDays: item.leadWeeks * 7,
    leadSd: 0,
    reviewDays: 7,
    packSize: 1,
    minOrder: item.minOrder,
    unitCost: item.unitCost,
    orderCost: item.orderCost,
    holdingPerYear: item.holdingPerYear,
    ...classes.get(item)![Math.floor((week - FROM + 1) / CLASS_WEEKS)]!,
  };
}

const shippedAt = (dial: number): Result =>
  replay(selling, (item, week) => (week < item.first ? null : policyOf(inputOf(item, week), dial)), span);

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const money = (minor: number) => Math.round(minor / 100);
const row = (title: string, result: Result) => [
  title,
  percent(result.fill),
  percent(result.fillByValue),
  percent(result.fillBySku),
  percent(result.fillOfAll),
  money(result.holding),
  money(result.ordering),
  money(result.cost),
];

const bookCurve = [0.75, 1, 1.25, 1.5, 1.75, 2, 2.25, 2.5, 2.75, 3, 3.5, 4, 4.5].map((z) => ({
  z,
  ...textbookAt(z),
}));
say(`textbook replayed after ${Math.round((performance.now() - started) / 1000)} s`);
const ourCurve = [0.12, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5].map((dial) => ({ dial, ...shippedAt(dial) }));
say(`shipped policy replayed after ${Math.round((performance.now() - started) / 1000)} s`);
const standard = ourCurve.find(({ dial }) => dial === 1)!;

console.log(
  `\n${items.length} SKUs, ${selling.length} of them ever sold; weeks ${span.measured + 1} to ${weeks} measured\n`,
);
printTable(
  [
    'trade-off',
    'fill, pieces',
    'fill, value',
    'mean of SKUs',
    'with new SKUs',
    'holding a year',
    'ordering',
    'cost',
  ],
  [
    ...bookCurve.map((result) => row(`textbook, z ${result.z}`, result)),
    ...ourCurve.map((result) =>
      row(`shipped, × ${result.dial}${result.dial === 1 ? ' (default)' : ''}`, result),
    ),
  ],
);

const saving = (fill: number, by: 'fill' | 'fillByValue') =>
  1 - costAt(ourCurve, fill, by) / costAt(bookCurve, fill, by);
const shown = (value: number) => (Number.isNaN(value) ? '–' : percent(value));
console.log();
printTable(
  ['saving at equal fill rate', 'of pieces', 'of value'],
  [0.93, 0.94, 0.95, 0.96, 0.97, 0.975, 0.98].map((fill) => [
    percent(fill),
    shown(saving(fill, 'fill')),
    shown(saving(fill, 'fillByValue')),
  ]),
);

const savings = [WANTED_FILL, standard.fill].map((fill) => saving(fill, 'fill'));
const verdict = (met: boolean) => (met ? 'met' : 'MISSED');
console.log();
printTable(
  ['replenishment', 'found', 'wanted', ''],
  [
    ['cost saved at 97 % fill', percent(savings[0]!), '≥ 10 %', verdict(savings[0]! >= WANTED_SAVING)],
    [
      'cost saved at the default’s fill',
      percent(savings[1]!),
      '≥ 10 %',
      verdict(savings[1]! >= WANTED_SAVING),
    ],
    ['fill rate of the default', percent(standard.fill), '≥ 97 %', verdict(standard.fill >= WANTED_FILL)],
  ],
);
if (standard.fill < WANTED_FILL || savings.some((share) => !(share >= WANTED_SAVING))) process.exitCode = 1;
