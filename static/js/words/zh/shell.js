// 外壳的中文：命令面板。和 en/shell.js 的键一致。
export default {
  'palette.title': '命令',
  'palette.place': '页面、操作，或订单号…',
  'palette.list': '可用的命令',
  'palette.find': '查询 “{q}”',
  'palette.lang.en': '切换到 English',
  'palette.lang.zh-CN': '切换到中文',
  'keys.palette': '命令面板',
  'aud.product.created': '新建商品 {subject}', 'aud.product.changed': '修改商品 {subject}', 'aud.product.tried': '用商品 {subject} 付一笔试试', 'aud.scenario.played': '运行场景 {subject}', 'aud.scenario.stopped': '停止场景 {subject}', 'aud.setting.changed': '修改告警设置 {subject}：{before} → {after}', 'aud.channel.tested': '测试通知通道',
  'act.product.created': '新建商品', 'act.product.changed': '修改商品', 'act.product.tried': '试付商品', 'act.scenario.played': '运行场景', 'act.scenario.stopped': '停止场景', 'act.setting.changed': '修改告警设置', 'act.channel.tested': '测试通知通道',
  'noun.notify': '通知', 'noun.alert': '告警', 'noun.receipt': '款项', 'money.unbooked': '微信已收，未入账',
};
