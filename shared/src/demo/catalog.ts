/**
 * The catalog of company R, made from a seed: 40 categories, 24 suppliers, 30,000 SKUs.
 * The same seed always makes the same catalog; SKU codes count up, so that a shorter catalog is the beginning of a longer one.
 */
import { channels, type Channel } from '../contract/words.ts';
import { randomFrom, type Random } from './random.ts';
import { beautyAndCare } from './words/beauty-and-care.ts';
import { foodAndDrinks } from './words/food-and-drinks.ts';
import { homeAndLeisure } from './words/home-and-leisure.ts';
import { brands, type CategoryWords, type Pair, type Season } from './words/words.ts';

export type DemoCategory = { code: string; nameZh: string; nameEn: string };

export type DemoSupplier = {
  code: string;
  nameZh: string;
  nameEn: string;
  contact: string;
  leadTimeDays: number;
  /** Sends straight to the stores instead of to the head office's warehouse. Not part of the catalog. */
  direct: boolean;
};

export type DemoSku = {
  code: string;
  nameZh: string;
  nameEn: string;
  category: string;
  brand: string;
  /** Minor units (分), like `listPrice`. */
  cost: number;
  listPrice: number;
  supplier: string;
  leadTimeDays: number;
  packSize: number;
  /** Empty: sold everywhere. */
  exclusiveChannels: Channel[];
  season: Season | null;
  /** How often it is bought, against other SKUs; the sum over the catalog means nothing. Not part of the catalog. */
  pull: number;
};

export type DemoCatalog = { categories: DemoCategory[]; suppliers: DemoSupplier[]; skus: DemoSku[] };

/** How many SKUs company R sells. */
export const DEMO_SKUS = 30_000;

const words: CategoryWords[] = [...beautyAndCare, ...foodAndDrinks, ...homeAndLeisure];

/** Popularity falls off as 1 / (rank + offset)^exponent: the best tenth of the SKUs makes a little over half of the sales. */
const ZIPF = { offset: 60, exponent: 0.92 };

/** Makes the catalog of a seed with `skuCount` SKUs, spread evenly over the categories. */
export function makeCatalog(seed: string, skuCount: number = DEMO_SKUS): DemoCatalog {
  const suppliers = makeSuppliers();
  const products = words.map((category) => namesOf(category, randomFrom(`${seed}/names/${category.code}`)));
  const ranks = shuffledRanks(skuCount, randomFrom(`${seed}/ranks`));
  const random = randomFrom(`${seed}/skus`);
  const skus: DemoSku[] = [];
  for (let i = 0; i < skuCount; i++) {
    const which = i % words.length;
    const name = products[which]?.[Math.floor(i / words.length)];
    const category = words[which];
    const rank = ranks[i];
    if (name === undefined || category === undefined || rank === undefined)
      throw new RangeError(`no ${skuCount} different names can be made from the word lists`);
    const own = suppliersOf(which, suppliers);
    skus.push(makeSku(100_001 + i, name, category, random.pick(own), rank, random));
  }
  return {
    categories: words.map(({ code, name }) => ({ code, nameZh: name.zh, nameEn: name.en })),
    suppliers,
    skus,
  };
}

type ProductName = { zh: string; en: string; brand: string };

/** Every combination of a category's words once, in a random order. */
function namesOf(category: CategoryWords, random: Random): ProductName[] {
  const names: ProductName[] = [];
  for (const brand of brands[category.brands])
    for (const trait of category.traits)
      for (const noun of category.nouns)
        for (const size of category.sizes) {
          // "薄荷薄荷糖": a trait that is part of the noun says nothing.
          if (noun.zh.includes(trait.zh)) continue;
          names.push(productName(brand, trait, noun, size));
        }
  return shuffle(names, random);
}

function productName(brand: Pair, trait: Pair, noun: Pair, size: Pair): ProductName {
  return {
    zh: `${brand.zh}${trait.zh}${noun.zh} ${size.zh}`,
    en: `${brand.en} ${trait.en} ${noun.en} ${size.en}`,
    brand: brand.zh,
  };
}

function makeSku(
  code: number,
  name: ProductName,
  category: CategoryWords,
  supplier: DemoSupplier,
  rank: number,
  random: Random,
): DemoSku {
  const listPrice = priceBetween(category.yuan, random);
  const margin = category.costShare * (0.88 + 0.24 * random.next());
  return {
    code: String(code),
    nameZh: name.zh,
    nameEn: name.en,
    category: category.code,
    brand: name.brand,
    cost: Math.round(listPrice * margin),
    listPrice,
    supplier: supplier.code,
    leadTimeDays: supplier.leadTimeDays,
    packSize: random.pick(category.packs),
    exclusiveChannels: exclusiveTo(random),
    season: category.season ?? null,
    pull: (category.demand * 1000) / (rank + ZIPF.offset) ** ZIPF.exponent,
  };
}

