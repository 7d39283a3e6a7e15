"""What goes wrong with payments, each made on purpose: one function makes one bad notify.

All but the forged one are correctly signed: this WeChat really holds what they say, and its
query tells the same, so the product cannot heal them by asking.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from payments.merchant import Merchant
from simulator import messages
from simulator.messages import Message
from simulator.till import Till
from simulator.trades import Trade, china


def amount_plus_one(till: Till, trade: Trade) -> Message:
    """One fen more than the order."""
    return _with_amount(till, trade, trade.total_fen + 1)


def negative(till: Till, trade: Trade) -> Message:
    return _with_amount(till, trade, -trade.total_fen)


def _with_amount(till: Till, trade: Trade, fen: int) -> Message:
    return till.pay(trade, says={"total_fee": str(fen), "cash_fee": str(fen)})


def wrong_signature(till: Till, trade: Trade) -> Message:
    """A forgery: right in every field, signed with a key that is not the merchant's."""
    ours = till.merchant
    forger = Merchant(ours.app_id, ours.mch_id, secrets.token_hex(16), ours.sign_type)
    return messages.paid(forger, trade, till.transaction(trade))


def unknown_order(till: Till, trade: Trade) -> Message:
    """Money for a number the merchant never gave out; `trade` itself stays unpaid."""
    return unknown_number(till, trade.total_fen, trade.request["notify_url"])


def unknown_number(till: Till, total_fen: int, notify_url: str) -> Message:
    number = f"NOSUCH{china(till.time()):%m%d%H%M%S}{secrets.token_hex(5)}"
    return till.pay(till.stranger(number, total_fen, notify_url))


def charged_again(till: Till, trade: Trade) -> Message:
    """A second transaction on a paid order, or money on a closed one."""
    return till.charge(trade)


UNPAID: dict[str, Callable[[Till, Trade], Message]] = {
    "amount_plus_one": amount_plus_one,
    "negative": negative,
    "wrong_signature": wrong_signature,
    "unknown_order": unknown_order,
}
"""Those that start from an order that waits for its payment."""
