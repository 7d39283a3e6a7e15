"""The rules of money: may this payment be booked on this order, and if not, why not?

`judge` walks the checks in one order, for whatever brings the news (a notify, a query):
merchant and app are ours → the payment succeeded → the order exists → no negative amount →
not a repeat → not older than the order → amount and currency equal → the status may become PAID →
book.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from payments.cause_sentences import sentence
from payments.causes import Cause, CauseValues
from payments.masking import mask_open_id
from payments.money import is_negative, parse_fen, parse_received
from payments.notify_replies import REPLIES
from payments.outcomes import Outcome
from payments.payment_result import PaymentResult
from payments.states import PAYABLE, SETTLED, OrderStatus

SHOWN = 64
"""Characters of a foreign text that are kept in evidence."""
CLOCKS_APART_MS = 10 * 60_000
"""WeChat's clock and ours may differ by so much. A payment that WeChat dates further before the
order than that was made for another order of the same number."""


class ReceiptReason(StrEnum):
    """Why money that WeChat holds for us is not on an order."""

    LATE = "late"
    PAID_TWICE = "paid_twice"
    REUSED_ID = "reused_id"
    WRONG_AMOUNT = "wrong_amount"
    UNKNOWN_ORDER = "unknown_order"
    OLDER_THAN_ORDER = "older_than_order"
    FOREIGN_CURRENCY = "foreign_currency"
    PARTNER = "partner"


class OrderFacts(NamedTuple):
    """The facts of an order that the rules need. `created_at` in ms UTC."""

    order_num: str
    total_fen: int
    status: OrderStatus
    app_id: str
    mch_id: str
    transaction_id: str | None = None
    open_id: str | None = None
    currency: str = "CNY"
    created_at: int = 0

    def paid_by(self, transaction_id: str | None) -> OrderFacts:
        """The same order, booked."""
        return self._replace(status=OrderStatus.PAID, transaction_id=transaction_id)


@dataclass(frozen=True)
class Compared:
    """One row of the evidence: our value beside WeChat's."""

    name: str
    ours: int | str | None
    wechat: int | str | None
    same: bool


@dataclass(frozen=True)
class Verdict:
    """The outcome; for a refusal with its cause and its evidence (`fields`). `expected` and
    `actual` are fen where they are amounts."""

    outcome: Outcome
    cause: Cause | None = None
    expected: int | str | None = None
    actual: int | str | None = None
    fields: tuple[Compared, ...] = ()
    receipt: ReceiptReason | None = None
    payer_differs: bool = False
    values: CauseValues = field(default_factory=dict)

    @property
    def rule(self) -> str:
        """The sentence of the cause, or nothing."""
        return sentence(self.cause, self.values) if self.cause else ""


_BOOKED = Verdict(Outcome.BOOKED)
_BOOKED_FOR_ANOTHER = Verdict(Outcome.BOOKED, payer_differs=True)


def judge(
    order: OrderFacts | None,
    notice: PaymentResult,
    booked_on: str | None = None,
    *,
    given_back: bool = False,
) -> Verdict:
    """Decide one payment result. `booked_on` is the number of the order that this transaction
    id is booked on already, if any; `given_back`: a decision sent its money back to the buyer.
    Pure: equal input, equal verdict."""
    verdict = _decide(order, notice, booked_on, given_back)
    if order and _is_booked_with(order, notice):
        verdict = replace(verdict, receipt=None)  # its money is on the order already
    if REPLIES[verdict.outcome].alert is None:
        return verdict
    return replace(verdict, fields=_compare(order, notice) + verdict.fields)


def _decide(
    order: OrderFacts | None, notice: PaymentResult, booked_on: str | None, given_back: bool
) -> Verdict:
    verdict = _check_merchant(order, notice) or _check_result(notice)
    if verdict:
        return verdict
    if order is None:
        return _missing(notice)
    return (
        _check_sign(order, notice)
        or _check_repeat(order, notice)
        or _check_age(order, notice)
        or _check_amount(order, notice)
        or _check_status(order, notice, booked_on)
        or _check_kept(order, given_back)
        or (_BOOKED_FOR_ANOTHER if _payer_differs(order, notice) else _BOOKED)
    )


def _check_merchant(order: OrderFacts | None, notice: PaymentResult) -> Verdict | None:
    if notice.sub_mch_id is not None:
        return _partner(notice)
    if notice.merchant is None:
        ours = notice.signer.mch_id, notice.signer.app_id
        return _foreign(ours, notice, Cause.FOREIGN_MCH_ID, Cause.FOREIGN_APP_ID)
    if order and (order.mch_id, order.app_id) != (notice.mch_id, notice.app_id):
        ours = order.mch_id, order.app_id
        return _foreign(ours, notice, Cause.ORDER_MCH_ID, Cause.ORDER_APP_ID)
    return None


