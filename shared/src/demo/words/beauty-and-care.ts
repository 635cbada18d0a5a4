import { pairs, type CategoryWords } from './words.ts';

/** Beauty, personal care and household: 15 categories. */
export const beautyAndCare: CategoryWords[] = [
  {
    code: 'skincare',
    name: { zh: '面部护肤', en: 'Skin Care' },
    brands: 'beauty',
    yuan: [59, 459],
    costShare: 0.42,
    demand: 1.9,
    packs: [6, 12],
    nouns: pairs(
      '精华液 Serum, 面霜 Face Cream, 爽肤水 Toner, 乳液 Lotion, 眼霜 Eye Cream, 洁面乳 Cleanser, 卸妆油 Cleansing Oil, 精华油 Facial Oil',
    ),
    traits: pairs(
      '焕亮 Brightening, 保湿 Hydrating, 舒缓 Soothing, 紧致 Firming, 修护 Repairing, 水光 Dewy, 玻尿酸 Hyaluronic, 烟酰胺 Niacinamide, 积雪草 Centella',
    ),
    sizes: pairs('30ml, 50ml, 100ml, 120ml, 150ml'),
  },
  {
    code: 'masks',
    name: { zh: '面膜', en: 'Face Masks' },
    brands: 'beauty',
    yuan: [29, 199],
    costShare: 0.4,
    demand: 1.5,
    packs: [12, 24],
    nouns: pairs(
      '面膜 Sheet Mask, 睡眠面膜 Sleeping Mask, 泥膜 Clay Mask, 眼膜 Eye Mask, 唇膜 Lip Mask, 冻膜 Gel Mask',
    ),
    traits: pairs(
      '补水 Moisturising, 美白 Whitening, 熬夜 Late-Night, 清洁 Purifying, 樱花 Sakura, 蚕丝 Silk, 氨基酸 Amino, 燕窝 Bird Nest, 山茶 Camellia',
    ),
    sizes: pairs('5片 5 Sheets, 10片 10 Sheets, 20片 20 Sheets, 80g, 120g'),
  },
  {
    code: 'makeup',
    name: { zh: '彩妆', en: 'Make-up' },
    brands: 'beauty',
    yuan: [39, 299],
    costShare: 0.38,
    demand: 1.5,
    packs: [12, 24],
    nouns: pairs(
      '口红 Lipstick, 粉底液 Foundation, 气垫 Cushion, 眼影盘 Eyeshadow Palette, 眉笔 Brow Pencil, 睫毛膏 Mascara, 腮红 Blush, 散粉 Loose Powder',
    ),
    traits: pairs(
      '丝绒 Velvet, 雾面 Matte, 水润 Glossy, 持妆 Long-Wear, 轻透 Sheer, 防水 Waterproof, 国风 Guofeng, 奶茶 Milk Tea',
    ),
    sizes: pairs(
      '#01暖杏 #01 Apricot, #02豆沙 #02 Bean Red, #03枫叶 #03 Maple, #04正红 #04 True Red, #05自然 #05 Natural, #06象牙 #06 Ivory',
    ),
  },
  {
    code: 'suncare',
    name: { zh: '防晒', en: 'Sun Care' },
    brands: 'beauty',
    yuan: [49, 229],
    costShare: 0.4,
    demand: 1.1,
    season: 'summer',
    packs: [12],
    nouns: pairs(
      '防晒霜 Sunscreen, 防晒喷雾 Sun Spray, 防晒乳 Sun Lotion, 防晒棒 Sun Stick, 晒后修护霜 After-Sun Cream',
    ),
    traits: pairs(
      '清爽 Light, 水感 Watery, 高倍 High-Factor, 儿童 Kids, 户外 Outdoor, 养肤 Caring, 隔离 Primer, 敏感肌 Sensitive',
    ),
    sizes: pairs('SPF30·50ml, SPF50·50ml, SPF50+·60ml, SPF50+·90ml'),
  },
  {
    code: 'fragrance',
    name: { zh: '香氛', en: 'Fragrance' },
    brands: 'beauty',
    yuan: [69, 599],
    costShare: 0.36,
    demand: 0.8,
    packs: [6],
    nouns: pairs(
      '香水 Eau de Parfum, 淡香水 Eau de Toilette, 香膏 Solid Perfume, 香薰蜡烛 Scented Candle, 无火香薰 Reed Diffuser, 身体喷雾 Body Mist',
    ),
    traits: pairs(
      '桂花 Osmanthus, 白茶 White Tea, 雪松 Cedar, 玫瑰 Rose, 栀子 Gardenia, 无花果 Fig, 海盐 Sea Salt, 檀木 Sandalwood',
    ),
    sizes: pairs('15ml, 30ml, 50ml, 100ml, 礼盒 Gift Box'),
  },
  {
    code: 'haircare',
    name: { zh: '洗发护发', en: 'Hair Care' },
    brands: 'care',
    yuan: [29, 159],
    costShare: 0.5,
    demand: 1.3,
    packs: [12],
    nouns: pairs(
      '洗发水 Shampoo, 护发素 Conditioner, 发膜 Hair Mask, 护发精油 Hair Oil, 头皮精华 Scalp Serum, 造型喷雾 Styling Spray',
    ),
    traits: pairs(
      '控油 Oil-Control, 去屑 Anti-Dandruff, 柔顺 Smoothing, 蓬松 Volumising, 防脱 Anti-Hair-Loss, 生姜 Ginger, 氨基酸 Amino, 无硅油 Silicone-Free',
    ),
    sizes: pairs('200ml, 300ml, 500ml, 750ml, 旅行装 Travel Size'),
  },
  {
    code: 'bodywash',
    name: { zh: '沐浴身体', en: 'Bath & Body' },
    brands: 'care',
    yuan: [19, 129],
    costShare: 0.5,
    demand: 1.1,
    packs: [12],
    nouns: pairs(
      '沐浴露 Shower Gel, 身体乳 Body Lotion, 磨砂膏 Body Scrub, 香皂 Soap, 浴盐 Bath Salts, 护手霜 Hand Cream, 洗手液 Hand Wash',
    ),
    traits: pairs(
      '海盐 Sea Salt, 牛奶 Milk, 樱花 Sakura, 薄荷 Mint, 玫瑰 Rose, 除螨 Mite-Free, 滋润 Nourishing, 茶树 Tea Tree',
    ),
    sizes: pairs('100g, 250ml, 500ml, 750ml, 1L'),
  },
  {
    code: 'oral',
    name: { zh: '口腔护理', en: 'Oral Care' },
    brands: 'care',
    yuan: [9.9, 99],
    costShare: 0.48,
    demand: 1.2,
    packs: [24, 36],
    nouns: pairs(
      '牙膏 Toothpaste, 牙刷 Toothbrush, 漱口水 Mouthwash, 牙线 Dental Floss, 牙贴 Whitening Strips, 口喷 Breath Spray, 电动牙刷头 Brush Heads',
    ),
    traits: pairs(
      '美白 Whitening, 抗敏 Sensitive, 薄荷 Mint, 益生菌 Probiotic, 护龈 Gum Care, 软毛 Soft, 茉莉 Jasmine, 小苏打 Baking Soda',
    ),
    sizes: pairs('单支 Single, 2支装 2 Pack, 3支装 3 Pack, 4支装 4 Pack, 家庭装 Family Pack'),
  },
  {
    code: 'mens',
    name: { zh: '男士护理', en: "Men's Care" },
    brands: 'care',
    yuan: [29, 189],
    costShare: 0.45,
    demand: 0.7,
    packs: [12],
    nouns: pairs(
      '洁面 Face Wash, 剃须泡沫 Shaving Foam, 剃须刀 Razor, 保湿霜 Moisturiser, 发蜡 Hair Wax, 须后水 After Shave, 走珠 Deodorant',
    ),
    traits: pairs(
      '控油 Oil-Control, 活炭 Charcoal, 冰爽 Ice Cool, 劲能 Energising, 清爽 Fresh, 雪松 Cedar, 火山泥 Volcanic',
    ),
    sizes: pairs('50ml, 80g, 100ml, 150ml, 套装 Set'),
  },
  {
    code: 'feminine',
    name: { zh: '女性护理', en: 'Feminine Care' },
    brands: 'care',
    yuan: [9.9, 69],
    costShare: 0.52,
    demand: 1.0,
    packs: [24],
    nouns: pairs(
      '卫生巾 Pads, 安睡裤 Night Pants, 护垫 Liners, 棉条 Tampons, 湿巾 Wipes, 洗液 Intimate Wash',
    ),
    traits: pairs(
      '纯棉 Pure Cotton, 超薄 Ultra-Thin, 透气 Breathable, 夜用 Overnight, 日用 Day, 液体 Liquid-Core, 蚕丝 Silk',
    ),
    sizes: pairs('8片 8 Pieces, 10片 10 Pieces, 16片 16 Pieces, 24片 24 Pieces, 组合装 Mixed Pack'),
  },
  {
    code: 'laundry',
    name: { zh: '衣物清洁', en: 'Laundry' },
    brands: 'household',
    yuan: [15, 119],
    costShare: 0.58,
    demand: 1.2,
    packs: [4, 6],
    nouns: pairs(
      '洗衣液 Laundry Liquid, 洗衣凝珠 Laundry Pods, 柔顺剂 Softener, 洗衣粉 Washing Powder, 内衣皂 Lingerie Soap, 去渍剂 Stain Remover, 留香珠 Scent Beads',
    ),
    traits: pairs(
      '除菌 Antibacterial, 薰衣草 Lavender, 深层 Deep Clean, 婴童 Baby, 护色 Colour Care, 除螨 Mite-Free, 樱花 Sakura',
    ),
    sizes: pairs('500g, 1kg, 2kg, 3kg, 30颗 30 Pods, 52颗 52 Pods'),
  },
  {
    code: 'cleaning',
    name: { zh: '家居清洁', en: 'Home Cleaning' },
    brands: 'household',
    yuan: [9.9, 79],
    costShare: 0.55,
    demand: 1.0,
    packs: [12],
    nouns: pairs(
      '洗洁精 Dish Soap, 油污净 Degreaser, 洁厕灵 Toilet Cleaner, 地板清洁剂 Floor Cleaner, 玻璃水 Glass Cleaner, 消毒液 Disinfectant, 百洁布 Scouring Pads, 橡胶手套 Rubber Gloves',
    ),
    traits: pairs(
      '柠檬 Lemon, 强力 Heavy-Duty, 食品级 Food-Grade, 茶籽 Tea Seed, 泡沫 Foam, 无磷 Phosphate-Free, 海洋 Ocean',
    ),
    sizes: pairs('500ml, 750ml, 1L, 1.5L, 2瓶装 2 Pack'),
  },
  {
    code: 'paper',
    name: { zh: '纸品湿巾', en: 'Paper & Wipes' },
    brands: 'household',
    yuan: [9.9, 89],
    costShare: 0.65,
    demand: 1.6,
    packs: [6, 12],
    nouns: pairs(
      '抽纸 Facial Tissue, 卷纸 Toilet Roll, 厨房纸 Kitchen Towel, 手帕纸 Pocket Tissue, 湿厕纸 Flushable Wipes, 洗脸巾 Face Towels, 擦手纸 Hand Towels',
    ),
    traits: pairs(
      '竹浆 Bamboo, 原木 Virgin Pulp, 乳霜 Lotion, 加厚 Thick, 无香 Unscented, 棉柔 Cotton-Soft, 可湿水 Wet-Strength',
    ),
    sizes: pairs('6包 6 Packs, 10包 10 Packs, 12卷 12 Rolls, 18包 18 Packs, 24包 24 Packs, 27卷 27 Rolls'),
  },
  {
    code: 'storage',
    name: { zh: '收纳整理', en: 'Storage' },
    brands: 'household',
    yuan: [12, 169],
    costShare: 0.5,
    demand: 0.7,
    packs: [6],
    nouns: pairs(
      '收纳箱 Storage Box, 衣架 Hangers, 真空袋 Vacuum Bags, 抽屉盒 Drawer Organiser, 保鲜盒 Food Container, 置物架 Shelf Rack, 挂钩 Hooks',
    ),
    traits: pairs(
      '折叠 Folding, 透明 Clear, 加厚 Sturdy, 日式 Japanese-Style, 多功能 Multi-Use, 密封 Airtight, 布艺 Fabric',
    ),
    sizes: pairs('小号 S, 中号 M, 大号 L, 特大号 XL, 3件套 Set of 3, 5件套 Set of 5'),
  },
  {
    code: 'aircare',
    name: { zh: '空气与驱虫', en: 'Air & Insect Care' },
    brands: 'household',
    yuan: [12, 99],
    costShare: 0.5,
    demand: 0.6,
    season: 'summer',
    packs: [12],
    nouns: pairs(
      '蚊香液 Mosquito Liquid, 驱蚊喷雾 Insect Spray, 空气清新剂 Air Freshener, 除湿袋 Dehumidifier Bag, 香片 Scent Sachet, 除味盒 Odour Absorber',
    ),
    traits: pairs(
      '无味 Unscented, 艾草 Mugwort, 柠檬草 Lemongrass, 儿童 Kids, 活性炭 Charcoal, 桂花 Osmanthus, 便携 Portable',
    ),
    sizes: pairs('单瓶 Single, 2瓶装 2 Pack, 3瓶装 3 Pack, 补充装 Refill, 家庭装 Family Pack'),
  },
];
