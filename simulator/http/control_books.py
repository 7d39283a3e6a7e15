"""The lever that loads money of the past into the books."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from payments.buyers.names import plain_name
from payments.states import TradeType
from simulator.bills.loading import BadLoad, LoadedPayment, LoadedRefund
from simulator.http.base import Declined, EdgeHandler
from simulator.state.faults import MAX_NUMBER

MAX_FEN = 100_000_000_00
MAX_TITLE = 127
MAX_OPEN_ID = 128
NUMBER = re.compile(r"[0-9A-Za-z_\-|*@]+", re.ASCII)
OLDEST_YEAR = 2000
A_TIME = "is a time as 2026-01-31T08:00:00.000Z"


class BooksHandler(EdgeHandler):
    """POST {"payments": […], "account"?} loads payments with their refunds, all or none, into days
    whose bill is not made."""

    def post(self) -> None:
        wanted = self.sent_object()
        if set(wanted) - {"payments", "account"} or not isinstance(wanted.get("payments"), list):
            raise Declined(400, "bad_request", "payments, a list, and account.")
        merchants = self.world.bills.merchants
        given = wanted.get("account")
        merchant = merchants.default if given is None else merchants.of_account(str(given))
        if merchant is None:
            raise Declined(404, "not_found", "There is no such account.")
        try:
            payments = [_payment(one, f"payments[{n}]") for n, one in enumerate(wanted["payments"])]
        except ValueError as error:
            raise Declined(400, "bad_request", str(error)) from error
        try:
            rows = self.world.bills.loader.load(merchant, payments)
        except BadLoad as error:
            raise Declined(409, "refused", str(error)) from error
        kept = len(self.world.bills.books)
        self.answer({"account": merchant.mch_id, "rows": rows, "kept": kept}, 201)


Reader = Callable[[Any], Any]


def _number(longest: int) -> Reader:
    def read(value: Any) -> str:
        if not isinstance(value, str) or len(value) > longest or not NUMBER.fullmatch(value):
            raise ValueError(f"has 1 to {longest} letters, digits and _-|*@")
        return value

    return read


def _title(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_TITLE or value != plain_name(value):
        raise ValueError(f"is a text in one line, of at most {MAX_TITLE} characters")
    return value


def _fen(value: Any) -> int:
    if type(value) is not int or not 1 <= value <= MAX_FEN:
        raise ValueError(f"is a whole number of fen, 1 to {MAX_FEN}")
    return value


def _time(value: Any) -> float:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(A_TIME) from None
    if moment.tzinfo is None or moment.year < OLDEST_YEAR:
        raise ValueError(A_TIME)
    return moment.timestamp()


def _flag(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError("is true or false")
    return value


def _kind(value: Any) -> str:
    if value not in list(TradeType):
        raise ValueError(f"is one of {', '.join(TradeType)}")
    return str(value)


_PAYMENT: dict[str, tuple[str, Reader]] = {
    "orderNum": ("order_num", _number(MAX_NUMBER)),
    "transactionId": ("transaction_id", _number(MAX_NUMBER)),
    "totalFen": ("total_fen", _fen),
    "paidAt": ("paid_at", _time),
    "openId": ("open_id", _number(MAX_OPEN_ID)),
    "title": ("title", _title),
    "tradeType": ("trade_type", _kind),
    "unheard": ("unheard", _flag),
}
_REFUND: dict[str, tuple[str, Reader]] = {
    "refundNum": ("refund_num", _number(2 * MAX_NUMBER)),
    "refundId": ("refund_id", _number(MAX_NUMBER)),
    "amountFen": ("amount_fen", _fen),
    "acceptedAt": ("accepted_at", _time),
    "endedAt": ("ended_at", _time),
    "outside": ("outside", _flag),
}
"""Their names in JSON, ours, and how they are read."""
_OPTIONAL = {"title", "tradeType", "unheard", "outside"}


def _payment(given: Any, where: str) -> LoadedPayment:
    values, refunds = given, []
    if isinstance(given, dict):
        values = dict(given)
        refunds = values.pop("refunds", [])
    if not isinstance(refunds, list):
        raise ValueError(f"{where}.refunds is a list.")
    read = [
        LoadedRefund(**_read(one, f"{where}.refunds[{n}]", _REFUND))
        for n, one in enumerate(refunds)
    ]
    return LoadedPayment(**_read(values, where, _PAYMENT), refunds=tuple(read))


def _read(given: Any, where: str, fields: Mapping[str, tuple[str, Reader]]) -> dict[str, Any]:
    """By our names. Raises ValueError with the place."""
    if not isinstance(given, dict) or set(given) - set(fields):
        raise ValueError(f"{where} is an object of {', '.join(fields)}.")
    if missing := [name for name in fields if name not in given and name not in _OPTIONAL]:
        raise ValueError(f"{where}.{missing[0]} is needed.")
    values = {}
    for name, value in given.items():
        ours, read = fields[name]
        try:
            values[ours] = read(value)
        except ValueError as error:
            raise ValueError(f"{where}.{name} {error}.") from error
    return values
