// 退款、待处理款项、查单与关单的中文。键与 en/money.js 相同。
export default {
  'nav.receipts': '款项', 'tab.receipts': '款项', 'feed.refunds': '退款', 'money.received': '客户实付', 'money.underway': '退款在途', 'money.requested': '退款待批准', 'money.refundable': '可退',

  'rfd.REQUESTED': '待批准', 'rfd.APPROVED': '已批准，等微信确认', 'rfd.PROCESSING': '微信处理中', 'rfd.SUCCESS': '已到账', 'rfd.ABNORMAL': '退款异常', 'rfd.CLOSED': '微信已关闭', 'rfd.REFUSED': '微信不受理', 'rfd.REJECTED': '已拒绝', 'rfd.REFUNDCLOSE': '微信已关闭', 'rfd.CHANGE': '退款异常',
  'rfd.why.ABNORMAL': '原账户收不了款（如银行卡已注销）。请到微信支付商户平台处理；钱仍然留着。', 'rfd.why.APPROVED': '还没有收到微信的答复，会用同一单号再问。',
  'rfd.by': '{by} 申请', 'rfd.approvedBy': '{by} 批准', 'rfd.rejectedBy': '{by} 拒绝', 'rfd.key': '接口密钥 {name}', 'rfd.receipt': '单独收款', 'rfd.of': '{amount} 的退款',
  'rfd.approve': '批准…', 'rfd.reject': '拒绝…', 'rfd.ask': '向微信查退款', 'rfd.own': '达到复核金额的退款，不能由申请人自己批准；请另一位管理员处理。', 'rfd.wait': '等待管理员批准。',
  'rfd.approve.title': '批准退款 {amount}', 'rfd.approve.ok': '批准并退款 {amount}', 'rfd.reject.title': '拒绝退款 {amount}', 'rfd.reject.ok': '拒绝退款', 'rfd.note': '备注', 'rfd.note.need': '请写明为什么拒绝。', 'rfd.note.place': '写给申请人看。',
  'rfd.say.SUCCESS': '已退款 {amount}。', 'rfd.say.PROCESSING': '微信已受理退款 {amount}，到账后这里会更新。', 'rfd.say.APPROVED': '退款 {amount} 已批准，正在等微信确认。', 'rfd.say.REQUESTED': '退款 {amount} 已提交，等待管理员批准。', 'rfd.say.REQUESTED.admin': '退款 {amount} 达到复核金额，等待另一位管理员批准。',
  'rfd.say.REJECTED': '已拒绝退款 {amount}。', 'rfd.say.REFUSED': '微信没有受理退款 {amount}：{why}', 'rfd.say.CLOSED': '微信关闭了退款 {amount}，钱没有退出。', 'rfd.say.ABNORMAL': '退款 {amount} 异常：原账户收不了款。', 'rfd.nowhy': '没有说明原因',

  'why.refund_anomaly.stuck': '微信退不出这笔退款：原账户收不了款。', 'why.refund_anomaly.gone': '微信不认得它受理过的退款 {expected}。', 'why.refund_anomaly.state': '我方记为{expected}，微信说是{actual}。', 'why.refund_anomaly.unknown': '微信说的 {actual} 与我方的退款记录对不上。',
  'lead.refund_anomaly.stuck': '微信退不出这笔退款：原账户收不了款，请到微信支付商户平台处理。', 'lead.refund_anomaly.gone': '微信不认得它受理过的退款 {expected}。', 'lead.refund_anomaly.state': '这笔退款我方记为{expected}，微信说是{actual}。', 'lead.refund_anomaly.unknown': '微信说的 {actual} 与我方的退款记录对不上（我方 {expected}）。',

  'refund.open': '退款…', 'refund.request': '请求退款…', 'refund.title': '退款给 {name}', 'refund.title.plain': '退款', 'refund.due': '订单金额', 'refund.amount': '退款金额', 'refund.all': '全部可退', 'refund.over': '最多能退 {amt}，请改小金额。', 'refund.bad': '请写成元，最多两位小数，例如 88.00。', 'refund.zero': '退款金额必须大于 0。', 'refund.empty': '请填写退款金额。',
  'refund.reason': '退款原因', 'refund.reason.need': '请选择退款原因。', 'refund.other.need': '请写明原因。', 'refund.note': '补充说明', 'refund.note.sub': '客户会看到，选填', 'refund.note.must': '客户会看到，必填', 'refund.note.place': '例如：客户来电要求取消', 'refund.note.long': '太长了：连同原因最多 80 字节，现在 {n} 字节。',
  'refund.reason.cancelled': '客户取消预约', 'refund.reason.unserved': '服务未提供', 'refund.reason.twice': '重复付款', 'refund.reason.amount': '金额有误', 'refund.reason.other': '其他', 'refund.joined': '{reason}：{note}',
  'refund.consequence': '退款会原路退回，1–3 个工作日到账，提交后不能撤销。', 'refund.consequence.request': '提交后由管理员批准；批准后原路退回，1–3 个工作日到账。', 'refund.number': '退款单号 {num}，重复提交不会多退', 'refund.confirm': '确认退款 {amt}', 'refund.confirm.request': '请求退款 {amt}', 'refund.sending': '正在提交…', 'refund.retry': '可以直接再试：同一退款单号只会退一次。',

  'confirm.title': '再输入一次密码', 'confirm.why': '这一步要确认是你本人；5 分钟内不再询问。', 'confirm.ok': '继续', 'confirm.bad': '密码不对。', 'confirm.missing': '请填写密码。',
  'leave.ask': '放弃已填写的内容？', 'leave.stay': '继续填写', 'leave.go': '放弃',

  'deed.note.title': '给订单写备注', 'deed.serve.IN_SERVICE': '开始接待', 'deed.serve.SERVED': '完成接待',
  'deed.query': '向微信查单', 'deed.close': '关单…', 'deed.query.busy': '正在查…', 'deed.close.title': '关闭订单', 'deed.close.why': '先在微信关单，再在这里关闭；之后客户不能再付这笔订单。如果客户刚好付了款，订单会变成已支付而不会关闭。', 'deed.close.ok': '关闭订单 {amt}', 'deed.close.done': '订单已关闭。',
  'query.paid': '微信说已支付，已核对并入账。', 'query.unpaid': '微信说还没有支付。', 'query.closed': '微信说订单已关闭。', 'query.same': '微信与我方一致，没有变化。', 'query.duplicate': '微信与我方一致：这笔支付已经入账。', 'query.refused': '微信的结果与订单对不上，没有入账；看相关告警。', 'query.refunded': '微信说已转入退款。', 'query.failed': '微信说支付失败。', 'query.unknown': '微信没有这笔订单：还没有下单到微信。', 'query.other': '微信的答复：{outcome}',

  'err.not_refundable': '这笔钱现在不能退：可能已退完、超过可退金额，或订单没有付款。', 'err.refund_exists': '这个退款单号已经用过，金额不同；请关掉重开再填。', 'err.second_admin': '这个金额须由另一位管理员来做。', 'err.not_decidable': '这笔款项不能这样处理，可能已经变了。', 'err.conflict': '有人抢先处理了，已显示最新的状态。', 'err.forbidden': '这个账号不能这样做。', 'err.not_found': '没有找到，可能已经不在了。',
  'err.confirm_password': '需要再输入一次密码。', 'err.wechat_refused': '微信拒绝了：{detail}', 'err.wechat_untrusted': '微信的答复验签不过，不能相信；没有任何改变。', 'err.wechat_unreachable': '没有收到微信的答复，结果未知；可以放心重试。', 'err.busy': '服务器正忙，请稍等再试。', 'err.slow_down': '太频繁了，请稍等再试。', 'err.unreachable': '连不上服务器，结果未知；可以放心重试。', 'err.already_paid': '订单刚刚已付款，没有关闭。', 'err.order_closed': '订单已经关闭。', 'err.in_progress': '同一请求还在处理，请稍等。',
  'wxerr.NOTENOUGH': '商户号余额不足', 'wxerr.NOT_ENOUGH': '商户号余额不足', 'wxerr.TRADE_OVERDUE': '已超过一年，不能退', 'wxerr.USER_ACCOUNT_ABNORMAL': '客户账户异常', 'wxerr.ORDERNOTEXIST': '微信没有这笔订单', 'wxerr.ORDER_NOT_EXIST': '微信没有这笔订单', 'wxerr.NOAUTH': '商户号没有退款权限', 'wxerr.NO_AUTH': '商户号没有退款权限', 'wxerr.INVALID_TRANSACTIONID': '支付单号无效', 'wxerr.PARAM_ERROR': '参数不对', 'wxerr.INVALID_REQUEST': '请求无效', 'wxerr.TRADE_ERROR': '交易有误', 'wxerr.RULE_LIMIT': '微信的规则限制', 'wxerr.ACCOUNT_ERROR': '账户异常',

  'say.refund.part': '{total} 中的一部分', 'say.refund.whole': '全额', 'say.receipt.refund': '退回 {amount}', 'say.receipt.accept': '留下 {amount}，不记到订单', 'say.receipt.reopen': '恢复订单，{amount} 入账', 'say.receipt.decline': '不同意，退回待处理', 'say.proposed': '提议：{what}', 'say.rejected': '{by} 拒绝', 'tag.healed': '查单补记', 'tl.healed': '微信的通知没有到；向微信查单后核对入账',
  'tl.receipt': '看款项', 'tl.refund.requested': '申请退款 {amount}', 'tl.refund.approved': '批准退款 {amount}', 'tl.refund.succeeded': '退款到账 {amount}', 'tl.refund.failed': '退款没有成功 {amount}',

  'rec.lead': '迟到、重复、金额不符的付款：钱在微信商户号里，还不属于任何订单。', 'rec.sums': '款项合计', 'rec.received': '微信已收', 'rec.booked': '已入账（净额）', 'rec.refunded': '已退款', 'rec.waiting': '等待决定', 'rec.equal': '等于', 'rec.unequal': '对不上，差 {amount}', 'rec.plus': '加', 'rec.sums.note': '净额：已支付的订单和留下的款项，减去它们的退款',
  'rec.tabs': '款项状态', 'rec.list': '款项列表', 'rec.tab.all': '全部', 'rst.waiting': '待处理', 'rst.proposed': '待复核', 'rst.refunding': '退款中', 'rst.refunded': '已退回', 'rst.accepted': '已留下', 'rst.booked': '已入账',
  'rrs.late': '关单后付款', 'rrs.paid_twice': '重复付款', 'rrs.wrong_amount': '金额不符', 'rrs.reused_id': '支付单号重复', 'rrs.unknown_order': '订单不存在',
  'rwhy.late': '订单关闭后，又收到客户付的 {amount}。', 'rwhy.paid_twice': '订单已经付清，客户又付了一笔 {amount}。', 'rwhy.wrong_amount': '客户付了 {amount}，与订单应付的金额不符，没有入账。', 'rwhy.reused_id': '这个支付单号已记在另一笔订单上，{amount} 没有重复收到。', 'rwhy.unknown_order': '微信已收 {amount}，本系统查无订单 {orderNum}。', 'rwhy.other': '收到 {amount}，没有记到任何订单。',
  'ract.refund': '原路退回', 'ract.accept': '留下，不记到订单', 'ract.reopen': '恢复订单并入账', 'ract.proposed': '建议', 'ract.why.refund': '把 {amount} 退给付款的客户。', 'ract.why.accept': '钱留在商户号，不属于任何订单；线下另行处理。', 'ract.why.reopen': '订单从已关闭变成已支付，开始等待接待。', 'ract.why.accept.reused_id': '没有新的钱，只是记下看过了。',
  'rec.col.reason': '原因', 'rec.col.order': '订单', 'rec.col.amount': '金额', 'rec.col.received': '收到时间', 'rec.col.proposal': '建议 / 决定', 'rec.col.state': '状态', 'rec.col.who': '处理人', 'rec.foot': '共 {n} 条', 'rec.foot.more': '已载入 {n} 条，后面还有更多',
  'rec.empty': '没有待处理的款项', 'rec.empty.why': '微信收到的每一分钱都记在订单上，或已经处理完。', 'rec.none': '这里没有款项', 'rec.none.why': '换一个状态看看。', 'rec.notfound': '没有这条款项', 'rec.notfound.why': '链接可能不完整。', 'rec.seeAll': '看全部', 'rec.panel': '款项',
  'rec.wx': '微信支付单号', 'rec.order': '订单', 'rec.order.status': '订单状态', 'rec.merchant': '商户号', 'rec.when': '收到时间', 'rec.refundNum': '退款单号', 'rec.decided': '决定', 'rec.action': '处理方式', 'rec.decidedAt': '决定时间', 'rec.note': '备注', 'rec.facts': '这笔款项', 
  'rec.decide': '怎么处理', 'rec.note.label': '备注', 'rec.note.place': '写下核对了什么、为什么这样处理。', 'rec.note.need': '请写备注。', 'rec.submit.refund': '退回 {amt}', 'rec.submit.accept': '留下 {amt}', 'rec.submit.reopen': '恢复订单，入账 {amt}', 'rec.propose': '达到 {limit}，决定后还须另一位管理员复核。',
  'rec.second': '{by} 提议：{action}。须由另一位管理员复核后才执行。', 'rec.second.own': '这是你提议的，请另一位管理员复核。', 'rec.second.ok': '同意：{action} {amt}', 'rec.second.no': '不同意，退回待处理', 'rec.readonly': '只有管理员能处理款项。',
  'rec.done.proposed': '已提议，等待另一位管理员复核。', 'rec.done.waiting': '已退回待处理。', 'rec.done.refunding': '正在退款，到账后这里会更新。', 'rec.done.refunded': '已退回。', 'rec.done.accepted': '已留下。', 'rec.done.booked': '订单已恢复并入账。', 'rec.faster': '有人抢先处理了这笔款项，已显示最新的状态。',
  'cust.merchant': '收款商户', 'error.receipts': '款项', 'keys.refund': '退款对话框',
};
