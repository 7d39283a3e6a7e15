// 系统设置页的中文。键与 en/settings.js 相同。
export default {
  'nav.manage': '管理', 'nav.settings': '系统设置', 'hist.over': '已恢复正常',

  'set.severities': '告警严重度', 'set.severities.sub': '对之后的告警生效；未解决的告警只会变重，不会自动变轻',
  'set.severity.of': '{kind}的严重度', 'set.usual.mark': '（默认）', 'set.changed': '未保存',
  'set.rule.amount_mismatch': '通知的金额或币种与订单不同', 'set.rule.negative_total': '通知里的金额是负数', 'set.rule.foreign_merchant': '通知的商户号或 AppID 不是本店的，或不是这笔订单的',
  'set.rule.illegal_transition': '已关闭或已付清的订单又收到一笔钱', 'set.rule.missing_order': '微信已收款，本系统查无订单', 'set.rule.bad_signature': '签名证明不了这条消息来自微信',
  'set.rule.refund_anomaly': '微信说的退款与我方记录对不上，或退不出去', 'set.rule.reconcile_gap': '账单与我方订单对不上（对账功能以后提供）', 'set.rule.system': '本系统自己的问题：配置、证书、Redis、微信不可达等',

  'set.limits': '阈值', 'set.limits.sub': '超过时产生一条告警；关掉就不再检查', 'set.on': '开', 'set.off': '关', 'set.on.of': '启用“{rule}”', 'set.bounds': '请填 {low} 到 {high}',
  'set.limit.late': '通知延迟', 'set.limit.late.why': '近 5 分钟（至少 10 笔）通知延迟的 P95 超过这么久',
  'set.limit.silence': '收不到通知', 'set.limit.silence.why': '这么久没有任何通知，而平时这段时间有付款，或查单发现有人付了款。没有生意的店不会告警',
  'set.limit.success': '成功率骤降', 'set.limit.success.why': '近 5 分钟成功率低于这个比例；付款太少时不判断',
  'set.limit.certificate': '证书将到期', 'set.limit.certificate.why': '微信平台证书或商户 API 证书剩下的天数；到第二个天数时升为“高”',
  'set.limit.forged': '验签失败升为严重', 'set.limit.forged.why': '同一来源 10 分钟内签名不对的次数',
  'set.limit.slight': '多付少量降为中', 'set.limit.slight.why': '客户多付的金额小于这么多时，“金额不一致”只算中',
  'set.unit.late.p95_ms': '秒', 'set.unit.silence.minutes': '分钟', 'set.unit.success.percent': '%', 'set.unit.success.payments': '笔起判断', 'set.unit.certificate.days': '天', 'set.unit.certificate.urgent_days': '天为紧急', 'set.unit.signature.critical_count': '次', 'set.unit.amount.slight_fen': '元',
  'set.knob.late.p95_ms': '通知延迟', 'set.knob.silence.minutes': '收不到通知', 'set.knob.success.percent': '成功率骤降', 'set.knob.success.payments': '成功率骤降', 'set.knob.certificate.days': '证书将到期', 'set.knob.certificate.urgent_days': '证书将到期',
  'set.knob.signature.critical_count': '验签失败升为严重', 'set.knob.amount.slight_fen': '多付少量降为中', 'set.knob.leave.severity': '发到浏览器之外',

  'set.save.label': '未保存的改动', 'set.unsaved': '{n} 处改动还没有保存', 'set.unsaved.bad': '有的数字不在范围里，改好后才能保存', 'set.discard': '放弃改动', 'set.saved': '已保存，立即对所有进程生效。', 'set.failed': '没有成功：{message}',
  'set.whose': '{rule}（{by}）', 'set.and': '、',
  'set.taken': '保存前有人改了 {names}，已载入他们的值。核对后再保存，会以你的为准。',

  'set.channels': '通知通道', 'set.channels.n': '{n} 个', 'set.test': '发送测试', 'set.testing': '正在发送…', 'set.test.ok': '对方已接收，请到群里或邮箱看一眼',
  'set.channels.none': '还没有通道', 'set.channels.none.why': '企业微信、钉钉、飞书、邮件或 webhook：把地址写进环境文件，重启后出现在这里。地址里有密钥，不在浏览器里填写。',
  'set.notinstalled': '没有安装 apprise，消息发不出去。安装后重启：', 'set.leaves': '发到浏览器之外', 'set.leaves.why': '达到这个严重度的告警，每条告警只发一次；解决后再次发生会再发一次',
  'set.channel.wecom': '企业微信', 'set.channel.dingtalk': '钉钉', 'set.channel.feishu': '飞书', 'set.channel.mail': '邮件', 'set.channel.webhook': 'Webhook',
  'set.reason.http': '对方返回 HTTP {n}', 'set.reason.unreached': '连不上', 'set.reason.slow': '没有及时答复', 'set.reason.refused': '对方没有接收', 'set.reason.busy': '上一条还没有结果', 'set.reason.not_understood': '地址不正确', 'set.reason.not_installed': '没有安装 apprise', 'set.reason.too_old': '超过 24 小时，不再发送', 'set.reason.no_channel': '设置里已没有这个通道',
  'set.messages': '最近的消息', 'set.messages.waiting': '{n} 条待发送', 'set.messages.none': '还没有发出过消息。', 'set.attempts': '试了 {n} 次',
  'set.state.waiting': '待发送', 'set.state.sent': '已发出', 'set.state.failed': '已放弃', 'set.state.dropped': '已丢弃',

  'set.accounts': '商户与密钥', 'set.accounts.sub': '密钥只显示指纹（SHA-256 前 8 位）', 'set.key.api_v2_key': 'API v2 密钥', 'set.key.api_v3_key': 'API v3 密钥', 'set.key.merchant_key': '商户 API 私钥', 'set.key.merchant_serial': '商户证书序列号', 'set.key.public_key': '微信支付公钥 ID', 'set.key.client_cert': '商户 API 证书', 'set.oldkeys': '另有 {n} 把旧密钥仍可验签',
  'set.start': '启动时读取的配置', 'set.start.sub': '在环境变量里改，重启后生效', 'set.yes': '已设置', 'set.no': '未设置', 'set.none': '无', 'set.days': '{n} 天', 'set.forever': '一直保留', 'set.from': '{amount} 起',
  'set.read.mode': '环境', 'set.read.origin': '对外地址', 'set.read.notify': '通知地址', 'set.read.wechat': '微信接口', 'set.read.database': '数据库', 'set.read.redis': 'Redis', 'set.read.processes': '进程数', 'set.read.shops': '商城页面来源', 'set.read.proxies': '信任的代理网段', 'set.read.metrics': '监控指标口令', 'set.read.version': '版本',
  'set.kept': '数据保留与复核', 'set.read.notices': '原始通知', 'set.read.noticekey': '原始通知的加密密钥', 'set.read.events': '事件、订单与操作日志', 'set.read.messages': '已发出的消息', 'set.read.second': '退款需第二位管理员',
};
