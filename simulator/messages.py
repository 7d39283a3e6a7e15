"""The words about a payment: what the notify says, and the query in the same fields."""

from __future__ import annotations

from dataclasses import dataclass, field

from payments.merchant import Merchant
from simulator.envelope import signed
from simulator.trades import Trade, Transaction, china

_ECHOED = ("device_info", "attach")
"""Fields of the unified order that come back unchanged."""


@dataclass(frozen=True)
class Message:
    """One notify, ready to send."""

    trade: Trade
    body: bytes = field(repr=False)


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
    return {name: trade.request[name] for name in _ECHOED if trade.request.get(name)}


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


def paid(merchant: Merchant, trade: Trade, transaction: Transaction) -> Message:
    """The notify of one transaction, signed as the order was; like WeChat's own, most of which
    do not name their `sign_type`."""
    fields = {"return_code": "SUCCESS", "result_code": "SUCCESS"}
    whole = {**fields, **paid_fields(trade, transaction)}
    return Message(trade, signed(whole, merchant, trade.sign_type))


def failed(merchant: Merchant, trade: Trade, open_id: str) -> Message:
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
    return Message(trade, signed(fields, merchant, trade.sign_type))
