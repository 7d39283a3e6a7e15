// 订单详情的中文：答案、原因、对客户说的话。键与 en/order.js 相同。
const CHECKING = '您好，这笔订单 {amount} 还没有确认到账，我们正在向微信核实，请稍候，核实后马上回复您。';
const BACK = '一般 1–3 个工作日到账，请留意微信支付的退款通知。';

export default {
  'ans.title': '一句话答案', 'ans.say': '可以这样回复客户', 'ans.copy.zh': '复制中文', 'ans.copy.en': '复制英文', 'ans.said': '已复制给客户的话', 'ans.check': '核对项', 'ans.expected': '预期', 'ans.actual': '收到', 'ans.next': '建议：', 'ans.asked': '微信 {time} 的答复：{outcome}', 'ans.askAt': '系统会在 {time} 自动再问微信。',

  'ans.never_opened.state': '还没有付款：{created} 下单后，客户没有打开过付款页面。', 'ans.never_opened.say': '您好，这笔订单 {amount} 还没有付款。请重新打开付款页面，在 {expires} 前完成支付。',
  'ans.not_paid.state': '还没有付款：{time} 打开了付款页面（{trade}），还没有收到微信的付款结果。', 'ans.not_paid.say': '您好，我们还没有收到这笔订单 {amount} 的付款。如果您已经付款，请把微信支付的账单截图发给我们；还没有付款的话，请在 {expires} 前完成支付。',
  'ans.expired.state': '还没有付款：付款时间已于 {expires} 结束，向微信核实后会自动关闭。', 'ans.expired.say': '您好，这笔订单 {amount} 已过付款时间，我们没有收到付款。如果您已经付款，请把微信支付的账单截图发给我们；还需要的话，请重新下单。',
  'ans.prepay_refused.state': '没能付款：{time} 微信拒绝了下单（{wechat}）。', 'ans.prepay_refused.say': '您好，这笔订单 {amount} 的付款页面暂时打不开，我们正在处理，请稍后再试。',
  'ans.prepay_unanswered.state': '没能付款：{time} 向微信下单，没有得到可信的答复。', 'ans.prepay_unanswered.say': '您好，这笔订单 {amount} 的付款页面暂时打不开，请稍后重新打开再试。',
  'ans.payment_failed.state': '付款没有成功：{time} 微信答复“{wechat}”。', 'ans.payment_failed.say': '您好，这笔订单 {amount} 的付款没有成功，我们没有收到款项。请在 {expires} 前换一种方式再付一次。',

  'ans.amount_mismatch.state': '没有入账：微信收到的金额与订单不一致。', 'ans.amount_mismatch.state.refunding': '没有入账：金额与订单不一致的 {money} 正在退回客户。', 'ans.amount_mismatch.state.refunded': '没有入账：金额与订单不一致的 {money} 已退回客户。', 'ans.amount_mismatch.state.accepted': '没有入账：金额与订单不一致的 {money} 已决定留下，订单不变。',
  'ans.amount_mismatch.say': '您好，我们收到的付款与订单金额 {amount} 不一致，订单还没有完成。我们正在核对，很快回复您。', 'ans.amount_mismatch.say.refunding': `您好，您付的 {money} 与订单金额 {amount} 不一致，正在原路退回，${BACK}`, 'ans.amount_mismatch.say.refunded': '您好，您付的 {money} 与订单金额 {amount} 不一致，已经原路退回。还需要的话，请重新下单。', 'ans.amount_mismatch.say.accepted': '您好，您付的 {money} 我们已经收到，会单独与您联系处理。',
  'ans.negative_total.state': '没有入账：通知里的金额是负数。', 'ans.negative_total.say': CHECKING, 'ans.foreign_merchant.state': '没有入账：通知里的商户号或 AppID 与订单的不一致。', 'ans.foreign_merchant.say': CHECKING,
  'ans.notify_incomplete.state': '没有入账：通知缺少必要的字段。', 'ans.notify_incomplete.say': CHECKING, 'ans.odd_result.state': '没有入账：通知的业务结果不是微信有的结果。', 'ans.odd_result.say': CHECKING,
  'ans.bad_signature.state': '没有入账：有人用这个订单号发来签名不对的通知，不能证明已付款。', 'ans.bad_signature.say': CHECKING,
  'ans.late_money.state': '订单关闭以后又收到付款 {money}，钱在微信，等待决定。', 'ans.late_money.state.proposed': '订单关闭以后又收到付款 {money}，已有处理意见，等另一位管理员复核。', 'ans.late_money.state.refunding': '订单关闭以后收到的 {money} 正在退回客户。', 'ans.late_money.state.refunded': '订单关闭以后收到的 {money} 已退回客户。', 'ans.late_money.state.accepted': '订单关闭以后收到的 {money} 已决定留下，订单不变。',
  'ans.late_money.say': '您好，您的付款 {money} 我们已经收到，不过付款时订单已经关闭。我们正在处理，会尽快与您联系。', 'ans.late_money.say.refunding': `您好，您的付款 {money} 到达时订单已经关闭，正在原路退回，${BACK}`, 'ans.late_money.say.refunded': '您好，您的付款 {money} 到达时订单已经关闭，已经原路退回。还需要的话，请重新下单。', 'ans.late_money.say.accepted': '您好，您的付款 {money} 我们已经收到，会单独与您联系处理。',
  'ans.early_money.state': '这笔订单建立以前，微信就收到过这个号码的付款 {money}，等待决定。', 'ans.early_money.say': CHECKING,
  'ans.paid_twice.state': '订单已付清，客户又多付了一笔 {money}，等待决定。', 'ans.paid_twice.state.proposed': '客户多付的 {money} 已有处理意见，等另一位管理员复核。', 'ans.paid_twice.state.refunding': '订单已付清；客户多付的 {money} 正在退回。',
  'ans.paid_twice.say': '您好，这笔订单已于 {paid} 支付成功，另外又收到您多付的 {money}。多付的款项我们正在核对，会尽快处理。', 'ans.paid_twice.say.refunding': `您好，这笔订单已于 {paid} 支付成功，您多付的 {money} 正在原路退回，${BACK}`,
  'ans.reused_transaction.state': '没有入账：这笔付款的微信支付单号已经用在别的地方。', 'ans.reused_transaction.say': CHECKING,
  'ans.closed_expired.state': '没有付款：超过付款时间，已于 {time} 关闭。', 'ans.closed_expired.say': '您好，这笔订单 {amount} 超过付款时间，已于 {time} 关闭，我们没有收到付款。还需要的话，请重新下单。',
  'ans.closed.state': '没有付款：订单已于 {time} 关闭。', 'ans.closed.say': '您好，这笔订单 {amount} 已于 {time} 关闭，我们没有收到付款。还需要的话，请重新下单。',

  'ans.refund_requested.state': '已付款；退款申请 {money} 等待管理员批准。', 'ans.refund_requested.say': '您好，您的退款申请 {money} 已经提交，正在审核，结果会尽快告诉您。',
  'ans.refund_sent.state': '已付款；退款 {money} 已批准，正在等微信确认。', 'ans.refund_sent.say': `您好，退款 {money} 已经办理，会原路退回，${BACK}`, 'ans.refund_underway.state': '已付款；退款 {money} 微信已受理，还没有到账。', 'ans.refund_underway.say': `您好，退款 {money} 已于 {time} 提交，会原路退回，${BACK}`,
  'ans.refund_stuck.state': '退款 {money} 卡住了：客户原来的账户收不了款。', 'ans.refund_stuck.say': '您好，退款 {money} 没能退到您原来的付款账户，我们正在处理，会尽快与您联系。',
  'ans.refund_refused.state': '退款 {money} 没有办成：微信没有受理（{wechat}）。', 'ans.refund_refused.say': '您好，退款 {money} 暂时没有办成，我们正在处理，会尽快与您联系。', 'ans.refund_closed.state': '退款 {money} 没有办成：微信关闭了它，钱没有退出。', 'ans.refund_closed.say': '您好，退款 {money} 暂时没有办成，我们正在处理，会尽快与您联系。',
  'ans.refund_rejected.state': '已付款；退款申请 {money} 被管理员拒绝。', 'ans.refund_rejected.say': '您好，关于退款 {money} 的申请，我们还需要与您确认一下细节。', 'ans.refund_anomaly.state': '微信说的退款与我方记录对不上。', 'ans.refund_anomaly.say': '您好，您的退款我们正在向微信核实，请稍候，核实后马上回复您。',
  'ans.partly_refunded.state': '已付款，其中 {refunded} 已退款，最近一次在 {time}。', 'ans.partly_refunded.say': '您好，这笔订单 {amount} 已退款 {refunded}，最近一笔于 {time} 原路退回您的付款账户。', 'ans.refunded.state': '已全额退款 {refunded}，最后一笔在 {time}。', 'ans.refunded.say': '您好，这笔订单 {amount} 已于 {time} 全额退款，原路退回您的付款账户。',
  'ans.waiting_service.state': '已付款：{paid} 支付 {amount}，正在等待接待。', 'ans.waiting_service.say': '您好，这笔订单 {amount} 已于 {paid} 支付成功，正在等待接待。', 'ans.in_service.state': '已付款：{paid} 支付 {amount}，{time} 开始接待。', 'ans.in_service.say': '您好，这笔订单 {amount} 已于 {paid} 支付成功，已于 {time} 开始接待。',
  'ans.served.state': '已付款：{paid} 支付 {amount}，{time} 完成接待。', 'ans.served.say': '您好，这笔订单 {amount} 已于 {paid} 支付成功，服务已于 {time} 完成。感谢您的光临。', 'ans.service_cancelled.state': '已付款：{paid} 支付 {amount}；接待已在 {time} 取消，钱还没有退。', 'ans.service_cancelled.say': '您好，这笔订单 {amount} 已于 {paid} 支付成功，接待已取消。如需退款，请告诉我们。',

  'chk.amount_mismatch': '金额和币种', 'chk.negative_total': '金额大于 0', 'chk.foreign_merchant': '商户号和 AppID', 'chk.notify_incomplete': '必要字段', 'chk.odd_result': '业务结果', 'chk.bad_signature': '签名', 'chk.late_money': '订单状态', 'chk.paid_twice': '微信支付单号', 'chk.reused_transaction': '支付单号所属的订单', 'chk.not_paid': '交易状态', 'chk.payment_failed': '支付结果', 'chk.prepay_refused': '微信下单', 'chk.prepay_unanswered': '微信下单', 'chk.refund_anomaly': '退款',
  'chk.nothing': '没有收到', 'chk.wechat_unreachable': '没有答复', 'chk.wechat_untrusted': '答复不能相信', 'chk.busy': '没有问到，正忙',

  'payerr.NOTENOUGH': '客户余额不足', 'payerr.NOAUTH': '商户号没有开通这种支付', 'payerr.SIGNERROR': '我方签名不对', 'payerr.APPID_NOT_EXIST': 'AppID 不存在', 'payerr.MCHID_NOT_EXIST': '商户号不存在', 'payerr.APPID_MCHID_NOT_MATCH': 'AppID 与商户号没有绑定', 'payerr.ORDERPAID': '微信说订单已支付', 'payerr.ORDERCLOSED': '微信说订单已关闭', 'payerr.OUT_TRADE_NO_USED': '订单号已用过', 'payerr.PARAM_ERROR': '参数不对', 'payerr.SYSTEMERROR': '微信系统忙', 'payerr.BANKERROR': '银行系统异常', 'payerr.FREQUENCY_LIMITED': '请求太频繁',

  'next.ask_buyer': '请客户重新打开付款页面再付。', 'next.ask_wechat': '客户说已付款时，点“向微信查单”核实。', 'next.try_again': '请客户稍后再打开一次付款页面；反复出现请检查与微信的连接。', 'next.check_settings': '请管理员按告警核对商户配置，再请客户重付。', 'next.check_keys': '不要人工改成已支付；核对 API 密钥，再向微信查单。', 'next.check_alert': '先不要发货，按告警里的证据核对。',
  'next.decide_receipt': '在“款项”里决定这笔钱怎么处理。', 'next.decide_receipt.ask': '请管理员在“款项”里决定这笔钱怎么处理。', 'next.second_admin': '请另一位管理员在“款项”里复核。', 'next.decide_refund': '在“资金”里批准或拒绝这笔退款。', 'next.decide_refund.ask': '请管理员批准或拒绝这笔退款。', 'next.refund_again': '查明原因后重新退款。', 'next.refund_if_asked': '客户要求时办理退款。', 'next.act_at_wechat': '到微信支付商户平台的“退款异常”里处理，退到其他账户。', 'next.new_order': '还需要的话，请客户重新下单。', 'next.serve': '客户到了就点“开始接待”。', 'next.finish_service': '服务结束时点“完成接待”。', 'next.wait': '不用做什么，等系统更新。', 'next.none': '',
  'next.see.receipt': '打开款项', 'next.see.alert': '打开告警',

  'nb.duplicate': '微信重复通知 {n} 次，内容一致，没有重复入账。', 'nb.healed': '微信的通知没有到，是向微信查单后入账的。', 'nb.payer_differs': '付款人与下单人不是同一个微信账号，这是允许的。', 'nb.reopened': '订单关闭后收到的钱，由 {by} 决定恢复入账。', 'nb.payment_failed': '之前有一次付款没有成功（{words}）。', 'nb.bad_signatures': '下单以后还收到过 {n} 次签名不对的通知，没有一次被相信。', 'nb.refused': '另有一条“{kind}”的告警没有解决。',

  'order.walk': '搜索结果第 {n} 条', 'order.walk.prev': '上一笔订单', 'order.walk.next': '下一笔订单', 'order.seen': '微信收过这个号码的款',
  'order.seen.why': '本系统没有这笔订单，但有 {n} 条关于这个订单号的告警。', 'order.filter': '筛选事件', 'order.filter.all': '全部', 'order.filter.money': '资金', 'order.filter.service': '服务', 'order.filter.none': '没有这一类事件', 'order.raw.title': '原始通知', 'order.copied': '订单号已复制',
  'order.stale': '没能更新，下面是先前的内容。', 'order.notes': '备注 {n} 条', 'order.note.add': '添加备注', 'tl.checks': '验签、订单存在、金额一致、状态允许，四项核对全部通过。', 'tl.reopened': '管理员决定恢复订单并入账。',
  'money.coupon': '优惠券（微信）', 'money.cash': '客户实付', 'cust.bank': '付款方式', 'bank.DEBIT': '{bank}（借记卡）', 'bank.CREDIT': '{bank}（信用卡）', 'bank.OTHERS': '零钱或其他', 'bank.CFT': '零钱', 'bank.LQT': '零钱通',
  'bank.ICBC': '工商银行', 'bank.ABC': '农业银行', 'bank.BOC': '中国银行', 'bank.CCB': '建设银行', 'bank.CMB': '招商银行', 'bank.COMM': '交通银行', 'bank.PSBC': '邮储银行', 'bank.CEB': '光大银行', 'bank.CMBC': '民生银行', 'bank.PAB': '平安银行', 'bank.CITIC': '中信银行', 'bank.SPDB': '浦发银行', 'bank.CIB': '兴业银行', 'bank.HXB': '华夏银行', 'bank.GDB': '广发银行',
  'cust.history': '历史订单', 'cust.history.n': '{n} 单 · 已付 {amount}', 'cust.history.more': '{n} 单以上 · 已付 {amount}', 'cust.history.none': '没有其他订单', 'cust.history.recent': '最近的订单',
  'unmask.open': '查看完整（记录日志）', 'unmask.title': '查看完整的客户信息', 'unmask.reason': '查看原因', 'unmask.place': '例如：客户来电，核对身份', 'unmask.need': '请写明原因，2 到 200 个字。', 'unmask.why': '会记入操作日志：谁、什么时候、为什么。一分钟后自动遮住。', 'unmask.ok': '查看', 'unmask.left': '{n} 秒后遮住', 'unmask.hide': '立即遮住', 'unmask.nothing': '这笔订单没有留下 openid 或手机号。',
  'refund.second': '达到 {limit} 的退款须由另一位管理员批准；你在这笔订单上先前办理的退款一起计算。提交后不会马上退出。', 'keys.copyNum': '复制订单号', 'keys.copySay': '复制给客户的话', 'print.at': '打印时间 {time}（UTC+8）',
};
