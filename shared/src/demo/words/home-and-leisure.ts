import { pairs, type CategoryWords } from './words.ts';

/** Baby, home and leisure: 11 categories. */
export const homeAndLeisure: CategoryWords[] = [
  {
    code: 'diapers',
    name: { zh: '纸尿裤', en: 'Nappies' },
    brands: 'baby',
    yuan: [49, 229],
    costShare: 0.62,
    demand: 1.1,
    packs: [4, 6],
    nouns: pairs(
      '纸尿裤 Nappies, 拉拉裤 Pull-Ups, 学步裤 Training Pants, 隔尿垫 Changing Pads, 夜用裤 Night Pants',
    ),
    traits: pairs(
      '超薄 Ultra-Thin, 云柔 Cloud-Soft, 透气 Breathable, 真丝 Silk, 干爽 Dry, 棉柔 Cotton, 弱酸 Mild',
    ),
    sizes: pairs('NB, S, M, L, XL, XXL'),
  },
  {
    code: 'babycare',
    name: { zh: '婴童洗护用品', en: 'Baby Care' },
    brands: 'baby',
    yuan: [15, 199],
    costShare: 0.48,
    demand: 0.8,
    packs: [12],
    nouns: pairs(
      '润肤霜 Baby Cream, 洗发沐浴露 Wash & Shampoo, 湿巾 Baby Wipes, 奶瓶 Feeding Bottle, 护臀膏 Nappy Cream, 口水巾 Bibs, 餐具 Tableware, 奶瓶刷 Bottle Brush',
    ),
    traits: pairs(
      '低敏 Hypoallergenic, 牛油果 Avocado, 硅胶 Silicone, 新生 Newborn, 植萃 Botanical, 纱布 Gauze, 小熊 Bear',
    ),
    sizes: pairs('50g, 150ml, 240ml, 80抽 80 Wipes, 3件套 Set of 3, 5包 5 Packs'),
  },
  {
    code: 'toys',
    name: { zh: '玩具', en: 'Toys' },
    brands: 'baby',
    yuan: [19, 329],
    costShare: 0.5,
    demand: 0.7,
    packs: [6],
    nouns: pairs(
      '积木 Building Blocks, 拼图 Jigsaw, 毛绒玩偶 Plush Toy, 遥控车 RC Car, 彩泥 Play Dough, 绘本 Picture Book, 过家家 Play Set, 泡泡机 Bubble Machine',
    ),
    traits: pairs(
      '恐龙 Dinosaur, 森林 Forest, 太空 Space, 公主 Princess, 海洋 Ocean, 益智 Brain, 磁力 Magnetic',
    ),
    sizes: pairs('基础款 Basic, 进阶款 Advanced, 豪华款 Deluxe, 3岁+ Age 3+, 6岁+ Age 6+'),
  },
  {
    code: 'bedding',
    name: { zh: '床上用品', en: 'Bedding' },
    brands: 'home',
    yuan: [59, 699],
    costShare: 0.5,
    demand: 0.9,
    season: 'autumn',
    packs: [2, 4],
    nouns: pairs(
      '四件套 Bedding Set, 被芯 Duvet, 枕头 Pillow, 床笠 Fitted Sheet, 毛毯 Blanket, 凉席 Summer Mat, 蚊帐 Mosquito Net',
    ),
    traits: pairs(
      '纯棉 Cotton, 天丝 Tencel, 蚕丝 Silk, 羽绒 Down, 水洗棉 Washed Cotton, 抗菌 Antibacterial, 提花 Jacquard',
    ),
    sizes: pairs('单人 Single, 双人 Double, 加大 King, 儿童 Kids'),
  },
  {
    code: 'towels',
    name: { zh: '毛巾浴巾', en: 'Towels' },
    brands: 'home',
    yuan: [9.9, 129],
    costShare: 0.5,
    demand: 0.8,
    packs: [12],
    nouns: pairs(
      '毛巾 Towel, 浴巾 Bath Towel, 方巾 Washcloth, 浴袍 Bathrobe, 干发帽 Hair Wrap, 地垫 Bath Mat',
    ),
    traits: pairs(
      '长绒棉 Long-Staple, 竹纤维 Bamboo, 速干 Quick-Dry, 加厚 Thick, 素色 Plain, 条纹 Striped, 绣花 Embroidered',
    ),
    sizes: pairs(
      '雾蓝 Mist Blue, 米白 Off-White, 灰粉 Dusty Pink, 墨绿 Dark Green, 2条装 2 Pack, 3条装 3 Pack',
    ),
  },
  {
    code: 'cookware',
    name: { zh: '锅具厨具', en: 'Cookware' },
    brands: 'home',
    yuan: [29, 599],
    costShare: 0.5,
    demand: 0.8,
    packs: [2, 4, 6],
    nouns: pairs(
      '炒锅 Wok, 汤锅 Stock Pot, 平底锅 Frying Pan, 砂锅 Clay Pot, 菜刀 Cleaver, 砧板 Chopping Board, 奶锅 Saucepan, 蒸锅 Steamer',
    ),
    traits: pairs(
      '不粘 Non-Stick, 铸铁 Cast-Iron, 不锈钢 Stainless, 麦饭石 Stone-Coated, 珐琅 Enamel, 钛 Titanium, 竹木 Bamboo',
    ),
    sizes: pairs('18cm, 22cm, 26cm, 30cm, 套装 Set'),
  },
  {
    code: 'tableware',
    name: { zh: '餐具水具', en: 'Tableware' },
    brands: 'home',
    yuan: [9.9, 259],
    costShare: 0.45,
    demand: 0.7,
    packs: [6, 12],
    nouns: pairs(
      '饭碗 Rice Bowl, 餐盘 Plate, 马克杯 Mug, 茶具 Tea Set, 玻璃杯 Glass, 筷子 Chopsticks, 汤勺 Ladle, 水壶 Carafe',
    ),
    traits: pairs(
      '青花 Blue-and-White, 釉下彩 Underglaze, 北欧 Nordic, 日式 Japanese-Style, 骨瓷 Bone China, 手绘 Hand-Painted, 哑光 Matte',
    ),
    sizes: pairs('单只 Single, 2只装 Pair, 4只装 Set of 4, 6只装 Set of 6, 礼盒 Gift Box'),
  },
  {
    code: 'appliances',
    name: { zh: '小家电', en: 'Small Appliances' },
    brands: 'home',
    yuan: [79, 1299],
    costShare: 0.65,
    demand: 1.0,
    packs: [1, 2],
    nouns: pairs(
      '电饭煲 Rice Cooker, 空气炸锅 Air Fryer, 电水壶 Kettle, 吹风机 Hair Dryer, 加湿器 Humidifier, 破壁机 Blender, 电风扇 Fan, 养生壶 Health Pot',
    ),
    traits: pairs(
      '智能 Smart, 迷你 Mini, 静音 Quiet, 大容量 Large, 复古 Retro, 快热 Fast-Heat, 可折叠 Foldable',
    ),
    sizes: pairs('白色 White, 墨绿 Dark Green, 粉色 Pink, 灰色 Grey, 旗舰款 Flagship'),
  },
  {
    code: 'stationery',
    name: { zh: '文具', en: 'Stationery' },
    brands: 'leisure',
    yuan: [4.9, 99],
    costShare: 0.48,
    demand: 0.6,
    season: 'autumn',
    packs: [24, 48],
    nouns: pairs(
      '中性笔 Gel Pen, 笔记本 Notebook, 荧光笔 Highlighter, 文件夹 Folder, 便利贴 Sticky Notes, 钢笔 Fountain Pen, 笔袋 Pencil Case, 台历 Desk Calendar',
    ),
    traits: pairs(
      '极简 Minimal, 国风 Guofeng, 速干 Quick-Dry, 故宫 Palace, 萌宠 Pets, 莫兰迪 Morandi, 考试 Exam',
    ),
    sizes: pairs('单件 Single, 2件装 2 Pack, 3件装 3 Pack, 5件装 5 Pack, 礼盒 Gift Box'),
  },
  {
    code: 'hosiery',
    name: { zh: '袜品内衣', en: 'Socks & Underwear' },
    brands: 'leisure',
    yuan: [12, 199],
    costShare: 0.45,
    demand: 0.9,
    season: 'winter',
    packs: [12, 24],
    nouns: pairs(
      '短袜 Ankle Socks, 中筒袜 Crew Socks, 内裤 Briefs, 文胸 Bra, 保暖内衣 Thermals, 家居服 Loungewear, 打底裤 Leggings',
    ),
    traits: pairs(
      '莫代尔 Modal, 纯棉 Cotton, 无痕 Seamless, 抗菌 Antibacterial, 德绒 Fleece, 冰丝 Ice Silk, 羊毛 Wool',
    ),
    sizes: pairs('S, M, L, XL, 均码 One Size'),
  },
  {
    code: 'pets',
    name: { zh: '宠物用品', en: 'Pets' },
    brands: 'leisure',
    yuan: [9.9, 299],
    costShare: 0.52,
    demand: 0.8,
    packs: [6, 12],
    nouns: pairs(
      '猫粮 Cat Food, 狗粮 Dog Food, 猫条 Cat Treats, 磨牙棒 Chew Sticks, 主食罐 Canned Food, 营养膏 Nutrition Paste, 肉干 Jerky Treats',
    ),
    traits: pairs(
      '无谷 Grain-Free, 冻干 Freeze-Dried, 鸭肉 Duck, 鸡肉 Chicken, 三文鱼 Salmon, 幼宠 Junior, 成宠 Adult',
    ),
    sizes: pairs('100g, 500g, 1.5kg, 2.5kg, 试吃装 Sample'),
  },
];
