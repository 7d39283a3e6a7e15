"""The words of API v3 about a payment or a refund: the objects of answers and of notifies."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from payments.merchant import Merchant
from payments.refund import RefundStatus
from payments.v3 import resource, wire
from payments.v3.notify import ALGORITHM
from simulator.state.faults import COMPLAINT_NOTIFY, REFUND_NOTIFY
from simulator.state.refunds import RECEIVER, SimulatedRefund
from simulator.state.signing_keys import Keys
from simulator.state.trades import Notified, Trade, TradeState, Transaction, china
from simulator.v2.messages import STATE_WORDS, NotifyMessage, path_of

Json = dict[str, Any]

_SUMMARIES = {
    "TRANSACTION.SUCCESS": "支付成功",
    "TRANSACTION.PAYERROR": "支付失败",
    "REFUND.SUCCESS": "退款成功",
    "REFUND.ABNORMAL": "退款异常",
    "REFUND.CLOSED": "退款关闭",
    "SECURITY_ECHO.SUCCESS": "安全回声",
    "COMPLAINT.CREATE": "产生新投诉",
    "COMPLAINT.STATE_CHANGE": "投诉单状态变化",
}
_ORIGINAL = {"SECURITY_ECHO.SUCCESS": "security"}
"""The kind of what is sealed, where it is not the beginning of the event's type."""


def unpaid(trade: Trade) -> Json:
    """A query's answer while no money moved, or while nobody is to know of it."""
    merchant, shown = trade.merchant, trade.told_state
    return {
        "appid": merchant.app_id,
        "mchid": merchant.mch_id,
        "out_trade_no": trade.order_num,
        "trade_state": shown,
        "trade_state_desc": STATE_WORDS[shown],
        "amount": {"total": trade.total_fen, "currency": "CNY"},
    }


def paid(merchant: Merchant, trade: Trade, transaction: Transaction) -> Json:
    """A transaction, as the notify and the query tell it; a coupon never changes the total."""
    said = trade.overrides
    payer_fen = int(said.get("cash_fee", trade.total_fen - transaction.coupon_fen))
    found: Json = {
        "appid": said.get("appid", merchant.app_id),
        "mchid": said.get("mch_id", merchant.mch_id),
        "out_trade_no": said.get("out_trade_no", trade.order_num),
        "transaction_id": transaction.id,
        "trade_type": trade.trade_type,
        "trade_state": trade.state if trade.is_paid else TradeState.SUCCESS,
        "trade_state_desc": STATE_WORDS[trade.state if trade.is_paid else TradeState.SUCCESS],
        "bank_type": transaction.bank_type,
        "attach": trade.ordered.attach,
        "success_time": rfc3339_china(transaction.paid_at),
        "payer": {"openid": transaction.open_id},
        "amount": {
            "total": trade.told_fen,
            "payer_total": payer_fen,
            "currency": said.get("fee_type", "CNY"),
            "payer_currency": "CNY",
        },
    }
    if fen := transaction.coupon_fen:
        coupon = {"coupon_id": transaction.id[-12:], "name": "优惠券", "scope": "GLOBAL"}
        found["promotion_detail"] = [{**coupon, "type": "NOCASH", "amount": fen, "currency": "CNY"}]
    return found


def refund(found: SimulatedRefund) -> Json:
    """A refund as the answers to its request and to a query tell it."""
    return {
        **_refund_facts(found),
        "channel": "ORIGINAL",
        "create_time": rfc3339_china(found.created_at),
        "status": found.status.value,
        "funds_account": "UNSETTLED",
        "amount": {
            **_refund_amount(found),
            "from": [],
            "settlement_refund": found.refund_fen,
            "settlement_total": found.wanted.total_fen,
            "discount_refund": 0,
            "currency": "CNY",
        },
        "promotion_detail": [],
    }


def _refund_facts(found: SimulatedRefund) -> Json:
    facts = {
        "refund_id": found.id,
        "out_refund_no": found.refund_num,
        "transaction_id": found.transaction.id,
        "out_trade_no": found.trade.order_num,
        "user_received_account": RECEIVER,
    }
    if found.status is RefundStatus.SUCCESS and found.ended_at is not None:
        facts["success_time"] = rfc3339_china(found.ended_at)
    return facts


def _refund_amount(found: SimulatedRefund) -> Json:
    total, part = found.wanted.total_fen, found.refund_fen
    return {"total": total, "refund": part, "payer_total": total, "payer_refund": part}


