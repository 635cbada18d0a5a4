import type { SourceKind } from '@zhanggui/shared/contract/words.ts';

const from: Record<SourceKind, string> = {
  transfer: '门店调拨',
  warehouse: '仓库发货',
  supplier: '供应商直送',
  purchase: '总仓采购',
};

/** The words of the wall's scene “Stock” and of the alerts that take over the screen. English has the same keys, checked by type. */
export const wallStockZh = {
  units: { minutes: '分', hours: '小时', days: '天', pieces: '件', orders: '单' },
  underMinute: '不到 1',
  hands: {
    title: '无人处理的紧急预警',
    where: (stores: string, waiting: string) => `${stores} 处，最久已等 ${waiting}`,
    inHand: (count: string) => `${count} 条已有人处理`,
    calm: '紧急的都有人在处理',
    quiet: '货架充足，没有预警',
    taken: '处理中',
    others: '其他待办',
    respond: '响应',
    solve: '解决',
    goal: (minutes: string) => `目标 ${minutes}`,
  },
  shelves: {
    title: (count: number | null) => (count === null ? '门店缺货率' : `${count} 家门店缺货率`),
    none: '还没有门店',
    noStock: '还没有库存记录',
    company: (share: string) => `全公司 ${share}`,
    low: (count: string) => `库存低 ${count}`,
    waiting: '无人处理',
    taken: '处理中',
    cell: (name: string, share: string, soldOut: string, low: string) =>
      `${name}，缺货率 ${share}，售罄 ${soldOut}，库存低 ${low}`,
    noCell: (name: string) => `${name}，没有库存记录`,
    withAlert: { waiting: '有紧急预警，无人处理', taken: '有紧急预警，处理中' },
  },
  next: {
    title: '接下来售罄',
    pace: '按目前速度',
    none: '按目前速度，12 小时内不会有商品售罄',
    left: (count: string) => `剩 ${count} 件`,
    at: (time: string) => `${time} 售罄`,
  },
  restock: {
    title: '补货',
    proposals: '待批',
    underWay: '在途',
    late: '迟到',
    cycle: '从预警到上架',
    goal: (days: string) => `目标 ${days}`,
    noCycle: '近 30 天还没有到货',
    none: '没有补货在途，也没有待批建议',
    pieces: (count: string) => `路上共 ${count} 件`,
  },
  alerts: {
    title: '最新预警',
    none: '没有预警',
    open: (count: string) => `待处理 ${count}`,
    taken: (name: string, span: string) => `${name} · 处理中 ${span}`,
    waiting: (level: string, span: string) => `待${level}响应 ${span}`,
    everywhere: (count: string) => `${count} 家门店`,
    company: '全公司',
    order: (code: string) => `单据 ${code}`,
  },
  /** What loses money. `usual` is named where there is such an amount. */
  anomalies: {
    times: '倍数',
    timesOf: (times: string) => `${times} 倍`,
    units: '今日已卖（件）',
    brake: {
      title: '花得太快，活动已自动暂停',
      amount: '这一分钟核销',
      usual: '每分钟上限',
      todo: '券已停发停用，请营销负责人查看后继续或取消',
    },
    below_cost: {
      title: '卖价低于成本',
      amount: '今日已亏',
      usual: '',
      todo: '请核对售价和正在跑的活动',
    },
    refund_storm: {
      title: '退款激增',
      amount: '15 分钟退款',
      usual: '平常 15 分钟',
      todo: '请查看退款原因：商品、渠道或到期未成的团',
    },
  },
  takeover: {
    label: '紧急预警',
    anomaly: '正在亏钱',
    sameSku: (stores: string, kind: string) => `${stores} 家门店${kind}`,
    sameKind: (count: string, kind: string) => `${count} 条${kind}`,
    mixed: (count: string) => `${count} 条紧急预警`,
    sameStore: (count: string) => `${count} 种商品`,
    places: (count: string) => `${count} 处`,
    more: (count: string) => `还有 ${count} 条`,
    available: '可用',
    inbound: '在途',
    perHour: '每小时卖',
    soldOutAt: '预计售罄',
    proposal: (qty: string, kind: SourceKind) => `建议补货 ${qty} 件，${from[kind]}`,
    asks: (level: string) => `已通知${level}，等待响应`,
    taken: (name: string) => `${name} 在处理`,
  },
};

export type WallStockMessages = typeof wallStockZh;
