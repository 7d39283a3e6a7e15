"""Sentences for a customer about money that goes back: refunds, and payments on no order."""

from __future__ import annotations

from services.views.customer.sentence_rows import Head, StateSentence, state_sentence

_ARRIVES = (
    "一般 1–3 个工作日到账，请留意微信支付的退款通知。",
    "It usually arrives in 1–3 working days; WeChat Pay will notify you.",
)
_IN_BILL = (
    "在微信支付的账单里可以看到这笔退款。",
    "The refund is shown in your WeChat Pay bill.",
)
_NEW_ORDER = (
    "还需要的话，请重新下单。",
    "Please place a new order if you still need it.",
)
_NOT_MADE = state_sentence(
    Head.REFUNDING,
    "退款 {money} 没有办成（{time}），钱还没有退出。",
    "我们正在处理，会再次办理或与您联系。",
    "The refund of {money} was not made ({time}); the money has not left yet.",
    "We are working on it, and will make it again or contact you.",
)
_REFUND_CHECKED = state_sentence(
    Head.REFUNDING,
    "微信 {time} 说的退款与我们的记录不一致。",
    "我们正在向微信核实，核实后告诉您。",
    "What WeChat Pay said about a refund at {time} does not fit our records.",
    "We are checking it with WeChat Pay and will tell you the result.",
)
_PARTLY_REFUNDED = state_sentence(
    Head.PARTLY_REFUNDED,
    "这笔订单 {amount} 已退款 {refunded}，最近一笔于 {time} 原路退回您的付款账户。",
    _IN_BILL[0],
    "Of this order ({amount}) {refunded} has been refunded, last at {time}, to the account you "
    "paid from.",
    _IN_BILL[1],
)
_REFUNDED = state_sentence(
    Head.REFUNDED,
    "这笔订单 {amount} 已于 {time} 全额退款，原路退回您的付款账户。",
    _IN_BILL[0],
    "This order ({amount}) was refunded in full at {time}, to the account you paid from.",
    _IN_BILL[1],
)
REFUNDS: dict[str, StateSentence] = {
    "refund_requested": state_sentence(
        Head.REFUNDING,
        "退款申请 {money} 已于 {asked} 提交，正在审核。",
        "审核后告诉您结果。",
        "The refund of {money} was requested at {asked} and is being reviewed.",
        "We will tell you the result.",
    ),
    "refund_sent": state_sentence(
        Head.REFUNDING,
        "{asked} 申请的退款 {money} 正在办理，微信支付还没有确认。",
        "{verify}，确认后原路退回，一般 1–3 个工作日到账。",
        "The refund of {money}, requested at {asked}, is in progress and not yet confirmed by "
        "WeChat Pay.",
        "{Verify}; once confirmed, it usually arrives in 1–3 working days.",
    ),
    "refund_underway": state_sentence(
        Head.REFUNDING,
        "退款 {money} 微信支付已于 {taken} 受理，会原路退回。",
        _ARRIVES[0],
        "WeChat Pay took the refund of {money} at {taken}; it returns the way it came.",
        _ARRIVES[1],
    ),
    "refund_stuck": state_sentence(
        Head.REFUNDING,
        "微信 {time} 说，退款 {money} 没能退到您原来的付款账户。",
        "我们正在处理，会与您联系。",
        "WeChat Pay said at {time} that the refund of {money} could not be returned to the "
        "account you paid from.",
        "We are working on it and will contact you.",
    ),
    **dict.fromkeys(("refund_refused", "refund_closed", "refund_ended"), _NOT_MADE),
    "refund_rejected": state_sentence(
        Head.PAID,
        "{asked} 的退款申请 {money} 没有批准（{time}）。",
        "我们还需要与您确认细节，请与我们联系。",
        "The refund of {money}, requested at {asked}, was not approved ({time}).",
        "We need to confirm some details with you; please contact us.",
    ),
    "refund_settled": state_sentence(
        Head.PARTLY_REFUNDED,
        "这笔订单的 {money} 已按约定用其他方式退给您（{time} 登记）。",
        "如果没有收到，请告诉我们。",
        "{money} of this order was given back to you another way, as agreed (noted at {time}).",
        "Please tell us if you have not received it.",
    ),
    **dict.fromkeys(("refund_anomaly", "refund_unlisted"), _REFUND_CHECKED),
    **dict.fromkeys(("partly_refunded", "partly_refunded_outside"), _PARTLY_REFUNDED),
    **dict.fromkeys(("refunded", "refunded_outside"), _REFUNDED),
}

# --- payments on no order: how one came, and what became of it

_CAME: dict[str, tuple[Head, str, str]] = {
    "amount_mismatch": (
        Head.REFUNDING,
        "{time} 收到您付的 {money}，与订单金额 {amount} 不一致。",
        "Your payment of {money} came at {time} and is not the amount of the order ({amount}). ",
    ),
    "late_money": (
        Head.REFUNDING,
        "{time} 收到您付的 {money}，当时订单已经关闭。",
        "Your payment of {money} came at {time}, when the order was already closed. ",
    ),
    "paid_twice": (
        Head.PAID,
        "这笔订单已于 {paid} 支付成功，{time} 又收到您多付的 {money}。",
        "This order was paid at {paid}, and another {money} from you came at {time}. ",
    ),
    "early_money": (
        Head.REFUNDING,
        "{time} 收到这个订单号的付款 {money}。",
        "A payment of {money} under this number came at {time}. ",
    ),
}
_BECAME: dict[str, StateSentence] = {
    "sent": state_sentence(
        Head.REFUNDING,
        "退款正在办理，微信支付还没有确认。",
        "{verify}，确认后原路退回。",
        "Its refund is in progress and not yet confirmed by WeChat Pay.",
        "{Verify}; once confirmed, it returns the way it came.",
    ),
    "refunding": state_sentence(
        Head.REFUNDING,
        "退款微信支付已受理，会原路退回。",
        _ARRIVES[0],
        "WeChat Pay has taken its refund, which returns the way it came.",
        _ARRIVES[1],
    ),
    "stuck": state_sentence(
        Head.REFUNDING,
        "退款没能退到您原来的付款账户。",
        "我们正在处理，会与您联系。",
        "Its refund could not be returned to the account you paid from.",
        "We are working on it and will contact you.",
    ),
    "refunded": state_sentence(
        Head.REFUNDED,
        "这笔钱{gone}。",
        _NEW_ORDER[0],
        "It {gone}.",
        _NEW_ORDER[1],
    ),
    "accepted": state_sentence(
        Head.CHECKING,
        "这笔钱我们已经登记。",
        "我们会单独与您联系处理。",
        "It is on record.",
        "We will contact you about it.",
    ),
}


def returning() -> dict[str, StateSentence]:
    """Each way that money came, with each thing that became of it."""
    found = {}
    for code, (head, chinese, english) in _CAME.items():
        for step, end in _BECAME.items():
            found[f"{code}.{step}"] = StateSentence(
                head if head is Head.PAID else end.head,
                end.chinese._replace(fact=chinese + end.chinese.fact),
                end.english._replace(fact=english + end.english.fact),
            )
    return found
