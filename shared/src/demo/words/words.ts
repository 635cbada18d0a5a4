/**
 * The vocabulary of a category's product names. A name is brand + trait + noun + size: "沐禾焕亮精华液 30ml",
 * "Muhe Brightening Serum 30 ml".
 */

/** A word in Chinese and in English. */
export type Pair = { zh: string; en: string };

export type CategoryWords = {
  /** Code of the category. */
  code: string;
  name: Pair;
  /** Which brands make it, a key of `brands`. */
  brands: BrandGroup;
  /** List prices lie between these, in yuan; most nearer to the lower. */
  yuan: [number, number];
  /** Share of the price that is cost, on average. */
  costShare: number;
  /** How much of the company's sales it makes; 1 is an average category. */
  demand: number;
  /** Season it sells best in; where absent, all year. */
  season?: Season;
  /** Pieces to a case. */
  packs: number[];
  nouns: Pair[];
  traits: Pair[];
  sizes: Pair[];
};

export const seasons = ['spring', 'summer', 'autumn', 'winter'] as const;
export type Season = (typeof seasons)[number];

export type BrandGroup =
  'beauty' | 'care' | 'household' | 'food' | 'drinks' | 'baby' | 'home' | 'leisure' | 'health';

/** "精华液 Serum, 面霜 Face Cream" → pairs; a word without a space is the same in both languages. */
export function pairs(text: string): Pair[] {
  return text.split(',').map((part) => {
    const word = part.trim();
    const space = word.indexOf(' ');
    return space < 0 ? { zh: word, en: word } : { zh: word.slice(0, space), en: word.slice(space + 1) };
  });
}

/** Invented brands; none is meant to be one that exists. */
export const brands: Record<BrandGroup, Pair[]> = {
  beauty: pairs(
    '沐禾 Muhe, 云汐 Yunxi, 蔻澜 Colane, 素颜记 Suyan, 花期里 Huaqi, 雪霁 Xueji, 芷若 Zhiruo, 檀月 Tanyue, 伊芙兰 Evelan, 半糖 Bantang',
  ),
  care: pairs(
    '清禾 Qinghe, 舒漾 Shuyang, 净澈 Jingche, 草本说 Herbsay, 柏林木 Bolinmu, 润初 Runchu, 齿白 Chibai, 逸青 Yiqing, 小浴 Xiaoyu',
  ),
  household: pairs(
    '洁朗 Jielang, 净家 Jingjia, 一尘 Yichen, 绵竹里 Mianzhu, 亮鲜 Liangxian, 收好 Shouhao, 家有方 Jiayoufang, 晴舍 Qingshe',
  ),
  food: pairs(
    '谷满仓 Gumancang, 三味屋 Sanweiwu, 老灶台 Laozaotai, 田间集 Tianjianji, 果然脆 Guorancui, 稻花香里 Daohuali, 巧遇 Qiaoyu, 味之初 Weizhichu, 好食光 Haoshiguang',
  ),
  drinks: pairs(
    '山野间 Shanyejian, 泉上 Quanshang, 牧云 Muyun, 一叶舟 Yiyezhou, 醉江南 Zuijiangnan, 橡木湾 Oak Bay, 麦田记 Maitian, 晨醒 Chenxing',
  ),
  baby: pairs(
    '小鹿角 Little Antler, 棉朵 Mianduo, 童悦 Tongyue, 贝乐园 Beileyuan, 月亮船 Moonboat, 芽芽 Yaya',
  ),
  home: pairs(
    '栖木 Qimu, 暖居 Nuanju, 锦眠 Jinmian, 匠厨 Jiangchu, 白瓷记 Baici, 光合社 Guanghe, 简里 Jianli, 拾光 Shiguang',
  ),
  leisure: pairs('行远 Xingyuan, 墨白 Mobai, 喵小院 Meow Yard, 棉上 Mianshang, 乐行 Lexing, 纸间 Zhijian'),
  health: pairs(
    '元气研 Yuanqi, 本草里 Bencaoli, 每日研 Meiriyan, 康果 Kangguo, 益初 Yichu, 禾之养 Hezhiyang',
  ),
};
