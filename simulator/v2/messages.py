"""The words of API v2 about a payment: what the notify says, and the query in the same fields."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from payments.merchant import Api, Merchant
from payments.refund import RefundStatus
from payments.v2 import refund_notify, wire
from payments.v2.refund import STATES
from simulator.state.faults import NOTIFY, REFUND_NOTIFY
from simulator.state.refunds import RECEIVER, SimulatedRefund
from simulator.state.trades import Notified, Trade, TradeState, Transaction, china
from simulator.v2.envelope import another, named, signed

STATE_WORDS = {
    TradeState.NOTPAY: "订单未支付",
    TradeState.SUCCESS: "支付成功",
    TradeState.REFUND: "转入退款",
    TradeState.CLOSED: "订单已关闭",
}
V2_STATUS: dict[RefundStatus, str] = {status: word for word, status in STATES.items()}


@dataclass(frozen=True)
class NotifyMessage:
    """One notify, ready to send to `path`. `head` gives the headers that prove the body of an
    API v3 notify, signed anew for each delivery; API v2 has none."""

    trade: Notified
    body: bytes = field(repr=False)
    path: str = "/"
    head: Callable[[bytes], Mapping[str, str]] | None = None
    on: str = NOTIFY
    """Which faults it meets."""

    @property
    def api(self) -> Api:
        return Api.V3 if self.head else Api.V2


def path_of(notify_url: str) -> str:
    return urlsplit(notify_url).path or "/"


def paid_fields(trade: Trade, transaction: Transaction) -> dict[str, str]:
    """Everything WeChat tells of money that moved; a coupon never changes `total_fee`."""
    cash_fen = trade.total_fen - transaction.coupon_fen
    return {
        "openid": transaction.open_id,
        "is_subscribe": "N",
        "trade_type": trade.trade_type,
        "bank_type": transaction.bank_type,
        "total_fee": str(trade.total_fen),
        "fee_type": "CNY",
        "cash_fee": str(cash_fen),
        "cash_fee_type": "CNY",
        **_coupon_fields(trade, transaction),
        "transaction_id": transaction.id,
        "out_trade_no": trade.order_num,
        **echoed(trade),
        "time_end": china(transaction.paid_at).strftime("%Y%m%d%H%M%S"),
        **trade.overrides,
    }


def echoed(trade: Trade) -> dict[str, str]:
    """Fields of the order that come back unchanged."""
    both = {"device_info": trade.ordered.device, "attach": trade.ordered.attach}
    return {name: value for name, value in both.items() if value}


def _coupon_fields(trade: Trade, transaction: Transaction) -> dict[str, str]:
    fen = transaction.coupon_fen
    if not fen:
        return {}
    return {
        "settlement_total_fee": str(trade.total_fen - fen),
        "coupon_fee": str(fen),
        "coupon_count": "1",
        "coupon_type_0": "NO_CASH",
        "coupon_id_0": transaction.id[-12:],
        "coupon_fee_0": str(fen),
    }


class NotifiesV2:
    """Makes the notifies of API v2; signed as the order was, and like WeChat's own, most of which
    do not name their `sign_type`."""

    def paid(self, merchant: Merchant, trade: Trade, transaction: Transaction) -> NotifyMessage:
        """The notify of one transaction, as of `merchant`'s and under that one's key."""
        fields = {"return_code": "SUCCESS", "result_code": "SUCCESS"}
        whole = {**fields, **paid_fields(trade, transaction)}
        return _message(trade, signed(whole, merchant, trade.ordered.sign_type))

    def failed(self, trade: Trade, open_id: str) -> NotifyMessage:
        """An authentic notify that says that no money moved."""
        fields = {
            "return_code": "SUCCESS",
            "result_code": "FAIL",
            "err_code": "NOTENOUGH",
            "err_code_des": "余额不足",
            "openid": open_id,
            "trade_type": trade.trade_type,
            "total_fee": str(trade.total_fen),
            "fee_type": "CNY",
            "out_trade_no": trade.order_num,
            **echoed(trade),
        }
        return _message(trade, signed(fields, trade.merchant, trade.ordered.sign_type))

    def forged(self, trade: Trade, transaction: Transaction) -> NotifyMessage:
        """Right in every field, signed with a key that is not the merchant's."""
        theirs = another(trade.merchant).api_v2_key
        return self.paid(replace(trade.merchant, api_v2_key=theirs), trade, transaction)

    def tampered(self, trade: Trade, transaction: Transaction) -> NotifyMessage:
        """Signed for one fen; on the way it became the order's amount."""
        cheap = replace(trade, overrides={"total_fee": "1", "cash_fee": "1"})
        fields = wire.read(self.paid(trade.merchant, cheap, transaction).body)
        fen = str(trade.total_fen)
        return _message(trade, wire.write({**fields, "total_fee": fen, "cash_fee": fen}))

    def refunded(self, refund: SimulatedRefund) -> NotifyMessage:
        """The result of a refund: encrypted, and not signed."""
        merchant = refund.trade.merchant
        plain = wire.write(_refund_fields(refund), refund_notify.ROOT)
        sealed = base64.b64encode(refund_notify.encrypt(plain, merchant.api_v2_key)).decode()
        body = wire.write({"return_code": "SUCCESS", **named(merchant), "req_info": sealed})
        path = path_of(refund.wanted.notify_url)
        return NotifyMessage(refund.trade, body, path, on=REFUND_NOTIFY)


def _message(trade: Trade, body: bytes) -> NotifyMessage:
    return NotifyMessage(trade, body, path_of(trade.ordered.notify_url))


def _refund_fields(refund: SimulatedRefund) -> dict[str, str]:
    fields = {
        "transaction_id": refund.transaction.id,
        "out_trade_no": refund.trade.order_num,
        "refund_id": refund.id,
        "out_refund_no": refund.refund_num,
        "total_fee": str(refund.wanted.total_fen),
        "settlement_total_fee": str(refund.wanted.total_fen),
        "refund_fee": str(refund.refund_fen),
        "settlement_refund_fee": str(refund.refund_fen),
        "refund_status": V2_STATUS[refund.status],
        "refund_recv_accout": RECEIVER,
        "refund_account": "REFUND_SOURCE_UNSETTLED_FUNDS",
        "refund_request_source": "VENDOR_PLATFORM" if refund.wanted.on_platform else "API",
    }
    return fields | success_time(refund, "success_time")


def success_time(refund: SimulatedRefund, name: str) -> dict[str, str]:
    """When the money arrived; nothing while it has not."""
    if refund.status is not RefundStatus.SUCCESS or refund.ended_at is None:
        return {}
    return {name: china(refund.ended_at).strftime("%Y-%m-%d %H:%M:%S")}
