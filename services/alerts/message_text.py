"""Writes the text of an alert message: Chinese and English, without personal data, with a link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from payments.alert_kinds import AlertKind
from payments.cause_sentences import SENTENCES, fill
from payments.causes import Cause, CauseValues
from payments.masking import mask_text
from payments.money import yuan

MAX_LINES = 10
"""The number of cases that one message names; the others are only counted."""

_KINDS: dict[str, tuple[str, str]] = {
    AlertKind.AMOUNT_MISMATCH: ("金额不一致", "Amount mismatch"),
    AlertKind.NEGATIVE_TOTAL: ("金额为负", "Negative total"),
    AlertKind.ILLEGAL_TRANSITION: ("非法状态跳转", "Illegal transition"),
    AlertKind.MISSING_ORDER: ("订单不存在", "Order not found"),
    AlertKind.BAD_SIGNATURE: ("验签失败", "Bad signature"),
    AlertKind.FOREIGN_MERCHANT: ("商户号或 AppID 不符", "Wrong merchant"),
    AlertKind.REFUND_ANOMALY: ("退款异常", "Refund anomaly"),
    AlertKind.RECONCILE_GAP: ("对账差异", "Reconciliation difference"),
    AlertKind.SYSTEM: ("系统告警", "System alert"),
    AlertKind.COMPLAINT: ("客户投诉", "Complaint"),
}
_LEVELS = {
    "info": ("提示", "Info"),
    "low": ("低", "Low"),
    "medium": ("中", "Medium"),
    "high": ("高", "High"),
    "critical": ("严重", "Critical"),
}
_CAUSES = {
    "raised": ("", ""),
    "reopened": ("解决后又发生，第 {n} 次。", "It happened again after it was resolved, time {n}."),
    "graver": ("同一告警变得更严重，第 {n} 次。", "The same alert has become graver, time {n}."),
}
_WHERE = {True: ("订单", "Order"), False: ("来源", "Source")}
_FACTS = {
    True: (
        "{where} {who}：预期 {due}，实际 {paid}。",
        "{where} {who}: {due} expected, {paid} found.",
    ),
    False: ("{where} {who}：{what}。", "{where} {who}: {what}."),
}


@dataclass(frozen=True)
class ToldCase:
    """A case as a message tells it. `expected` and `actual` are fen where both are amounts; `code`
    is None of a case that was raised before codes were kept."""

    alert_id: int
    kind: str
    severity: str
    order_num: str | None
    subject: str
    code: str | None
    values: CauseValues
    expected: int | str | None
    actual: int | str | None
    cause: str
    count: int

    @property
    def amounts(self) -> tuple[str, str] | None:
        if isinstance(self.expected, int) and isinstance(self.actual, int):
            return f"¥{yuan(self.expected)}", f"¥{yuan(self.actual)}"
        return None


CHINESE: dict[str, str] = {
    Cause.SEARCH_BURST: (
        "{by} 在 {minutes} 分钟内按手机号或 openid 查了 {count} 次：问清原因，必要时结束会话。"
    ),
    Cause.SIGN_IN_ATTACK: "账号 {account} 一小时内有 {count} 次密码错误，可能有人在猜密码。",
    Cause.APPROVAL_WAITS: "{by} 申请处理 {amount} 元，等另一位管理员批准或驳回。",
    Cause.KEY_REFUND_WAITS: "接口密钥 {key} 申请退款 {amount} 元，等两位管理员批准，或驳回。",
    Cause.FIELD_MISSING: "支付通知缺少 {field}，不能入账：看原始通知，并联系微信支付。",
    Cause.MESSAGE_TOO_LARGE: "支付通知签名有效，但大得读不了：向微信查单，并查看原始通知。",
    Cause.ANSWER_ODD_STATE: (
        "微信答复的交易状态 {word} 没人认得；订单保持原样，会再查：到商户平台查看。"
    ),
    Cause.REFUND_UNFINISHED: "一笔退款一个月没有结果，以后每天查询一次：到商户平台按退款单号查看。",
    Cause.KEY_REFUSED: (
        "微信说我方的签名不对：核对 API {api} 的密钥（{setting}）与商户平台是否一致，改正后重启。"
    ),
    Cause.NOT_ALLOWED: "微信说商户没有这种支付的权限：到商户平台的产品中心开通。",
    Cause.APP_UNKNOWN: "微信不认得设置的 AppID：修正 PAYWATCH_WECHAT_APP_ID，然后重启。",
    Cause.MERCHANT_UNKNOWN: "微信不认得设置的商户号：修正 PAYWATCH_WECHAT_MCH_ID，然后重启。",
    Cause.APP_NOT_BOUND: (
        "AppID 没有绑定到商户号：到商户平台的 AppID 账号管理里绑定，或修正 PAYWATCH_WECHAT_APP_ID。"
    ),
    Cause.RECEIVING_RESTRICTED: (
        "微信按业务规则限制了这个商户收款（RULE_LIMIT）：看告警证据里微信的原话，到商户平台解除限"
        "制，或联系微信支付。"
    ),
    Cause.UNSIGNED_FAIL: (
        "向微信的请求得到没有签名的 FAIL：微信读不懂请求，或中途的服务器作了答。按告警证据里的原"
        "话改正。"
    ),
    Cause.CLIENT_CERTIFICATE_UNUSABLE: (
        "我方的商户证书不可用，退款发不出去：运行 paywatch check，修正 PAYWATCH_WECHAT_CLIENT"
        "_CERT。"
    ),
    Cause.OWN_KEY_MISSING: (
        "没有 API v3 的商户私钥，什么也发不出去：设置 PAYWATCH_WECHAT_MERCHANT_KEY 和"
        " PAYWATCH_WECHAT_MERCHANT_SERIAL，然后重启。"
    ),
    Cause.WECHAT_CERTIFICATE_INVALID: (
        "PAYWATCH_WECHAT_BASE_URL 的证书无效，请求没有发出：检查这个地址、DNS、服务器时间和根证书。"
    ),
    Cause.WECHAT_SLOW: (
        "微信答复太慢，同时的 16 个请求都在等，新的下单被拒：看微信支付的公告和网络。"
    ),
    Cause.WECHAT_SILENT: (
        "向微信连续请求 {calls} 次，都没有可信的答复：检查网络、DNS 和 PAYWATCH_WECHAT_BASE_URL。"
    ),
    Cause.WECHAT_REFUSES: (
        "微信连续 {calls} 次以上拒绝查询，丢失的通知暂时补不回来：会自动再查；一直不好就在微"
        "信支付的文档里查错误码。"
    ),
    Cause.ACCOUNT_NOT_CONFIGURED: (
        "商户号 {account} 还有未完成的订单或退款，但设置里没有它：把它和它的密钥重新设置，直"
        "到这些订单和退款结束。"
    ),
    Cause.WECHAT_KEY_MISSING: (
        "没有商户号 {account} 可用的微信公钥，API v3 的通知都会被拒：设置微信公钥和公钥 ID，"
        "或运行 paywatch check 看原因。"
    ),
    Cause.COMPLAINT_TOLD: (
        "微信通知：商户号 {account} 有客户投诉 {complaint}（{action}）：次日 24:00 前在投诉页回复，"
        "第三日 24:00 前处理完；取不到投诉内容时到商户平台处理。"
    ),
    Cause.COMPLAINT_REPLY_DUE: (
        "商户号 {account} 的投诉 {complaint} 还没有回复：{day} 24:00（北京时间）前回复客户。"
    ),
    Cause.COMPLAINT_USER_WAITS: (
        "商户号 {account} 的投诉 {complaint}，客户又留言了，正在等回复：请回复，并在 {day} 24:00"
        "（北京时间）前处理完。"
    ),
    Cause.COMPLAINT_FINISH_DUE: (
        "商户号 {account} 的投诉 {complaint} 已回复但没有处理完：{day} 24:00（北京时间）前完成。"
    ),
    Cause.COMPLAINT_OVERDUE: (
        "商户号 {account} 的投诉 {complaint} 已超时，期限是 {day} 24:00（北京时间）：马上回复并处"
        "理完，微信会统计超时。"
    ),
    Cause.COMPLAINTS_UNREAD: (
        "商户号 {account} 的投诉列表读不到（{problem}），通知丢失的投诉会漏掉：其间到商户平台查看；"
        "系统会自动再试。"
    ),
    Cause.BILL_DIFFERS: (
        "微信 {date} 的账单（商户号 {account}）与本系统有 {count} 处不一致：打开对账页逐笔处理。"
    ),
    Cause.BILL_NOT_THERE: (
        "微信 {date} 的账单（商户号 {account}）一直没能核对（{problem}）：打开对账页查看，或把下载"
        "好的账单拖进去。"
    ),
    Cause.REDIS_AWAY: "Redis 连不上；收款照常，只是没有它的锁。",
    Cause.NOTIFIES_LATE: (
        "近 5 分钟通知延迟 P95 {p95Ms}，超过 {limitMs}：看服务器负载和网络；持续 10 分钟请联"
        "系微信支付。"
    ),
    Cause.NOTIFIES_SILENT: (
        "已 {minutes} 分钟没有任何通知，平时这段时间约 {usual} 笔：检查域名、证书、防火墙；待"
        "支付订单会自动查单。"
    ),
    Cause.NOTIFIES_MISSED: (
        "已 {minutes} 分钟没有任何通知，其间查单找到 {found} 笔付款：检查域名、证书、防火墙；"
        "待支付订单会自动查单。"
    ),
    Cause.PAYMENTS_FAILING: (
        "近 5 分钟成功率 {percent}%（{paid} 笔成功，{failed} 笔失败），低于 {limitPercent}%："
        "看失败原因分布。"
    ),
    Cause.PREPAYS_REFUSED: (
        "{minutes} 分钟内 {all} 次下单被微信拒绝 {refused} 次，最近一次是 {code}，客户付不了款：看"
        "告警证据里微信的原话；看不出原因就带上 Request-ID 联系微信支付。"
    ),
    Cause.WECHAT_CERTIFICATE_ENDS: (
        "商户号 {account} 的微信平台证书 {days} 天后到期，到期后通知都会验签失败：确认服务器"
        "能取到新证书，或换用微信支付公钥。"
    ),
    Cause.OUR_CERTIFICATE_ENDS: (
        "商户号 {account} 的商户 API 证书 {days} 天后到期，到期后不能退款：在商户平台换新证书"
        "，更新设置后重启。"
    ),
    Cause.CHANNEL_BROKEN: (
        "告警没能从通道 {channel} 发出（{reason}）：到设置页发测试消息，核对 PAYWATCH_NOTIFY_URLS。"
    ),
    Cause.NOTIFIES_UNREADABLE: (
        "十分钟内 {count} 条来自 {source} 的通知读不出来，微信不会这样发：运行 paywatch check，看"
        "网关、CDN 或防火墙是否改了内容。"
    ),
    Cause.NOTIFIES_TOO_LARGE: (
        "十分钟内 {count} 条来自 {source} 的通知超过 64 KiB，没有读取就拒绝了，微信不会这样发：看"
        "网关、CDN 或防火墙是否改了内容；如果确实来自微信，请反馈。其间的付款靠查单发现。"
    ),
    Cause.DATABASE_FILE_GONE: (
        "数据库文件 {file} 在运行中被删除或替换，已停止接收：把原来的文件放回去；或者停止服务、"
        "查清缺了什么，再启动。"
    ),
    Cause.CLOCK_OFF: (
        "{host} 的时间和微信相差 {seconds} 秒，超过 300 秒的签名微信不收：让服务器同步时间（NTP）；"
        "其间不删除旧数据。"
    ),
    Cause.CLOCK_OFF_DATABASE: (
        "{host} 的时间和数据库服务器相差 {seconds} 秒：让两边都同步时间（NTP）；其间不删除旧数据。"
    ),
    Cause.CLOCK_WENT_BACK: (
        "最新事件比 {host} 的时间晚 {seconds} 秒：当时时钟快了，或者现在慢了；核对并同步时间"
        "（NTP）。"
    ),
    Cause.CLOCK_JUMPED: (
        "{host} 的时间一下跳了 {seconds} 秒：确认服务器同步时间（NTP）、没有被挂起；与微信核对"
        "一致之前不删除旧数据。"
    ),
    Cause.TIMES_AHEAD: (
        "{orders} 笔订单的时间比现在晚，最多 {minutes} 分钟，是时钟快的时候写的：已改回，每笔从现在"
        "起重新计算付款时限。那时因“早于订单”被拒的付款，等微信重发通知或向微信查单后入账。"
    ),
    Cause.TIMES_BEHIND: (
        "{orders} 笔待支付订单是时钟慢的时候创建的，最多慢 {minutes} 分钟，看起来已过期：每笔从现在"
        "起重新计算付款时限。"
    ),
    Cause.ORDERS_NOT_ASKED: (
        "{count} 笔待支付订单到时没有向微信查单，最久 {minutes} 分钟：看微信是否答复，否则重启"
        "服务。"
    ),
    Cause.REFUNDS_NOT_ASKED: (
        "{count} 笔退款到时没有向微信查询，最久 {minutes} 分钟：看微信是否答复，否则重启服务。"
    ),
    Cause.PREPAYS_UNWATCHED: (
        "{count} 笔下单没有结果，也没有排队查单，最久 {minutes} 分钟：运行 paywatch reconcile "
        "--once。"
    ),
    Cause.MESSAGES_NOT_SENT: (
        "{count} 条告警消息到时没有发出，最久 {minutes} 分钟：看日志里的通道，否则重启服务。"
    ),
    Cause.RECEIPTS_NOT_DECIDED: (
        "{count} 笔未对上的款项等管理员处理，最久 {minutes} 分钟：逐笔处理。"
    ),
}
"""Every cause that a case of the system or of a complaint can have; the English is the cause's own
sentence."""


def compose(cases: Sequence[ToldCase], origin: str, *, simulated: bool) -> tuple[str, str]:
    """Title and text of one message about these cases, the newest last."""
    mark = "[模拟 Simulation] " if simulated else ""
    title, text = _one(cases[0], origin) if len(cases) == 1 else _many(cases, origin)
    return f"{mark}{title}", text


def trial(origin: str, by: str, *, simulated: bool) -> tuple[str, str]:
    """The message of the test button."""
    mark = "[模拟 Simulation] " if simulated else ""
    title = f"{mark}测试消息 · Test message"
    chinese = f"{by} 从支付控制台发出的测试，不用处理。"
    english = f"A test by {by} from the pay console; nothing to do."
    return title, "\n".join((chinese, english, f"{origin}/settings"))


def _one(case: ToldCase, origin: str) -> tuple[str, str]:
    kind, level, cause = _KINDS[case.kind], _LEVELS[case.severity], _CAUSES[case.cause]
    lines = [_facts(case, 0), _facts(case, 1)]
    lines += [words.format(n=case.count) for words in cause if words]
    return (
        f"【{level[0]}】{kind[0]} · {level[1]}: {kind[1]}",
        "\n".join([*lines, f"{origin}/alerts/{case.alert_id}"]),
    )


def _many(cases: Sequence[ToldCase], origin: str) -> tuple[str, str]:
    worst = max(cases, key=lambda case: list(_LEVELS).index(case.severity)).severity
    level, n = _LEVELS[worst], len(cases)
    lines = [_line(case) for case in cases[:MAX_LINES]]
    if n > MAX_LINES:
        lines.append(f"另有 {n - MAX_LINES} 条 · {n - MAX_LINES} more")
    return (
        f"【{level[0]}】{n} 条告警 · {level[1]}: {n} alerts",
        "\n".join([*lines, f"{origin}/alerts"]),
    )


def _line(case: ToldCase) -> str:
    kind, level = _KINDS[case.kind], _LEVELS[case.severity]
    amounts = " → ".join(case.amounts) if case.amounts else ""
    parts = (f"{kind[0]} {kind[1]}", case.order_num or mask_text(case.subject) or "", amounts)
    return f"• {level[0]} {level[1]} · " + " · ".join(part for part in parts if part)


def _facts(case: ToldCase, language: int) -> str:
    """The fault, in Chinese (0) or English (1). A case of the system, or of a complaint, is told by
    its cause."""
    if case.kind in (AlertKind.SYSTEM, AlertKind.COMPLAINT):
        return _by_cause(case, language)
    due, paid = case.amounts or ("", "")
    given = {
        "where": _WHERE[bool(case.order_num)][language],
        "who": case.order_num or mask_text(case.subject),
        "what": _KINDS[case.kind][language],
        "due": due,
        "paid": paid,
    }
    return _FACTS[bool(case.amounts)][language].format(**given)


def _by_cause(case: ToldCase, language: int) -> str:
    """The sentence of a code with its values; the subject alone for a code that this version does
    not have."""
    words = CHINESE.get(case.code or "")
    if words is None:
        subject = mask_text(case.subject)
        return (f"系统 · {subject}", f"System · {subject}")[language]
    told = fill((words, SENTENCES[Cause(case.code or "")])[language], case.values)
    if not case.order_num:
        return told
    return (f"订单 {case.order_num}：{told}", f"Order {case.order_num}: {told}")[language]
