/** The Complete Journey, added up straight from its files: nothing of the importer is used here. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

type Row = Record<string, string>;

/** Rows of a file, by the names in its header. */
export function readRows(folder: string, file: string): Row[] {
  const text = gunzipSync(readFileSync(path.join(folder, `${file}.csv.gz`))).toString('utf8');
  const [head = '', ...lines] = text.trim().split(/\r?\n/);
  const header = fieldsOf(head);
  return lines.map((line) => {
    const fields = fieldsOf(line);
    return Object.fromEntries(header.map((name, i) => [name, fields[i] ?? '']));
  });
}

function fieldsOf(line: string): string[] {
  if (!line.includes('"')) return line.split(',');
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    (match) => match[1]?.replaceAll('""', '"') ?? match[2] ?? '',
  );
}

const cents = (text: string): number => Math.round(Math.abs(Number(text)) * 100);

/** What segments look at, of one household. Money in cents. */
export type Household = {
  orders: number;
  units: number;
  net: number;
  averageTicket: number;
  lastDay: string;
  discountShare: number;
  favouriteCategory: string | null;
  categories: Set<string>;
  stores: Set<string>;
  tags: Set<string>;
};

export type Journey = {
  lines: number;
  units: number;
  net: number;
  baskets: number;
  targeted: number;
  couponSkus: number;
  redeemed: number;
  campaigns: number;
  /** SKUs by campaign and coupon, redemptions by campaign and coupon, households by campaign. */
  skusOf: Map<string, Set<string>>;
  redeemedOf: Map<string, number>;
  targetedOf: Map<string, Set<string>>;
  households: Map<string, Household>;
};

type Line = { sku: string; qty: number; amount: number; regular: number; withCoupon: boolean };

/** Adds all of it up. */
export function addUp(folder: string): Journey {
  const sales = readRows(folder, 'transactions_sample');
  const coupons = readRows(folder, 'coupons');
  const redemptions = readRows(folder, 'coupon_redemptions');
  const campaigns = readRows(folder, 'campaigns');
  const category = new Map(
    readRows(folder, 'products').map((row) => [row['product_id']!, row['product_category']!]),
  );
  const skusOf = new Map<string, Set<string>>();
  const skusOfCoupon = new Map<string, Set<string>>();
  for (const { coupon_upc: coupon, product_id: sku, campaign_id: campaign } of coupons) {
    put(skusOf, `${campaign} ${coupon}`, sku!);
    put(skusOfCoupon, coupon!, sku!);
  }
  const redeemedOf = new Map<string, number>();
  const redeemedOn = new Map<string, Set<string>>();
  for (const row of redemptions) {
    const key = `${row['campaign_id']} ${row['coupon_upc']}`;
    redeemedOf.set(key, (redeemedOf.get(key) ?? 0) + 1);
    put(redeemedOn, `${row['household_id']} ${row['redemption_date']!.slice(0, 10)}`, row['coupon_upc']!);
  }
  const targetedOf = new Map<string, Set<string>>();
  for (const row of campaigns) put(targetedOf, row['campaign_id']!, row['household_id']!);

  const baskets = new Map<string, { household: string; store: string; day: string; lines: Line[] }>();
  const prices = new Map<string, Map<number, number>>();
  let [units, net] = [0, 0];
  for (const row of sales) {
    const qty = Math.max(1, Number(row['quantity']));
    const amount = cents(row['sales_value']!);
    const regular = amount + cents(row['retail_disc']!) + cents(row['coupon_match_disc']!);
    const withCoupon = cents(row['coupon_disc']!) + cents(row['coupon_match_disc']!) > 0;
    const sku = row['product_id']!;
    const id = row['basket_id']!;
    const day = row['transaction_timestamp']!.slice(0, 10);
    const basket = baskets.get(id) ?? {
      household: row['household_id']!,
      store: row['store_id']!,
      day,
      lines: [],
    };
    baskets.set(id, basket);
    basket.lines.push({ sku, qty, amount, regular, withCoupon });
    units += qty;
    net += amount;
    if (regular > 0) {
      const seen = prices.get(sku) ?? new Map<number, number>();
      prices.set(sku, seen);
      const price = Math.ceil(regular / qty);
      seen.set(price, (seen.get(price) ?? 0) + 1);
    }
  }
  const listPrice = (sku: string): number | undefined =>
    [...(prices.get(sku) ?? [])].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0]?.[0];

  const traits: [string, string][] = [
    ['age', 'age'],
    ['income', 'income'],
    ['home_ownership', 'home'],
    ['marital_status', 'marital'],
    ['household_size', 'size'],
    ['household_comp', 'household'],
    ['kids_count', 'kids'],
  ];
  const tags = new Map(
    readRows(folder, 'demographics').map((row) => [
      row['household_id']!,
      new Set(
        traits.flatMap(([column, name]) => {
          const answer = row[column]!;
          return answer === '' || answer === 'NA' ? [] : [`${name}: ${answer}`];
        }),
      ),
    ]),
  );

  const households = new Map<string, Household>();
  for (const [household, list] of Map.groupBy(baskets.values(), (basket) => basket.household)) {
    const sum = { units: 0, net: 0, cheap: 0 };
    const spent = new Map<string, number>();
    for (const { day, lines } of list) {
      const codes = [...(redeemedOn.get(`${household} ${day}`) ?? [])];
      const named = codes.some((code) =>
        lines.some(({ sku, withCoupon }) => withCoupon && skusOfCoupon.get(code)?.has(sku)),
      );
      for (const { sku, qty, amount } of lines) {
        sum.units += qty;
        sum.net += amount;
        const list = listPrice(sku);
        if (named || (list !== undefined && amount * 100 < qty * list * 99)) sum.cheap += amount;
        const of = category.get(sku);
        if (of && of !== 'NA') spent.set(of, (spent.get(of) ?? 0) + amount);
      }
    }
    const [favourite] = [...spent].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    households.set(household, {
      orders: list.length,
      units: sum.units,
      net: sum.net,
      averageTicket: Math.round(sum.net / list.length),
      lastDay: list
        .map(({ day }) => day)
        .sort()
        .at(-1)!,
      discountShare: sum.net > 0 ? Math.round((100 * sum.cheap) / sum.net) : 0,
      favouriteCategory: favourite?.[0] ?? null,
      categories: new Set(spent.keys()),
      stores: new Set(list.map(({ store }) => store)),
      tags: tags.get(household) ?? new Set(),
    });
  }
  return {
    lines: sales.length,
    units,
    net,
    baskets: baskets.size,
    targeted: campaigns.length,
    couponSkus: coupons.length,
    redeemed: redemptions.length,
    campaigns: readRows(folder, 'campaign_descriptions').length,
    skusOf,
    redeemedOf,
    targetedOf,
    households,
  };
}

function put(map: Map<string, Set<string>>, key: string, value: string): void {
  const known = map.get(key);
  if (known) known.add(value);
  else map.set(key, new Set([value]));
}
