"""Makes bad notifies on purpose, one function for each kind.

For wrong amounts, unknown orders and second payments the simulated WeChat really holds the money,
and its query says the same, so a query of the product cannot repair them. Forgeries and notifies of
other merchants leave the trade as it was.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace

from simulator.delivery.payment import PaymentDesk
from simulator.state.trades import Trade, china
from simulator.v2.envelope import OTHER_APP_ID, OTHER_MCH_ID, another
from simulator.v2.messages import NotifyMessage


def amount_plus_one(payment_desk: PaymentDesk, trade: Trade) -> NotifyMessage:
    """One fen more than the order."""
    return with_amount(payment_desk, trade, trade.total_fen + 1)


def negative(payment_desk: PaymentDesk, trade: Trade) -> NotifyMessage:
    return with_amount(payment_desk, trade, -trade.total_fen)


def with_amount(payment_desk: PaymentDesk, trade: Trade, fen: int) -> NotifyMessage:
    """WeChat took and tells this amount, whatever the order's is."""
    return payment_desk.pay(trade, says={"total_fee": str(fen), "cash_fee": str(fen)})


def wrong_signature(payment_desk: PaymentDesk, trade: Trade) -> NotifyMessage:
    """A forgery: right in every field, signed with a key that is not the right one."""
    return payment_desk.notify_writer.forged(trade, payment_desk.transaction(trade))


def tampered(payment_desk: PaymentDesk, trade: Trade) -> NotifyMessage:
    """Signed for one fen; on the way it became the order's amount. The signature alone tells."""
    return payment_desk.notify_writer.tampered(trade, payment_desk.transaction(trade))


def other_number(payment_desk: PaymentDesk, trade: Trade) -> NotifyMessage:
    """Our key, another merchant's number."""
    other = replace(trade.merchant, mch_id=OTHER_MCH_ID)
    return payment_desk.notify_writer.paid(trade, payment_desk.transaction(trade), other)


def other_app(payment_desk: PaymentDesk, trade: Trade) -> NotifyMessage:
    """Our key and number, an app that is not ours."""
    other = replace(trade.merchant, app_id=OTHER_APP_ID)
    return payment_desk.notify_writer.paid(trade, payment_desk.transaction(trade), other)


def other_merchant(payment_desk: PaymentDesk, trade: Trade) -> NotifyMessage:
    """Another merchant's own notify, with their key, that came to us."""
    return payment_desk.notify_writer.paid(
        trade, payment_desk.transaction(trade), another(trade.merchant)
    )


def unknown_order(payment_desk: PaymentDesk, trade: Trade) -> NotifyMessage:
    """Money for a number the merchant never gave out; `trade` itself stays unpaid."""
    return unknown_number(payment_desk, trade.total_fen, trade.ordered.notify_url)


def unknown_number(payment_desk: PaymentDesk, total_fen: int, notify_url: str) -> NotifyMessage:
    number = f"NOSUCH{china(payment_desk.time()):%m%d%H%M%S}{secrets.token_hex(5)}"
    return payment_desk.pay(payment_desk.stranger(number, total_fen, notify_url))


def charged_again(payment_desk: PaymentDesk, trade: Trade) -> NotifyMessage:
    """A second transaction on a paid order, or money on a closed one."""
    return payment_desk.charge(trade)


UNPAID: dict[str, Callable[[PaymentDesk, Trade], NotifyMessage]] = {
    "amount_plus_one": amount_plus_one,
    "negative": negative,
    "wrong_signature": wrong_signature,
    "tampered": tampered,
    "other_merchant": other_number,
    "unknown_order": unknown_order,
}
"""Those that start from an order that waits for its payment."""
