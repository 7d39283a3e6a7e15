// The English words of the frame: the command palette. Same keys as zh/shell.js.
export default {
  'palette.title': 'Commands',
  'palette.place': 'A page, an action, or an order number…',
  'palette.list': 'Commands you can use',
  'palette.find': 'Look up “{q}”',
  'palette.lang.en': 'Switch to English',
  'palette.lang.zh-CN': '切换到中文',
  'keys.palette': 'Command palette',
  'aud.product.created': 'Made the product {subject}', 'aud.product.changed': 'Changed the product {subject}', 'aud.product.tried': 'Tried a payment of the product {subject}', 'aud.scenario.played': 'Played the scenario {subject}', 'aud.scenario.stopped': 'Stopped the scenario {subject}', 'aud.setting.changed': 'Changed the alert setting {subject}: {before} → {after}', 'aud.channel.tested': 'Tested the channels for alerts',
  'act.product.created': 'Product made', 'act.product.changed': 'Product changed', 'act.product.tried': 'Product tried', 'act.scenario.played': 'Scenario played', 'act.scenario.stopped': 'Scenario stopped', 'act.setting.changed': 'Alert setting changed', 'act.channel.tested': 'Channels tested',
  'noun.notify': 'notify', 'noun.alert': 'alert', 'noun.receipt': 'receipt', 'money.unbooked': 'At WeChat, not booked',
};
