/**
 * Where company R is: 50 stores in eight cities, the head office's warehouse and two online warehouses.
 * Districts and streets are real places; the shops are not.
 */
import type { LocationKind } from '../contract/words.ts';

export type DemoRegion = { code: string; nameZh: string; nameEn: string };

export type DemoLocation = {
  code: string;
  kind: Exclude<LocationKind, 'unknown'>;
  nameZh: string;
  nameEn: string;
  /** Code of its region. */
  region: string;
  city: string;
  areaM2: number;
  /** Degrees, WGS 84. */
  latitude: number;
  longitude: number;
  /** How busy it is: 1 is the average store. Not part of the catalog. */
  pull: number;
};

export const demoRegions: readonly DemoRegion[] = [
  { code: 'east', nameZh: '华东', nameEn: 'East China' },
  { code: 'north', nameZh: '华北', nameEn: 'North China' },
  { code: 'south', nameZh: '华南', nameEn: 'South China' },
  { code: 'southwest', nameZh: '西南', nameEn: 'Southwest China' },
  { code: 'central', nameZh: '华中', nameEn: 'Central China' },
];

/** A store: zh name, en name, m², latitude, longitude, pull. */
type Shop = [string, string, number, number, number, number];

type City = { prefix: string; zh: string; en: string; region: string; shops: Shop[] };

const cities: City[] = [
  {
    prefix: 'SH',
    zh: '上海',
    en: 'Shanghai',
    region: 'east',
    shops: [
      ['南京西路店', 'West Nanjing Road', 820, 31.2304, 121.4577, 1.9],
      ['徐家汇店', 'Xujiahui', 760, 31.1952, 121.4368, 1.7],
      ['五角场店', 'Wujiaochang', 640, 31.2995, 121.5143, 1.35],
      ['陆家嘴店', 'Lujiazui', 700, 31.2371, 121.5018, 1.6],
      ['中山公园店', 'Zhongshan Park', 520, 31.2189, 121.4173, 1.15],
      ['静安寺店', "Jing'an Temple", 560, 31.2237, 121.4454, 1.4],
      ['虹桥天地店', 'Hongqiao Tiandi', 480, 31.1941, 121.3177, 0.95],
      ['七宝店', 'Qibao', 430, 31.1564, 121.3527, 0.85],
      ['淮海中路店', 'Middle Huaihai Road', 610, 31.2203, 121.4614, 1.45],
      ['大宁店', 'Daning', 450, 31.2766, 121.4523, 0.9],
    ],
  },
  {
    prefix: 'BJ',
    zh: '北京',
    en: 'Beijing',
    region: 'north',
    shops: [
      ['王府井店', 'Wangfujing', 780, 39.9147, 116.4116, 1.65],
      ['西单店', 'Xidan', 720, 39.9092, 116.3741, 1.5],
      ['三里屯店', 'Sanlitun', 560, 39.9354, 116.4549, 1.3],
      ['国贸店', 'Guomao', 510, 39.9087, 116.4605, 1.2],
      ['中关村店', 'Zhongguancun', 490, 39.9841, 116.3164, 1.0],
      ['望京店', 'Wangjing', 440, 39.9964, 116.4706, 0.9],
      ['五道口店', 'Wudaokou', 360, 39.9929, 116.3379, 0.8],
      ['崇文门店', 'Chongwenmen', 420, 39.9009, 116.4174, 0.85],
    ],
  },
  {
    prefix: 'GZ',
    zh: '广州',
    en: 'Guangzhou',
    region: 'south',
    shops: [
      ['天河城店', 'Teemall', 680, 23.1335, 113.3227, 1.4],
      ['北京路店', 'Beijing Road', 590, 23.1258, 113.2708, 1.2],
      ['珠江新城店', 'Zhujiang New Town', 520, 23.1193, 113.3213, 1.1],
      ['江南西店', 'Jiangnanxi', 380, 23.0966, 113.2726, 0.75],
      ['番禺广场店', 'Panyu Square', 420, 22.9375, 113.3846, 0.7],
      ['白云新城店', 'Baiyun New Town', 400, 23.1781, 113.2667, 0.7],
    ],
  },
  {
    prefix: 'SZ',
    zh: '深圳',
    en: 'Shenzhen',
    region: 'south',
    shops: [
      ['万象天地店', 'MixC World', 620, 22.5436, 113.9541, 1.3],
      ['华强北店', 'Huaqiangbei', 480, 22.5468, 114.0854, 1.1],
      ['福田中心店', 'Futian Centre', 540, 22.5357, 114.0576, 1.15],
      ['海岸城店', 'Coastal City', 460, 22.5176, 113.9363, 0.95],
      ['东门店', 'Dongmen', 430, 22.5473, 114.1194, 0.9],
      ['龙华店', 'Longhua', 370, 22.6567, 114.0283, 0.7],
    ],
  },
  {
    prefix: 'HZ',
    zh: '杭州',
    en: 'Hangzhou',
    region: 'east',
    shops: [
      ['湖滨银泰店', 'Hubin Intime', 600, 30.2558, 120.1631, 1.25],
      ['武林广场店', 'Wulin Square', 560, 30.2727, 120.1627, 1.1],
      ['城西银泰店', 'West Intime', 430, 30.2999, 120.1068, 0.85],
      ['滨江龙湖店', 'Binjiang Paradise Walk', 410, 30.2098, 120.2128, 0.8],
      ['钱江新城店', 'Qianjiang New City', 450, 30.2474, 120.2106, 0.9],
      ['萧山店', 'Xiaoshan', 380, 30.1645, 120.2694, 0.65],
    ],
  },
  {
    prefix: 'CD',
    zh: '成都',
    en: 'Chengdu',
    region: 'southwest',
    shops: [
      ['春熙路店', 'Chunxi Road', 660, 30.6571, 104.0779, 1.35],
      ['太古里店', 'Taikoo Li', 540, 30.6536, 104.0832, 1.2],
      ['天府广场店', 'Tianfu Square', 470, 30.6574, 104.0658, 0.95],
      ['金融城店', 'Financial City', 420, 30.5791, 104.0619, 0.85],
      ['双楠店', 'Shuangnan', 360, 30.6436, 104.0263, 0.6],
      ['龙泉驿店', 'Longquanyi', 340, 30.5565, 104.2746, 0.5],
    ],
  },
  {
    prefix: 'WH',
    zh: '武汉',
    en: 'Wuhan',
    region: 'central',
    shops: [
      ['江汉路店', 'Jianghan Road', 560, 30.5847, 114.2889, 1.0],
      ['光谷店', 'Optics Valley', 520, 30.5055, 114.3986, 0.95],
      ['楚河汉街店', 'Chuhe Hanjie', 450, 30.5577, 114.3448, 0.8],
      ['钟家村店', 'Zhongjiacun', 360, 30.5523, 114.2659, 0.55],
    ],
  },
  {
    prefix: 'NJ',
    zh: '南京',
    en: 'Nanjing',
    region: 'east',
    shops: [
      ['新街口店', 'Xinjiekou', 640, 32.0419, 118.7842, 1.2],
      ['夫子庙店', 'Fuzimiao', 430, 32.0209, 118.7885, 0.8],
      ['河西店', 'Hexi', 400, 32.0043, 118.7372, 0.7],
      ['仙林店', 'Xianlin', 350, 32.1026, 118.9173, 0.55],
    ],
  },
];

