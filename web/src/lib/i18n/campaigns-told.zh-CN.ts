export const campaignToldZh = {
  ranges: (count: string) => `有 ${count} 段会员没发成，已经放下了`,
  rangesHint: '查明原因后再发一次；拿到过的人不会再拿一张',
  again: '再发一次',
  rangesDone: (members: string) => `正在补发 ${members} 人`,
  title: '通知',
  waiting: '等着发',
  told: '已送到',
  failed: '没送到',
  waitingHint: '发的时候再看谁同意',
  medium: '渠道',
  nobody: '只接收的系统',
  resend: '重发没送到的',
  resent: (members: string) => `正在重发给 ${members} 人`,
  resentNone: '没有能重发的：接收方停用或已删除',
};
export type CampaignToldMessages = typeof campaignToldZh;
