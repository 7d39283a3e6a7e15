"""The rules of money: may this payment be booked on this order, and if not, why not?

`judge` walks the checks in one order, for whatever brings the news (a notify, a query):
merchant and app are ours → the payment succeeded → the order exists → no negative amount →
not a repeat → amount and currency equal → the status may become PAID → book.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from payments.masking import mask_open_id
from payments.money import is_negative, parse_fen
from payments.notify_replies import REPLIES
from payments.outcomes import Outcome
from payments.payment_result import PaymentResult
from payments.states import PAYABLE, SETTLED, OrderStatus

SHOWN = 64
"""Characters of a foreign text that are kept in evidence."""


class ReceiptReason(StrEnum):
    """Why money that WeChat holds for us is not on an order."""

    LATE = "late"
    PAID_TWICE = "paid_twice"
    REUSED_ID = "reused_id"
    WRONG_AMOUNT = "wrong_amount"
    UNKNOWN_ORDER = "unknown_order"


@dataclass(frozen=True)
class OrderFacts:
    """What the rules need to know of an order of ours."""

    order_num: str
    total_fen: int
    status: OrderStatus
    app_id: str
    mch_id: str
    transaction_id: str | None = None
    open_id: str | None = None
    currency: str = "CNY"

    def paid_by(self, transaction_id: str | None) -> OrderFacts:
        """The same order, booked."""
        return OrderFacts(
            self.order_num,
            self.total_fen,
            OrderStatus.PAID,
            self.app_id,
            self.mch_id,
            transaction_id,
            self.open_id,
            self.currency,
        )


@dataclass(frozen=True)
class Compared:
    """One row of the evidence: our value beside WeChat's."""

    name: str
    ours: int | str | None
    wechat: int | str | None
    same: bool


@dataclass(frozen=True)
class Verdict:
    """The outcome; for a refusal with its reasons and its evidence (`fields`). `expected` and
    `actual` are fen where they are amounts."""

    outcome: Outcome
    rule: str = ""
    expected: int | str | None = None
    actual: int | str | None = None
    fields: tuple[Compared, ...] = ()
    receipt: ReceiptReason | None = None
    payer_differs: bool = False


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
        or _check_amount(order, notice)
        or _check_status(order, notice, booked_on)
        or _check_kept(order, given_back)
        or Verdict(Outcome.BOOKED, payer_differs=_payer_differs(order, notice))
    )


def _check_merchant(order: OrderFacts | None, notice: PaymentResult) -> Verdict | None:
    if notice.merchant is None:
        return Verdict(
            Outcome.FOREIGN_MERCHANT,
            "The merchant and app of a notify must be ours.",
            _ids(notice.signer.mch_id, notice.signer.app_id),
            _ids(notice.mch_id, notice.app_id),
        )
    if order and (order.mch_id, order.app_id) != (notice.mch_id, notice.app_id):
        return Verdict(
            Outcome.FOREIGN_MERCHANT,
            "The merchant and app of a notify must be those of the order.",
            _ids(order.mch_id, order.app_id),
            _ids(notice.mch_id, notice.app_id),
        )
    return None


def _ids(mch_id: str | None, app_id: str | None) -> str | None:
    return cut(f"mch_id {mch_id or '-'}, appid {app_id or '-'}")


def _check_result(notice: PaymentResult) -> Verdict | None:
    if notice.result is None:
        return _incomplete(notice.names.result)
    if notice.result == "FAIL":
        return Verdict(Outcome.NOT_SUCCESSFUL)
    if notice.result != "SUCCESS":
        return Verdict(
            Outcome.ILLEGAL_TRANSITION,
            "A result is SUCCESS or FAIL; WeChat knows no other word.",
            "SUCCESS",
            cut(notice.result),
        )
    if not notice.transaction_id or len(notice.transaction_id) > SHOWN:
        return _incomplete("transaction_id")
    return None


