// 订单查询。
export default {
  'orders.place': '订单号、手机号、商品、金额，或 “88 昨晚8点”', 'orders.submit': '查询', 'orders.clear': '清除', 'orders.and': '、', 'orders.or': ' 或 ',
  'orders.hint': '可输入：订单号、微信支付单号（28 位）、openid、手机号、商品名、客户、金额和时间。至少 3 个字符，系统自动识别类型。',
  'orders.limit': '也可限定：', 'orders.limit.phone': '手机号', 'orders.limit.order': '订单号', 'orders.limit.product': '商品', 'orders.limit.colon': '：',
  'orders.as': '识别为', 'orders.as.order': '订单号', 'orders.as.transaction': '微信支付单号', 'orders.as.openid': ' openid', 'orders.as.phone': '手机号', 'orders.as.phone_prefix': '手机号前缀',
  'orders.as.phone_tail': '手机尾号', 'orders.as.product': '商品', 'orders.as.customer': '客户', 'orders.as.text': '商品或客户', 'orders.as.amount': '金额', 'orders.as.time': '时间',
  'orders.read.exact': '完整单号，只此一笔。', 'orders.read.exact.filtered': '完整单号，只此一笔；不受下面的筛选限制。', 'orders.read.amount': '应付 {money}', 'orders.read.time': '{span} 下单', 'orders.read.near': '离 {time} 最近的在前',
  'orders.read.partly': '名称中间含这几个字的，只查到 {time} 以后', 'orders.read.join': '，',
  'orders.filters': '筛选', 'orders.created': '下单时间', 'orders.status': '支付状态', 'orders.service': '服务状态', 'orders.amount': '金额', 'orders.merchant': '商户', 'orders.alerts': '只看有告警', 'orders.show': '查看结果',
  'orders.created.today': '今天', 'orders.created.7d': '近 7 天', 'orders.created.30d': '近 30 天', 'orders.created.all': '全部时间', 'orders.from': '从', 'orders.to': '到', 'orders.any': '不限',
  'orders.least': '最低（元）', 'orders.most': '最高（元）', 'orders.amount.wrong': '请输入金额，最多两位小数。',
  'orders.columns': '列设置', 'orders.columns.why': '保存在这台电脑的浏览器里。微信支付单号和支付方式在宽屏上显示。', 'orders.col.num': '订单号', 'orders.col.created': '下单时间', 'orders.col.title': '商品', 'orders.col.customer': '客户', 'orders.col.phone': '手机号',
  'orders.col.due': '应付', 'orders.col.paid': '实付', 'orders.col.pay': '支付状态', 'orders.col.svc': '服务状态', 'orders.col.wx': '微信支付单号', 'orders.col.trade': '支付方式',
  'orders.export': '导出 CSV', 'orders.export.wait': '正在准备…', 'orders.export.some': '已收到 {kb} KB…', 'orders.export.done': '已导出 {n} 条订单', 'orders.export.cut': '只导出了前 {count} 条，后面还有；请缩小筛选范围再导出。', 'orders.export.failed': '没能导出：{why}',
  'orders.range': '第 {a}–{b} 条，后面还有更多', 'orders.range.short': '第 {a}–{b} 条，更早的还没查完', 'orders.range.end': '第 {a}–{b} 条，没有更多', 'orders.took': '查询用时 {ms} ms', 'orders.rows': '每页',
  'orders.none': '没有找到 “{q}”', 'orders.none.here': '没有符合条件的订单', 'orders.none.why': '核对一下号码是否完整，或放宽筛选条件。', 'orders.none.time': '换一个时间或金额再找；时间按下单时间算，是北京时间。', 'orders.none.all': '扩大到全部时间', 'orders.none.do': '清除条件',
  'orders.none.yet': '最近的 5 万笔里没有，更早的还没查。', 'orders.earlier': '继续往前查', 'orders.empty': '还没有订单', 'orders.empty.why': '下单后会出现在这里。', 'orders.results': '订单列表', 'orders.found': '找到 {n} 条订单',
};
