// The English words of the frame: the command palette. Same keys as zh-shell.js.
export default {
  'palette.title': 'Commands',
  'palette.place': 'A page, an action, or an order number…',
  'palette.list': 'Commands you can use',
  'palette.find': 'Look up “{q}”',
  'palette.lang.en': 'Switch to English',
  'palette.lang.zh-CN': '切换到中文',
  'keys.palette': 'Command palette',
};
