// 外壳的中文：命令面板。和 en-shell.js 的键一致。
export default {
  'palette.title': '命令',
  'palette.place': '页面、操作，或订单号…',
  'palette.list': '可用的命令',
  'palette.find': '查询 “{q}”',
  'palette.lang.en': '切换到 English',
  'palette.lang.zh-CN': '切换到中文',
  'keys.palette': '命令面板',
};