class NotifiesV3:
    """Makes the notifies of API v3: sealed with the merchant's key, signed with WeChat's."""

    def __init__(self, keys: Keys, now: Callable[[], float]) -> None:
        self._keys = keys
        self._now = now

    def paid(self, merchant: Merchant, trade: Trade, transaction: Transaction) -> NotifyMessage:
        """The notify of one transaction, as of `merchant`'s and under that one's key."""
        body = self._sealed("TRANSACTION.SUCCESS", paid(merchant, trade, transaction), merchant)
        return _message(trade, body, self._keys.head)

    def failed(self, trade: Trade, open_id: str) -> NotifyMessage:
        """An authentic notify that says that no money moved. WeChat tells of no failure by
        itself; what came of one would look like this."""
        said = {**unpaid(trade), "trade_state": "PAYERROR", "trade_state_desc": "余额不足"}
        news = {**said, "payer": {"openid": open_id}}
        body = self._sealed("TRANSACTION.PAYERROR", news, trade.merchant)
        return _message(trade, body, self._keys.head)

    def forged(self, trade: Trade, transaction: Transaction) -> NotifyMessage:
        """Right in every field, signed with a key that is not WeChat's."""
        made = self.paid(trade.merchant, trade, transaction)
        return replace(made, head=self._keys.forged)

    def tampered(self, trade: Trade, transaction: Transaction) -> NotifyMessage:
        """Signed for one fen; on the way it became the order's amount."""
        cheap = replace(trade, overrides={"total_fee": "1", "cash_fee": "1"})
        signed = self.paid(trade.merchant, cheap, transaction).body
        made = self.paid(trade.merchant, trade, transaction)
        return replace(made, head=lambda _sent: self._keys.head(signed))

    def refunded(self, found: SimulatedRefund) -> NotifyMessage:
        merchant = found.trade.merchant
        news = {
            "mchid": merchant.mch_id,
            **_refund_facts(found),
            "refund_status": found.status.value,
            "amount": _refund_amount(found),
        }
        body = self._sealed(f"REFUND.{found.status.value}", news, merchant)
        path = path_of(found.wanted.notify_url)
        return NotifyMessage(found.trade, body, path, self._keys.head, on=REFUND_NOTIFY)

    def echo(self, merchant: Merchant, message: str) -> tuple[bytes, dict[str, str]]:
        """Body and headers of the notify of an echo."""
        body = self._sealed("SECURITY_ECHO.SUCCESS", {"echo_message": message}, merchant)
        return body, self._keys.head(body)

    def complained(
        self, about: Notified, merchant: Merchant, event_type: str, news: Json, path: str
    ) -> NotifyMessage:
        """The notify of a complaint, which holds little more than its id."""
        body = self._sealed(event_type, news, merchant)
        return NotifyMessage(about, body, path, self._keys.head, on=COMPLAINT_NOTIFY)

    def spoiled(self, message: NotifyMessage, kind: str) -> NotifyMessage:
        """The notify with a fault of API v3."""
        if kind == "wrong_tag":
            return replace(message, body=_with_wrong_tag(message.body))
        heads = {
            "unknown_serial": self._keys.unknown,
            "stale": self._keys.stale,
            "bad_signature": self._keys.forged,
            "probe": self._keys.probe,
        }
        return replace(message, head=heads[kind])

    def _sealed(self, event_type: str, news: Json, merchant: Merchant) -> bytes:
        kind = _ORIGINAL.get(event_type, event_type.partition(".")[0].lower())
        nonce = secrets.token_hex(resource.NONCE_BYTES // 2)
        return wire.write(
            {
                "id": f"EV-{secrets.token_hex(14)}",
                "create_time": rfc3339_china(self._now()),
                "resource_type": "encrypt-resource",
                "event_type": event_type,
                "summary": _SUMMARIES[event_type],
                "resource": {
                    "original_type": kind,
                    "algorithm": ALGORITHM,
                    "ciphertext": resource.seal(wire.write(news), nonce, kind, merchant.api_v3_key),
                    "associated_data": kind,
                    "nonce": nonce,
                },
            }
        )


def _message(trade: Trade, body: bytes, head: Callable[[bytes], dict[str, str]]) -> NotifyMessage:
    return NotifyMessage(trade, body, path_of(trade.ordered.notify_url), head)


def _with_wrong_tag(body: bytes) -> bytes:
    """The last byte of what is sealed is another; WeChat's signature is right all the same."""
    fields = wire.read(body)
    sealed = bytearray(base64.b64decode(fields["resource"]["ciphertext"]))
    sealed[-1] ^= 1
    fields["resource"]["ciphertext"] = base64.b64encode(sealed).decode()
    return wire.write(fields)


def rfc3339_china(seconds: float) -> str:
    return china(seconds).isoformat(timespec="seconds")
