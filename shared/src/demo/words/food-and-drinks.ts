import { pairs, type CategoryWords } from './words.ts';

/** Food, drinks and health: 14 categories. */
export const foodAndDrinks: CategoryWords[] = [
  {
    code: 'nuts',
    name: { zh: '坚果炒货', en: 'Nuts' },
    brands: 'food',
    yuan: [15, 139],
    costShare: 0.6,
    demand: 1.3,
    season: 'winter',
    packs: [12, 20],
    nouns: pairs(
      '每日坚果 Daily Nuts, 巴旦木 Almonds, 腰果 Cashews, 夏威夷果 Macadamia, 碧根果 Pecans, 开心果 Pistachios, 瓜子 Sunflower Seeds, 核桃 Walnuts',
    ),
    traits: pairs(
      '原味 Original, 盐焗 Salted, 奶油 Butter, 蜂蜜 Honey, 焦糖 Caramel, 芥末 Wasabi, 炭烤 Roasted',
    ),
    sizes: pairs('120g, 250g, 500g, 750g, 礼盒 Gift Box'),
  },
  {
    code: 'biscuits',
    name: { zh: '饼干糕点', en: 'Biscuits & Cakes' },
    brands: 'food',
    yuan: [7.9, 69],
    costShare: 0.58,
    demand: 1.3,
    packs: [12, 24],
    nouns: pairs(
      '曲奇 Cookies, 苏打饼干 Crackers, 蛋黄酥 Egg Yolk Pastry, 凤梨酥 Pineapple Cake, 华夫饼 Waffles, 蛋卷 Egg Rolls, 绿豆糕 Mung Bean Cake, 吐司 Toast',
    ),
    traits: pairs(
      '海苔 Seaweed, 黄油 Butter, 抹茶 Matcha, 低糖 Low-Sugar, 芝士 Cheese, 红豆 Red Bean, 全麦 Wholemeal, 芝麻 Sesame',
    ),
    sizes: pairs('100g, 180g, 300g, 480g, 礼盒 Gift Box'),
  },
  {
    code: 'sweets',
    name: { zh: '糖果巧克力', en: 'Sweets & Chocolate' },
    brands: 'food',
    yuan: [5.9, 129],
    costShare: 0.55,
    demand: 1.0,
    season: 'winter',
    packs: [24],
    nouns: pairs(
      '巧克力 Chocolate, 软糖 Gummies, 牛轧糖 Nougat, 硬糖 Hard Candy, 太妃糖 Toffee, 棉花糖 Marshmallow, 果冻 Jelly, 薄荷糖 Mints',
    ),
    traits: pairs(
      '黑 Dark, 牛奶 Milk, 榛子 Hazelnut, 草莓 Strawberry, 芒果 Mango, 酸奶 Yoghurt, 荔枝 Lychee, 无糖 Sugar-Free',
    ),
    sizes: pairs('60g, 120g, 250g, 500g, 心形礼盒 Heart Box'),
  },
  {
    code: 'meatsnacks',
    name: { zh: '肉脯卤味', en: 'Meat Snacks' },
    brands: 'food',
    yuan: [9.9, 79],
    costShare: 0.6,
    demand: 1.1,
    packs: [20],
    nouns: pairs(
      '猪肉脯 Pork Jerky, 牛肉干 Beef Jerky, 鸭脖 Duck Neck, 凤爪 Chicken Feet, 豆干 Dried Tofu, 鱼仔 Dried Fish, 卤蛋 Braised Eggs',
    ),
    traits: pairs(
      '香辣 Spicy, 五香 Five-Spice, 蜜汁 Honey, 麻辣 Mala, 炭烤 Grilled, 藤椒 Green Pepper, 原味 Original',
    ),
    sizes: pairs('80g, 150g, 200g, 360g, 500g'),
  },
  {
    code: 'instant',
    name: { zh: '方便速食', en: 'Instant Food' },
    brands: 'food',
    yuan: [4.9, 59],
    costShare: 0.62,
    demand: 1.2,
    packs: [12, 24],
    nouns: pairs(
      '拌面 Dry Noodles, 螺蛳粉 Luosifen, 自热火锅 Self-Heating Hotpot, 酸辣粉 Hot & Sour Noodles, 粥 Congee, 方便面 Instant Noodles, 米线 Rice Noodles, 燕麦 Oatmeal',
    ),
    traits: pairs(
      '葱油 Scallion, 番茄 Tomato, 老坛 Pickled, 红烧 Braised, 麻辣 Mala, 鸡汤 Chicken Soup, 菌菇 Mushroom',
    ),
    sizes: pairs('单桶 Cup, 单袋 Single, 3袋装 3 Pack, 5袋装 5 Pack, 整箱 Case'),
  },
  {
    code: 'staples',
    name: { zh: '米面粮油', en: 'Staples' },
    brands: 'food',
    yuan: [12, 159],
    costShare: 0.75,
    demand: 1.1,
    packs: [4, 8],
    nouns: pairs(
      '大米 Rice, 挂面 Noodles, 面粉 Flour, 小米 Millet, 杂粮 Mixed Grains, 糯米 Glutinous Rice, 燕麦米 Oat Groats, 绿豆 Mung Beans',
    ),
    traits: pairs(
      '精选 Select, 有机 Organic, 东北 Northeast, 农家 Farmhouse, 优级 Fine, 黑土 Black-Soil, 富硒 Selenium',
    ),
    sizes: pairs('500g, 1kg, 2.5kg, 5kg, 10kg'),
  },
  {
    code: 'seasoning',
    name: { zh: '调味酱料', en: 'Seasoning' },
    brands: 'food',
    yuan: [5.9, 59],
    costShare: 0.6,
    demand: 0.9,
    packs: [12, 24],
    nouns: pairs(
      '生抽 Light Soy Sauce, 老抽 Dark Soy Sauce, 香醋 Vinegar, 豆瓣酱 Bean Paste, 辣椒酱 Chilli Sauce, 火锅底料 Hotpot Base, 蚝油 Oyster Sauce, 花生油 Peanut Oil',
    ),
    traits: pairs(
      '零添加 Additive-Free, 古法 Traditional, 特级 Premium, 减盐 Less-Salt, 香辣 Spicy, 鲜香 Umami, 头道 First-Press',
    ),
    sizes: pairs('小瓶 Small, 中瓶 Medium, 大瓶 Large, 2瓶装 2 Pack, 家庭装 Family Size'),
  },
  {
    code: 'tea',
    name: { zh: '茶叶', en: 'Tea' },
    brands: 'drinks',
    yuan: [29, 499],
    costShare: 0.45,
    demand: 0.9,
    packs: [6, 12],
    nouns: pairs(
      '龙井 Longjing, 铁观音 Tieguanyin, 普洱 Pu-erh, 红茶 Black Tea, 白茶 White Tea, 茉莉花茶 Jasmine Tea, 大红袍 Da Hong Pao, 菊花茶 Chrysanthemum',
    ),
    traits: pairs(
      '明前 Early-Spring, 特级 Premium, 陈年 Aged, 高山 High-Mountain, 有机 Organic, 头采 First-Pick, 冷泡 Cold-Brew',
    ),
    sizes: pairs('50g, 100g, 250g, 15包 15 Bags, 礼盒 Gift Box'),
  },
  {
    code: 'coffee',
    name: { zh: '咖啡冲饮', en: 'Coffee' },
    brands: 'drinks',
    yuan: [19, 199],
    costShare: 0.5,
    demand: 1.0,
    packs: [12],
    nouns: pairs(
      '咖啡豆 Coffee Beans, 挂耳咖啡 Drip Bags, 冻干咖啡 Freeze-Dried Coffee, 拿铁 Latte, 咖啡液 Coffee Concentrate, 可可粉 Cocoa, 豆浆粉 Soy Milk Powder',
    ),
    traits: pairs(
      '意式 Italian, 云南 Yunnan, 深烘 Dark Roast, 美式 Americano, 燕麦 Oat, 生椰 Coconut, 低脂 Low-Fat, 冷萃 Cold-Brew',
    ),
    sizes: pairs('10颗 10 Capsules, 12袋 12 Bags, 227g, 454g, 24颗 24 Capsules'),
  },
  {
    code: 'juice',
    name: { zh: '果汁饮料', en: 'Juice & Soft Drinks' },
    brands: 'drinks',
    yuan: [4.9, 79],
    costShare: 0.6,
    demand: 1.3,
    season: 'summer',
    packs: [12, 15, 24],
    nouns: pairs(
      '果汁 Juice, 气泡水 Sparkling Water, 乌龙茶饮 Oolong Drink, 酸梅汤 Plum Drink, 椰子水 Coconut Water, 电解质水 Electrolyte Water, 柠檬茶 Lemon Tea, 苏打水 Soda Water',
    ),
    traits: pairs(
      '零糖 Zero-Sugar, 白桃 White Peach, 青柑 Green Tangerine, 西柚 Grapefruit, 葡萄 Grape, 鲜榨 Fresh, 荔枝 Lychee',
    ),
    sizes: pairs('330ml, 500ml, 1L, 330ml×12, 500ml×15'),
  },
  {
    code: 'dairy',
    name: { zh: '乳品', en: 'Dairy' },
    brands: 'drinks',
    yuan: [9.9, 99],
    costShare: 0.68,
    demand: 1.2,
    packs: [12, 16],
    nouns: pairs(
      '纯牛奶 Milk, 酸奶 Yoghurt, 奶酪棒 Cheese Sticks, 燕麦奶 Oat Milk, 奶粉 Milk Powder, 黄油 Butter, 椰奶 Coconut Milk',
    ),
    traits: pairs(
      '有机 Organic, 高钙 High-Calcium, 脱脂 Skimmed, 草饲 Grass-Fed, 低温 Chilled, 无乳糖 Lactose-Free, 儿童 Kids',
    ),
    sizes: pairs('单盒 Single, 4盒装 4 Pack, 10盒装 10 Pack, 整箱 Case, 家庭装 Family Size'),
  },
  {
    code: 'wine',
    name: { zh: '葡萄酒', en: 'Wine' },
    brands: 'drinks',
    yuan: [59, 699],
    costShare: 0.45,
    demand: 0.8,
    season: 'winter',
    packs: [6],
    nouns: pairs(
      '赤霞珠 Cabernet Sauvignon, 美乐 Merlot, 霞多丽 Chardonnay, 起泡酒 Sparkling Wine, 西拉 Syrah, 甜白 Sweet White, 桃红 Rosé, 黑皮诺 Pinot Noir',
    ),
    traits: pairs(
      '珍藏 Reserve, 宁夏 Ningxia, 老藤 Old Vine, 橡木桶 Oak-Aged, 半干 Off-Dry, 庄园 Estate, 年份 Vintage',
    ),
    sizes: pairs('187ml, 375ml, 750ml, 750ml×2, 750ml×6'),
  },
  {
    code: 'spirits',
    name: { zh: '白酒与黄酒', en: 'Baijiu & Huangjiu' },
    brands: 'drinks',
    yuan: [39, 999],
    costShare: 0.5,
    demand: 0.8,
    season: 'winter',
    packs: [4, 6],
    nouns: pairs(
      '浓香白酒 Strong-Aroma Baijiu, 酱香白酒 Sauce-Aroma Baijiu, 清香白酒 Light-Aroma Baijiu, 花雕 Huadiao, 梅酒 Plum Wine, 米酒 Rice Wine',
    ),
    traits: pairs(
      '十年 Ten-Year, 窖藏 Cellar, 小酌 Small-Batch, 国韵 Guoyun, 陈酿 Aged, 红坛 Red Jar, 蓝瓷 Blue Porcelain',
    ),
    sizes: pairs('100ml, 250ml, 500ml, 500ml×2, 500ml×6'),
  },
  {
    code: 'health',
    name: { zh: '营养保健', en: 'Health' },
    brands: 'health',
    yuan: [29, 399],
    costShare: 0.4,
    demand: 0.9,
    packs: [12],
    nouns: pairs(
      '维生素C Vitamin C, 鱼油 Fish Oil, 益生菌 Probiotics, 钙片 Calcium, 叶黄素 Lutein, 蛋白粉 Protein Powder, 胶原蛋白 Collagen, 阿胶糕 Ejiao Cake',
    ),
    traits: pairs(
      '成人 Adult, 儿童 Kids, 女士 Women, 高含量 High-Strength, 咀嚼 Chewable, 复合 Complex, 无糖 Sugar-Free',
    ),
    sizes: pairs('30粒 30 Tablets, 60粒 60 Tablets, 90粒 90 Tablets, 120粒 120 Tablets, 14天装 14-Day Pack'),
  },
];
