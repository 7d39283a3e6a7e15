"""Sentences for a customer about an order that is paid, not paid, or paid in an odd way."""

from __future__ import annotations

from services.views.customer.sentence_rows import Head, StateSentence, state_sentence

_NEW_ORDER = (
    "还需要的话，请重新下单。",
    "Please place a new order if you still need it.",
)
_UNPROVEN = state_sentence(
    Head.CHECKING,
    "{time} 来了这笔订单 {amount} 的付款消息，还不能确认到账。",
    "请不要重复付款，{verify}，核实后告诉您。",
    "A message about the payment of this order ({amount}) came at {time}; it proves no payment "
    "yet.",
    "Please do not pay again: {verify} and tell you the result.",
)
PAYMENTS: dict[str, StateSentence] = {
    # Not paid.
    "never_opened": state_sentence(
        Head.UNPAID,
        "这笔订单 {amount} 于 {created} 下单，还没有付款。",
        "请打开付款页面，在 {expires} 前完成支付。",
        "This order ({amount}) was placed at {created} and has not been paid.",
        "Please open the payment page and pay before {expires}.",
    ),
    "payment_unknown": state_sentence(
        Head.CHECKING,
        "这笔订单 {amount} 的付款页面 {time} 打开过，微信还没有告诉我们付款结果。",
        "如果您已经付款，请不要重复付款，{verify}；还没有付款的话，请在 {expires} 前完成支付。",
        "The payment page of this order ({amount}) was opened at {time}; WeChat Pay has not told "
        "us the result yet.",
        "If you have paid, please do not pay again: {verify}. Otherwise please pay before "
        "{expires}.",
    ),
    "not_paid": state_sentence(
        Head.UNPAID,
        "微信 {time} 答复，还没有收到这笔订单 {amount} 的付款。",
        "已经付款的话，请把微信支付的账单截图发给我们；还没有付款的话，请在 {expires} 前支付。",
        "WeChat Pay told us at {time} that this order ({amount}) has not been paid.",
        "If you have paid, please send us a screenshot of the WeChat Pay bill; otherwise please "
        "pay before {expires}.",
    ),
    "expired": state_sentence(
        Head.CHECKING,
        "这笔订单 {amount} 的付款时间已于 {expires} 结束，还不知道付款结果。",
        "{verify}：已经付款就会入账；没有付款，订单会关闭，还需要的话请重新下单。",
        "The time to pay this order ({amount}) ended at {expires}; the result of the payment is "
        "not known yet.",
        "{Verify}. If it is paid, it will be booked; otherwise it closes, and you can place a new "
        "order.",
    ),
    "prepay_refused": state_sentence(
        Head.CHECKING,
        "这笔订单 {amount} 的付款页面 {time} 没有打开。",
        "我们正在处理，请稍后再试。",
        "The payment page of this order ({amount}) did not open at {time}.",
        "We are working on it; please try again later.",
    ),
    "prepay_refused.new_order": state_sentence(
        Head.CHECKING,
        "这笔订单 {amount} 的付款页面 {time} 没有打开，这个订单号不能再付款。",
        "请重新下单；如果您已经付过款，请把微信支付的账单截图发给我们。",
        "The payment page of this order ({amount}) did not open at {time}; its number can no "
        "longer be paid.",
        "Please place a new order. If you have paid, please send us a screenshot of the WeChat "
        "Pay bill.",
    ),
    "prepay_refused.ask_wechat": state_sentence(
        Head.CHECKING,
        "微信 {time} 说这笔订单 {amount} 已经付过款，我们还没有收到付款结果。",
        "请不要重复付款，{verify}，核实后告诉您。",
        "WeChat Pay said at {time} that this order ({amount}) is paid already; we have not "
        "received the result yet.",
        "Please do not pay again: {verify} and tell you the result.",
    ),
    "prepay_unanswered": state_sentence(
        Head.CHECKING,
        "这笔订单 {amount} 的付款页面 {time} 没有打开：微信没有答复。",
        "请稍后再打开一次；如果您已经付款，请不要重复付款，{verify}。",
        "The payment page of this order ({amount}) did not open at {time}: WeChat Pay did not "
        "answer.",
        "Please open it again later. If you have paid, please do not pay again: {verify}.",
    ),
    "payment_failed": state_sentence(
        Head.UNPAID,
        "这笔订单 {amount} 在 {time} 的付款没有成功。",
        "请在 {expires} 前换一种方式再付一次。",
        "The payment of this order ({amount}) at {time} did not succeed.",
        "Please pay another way before {expires}.",
    ),
    "closed_expired": state_sentence(
        Head.CLOSED,
        "这笔订单 {amount} 超过付款时间没有付款，已于 {time} 关闭。",
        _NEW_ORDER[0],
        "This order ({amount}) was not paid in time and was closed at {time}.",
        _NEW_ORDER[1],
    ),
    "closed": state_sentence(
        Head.CLOSED,
        "这笔订单 {amount} 没有付款，已于 {time} 关闭。",
        _NEW_ORDER[0],
        "This order ({amount}) was not paid and was closed at {time}.",
        _NEW_ORDER[1],
    ),
    # Money that is on no order, and messages that prove none.
    **dict.fromkeys(
        (
            "negative_total",
            "foreign_merchant",
            "currency_differs",
            "notify_incomplete",
            "odd_result",
            "bad_signature",
            "reused_transaction",
            "early_money",
        ),
        _UNPROVEN,
    ),
    "amount_mismatch": state_sentence(
        Head.CHECKING,
        "{time} 收到的付款与订单金额 {amount} 不一致，订单还没有完成。",
        "请不要重复付款，我们正在核对，处理后告诉您。",
        "The payment that came at {time} is not the amount of the order ({amount}); the order is "
        "not completed.",
        "Please do not pay again; we are checking it and will tell you what we do.",
    ),
    "late_money": state_sentence(
        Head.CHECKING,
        "您付的 {money} 我们 {time} 收到，当时订单已经关闭。",
        "请不要重复付款，我们正在处理，决定后告诉您。",
        "Your payment of {money} came at {time}, when the order was already closed.",
        "Please do not pay again; we are working on it and will tell you what we do.",
    ),
    "number_used_before": state_sentence(
        Head.UNPAID,
        "您的这笔订单 {amount} 于 {created} 下单，还没有付款。",
        "我们会重新给您发起支付，请按新的支付。",
        "Your order ({amount}) was placed at {created} and has not been paid.",
        "We will send you a new payment; please pay by that one.",
    ),
    "paid_twice": state_sentence(
        Head.PAID,
        "这笔订单已于 {paid} 支付成功，{time} 又收到您多付的 {money}。",
        "多付的款项我们正在核对，处理后告诉您。",
        "This order was paid at {paid}, and another {money} from you came at {time}.",
        "We are checking the extra payment and will tell you what we do.",
    ),
    # Paid.
    "waiting_service": state_sentence(
        Head.PAID,
        "这笔订单 {amount} 已于 {paid} 支付成功。",
        "正在等待接待。",
        "This order ({amount}) was paid at {paid}.",
        "It is waiting for service.",
    ),
    "in_service": state_sentence(
        Head.PAID,
        "这笔订单 {amount} 已于 {paid} 支付成功，{time} 开始接待。",
        "",
        "This order ({amount}) was paid at {paid}; service started at {time}.",
        "",
    ),
    "served": state_sentence(
        Head.PAID,
        "这笔订单 {amount} 已于 {paid} 支付成功，服务已于 {time} 完成。",
        "感谢您的光临。",
        "This order ({amount}) was paid at {paid} and the service was completed at {time}.",
        "Thank you.",
    ),
    "service_cancelled": state_sentence(
        Head.PAID,
        "这笔订单 {amount} 已于 {paid} 支付成功，接待已于 {time} 取消。",
        "如需退款，请告诉我们。",
        "This order ({amount}) was paid at {paid}; its service was cancelled at {time}.",
        "Please tell us if you would like a refund.",
    ),
}