/** Codes that other parts of the demo company name. */
export const headWarehouse = 'DC-HQ';
export const onlineWarehouses = ['DC-EAST', 'DC-SOUTH'] as const;

const warehouses: DemoLocation[] = [
  {
    code: headWarehouse,
    kind: 'hq_warehouse',
    nameZh: '嘉兴总仓',
    nameEn: 'Jiaxing HQ Warehouse',
    region: 'east',
    city: '嘉兴',
    areaM2: 18000,
    latitude: 30.7522,
    longitude: 120.7555,
    pull: 0,
  },
  {
    code: onlineWarehouses[0],
    kind: 'online_warehouse',
    nameZh: '昆山电商仓',
    nameEn: 'Kunshan Online Warehouse',
    region: 'east',
    city: '昆山',
    areaM2: 12000,
    latitude: 31.3846,
    longitude: 120.9807,
    pull: 0.68,
  },
  {
    code: onlineWarehouses[1],
    kind: 'online_warehouse',
    nameZh: '东莞电商仓',
    nameEn: 'Dongguan Online Warehouse',
    region: 'south',
    city: '东莞',
    areaM2: 7000,
    latitude: 23.0207,
    longitude: 113.7518,
    pull: 0.32,
  },
];

/** The 53 locations, stores first. A store's `pull` is scaled so that the stores' mean is 1; the online warehouses' sum is 1. */
export const demoLocations: readonly DemoLocation[] = [...stores(), ...warehouses];

export const demoStores: readonly DemoLocation[] = demoLocations.filter((each) => each.kind === 'store');

function stores(): DemoLocation[] {
  const rows = cities.flatMap((city) => city.shops.map((shop, index) => ({ city, shop, index })));
  const mean = rows.reduce((sum, { shop }) => sum + shop[5], 0) / rows.length;
  return rows.map(({ city, shop: [nameZh, nameEn, areaM2, latitude, longitude, pull], index }) => ({
    code: `${city.prefix}${String(index + 1).padStart(2, '0')}`,
    kind: 'store',
    nameZh: city.zh + nameZh,
    nameEn: `${city.en} ${nameEn}`,
    region: city.region,
    city: city.zh,
    areaM2,
    latitude,
    longitude,
    pull: pull / mean,
  }));
}

/** The source that a store's facts come from: the tills of a city share one. */
export function tillSource(location: DemoLocation): string {
  return `pos/${location.code.slice(0, 2).toLowerCase()}`;
}