def _foreign(
    ours: tuple[str, str], notice: PaymentResult, of_merchant: Cause, of_app: Cause
) -> Verdict:
    theirs = notice.mch_id, notice.app_id
    values = differing_ids(ours, theirs)
    return Verdict(
        Outcome.FOREIGN_MERCHANT,
        of_app if ours[0] == theirs[0] else of_merchant,
        ids_text(*ours),
        ids_text(*theirs),
        receipt=_received(notice, ReceiptReason.UNKNOWN_ORDER),
        values=values,
    )


def _partner(notice: PaymentResult) -> Verdict:
    below = cut(notice.sub_mch_id)
    return Verdict(
        Outcome.FOREIGN_MERCHANT,
        Cause.PARTNER_PAYMENT,
        None,
        below,
        (Compared(notice.names.sub_mch_id, None, below, False),),
        _received(notice, ReceiptReason.PARTNER),
    )


def differing_ids(ours: tuple[str, str], theirs: tuple[str | None, str | None]) -> dict[str, str]:
    """The merchant numbers, or the apps where the merchant is ours; what was not named is left
    out."""
    at = int(ours[0] == theirs[0])
    named = cut(theirs[at])
    return {"ours": ours[at]} | ({"wechat": named} if named else {})


def ids_text(mch_id: str | None, app_id: str | None) -> str | None:
    """Merchant and app in one text of evidence."""
    return cut(f"mch_id {mch_id or '-'}, appid {app_id or '-'}")


def _check_result(notice: PaymentResult) -> Verdict | None:
    if notice.too_large:
        return Verdict(Outcome.INCOMPLETE, Cause.MESSAGE_TOO_LARGE, None, "too_large")
    if notice.result is None:
        return _incomplete(notice.names.result)
    if notice.result == "FAIL":
        return Verdict(Outcome.NOT_SUCCESSFUL)
    if notice.result != "SUCCESS":
        return Verdict(
            Outcome.ILLEGAL_TRANSITION,
            Cause.ODD_RESULT,
            "SUCCESS",
            cut(notice.result),
        )
    return None if _names_transaction(notice) else _incomplete("transaction_id")


def _names_transaction(notice: PaymentResult) -> bool:
    return 0 < len(notice.transaction_id or "") <= SHOWN


def _incomplete(name: str) -> Verdict:
    return Verdict(Outcome.INCOMPLETE, Cause.FIELD_MISSING, name, None, values={"field": name})


def _missing(notice: PaymentResult) -> Verdict:
    reason = _received(notice, ReceiptReason.UNKNOWN_ORDER)
    cause, number = Cause.MISSING_ORDER, cut(notice.order_num)
    return Verdict(Outcome.MISSING_ORDER, cause, None, number, receipt=reason)


def _check_sign(order: OrderFacts, notice: PaymentResult) -> Verdict | None:
    cause = Cause.NEGATIVE_TOTAL
    for name, text in notice.amounts.items():
        if is_negative(text):
            actual = number_or_text(text)
            extra = () if name == notice.names.total else (Compared(name, None, actual, False),)
            return Verdict(Outcome.NEGATIVE_TOTAL, cause, order.total_fen, actual, extra)
    if order.total_fen < 0:
        actual = number_or_text(notice.total_text)
        return Verdict(Outcome.NEGATIVE_TOTAL, cause, order.total_fen, actual)
    return None


def _check_repeat(order: OrderFacts, notice: PaymentResult) -> Verdict | None:
    if _is_booked_with(order, notice) and _money_equal(order, notice):
        return Verdict(Outcome.DUPLICATE)
    return None


def _check_age(order: OrderFacts, notice: PaymentResult) -> Verdict | None:
    paid_ms = notice.paid_ms
    if paid_ms is None or paid_ms >= order.created_at - CLOCKS_APART_MS:
        return None
    if _is_booked_with(order, notice):
        return None
    both = _time(order.created_at), _time(paid_ms)
    reason = _received(notice, ReceiptReason.OLDER_THAN_ORDER)
    shown = (Compared(notice.names.paid_at, *both, same=False),)
    verdict = _illegal(Cause.NUMBER_USED_BEFORE, *both, reason, {"paidAt": both[1]})
    return replace(verdict, fields=shown)


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms // 1000, UTC).isoformat().replace("+00:00", "Z")


def _check_amount(order: OrderFacts, notice: PaymentResult) -> Verdict | None:
    if _money_equal(order, notice):
        return None
    names = notice.names
    if notice.currency != order.currency:
        reason = _received(notice, ReceiptReason.FOREIGN_CURRENCY)
        both = order.currency, cut(notice.currency)
        return _mismatch(Cause.CURRENCY_DIFFERS, names.currency, *both, reason)
    reason = _received(notice, ReceiptReason.WRONG_AMOUNT)
    total, paid = order.total_fen, number_or_text(notice.total_text)
    return _mismatch(_how_it_differs(total, paid), names.total, total, paid, reason)


