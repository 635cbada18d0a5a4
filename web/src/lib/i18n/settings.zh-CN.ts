/** English has the same keys, checked by type. */
export const settingsZh = {
  title: '公司设置',
  lead: '全公司一样的规矩。每次修改都记在操作记录里。',
  unsaved: '有改动未保存',
  limit: {
    title: '活动批准',
    says: (limit: string) =>
      `一个人最多能定 ${limit}：可能花得更多的（连同自己 30 天内自己批准的），要由没写过、没改过它的人批准。`,
    none: '每个要花钱的活动都要由没写过、没改过它的人批准。',
    change: '修改额度',
    label: '一个人最多能定',
    hint: '填 0：每个要花钱的活动都要另一个人批准',
    bad: '请填金额，例如 50000 或 5万',
    saved: '额度已保存',
  },
  points: {
    title: '积分',
    says: (unit: string, points: string) => `每付满 ${unit} 得 ${points} 分`,
    none: '付款不得积分',
    label: (unit: string) => `每付满 ${unit} 得几分`,
    hint: '只管保存以后付款的订单；以前的不变',
    bad: '0 到 1000，最多四位小数',
    saved: '比例已保存，从现在起付款的订单按它算',
    history: '以前的比例',
    from: '从',
    rate: '比例',
    by: '谁',
    beginning: '一开始',
  },
  automations: { title: '自动化' },
};

export type SettingsMessages = typeof settingsZh;