def _incomplete(name: str) -> Verdict:
    rule = f"A payment result must carry a usable {name}."
    return Verdict(Outcome.INCOMPLETE, rule, name, None)


def _missing(notice: PaymentResult) -> Verdict:
    rule = "The order number must be one of ours."
    reason = ReceiptReason.UNKNOWN_ORDER if _is_receivable(notice) else None
    return Verdict(Outcome.MISSING_ORDER, rule, None, cut(notice.order_num), receipt=reason)


def _check_sign(order: OrderFacts, notice: PaymentResult) -> Verdict | None:
    rule = "No amount of a payment may be negative."
    for name, text in notice.amounts.items():
        if is_negative(text):
            actual = number_or_text(text)
            extra = () if name == notice.names.total else (Compared(name, None, actual, False),)
            return Verdict(Outcome.NEGATIVE_TOTAL, rule, order.total_fen, actual, extra)
    if order.total_fen < 0:
        actual = number_or_text(notice.total_text)
        return Verdict(Outcome.NEGATIVE_TOTAL, rule, order.total_fen, actual)
    return None


def _check_repeat(order: OrderFacts, notice: PaymentResult) -> Verdict | None:
    if _is_booked_with(order, notice) and _money_equal(order, notice):
        return Verdict(Outcome.DUPLICATE)
    return None


def _check_amount(order: OrderFacts, notice: PaymentResult) -> Verdict | None:
    if _money_equal(order, notice):
        return None
    unexplained = _is_receivable(notice) and not _is_booked_with(order, notice)
    reason = ReceiptReason.WRONG_AMOUNT if unexplained else None
    if parse_fen(notice.total_text) != order.total_fen:
        rule = f"{notice.names.total} must be the amount of the order, to the fen."
        total, paid = order.total_fen, number_or_text(notice.total_text)
        return Verdict(Outcome.AMOUNT_MISMATCH, rule, total, paid, receipt=reason)
    rule = f"{notice.names.currency} must be the currency of the order."
    ours, theirs = order.currency, cut(notice.currency)
    return Verdict(Outcome.AMOUNT_MISMATCH, rule, ours, theirs, receipt=reason)


def _check_status(
    order: OrderFacts, notice: PaymentResult, booked_on: str | None
) -> Verdict | None:
    if booked_on is not None and booked_on != order.order_num:
        rule = f"Reused id: this transaction is booked on order {booked_on}."
        expected: str | None = order.order_num
        return _illegal(rule, expected, booked_on, ReceiptReason.REUSED_ID)
    if order.status in PAYABLE:
        return None
    if order.status in SETTLED:
        rule = "Paid twice: the order is paid by another transaction."
        expected, actual = order.transaction_id, notice.transaction_id
        return _illegal(rule, expected, actual, ReceiptReason.PAID_TWICE)
    rule = f"Late money: an order that is {order.status} cannot become PAID."
    return _illegal(rule, order.status.value, "PAID", ReceiptReason.LATE)


def _check_kept(order: OrderFacts, given_back: bool) -> Verdict | None:
    if not given_back:
        return None
    rule = "Given back: this payment was sent back to the buyer, so it pays no order."
    return _illegal(rule, order.status.value, "PAID", ReceiptReason.REUSED_ID)


def _illegal(
    rule: str,
    expected: str | None,
    actual: str | None,
    reason: ReceiptReason,
) -> Verdict:
    return Verdict(Outcome.ILLEGAL_TRANSITION, rule, expected, actual, receipt=reason)


def _money_equal(order: OrderFacts, notice: PaymentResult) -> bool:
    return parse_fen(notice.total_text) == order.total_fen and notice.currency == order.currency


def _is_booked_with(order: OrderFacts, notice: PaymentResult) -> bool:
    return order.status in SETTLED and order.transaction_id == notice.transaction_id


def _is_receivable(notice: PaymentResult) -> bool:
    """A receipt is kept in fen: it takes a readable amount, and no other currency."""
    return notice.currency == "CNY" and parse_fen(notice.total_text) is not None


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
