"""What goes wrong with payments, each made on purpose: one function makes one bad notify.

Of wrong amounts, unknown orders and money too many this WeChat really holds what it says, and its
query tells the same, so the product cannot heal them by asking. Forgeries and other merchants'
notifies leave the trade as it was.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace

from simulator.delivery.payment import PaymentDesk
from simulator.state.trades import Trade, china
from simulator.v2.envelope import OTHER_APP_ID, OTHER_MCH_ID, another
from simulator.v2.messages import NotifyMessage


def amount_plus_one(till: PaymentDesk, trade: Trade) -> NotifyMessage:
    """One fen more than the order."""
    return with_amount(till, trade, trade.total_fen + 1)


def negative(till: PaymentDesk, trade: Trade) -> NotifyMessage:
    return with_amount(till, trade, -trade.total_fen)


def with_amount(till: PaymentDesk, trade: Trade, fen: int) -> NotifyMessage:
    """WeChat took and tells this amount, whatever the order's is."""
    return till.pay(trade, says={"total_fee": str(fen), "cash_fee": str(fen)})


def wrong_signature(till: PaymentDesk, trade: Trade) -> NotifyMessage:
    """A forgery: right in every field, signed with a key that is not the right one."""
    return till.teller.forged(trade, till.transaction(trade))


def tampered(till: PaymentDesk, trade: Trade) -> NotifyMessage:
    """Signed for one fen; on the way it became the order's amount. The signature alone tells."""
    return till.teller.tampered(trade, till.transaction(trade))


def other_number(till: PaymentDesk, trade: Trade) -> NotifyMessage:
    """Our key, another merchant's number."""
    other = replace(trade.merchant, mch_id=OTHER_MCH_ID)
    return till.teller.paid(trade, till.transaction(trade), other)


def other_app(till: PaymentDesk, trade: Trade) -> NotifyMessage:
    """Our key and number, an app that is not ours."""
    other = replace(trade.merchant, app_id=OTHER_APP_ID)
    return till.teller.paid(trade, till.transaction(trade), other)


def other_merchant(till: PaymentDesk, trade: Trade) -> NotifyMessage:
    """Another merchant's own notify, with their key, that came to us."""
    return till.teller.paid(trade, till.transaction(trade), another(trade.merchant))


def unknown_order(till: PaymentDesk, trade: Trade) -> NotifyMessage:
    """Money for a number the merchant never gave out; `trade` itself stays unpaid."""
    return unknown_number(till, trade.total_fen, trade.ordered.notify_url)


def unknown_number(till: PaymentDesk, total_fen: int, notify_url: str) -> NotifyMessage:
    number = f"NOSUCH{china(till.time()):%m%d%H%M%S}{secrets.token_hex(5)}"
    return till.pay(till.stranger(number, total_fen, notify_url))


def charged_again(till: PaymentDesk, trade: Trade) -> NotifyMessage:
    """A second transaction on a paid order, or money on a closed one."""
    return till.charge(trade)


UNPAID: dict[str, Callable[[PaymentDesk, Trade], NotifyMessage]] = {
    "amount_plus_one": amount_plus_one,
    "negative": negative,
    "wrong_signature": wrong_signature,
    "tampered": tampered,
    "other_merchant": other_number,
    "unknown_order": unknown_order,
}
"""Those that start from an order that waits for its payment."""