/** A price as shops write them: below 20 yuan x.50, x.80 or x.90, above in whole yuan that end on 9, 8 or 5, less 10 分. */
function priceBetween([low, high]: [number, number], random: Random): number {
  const yuan = low + (high - low) * random.next() ** 4;
  if (yuan < 20) return Math.floor(yuan) * 100 + random.pick([50, 80, 90]);
  const tens = Math.floor(yuan / 10) * 10;
  return (tens + random.pick([5, 8, 9, 9])) * 100 - random.pick([0, 10, 10]);
}

/** Two of a hundred SKUs belong to one or two online channels; the rest is sold everywhere. */
function exclusiveTo(random: Random): Channel[] {
  if (!random.chance(0.02)) return [];
  const online = channels.filter((channel) => channel !== 'pos');
  const first = random.pick(online);
  const second = random.pick(online);
  return first === second ? [first] : [first, second].sort();
}

function makeSuppliers(): DemoSupplier[] {
  const rows: [string, string, string, number][] = [
    ['上海沐禾日化', 'Shanghai Muhe Daily Chemicals', '021', 5],
    ['广州云汐化妆品', 'Guangzhou Yunxi Cosmetics', '020', 7],
    ['杭州花期里生物科技', 'Hangzhou Huaqi Biotech', '0571', 6],
    ['苏州素颜记贸易', 'Suzhou Suyan Trading', '0512', 4],
    ['中山清禾日用品', 'Zhongshan Qinghe Consumer Goods', '0760', 8],
    ['扬州齿白口腔用品', 'Yangzhou Chibai Oral Care', '0514', 5],
    ['宁波净家清洁', 'Ningbo Jingjia Cleaning', '0574', 4],
    ['保定绵竹里纸业', 'Baoding Mianzhu Paper', '0312', 6],
    ['台州收好塑料', 'Taizhou Shouhao Plastics', '0576', 9],
    ['合肥果然脆食品', 'Hefei Guorancui Foods', '0551', 5],
    ['漳州巧遇食品', 'Zhangzhou Qiaoyu Foods', '0596', 7],
    ['成都三味屋食品', 'Chengdu Sanweiwu Foods', '028', 6],
    ['哈尔滨稻花香里粮油', 'Harbin Daohuali Grain & Oil', '0451', 10],
    ['武夷山山野间茶业', 'Wuyishan Shanyejian Tea', '0599', 8],
    ['昆明晨醒咖啡', 'Kunming Chenxing Coffee', '0871', 9],
    ['呼和浩特牧云乳业', 'Hohhot Muyun Dairy', '0471', 3],
    ['银川橡木湾酒业', 'Yinchuan Oak Bay Wines', '0951', 12],
    ['绍兴醉江南酒业', 'Shaoxing Zuijiangnan Wines', '0575', 6],
    ['泉州棉朵婴童用品', 'Quanzhou Mianduo Baby', '0595', 7],
    ['汕头贝乐园玩具', 'Shantou Beileyuan Toys', '0754', 11],
    ['南通锦眠家纺', 'Nantong Jinmian Home Textiles', '0513', 6],
    ['永康匠厨五金', 'Yongkang Jiangchu Cookware', '0579', 8],
    ['佛山光合社电器', 'Foshan Guanghe Appliances', '0757', 9],
    ['义乌乐行百货', 'Yiwu Lexing General Goods', '0579', 5],
  ];
  return rows.map(([zh, en, dial, leadTimeDays], index) => ({
    code: `SUP${String(index + 1).padStart(2, '0')}`,
    nameZh: `${zh}有限公司`,
    nameEn: `${en} Co., Ltd.`,
    // 5550xxxx: a number that nobody answers.
    contact: `${dial}-5550${String(1000 + index * 37)}`,
    leadTimeDays,
    direct: index % 2 === 1,
  }));
}

/** Each category has three suppliers, neighbours in the list, which goes through the departments in the categories' order. */
function suppliersOf(category: number, suppliers: DemoSupplier[]): DemoSupplier[] {
  const first = Math.floor((category * (suppliers.length - 2)) / words.length);
  return suppliers.slice(first, first + 3);
}

/** A random order of 0…count−1: which SKU is the best seller has nothing to do with its code. */
function shuffledRanks(count: number, random: Random): number[] {
  return shuffle(
    Array.from({ length: count }, (_, rank) => rank),
    random,
  );
}

/** Fisher–Yates, in place; returns the list. */
function shuffle<T>(items: T[], random: Random): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.int(i + 1);
    [items[i], items[j]] = [items[j] as T, items[i] as T];
  }
  return items;
}