def _mismatch(
    cause: Cause,
    name: str,
    expected: int | str,
    actual: int | str | None,
    reason: ReceiptReason | None,
) -> Verdict:
    values = {"field": name}
    return Verdict(Outcome.AMOUNT_MISMATCH, cause, expected, actual, receipt=reason, values=values)


def _how_it_differs(due: int, paid: int | str | None) -> Cause:
    if paid is None:
        return Cause.AMOUNT_MISSING
    if not isinstance(paid, int):
        return Cause.AMOUNT_UNREADABLE
    return Cause.AMOUNT_SHORT if paid < due else Cause.AMOUNT_OVER


def _check_status(
    order: OrderFacts, notice: PaymentResult, booked_on: str | None
) -> Verdict | None:
    if booked_on is not None and booked_on != order.order_num:
        values = {"bookedOn": booked_on}
        both = order.order_num, booked_on
        return _illegal(Cause.REUSED_TRANSACTION, *both, ReceiptReason.REUSED_ID, values)
    if order.status in PAYABLE:
        return None
    if order.status in SETTLED:
        expected, actual = order.transaction_id, notice.transaction_id
        return _illegal(Cause.PAID_TWICE, expected, actual, ReceiptReason.PAID_TWICE)
    status = order.status.value
    return _illegal(Cause.LATE_MONEY, status, "PAID", ReceiptReason.LATE, {"status": status})


def _check_kept(order: OrderFacts, given_back: bool) -> Verdict | None:
    if not given_back:
        return None
    return _illegal(Cause.GIVEN_BACK, order.status.value, "PAID", ReceiptReason.REUSED_ID)


def _illegal(
    cause: Cause,
    expected: str | None,
    actual: str | None,
    reason: ReceiptReason | None,
    values: CauseValues | None = None,
) -> Verdict:
    return Verdict(
        Outcome.ILLEGAL_TRANSITION,
        cause,
        expected,
        actual,
        receipt=reason,
        values=values or {},
    )


def _money_equal(order: OrderFacts, notice: PaymentResult) -> bool:
    return parse_fen(notice.total_text) == order.total_fen and notice.currency == order.currency


def _is_booked_with(order: OrderFacts, notice: PaymentResult) -> bool:
    return order.status in SETTLED and order.transaction_id == notice.transaction_id


def _received(notice: PaymentResult, reason: ReceiptReason) -> ReceiptReason | None:
    """The reason of a receipt, for what WeChat holds for us: a payment that succeeded, of a
    readable amount in whatever currency, in an account of ours."""
    paid = notice.result == "SUCCESS" and _names_transaction(notice)
    readable = parse_received(notice.total_text) is not None
    return reason if paid and readable and notice.is_in_our_account else None


def _payer_differs(order: OrderFacts, notice: PaymentResult) -> bool:
    return bool(order.open_id and notice.open_id and order.open_id != notice.open_id)


def _compare(order: OrderFacts | None, notice: PaymentResult) -> tuple[Compared, ...]:
    """Every value that decides, ours beside WeChat's, in reading order; openids masked."""
    ours = order or _NOTHING
    named, total = cut(notice.order_num), number_or_text(notice.total_text)
    mch_id, app_id = ours.mch_id, ours.app_id
    if order is None:
        mch_id, app_id = notice.signer.mch_id, notice.signer.app_id
    total_ours = order.total_fen if order else None
    payable = order is not None and order.status in PAYABLE
    tx, called = ours.transaction_id, notice.names
    payers = mask_open_id(ours.open_id), mask_open_id(cut(notice.open_id))
    return (
        Compared(called.order_num, ours.order_num or None, named, order is not None),
        Compared(called.total, total_ours, total, order is not None and total == total_ours),
        _row(called.currency, ours.currency, notice.currency),
        Compared("status", order.status.value if order else None, cut(notice.result), payable),
        Compared(
            "transaction_id", tx, cut(notice.transaction_id), tx in (None, notice.transaction_id)
        ),
        _row(called.mch_id, mch_id or None, notice.mch_id),
        _row(called.app_id, app_id or None, notice.app_id),
        Compared(called.open_id, *payers, not _payer_differs(ours, notice)),
    )


def _row(name: str, ours: str | None, wechat: str | None) -> Compared:
    return Compared(name, ours, cut(wechat), ours is not None and ours == wechat)


_NOTHING = OrderFacts("", 0, OrderStatus.INIT, "", "")


def number_or_text(text: str | None) -> int | str | None:
    """An amount as an integer where it is one, of whatever sign; else the text, cut."""
    if text is None:
        return None
    digits = text.removeprefix("-")
    if len(digits) <= 15 and digits.isascii() and digits.isdigit() and str(int(text)) == text:
        return int(text)
    return cut(text)


def cut(text: str | None) -> str | None:
    return None if text is None else text[:SHOWN]
