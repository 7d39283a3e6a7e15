// 告警的中文：批量处理、指派、重放、查看原文，以及每一种告警的说明。键与 en/alerts.js 相同。
export default {
  'alerts.done.assign': '已指派给 {name}。', 'alerts.taken.since': '这条告警 {t}前已被 {name} 认领。', 'alerts.filters': '筛选告警', 'alerts.filter.assignee': '负责人', 'alerts.me': '我', 'alerts.clear': '清除筛选', 'alerts.key.pick': '选择',
  'alert.assign': '指派给…', 'alert.note.must': '必填，至少 5 个字', 'alert.note.may': '选填',

  'bulk.bar': '批量处理', 'bulk.n': '已选 {n} 条', 'bulk.none': '取消选择', 'bulk.pick': '选择：{name}', 'bulk.pick.all': '全选',
  'bulk.resolve.title': '解决 {n} 条告警', 'bulk.resolve.ok': '标记解决 {n} 条', 'bulk.assign.title': '指派 {n} 条告警',
  'bulk.done.acknowledge': '已认领 {n} 条。', 'bulk.done.assign': '已指派 {n} 条。', 'bulk.done.resolve': '已解决 {n} 条。', 'bulk.done.reopen': '已重新打开 {n} 条。',
  'bulk.part.acknowledge': '{all} 条中认领了 {n} 条；', 'bulk.part.assign': '{all} 条中指派了 {n} 条；', 'bulk.part.resolve': '{all} 条中解决了 {n} 条；', 'bulk.faster': '{m} 条已由 {names} 抢先处理。', 'bulk.changed': '{m} 条刚被改过，已更新。',

  'assign.title': '指派“{kind}”', 'assign.to': '负责人', 'assign.find': '查找', 'assign.me': '（我）', 'assign.none': '没有这个人。', 'assign.need': '请选择一个人。', 'assign.ok': '指派',

  'case.refund': '退款 {amount}…', 'case.receipt': '款项 {amount}', 'case.again': '再次触发，重新打开', 'case.notify': '收到通知，没有入账', 'case.events.failed': '订单的事件没能载入。', 'case.see': '通知 {id}',
  'case.other.acknowledged': '{by} 认领了这条告警。', 'case.other.assigned': '{by} 把这条告警指派给 {assignee}。', 'case.other.resolved': '{by} 解决了这条告警。', 'case.other.reopened': '{by} 重新打开了这条告警。', 'case.other.note': '{by} 写了备注。',
  'hist.assigned.to': '{by} 指派给 {assignee}',

  'replay.open': '重放通知', 'replay.title': '重放通知：{kind}', 'replay.safe': '只在本系统里按现在的规则再判断一次；不会通知微信，不会重复入账。', 'replay.same': '现在再判断一次，结果不变：{now}。', 'replay.differs': '收到时是“{before}”，按现在的规则是“{now}”。',
  'replay.changes': '入账会改变的内容', 'replay.now': '现在', 'replay.then': '入账后', 'replay.becomes': '变为', 'replay.nothing': '不会改变任何内容。', 'replay.duplicate': '这笔支付已经入账，再放一次也不会多记。',
  'replay.field.status': '支付状态', 'replay.field.serviceStatus': '服务状态', 'replay.field.paidFen': '实付', 'replay.field.receipt': '款项',
  'replay.book': '入账…', 'replay.sure': '将把 {amount} 记到这笔订单：订单变成已支付，开始等待接待。会记入操作日志，不能撤销。', 'replay.confirm': '确认入账 {amount}', 'replay.done.booked': '已入账 {amount}。', 'replay.done.duplicate': '这笔支付已经入账，没有重复记。',
  'replay.why.forged': '这条通知验签没有通过，不能证明来自微信，不能重放。', 'replay.why.sealed': '这条通知用已停用的密钥加密保存，现在设置的密钥打不开，不能重放。', 'replay.why.key': '证明这条通知的密钥已不在设置里，不能再验证，不能重放。', 'replay.why.refund': '这是退款通知，不重放；请在订单里“向微信查退款”。', 'replay.why.ignored': '这类通知本系统不使用，没有什么可重放。', 'replay.why.foreign': '这条通知属于别的商户，它的证明没有保存，不能重放。',
  'err.not_replayable': '按现在的规则不能入账，什么都没有改变。',

  'reveal.open': '查看完整…', 'reveal.title': '查看完整的通知', 'reveal.shown': 'openid 与手机号已完整显示，已记入操作日志；签名从不显示', 'reveal.hide': '恢复脱敏',

  'keys.pick': '选择告警', 'keys.extend': '连续选择告警', 'keys.filters': '筛选', 'keys.undo': '撤销（5 秒内）',
  'bell.title': '新告警提醒', 'bell.why': '只用于新的严重告警，最多每 10 秒一次；只在这个浏览器生效。', 'bell.sound': '提示音', 'bell.desktop': '桌面通知（页面在后台时）', 'bell.none': '这个浏览器不支持桌面通知。', 'bell.blocked': '浏览器已禁止通知，请在浏览器的网站设置里允许。', 'bell.notice': '{n} 条新的严重告警',

  'side.no_order': '无此订单', 'side.healthy': '正常', 'side.absent': '没有',
  'sys.away': '连不上', 'sys.not usable': '不可用', 'sys.not valid': '证书无效', 'sys.busy': '太慢', 'sys.not configured': '没有设置', 'sys.wechat_unreachable': '没有答复', 'sys.wechat_untrusted': '答复不可信', 'sys.SIGNERROR': '签名被拒', 'sys.NOAUTH': '没有权限', 'sys.APPID_NOT_EXIST': 'AppID 不存在', 'sys.MCHID_NOT_EXIST': '商户号不存在', 'sys.APPID_MCHID_NOT_MATCH': 'AppID 未绑定商户号', 'sys.transaction_id': '支付单号', 'sys.result_code': '业务结果', 'sys.trade_state': '交易状态',
  'sig.stale': '时间戳过期', 'sig.unknown_serial': '未知证书', 'sig.sealed': '解不开密文', 'sig.algorithm': '加密算法不对', 'sig.wrong or missing': '不对或没有', 'sig.by a key that is not known': '未知证书', 'source.wechat answer': '微信的答复',
  'f.amount.total': '金额', 'f.amount.payer_total': '用户支付', 'f.amount.currency': '币种', 'f.mchid': '商户号', 'f.payer.openid': 'openid', 'f.answer': '微信的答复', 'f.redis': 'Redis', 'f.mch_id and appid': '商户号和 AppID',

  'why.amount_mismatch.currency': '通知币种是 {actual}，订单是 {expected}。已拒绝入账。', 'why.amount_mismatch.none': '通知里没有能用的金额，应付 {expected}。已拒绝入账。', 'why.illegal_transition.back': '这笔钱已退给客户，不能再付订单。已拒绝入账。',
  'why.bad_signature.answer': '微信的答复签名不对，{count} 次，都没有采用。', 'why.bad_signature.stale': '来源 {source}，{count} 次时间戳过期，已全部拒绝。', 'why.bad_signature.serial': '来源 {source}，{count} 次用了未知的证书，已全部拒绝。',
  'why.foreign_merchant.mch': '商户号 {actual} 不是本店的 {expected}。', 'why.foreign_merchant.app': 'AppID {actual} 不是本店的 {expected}。', 'why.refund_anomaly.more': '微信退了 {actual}，我方是 {expected}，多退 {difference}。', 'why.refund_anomaly.less': '微信退了 {actual}，我方是 {expected}，相差 {difference}。',
  'why.system.client': '我方商户证书不可用，退款发不出去。', 'why.system.tls': '微信地址的证书无效，什么都没有发出。', 'why.system.slow': '微信答复太慢，下单被拒（忙）。', 'why.system.silent': '微信连续没有可信的答复。', 'why.system.refusing': '微信拒绝每一次查询（{actual}）。', 'why.system.account': '商户 {account} 有未完成的订单或退款，但没有设置。', 'why.system.refund': '退款一个月没有结果，微信说{actual}。', 'why.system.keys': '没有微信的公钥，API v3 的通知都会被拒。',
  'why.system.key': '微信说我方签名不对。', 'why.system.noauth': '微信说商户没有这种支付的权限。', 'why.system.appid': '微信不认得我方的 AppID。', 'why.system.mchid': '微信不认得我方的商户号。', 'why.system.pair': 'AppID 没有绑定到商户号。',

  'lead.amount_mismatch.currency': '通知币种是 {actual}，订单是 {expected}，金额不能直接比较。', 'lead.amount_mismatch.none': '通知里没有能用的金额，订单应付 {expected}，不能入账。', 'lead.illegal_transition.back': '这笔 {amount} 已经退给客户，不能再付任何订单。',
  'lead.bad_signature.answer': '微信的答复有 {count} 次签名不对，都没有采用。', 'lead.bad_signature.stale': '收到 {count} 次时间戳过期的通知，来源 {source}，已全部拒绝。', 'lead.bad_signature.serial': '收到 {count} 次用未知证书签名的通知，来源 {source}，已全部拒绝。',
  'lead.foreign_merchant.mch': '通知的商户号 {actual} 不是本店的 {expected}。', 'lead.foreign_merchant.app': '通知的 AppID {actual} 不是本店的 {expected}。', 'lead.refund_anomaly.more': '微信说退了 {actual}，我方的记录是 {expected}，多退 {difference}。', 'lead.refund_anomaly.less': '微信说退了 {actual}，我方的记录是 {expected}，相差 {difference}。',
  'lead.system.client': '我方的商户证书不可用，退款发不出去。', 'lead.system.tls': '微信接口地址的证书无效，请求没有发出。', 'lead.system.slow': '微信答复太慢，同时的 16 个请求都在等，新的下单被拒（忙）。', 'lead.system.silent': '向微信连续请求 10 次，都没有可信的答复。', 'lead.system.refusing': '微信连续拒绝我方的查询，理由是 {actual}；丢失的通知暂时补不回来。', 'lead.system.account': '商户 {account} 还有未完成的订单或退款，但设置里已没有它，不再向微信查询。', 'lead.system.refund': '这笔退款一个月没有结果，微信一直说{actual}，已停止自动查询。', 'lead.system.keys': '没有商户 {account} 可用的微信公钥，API v3 的通知都会被拒。',
  'lead.system.key': '微信说我方的签名不对：密钥与商户平台上的不一致。', 'lead.system.noauth': '微信说商户没有这种支付的权限。', 'lead.system.appid': '微信不认得我方设置的 AppID。', 'lead.system.mchid': '微信不认得我方设置的商户号。', 'lead.system.pair': 'AppID 没有绑定到商户号，微信拒绝下单。',

  'rule.amount_mismatch.currency': '规则：币种必须与订单相同。金额不能直接比较，所以没有入账。', 'rule.illegal_transition.twice': '规则：一笔订单只能由一笔支付付清。签名有效，第二笔钱确实到了商户号。', 'rule.illegal_transition.reused': '规则：一个微信支付单号只能记到一笔订单。没有新的钱，可能是通知的内容错了。', 'rule.illegal_transition.odd': '规则：业务结果只有成功和失败两种。', 'rule.illegal_transition.back': '规则：退回客户的钱不能再付订单。',
  'rule.bad_signature.answer': '规则：微信的答复也必须用我方的密钥或微信的证书证明。可能是密钥没有更新，或有人冒充微信的接口。', 'rule.bad_signature.stale': '规则：通知的时间戳与本机相差不能超过 5 分钟。可能是旧请求被重放，或服务器时间不准。', 'rule.bad_signature.serial': '规则：签名必须来自已知的微信证书或公钥。可能微信换了证书而我方没有更新，也可能有人伪造。',
  'rule.refund_anomaly.stuck': '规则：退款成功才算退出。原账户已注销或冻结时，微信退不出去，钱仍在商户号。', 'rule.refund_anomaly.gone': '规则：微信受理过的退款必须查得到。', 'rule.system.incomplete': '规则：支付结果必须带业务结果和支付单号，否则不知道付了什么。',
  'rule.system.redis': 'Redis 只用来减少重复的工作；没有它，数据库仍然保证每笔只入账一次。', 'rule.system.client': 'API v2 的退款要用商户证书证明身份。', 'rule.system.tls': '只向证书有效的地址发送请求，免得密钥和订单被冒充的服务器拿到。', 'rule.system.slow': '同时最多 16 个请求等待微信；再多就请客户稍后再试，通知不受影响。', 'rule.system.silent': '可能是网络、DNS 或接口地址的问题。收到的通知照常入账。', 'rule.system.refusing': '待支付的订单会自动向微信查询；现在查不到，通知丢了就要等恢复。', 'rule.system.account': '未完成的订单和退款要用它们自己商户的密钥查询。', 'rule.system.refund': '每笔退款查询一个月；之后由人来处理。', 'rule.system.keys': 'API v3 的通知要用微信的公钥或平台证书验签。',
  'rule.system.key': '每个请求都用设置里的密钥签名。', 'rule.system.noauth': '每种支付方式要在商户平台单独开通。', 'rule.system.appid': '每个请求都带设置里的 AppID。', 'rule.system.mchid': '每个请求都带设置里的商户号。', 'rule.system.pair': '一个 AppID 要先在商户平台与商户号绑定，才能收款。',

  'todo.amount_mismatch.over': '先不要发货。与客户核对；多收的钱用“退款”退回（“款项”里也可以），再请客户按原价重新下单。', 'todo.amount_mismatch.currency': '不要发货，联系技术核对下单的币种。', 'todo.illegal_transition.twice': '在“款项”里把第二笔退回客户。', 'todo.illegal_transition.reused': '向微信查单核对；没有新的钱，在“款项”里记下看过了。', 'todo.illegal_transition.odd': '向微信查单确认结果，并联系微信支付。', 'todo.illegal_transition.back': '向微信查单核对，不要重复退款。',
  'todo.bad_signature.answer': '核对 API 密钥与商户平台是否一致；再检查 PAYWATCH_WECHAT_BASE_URL、DNS 和代理。', 'todo.bad_signature.stale': '核对服务器时间（NTP）；时间没问题就封禁来源 IP。', 'todo.bad_signature.serial': '运行 paywatch check，核对微信公钥或平台证书；没问题就封禁来源 IP，不要人工改成已支付。', 'todo.foreign_merchant.app': '检查下单用的 AppID；不要发货。若配置无误，说明密钥已泄露，请更换 API 密钥。',
  'todo.refund_anomaly.more': '到微信支付商户平台核对这笔退款是谁发起的，并核对订单的其他退款。', 'todo.refund_anomaly.stuck': '到微信支付商户平台处理异常退款，或联系客户换账户。', 'todo.refund_anomaly.gone': '到微信支付商户平台按退款单号查找，再决定是否重新退款。', 'todo.system.incomplete': '看下面的原始通知，并联系微信支付。',
  'todo.system.redis': '检查 Redis 是否在运行、地址和密码是否正确；恢复后会自动接上，之后标记解决。', 'todo.system.client': '运行 paywatch check，按提示修正 PAYWATCH_WECHAT_CLIENT_CERT，然后重启。', 'todo.system.tls': '检查 PAYWATCH_WECHAT_BASE_URL、DNS、服务器时间和系统的根证书。', 'todo.system.slow': '看微信支付的公告和到微信的网络；恢复后请客户重新下单。', 'todo.system.silent': '检查网络、DNS 和 PAYWATCH_WECHAT_BASE_URL。', 'todo.system.refusing': '在微信支付的文档里查这个错误码；恢复后会自动继续查询。', 'todo.system.account': '把这个商户和它的密钥重新设置，直到这些订单和退款结束。', 'todo.system.refund': '到微信支付商户平台按退款单号查看。', 'todo.system.keys': '设置微信公钥和公钥 ID，或运行 paywatch check 看原因。',
  'todo.system.key': '把商户平台上的密钥重新设置，然后重启。', 'todo.system.noauth': '到微信支付商户平台的产品中心开通。', 'todo.system.appid': '修正 PAYWATCH_WECHAT_APP_ID，然后重启。', 'todo.system.mchid': '修正 PAYWATCH_WECHAT_MCH_ID，然后重启。', 'todo.system.pair': '到商户平台的 AppID 账号管理里绑定，或修正 PAYWATCH_WECHAT_APP_ID。',

  'why.system.late': '近 5 分钟通知延迟 P95 {p95}，超过 {limit}。', 'why.system.nonews': '已 {minutes} 分钟没有任何通知。', 'why.system.failing': '近 5 分钟成功率 {rate}，低于 {limit}。', 'why.system.cert': '微信平台证书 {days} 天后到期。', 'why.system.owncert': '我方商户证书 {days} 天后到期。',
  'lead.system.late': '近 5 分钟通知延迟 P95 {p95}，超过 {limit}。', 'lead.system.nonews': '已 {minutes} 分钟没有任何通知，平时这段时间有付款。', 'lead.system.failing': '近 5 分钟成功率 {rate}（{paid} 笔成功，{failed} 笔失败），低于 {limit}。', 'lead.system.cert': '商户号 {account} 的微信平台证书 {days} 天后到期。', 'lead.system.owncert': '商户号 {account} 的商户 API 证书 {days} 天后到期。',
  'rule.system.late': '客户已付款，但页面更新变慢。', 'rule.system.nonews': '可能是通知地址不通；收款照常，只是这里不知道。', 'rule.system.failing': '客户付款失败明显增多。', 'rule.system.cert': '到期后所有通知都会验签失败。', 'rule.system.owncert': '到期后不能退款。',
  'todo.system.late': '看服务器负载和网络；持续 10 分钟请联系微信支付。', 'todo.system.nonews': '检查域名、证书、防火墙；运行 paywatch check。待支付订单会自动向微信查单。', 'todo.system.failing': '看失败原因分布。', 'todo.system.cert': '确认服务器能取到新证书，或换用微信支付公钥。', 'todo.system.owncert': '在商户平台换新证书，更新设置后重启。',
  'f.notify delay': '通知延迟', 'f.no notify': '收不到通知', 'f.success rate': '成功率',
  'aud.notify.unmasked': '查看了 {subject} 的完整内容', 'aud.notify.replayed': '重放 {subject}',
  'act.notify.unmasked': '查看完整通知', 'act.notify.replayed': '重放通知',
};
