import type { Channel } from '@zhanggui/shared/contract/words.ts';
import type { FeedKind } from '@zhanggui/shared/contract/board.ts';

/** What a notable event says, already in the reader's language; absent where the event did not tell. */
export type FeedWords = Partial<Record<'amount' | 'channel' | 'place' | 'sku' | 'qty' | 'text', string>>;

const channels: Record<Channel, string> = {
  pos: '门店',
  mall: '商城',
  miniapp: '小程序',
  live: '直播',
  group: '拼团',
  marketplace: '平台',
};

const feed: Record<FeedKind, string> = {
  big_order: '大单',
  big_refund: '大额退款',
  sold_out: '售罄',
  oversold: '超卖',
  restocked: '到货',
  live_started: '直播开始',
  live_ended: '直播结束',
  group_opened: '新开团',
  complaint: '投诉',
  new_source: '新数据源',
  unknown_sku: '未知商品',
  unknown_location: '未知库位',
};

/** The words of every screen. English has the same keys, checked by type. */
export const zh = {
  product: '掌柜',
  language: { mine: '中文', other: 'EN', switchTo: 'Switch to English' },
  channels,
  link: {
    live: '实时',
    starting: '正在连接',
    offline: '与服务器失去联系',
    offlineSince: (time: string) => `以下是 ${time} 的数据`,
    reconnecting: '正在重连',
    staleSince: (time: string) => `截至 ${time}`,
    waiting: '等待数据',
    refused: '没有权限查看',
  },
  demo: '演示数据',
  demoFilling: (share: string) => `演示数据 · 历史 ${share}`,
  lost: {
    nothingHere: '这里没有内容',
    checkAddress: '地址可能有误，或内容已不在。',
    failed: '页面没有加载出来',
    tryAgain: '请刷新；如果总是这样，请告诉管理员。',
    reload: '刷新',
    home: '回到总览',
  },
  wall: {
    scenes: { overview: '今日经营', stock: '库存补货', live: '直播', promotions: '促销活动' },
    netToday: '今日净销售额',
    reachedToday: '今日目标达成',
    indexToday: '今日指数 · 昨日同时 = 100',
    target: '目标',
    noTarget: '今日未设目标',
    reached: '达成',
    expectedNow: '昨日此时已完成',
    vsYesterday: '较昨日同时',
    vsLastWeek: '较上周同日',
    orders: '订单',
    units: '件数',
    ticket: '客单价',
    perMinute: (count: string) => `${count} 单/分钟`,
    curve: '当日累计',
    today: '今日',
    yesterday: '昨日',
    curveTable: '每小时累计净销售额',
    hour: '时间',
    channels: '渠道',
    share: '占比',
    leaders: '门店排行',
    leadersBy: { net: '净销售额', reached: '目标达成' },
    climbed: (by: number) => `上升 ${by} 位`,
    stores: '门店',
    storesCount: (count: number) => `${count} 家门店`,
    ahead: '领先',
    behind: '落后',
    storesBasis: { target: '达成率较中位', yesterday: '较昨日同时' },
    hot: '热销商品',
    pieces: '件',
    flags: '库存警示',
    soldOut: '售罄',
    oversold: '超卖',
    available: '可用',
    noFlags: '没有售罄，也没有超卖',
    noSales: '今天还没有成交',
    noSalesHint: '第一笔成交会显示在这里',
    noStores: '还没有门店成交',
    noHot: '今天还没有热销商品',
    noNews: '暂无大事',
    news: '动态',
    nothingToCompare: '没有可比数据',
    cell: (name: string, change: string) => `${name}，较昨日同时 ${change}`,
    cellTarget: (name: string, reached: string) => `${name}，目标达成 ${reached}`,
    controls: {
      label: '大屏控制',
      pause: '暂停轮播',
      resume: '继续轮播',
      next: '下一场景',
      previous: '上一场景',
      dimming: (from: string, to: string) => `夜间调暗 ${from}–${to}`,
      dimFrom: '开始',
      dimTo: '结束',
      fullscreen: '全屏',
      paused: '轮播已暂停',
    },
  },
  pairing: {
    title: '配对这块大屏',
    steps: ['在电脑或手机上登录掌柜', '打开“大屏”，点“配对新大屏”', '输入下面的配对码'],
    code: '配对码',
    expires: (time: string) => `${time} 后换新码`,
    asking: '正在取得配对码',
    failed: '暂时连不上服务器，正在重试',
    revoked: '这块大屏已被停用，可重新配对',
  },
  feed,
  feedLine: (kind: FeedKind, words: FeedWords): string[] => {
    switch (kind) {
      case 'big_order':
      case 'big_refund':
        return pick(words.amount, words.place ?? words.channel, words.place && words.channel);
      case 'sold_out':
      case 'oversold':
      case 'restocked':
        return pick(words.sku, words.place);
      case 'live_started':
      case 'live_ended':
      case 'new_source':
        return pick(words.text, words.sku, words.place);
      case 'group_opened':
      case 'complaint':
        // Their text is an id of the source's, which tells nobody anything.
        return pick(words.place);
      case 'unknown_sku':
      case 'unknown_location':
        return pick(words.text ?? words.sku ?? words.place);
    }
  },
};

function pick(...parts: (string | undefined)[]): string[] {
  return parts.filter((part): part is string => part !== undefined && part !== '');
}

export type Messages = typeof zh;
