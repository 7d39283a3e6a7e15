"""May this payment be booked on this order, and if not, why not? A table and a property."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from payments.masking import mask_open_id
from payments.merchant import Merchant
from payments.money import MAX_FEN
from payments.notify_replies import REPLIES
from payments.outcomes import Outcome
from payments.payment_result import V2_NAMES, PaymentResult
from payments.payment_rules import SHOWN, OrderFacts, ReceiptReason, Verdict, judge
from payments.states import SETTLED, OrderStatus

OPEN_ID, OTHER_OPEN_ID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "oOTHERuMuAJO_M2pxb1Q9zNjWeS6"
OURS = Merchant("wx8888888888888888", "1900000109", "k" * 32)
OUR_IDS = "mch_id 1900000109, appid wx8888888888888888"
SECOND = Merchant("wx9999999999999999", "1900000110", "l" * 32)
ORDER = OrderFacts("ORDER1", 8800, OrderStatus.WAIT_PAY, OURS.app_id, OURS.mch_id, None, OPEN_ID)
NOTICE = PaymentResult(
    signer=OURS,
    merchant=OURS,
    app_id=OURS.app_id,
    mch_id=OURS.mch_id,
    result="SUCCESS",
    order_num="ORDER1",
    transaction_id="T1",
    amounts={"total_fee": "8800", "cash_fee": "8800"},
    currency="CNY",
    open_id=OPEN_ID,
    trade_type="JSAPI",
    paid_at=None,
)
PAID = ORDER._replace(status=OrderStatus.PAID, transaction_id="T1")


def says(**changes: Any) -> PaymentResult:
    return NOTICE._replace(**changes)


def amounts(**texts: str) -> PaymentResult:
    return says(amounts={**NOTICE.amounts, **texts})


def is_(**changes: Any) -> OrderFacts:
    return ORDER._replace(**changes)


NOW_MS = 1_790_000_000_000


def at(minutes: int, **changes: Any) -> PaymentResult:
    """Paid so many minutes after (or before) NOW_MS."""
    return says(
        paid_at=datetime.fromtimestamp(NOW_MS / 1000, UTC) + timedelta(minutes=minutes), **changes
    )


# --- the table -----------------------------------------------------------------------------------

State, What, Why = OrderStatus, Outcome, ReceiptReason

BOOKS = {
    "a waiting order": (ORDER, NOTICE),
    "an order whose prepay answer is not stored yet": (is_(status=State.INIT), NOTICE),
    "an order without an openid": (is_(open_id=None), NOTICE),
    "a notify without an openid": (ORDER, says(open_id=None)),
    "cash below the total: a coupon": (ORDER, amounts(cash_fee="7800", coupon_fee="1000")),
    "cash above the total": (ORDER, amounts(cash_fee="9999")),
    "a settlement below the total": (ORDER, amounts(settlement_total_fee="1")),
    "another amount that is malformed": (ORDER, amounts(cash_fee="1.5", coupon_fee="x")),
    "a payment nine minutes older than the order": (is_(created_at=NOW_MS), at(-9)),
    "one fen": (is_(total_fen=1), amounts(total_fee="1")),
    "the highest amount": (is_(total_fen=MAX_FEN), amounts(total_fee=str(MAX_FEN))),
}


@pytest.mark.parametrize(("order", "notice"), BOOKS.values(), ids=list(BOOKS))
def test_a_fitting_payment_is_booked(order: OrderFacts, notice: PaymentResult) -> None:
    verdict = judge(order, notice)
    assert (verdict.outcome, verdict.receipt, verdict.payer_differs) == (What.BOOKED, None, False)


def test_another_payer_is_booked_and_noted() -> None:
    verdict = judge(ORDER, says(open_id=OTHER_OPEN_ID))
    assert (verdict.outcome, verdict.payer_differs) == (What.BOOKED, True)


@pytest.mark.parametrize("status", sorted(SETTLED))
def test_the_same_payment_again_is_a_duplicate_in_every_paid_state(status: OrderStatus) -> None:
    for booked_on in ("ORDER1", None):
        verdict = judge(PAID._replace(status=status), NOTICE, booked_on)
        assert verdict == Verdict(What.DUPLICATE, fields=verdict.fields)


def test_a_payment_that_failed_is_no_alarm() -> None:
    for order in (ORDER, PAID, None):
        assert judge(order, says(result="FAIL", transaction_id=None)).outcome is What.NOT_SUCCESSFUL


def test_a_booked_order_differs_in_its_state_and_transaction_alone() -> None:
    dollars = is_(currency="USD", open_id=None, total_fen=1)
    for order in (ORDER, dollars):
        assert order.paid_by("T1") == order._replace(status=State.PAID, transaction_id="T1")


FOREIGN = "mch_id 1900000999, appid wx8888888888888888"
REFUSED: dict[str, tuple[OrderFacts | None, PaymentResult, str | None, Outcome, Any, Any, Any]] = {
    # who
    "a merchant that is not ours": (
        ORDER, says(merchant=None, mch_id="1900000999"), None,
        What.FOREIGN_MERCHANT, OUR_IDS, FOREIGN, None),
    "no merchant, no app": (
        None, says(merchant=None, mch_id=None, app_id=None), None,
        What.FOREIGN_MERCHANT, OUR_IDS, "mch_id -, appid -", None),
    "another merchant of ours": (
        ORDER, says(merchant=SECOND, mch_id=SECOND.mch_id, app_id=SECOND.app_id), None,
        What.FOREIGN_MERCHANT, "mch_id 1900000109, appid wx8888888888888888",
        "mch_id 1900000110, appid wx9999999999999999", None),
    # what
    "no result": (ORDER, says(result=None), None, What.INCOMPLETE, "result_code", None, None),
    "an unknown result": (
        ORDER, says(result="success"), None, What.ILLEGAL_TRANSITION, "SUCCESS", "success", None),
    "no transaction": (
        ORDER, says(transaction_id=None), None, What.INCOMPLETE, "transaction_id", None, None),
    "a transaction id that no table holds": (
        ORDER, says(transaction_id="T" * 65), None, What.INCOMPLETE, "transaction_id", None, None),
    # of which order
    "an unknown order": (None, NOTICE, None, What.MISSING_ORDER, None, "ORDER1", Why.UNKNOWN_ORDER),
    "no order number": (
        None, says(order_num=None), None, What.MISSING_ORDER, None, None, Why.UNKNOWN_ORDER),
    "an order number without end": (
        None, says(order_num="x" * 8000), None,
        What.MISSING_ORDER, None, "x" * 64, Why.UNKNOWN_ORDER),
    "an unknown order, no readable amount": (
        None, amounts(total_fee="0"), None, What.MISSING_ORDER, None, "ORDER1", None),
    "an unknown order, dollars": (
        None, says(currency="USD"), None,
        What.MISSING_ORDER, None, "ORDER1", Why.UNKNOWN_ORDER),
    # how much
    "a negative total": (
        ORDER, amounts(total_fee="-8800"), None, What.NEGATIVE_TOTAL, 8800, -8800, None),
    "negative cash": (ORDER, amounts(cash_fee="-1"), None, What.NEGATIVE_TOTAL, 8800, -1, None),
    "minus zero": (ORDER, amounts(coupon_fee="-0"), None, What.NEGATIVE_TOTAL, 8800, "-0", None),
    "a negative number without end": (
        ORDER, amounts(cash_fee="-" + "9" * 5000), None,
        What.NEGATIVE_TOTAL, 8800, "-" + "9" * 63, None),
    "a negative amount on a paid order, same transaction": (
        PAID, amounts(cash_fee="-1"), "ORDER1", What.NEGATIVE_TOTAL, 8800, -1, None),
    "a negative order": (
        is_(total_fen=-8800), NOTICE, None, What.NEGATIVE_TOTAL, -8800, 8800, None),
    "one fen more": (
        ORDER, amounts(total_fee="8801"), None, What.AMOUNT_MISMATCH, 8800, 8801, Why.WRONG_AMOUNT),
    "one fen less": (
        ORDER, amounts(total_fee="8799"), None, What.AMOUNT_MISMATCH, 8800, 8799, Why.WRONG_AMOUNT),
    "nothing": (ORDER, amounts(total_fee="0"), None, What.AMOUNT_MISMATCH, 8800, 0, None),
    "no total": (
        ORDER, says(amounts={"cash_fee": "8800"}), None, What.AMOUNT_MISMATCH, 8800, None, None),
    "an empty total": (ORDER, amounts(total_fee=""), None, What.AMOUNT_MISMATCH, 8800, "", None),
    "a leading zero": (
        ORDER, amounts(total_fee="08800"), None, What.AMOUNT_MISMATCH, 8800, "08800", None),
    "full-width digits": (
        ORDER, amounts(total_fee="８８００"), None, What.AMOUNT_MISMATCH, 8800, "８８００", None),
    "a blank around it": (
        ORDER, amounts(total_fee=" 8800"), None, What.AMOUNT_MISMATCH, 8800, " 8800", None),
    "a total above every limit": (
        ORDER, amounts(total_fee=str(2**40)), None,
        What.AMOUNT_MISMATCH, 8800, 2**40, Why.WRONG_AMOUNT),
    "a total of twenty digits": (
        ORDER, amounts(total_fee="9" * 20), None, What.AMOUNT_MISMATCH, 8800, "9" * 20, None),
    **{
        f"the currency {currency}": (
            ORDER, says(currency=currency), None,
            What.AMOUNT_MISMATCH, "CNY", currency, Why.FOREIGN_CURRENCY)
        for currency in ("USD", "cny")
    },
    "dollars of another amount": (
        ORDER, amounts(total_fee="99")._replace(currency="USD"), None,
        What.AMOUNT_MISMATCH, "CNY", "USD", Why.FOREIGN_CURRENCY),
    "the booked transaction with another amount": (
        PAID, amounts(total_fee="8801"), "ORDER1", What.AMOUNT_MISMATCH, 8800, 8801, None),
    "a second transaction with another amount": (
        PAID, amounts(total_fee="1")._replace(transaction_id="T2"), None,
        What.AMOUNT_MISMATCH, 8800, 1, Why.WRONG_AMOUNT),
    # before the order was made
    **{
        f"a payment of long ago, {name}": (
            order._replace(created_at=NOW_MS), at(-11, **changes), None, What.ILLEGAL_TRANSITION,
            "2026-09-21T14:13:20Z", "2026-09-21T14:02:20Z", Why.OLDER_THAN_ORDER)
        for name, order, changes in (
            ("the right amount", ORDER, {}),
            ("another amount", ORDER, {"amounts": {"total_fee": "1"}}),
            ("a paid order", PAID, {"transaction_id": "T2"}),
            ("a closed order", is_(status=State.CLOSED), {}),
        )
    },
    # in which state
    "a transaction of another order": (
        ORDER, NOTICE, "ORDER2", What.ILLEGAL_TRANSITION, "ORDER1", "ORDER2", Why.REUSED_ID),
    "a transaction of another order on a paid one": (
        PAID, says(transaction_id="T2"), "ORDER2",
        What.ILLEGAL_TRANSITION, "ORDER1", "ORDER2", Why.REUSED_ID),
    "a closed order": (
        is_(status=State.CLOSED), NOTICE, None,
        What.ILLEGAL_TRANSITION, "CLOSED", "PAID", Why.LATE),
    **{
        f"a second transaction, {status.value}": (
            PAID._replace(status=status), says(transaction_id="T2"), None,
            What.ILLEGAL_TRANSITION, "T1", "T2", Why.PAID_TWICE)
        for status in sorted(SETTLED)
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("order", "notice", "booked_on", "outcome", "expected", "actual", "receipt"),
    REFUSED.values(),
    ids=list(REFUSED),
)
def test_a_payment_that_does_not_fit_is_refused_with_its_reason(
    order: OrderFacts | None,
    notice: PaymentResult,
    booked_on: str | None,
    outcome: Outcome,
    expected: Any,
    actual: Any,
    receipt: ReceiptReason | None,
) -> None:
    verdict = judge(order, notice, booked_on)
    assert (verdict.outcome, verdict.receipt) == (outcome, receipt)
    assert (verdict.expected, verdict.actual) == (expected, actual)
    assert REPLIES[outcome].alert
    assert verdict.rule


@pytest.mark.parametrize(
    ("order", "notice", "booked_on", "word"),
    [
        (is_(status=State.CLOSED), NOTICE, None, "Late money"),
        (PAID, says(transaction_id="T2"), None, "Paid twice"),
        (ORDER, NOTICE, "ORDER2", "Reused id: this transaction is booked on order ORDER2"),
    ],
)
def test_the_evidence_tells_late_money_paid_twice_and_a_reused_id_apart(
    order: OrderFacts, notice: PaymentResult, booked_on: str | None, word: str
) -> None:
    assert judge(order, notice, booked_on).rule.startswith(word)


# --- the order of the checks ---------------------------------------------------------------------

Case = tuple[OrderFacts, PaymentResult, str | None]
FAULTS: list[tuple[Outcome, dict[str, Any], dict[str, Any], str | None]] = [
    (What.FOREIGN_MERCHANT, {}, {"merchant": None}, None),
    (What.NOT_SUCCESSFUL, {}, {"result": "FAIL"}, None),
    (What.INCOMPLETE, {}, {"transaction_id": None}, None),
    (What.MISSING_ORDER, {"missing": True}, {}, None),
    (What.NEGATIVE_TOTAL, {}, {"amounts": {"total_fee": "8800", "cash_fee": "-1"}}, None),
    (What.ILLEGAL_TRANSITION, {"created_at": NOW_MS}, {"paid_at": at(-11).paid_at}, None),
    (What.AMOUNT_MISMATCH, {}, {"currency": "USD"}, None),
    (What.ILLEGAL_TRANSITION, {"status": State.CLOSED}, {}, "ORDER2"),
]


@pytest.mark.parametrize(("earlier", "later"), list(combinations(FAULTS, 2)), ids=lambda f: f[0])
def test_of_two_faults_the_earlier_check_speaks(earlier: Any, later: Any) -> None:
    facts = {**later[1], **earlier[1]}
    order = None if facts.pop("missing", False) else ORDER._replace(**facts)
    notice = NOTICE._replace(**{**later[2], **earlier[2]})
    assert judge(order, notice, earlier[3] or later[3]).outcome is earlier[0]


def test_a_booked_payment_stays_booked_whatever_its_time() -> None:
    assert judge(PAID._replace(created_at=NOW_MS), at(-11)).outcome is What.DUPLICATE


def test_a_duplicate_is_seen_before_the_state_is_looked_at() -> None:
    assert judge(PAID, NOTICE, "ORDER2").outcome is What.DUPLICATE


# --- evidence ------------------------------------------------------------------------------------


def test_the_evidence_shows_ours_beside_wechats() -> None:
    rows = judge(ORDER, amounts(total_fee="8801")._replace(open_id=OTHER_OPEN_ID)).fields
    assert [(row.name, row.ours, row.wechat, row.same) for row in rows] == [
        ("out_trade_no", "ORDER1", "ORDER1", True),
        ("total_fee", 8800, 8801, False),
        ("fee_type", "CNY", "CNY", True),
        ("status", "WAIT_PAY", "SUCCESS", True),
        ("transaction_id", None, "T1", True),
        ("mch_id", OURS.mch_id, OURS.mch_id, True),
        ("appid", OURS.app_id, OURS.app_id, True),
        ("openid", mask_open_id(OPEN_ID), mask_open_id(OTHER_OPEN_ID), False),
    ]


def test_nothing_of_ours_equals_nothing_of_theirs_when_there_is_no_order() -> None:
    notice = says(merchant=None, mch_id=None, app_id=None, amounts={"total_fee": "0"})
    same = {row.name: row.same for row in judge(None, notice).fields}
    assert not any(same[name] for name in ("out_trade_no", "total_fee", "mch_id", "appid"))
    assert {row.name: row.ours for row in judge(None, NOTICE).fields}["mch_id"] == OURS.mch_id


def test_the_negative_field_is_shown_once() -> None:
    names = [row.name for row in judge(ORDER, amounts(coupon_fee_3="-5")).fields]
    assert names.count("coupon_fee_3") == 1
    names = [row.name for row in judge(ORDER, amounts(total_fee="-5")).fields]
    assert names.count("total_fee") == 1


# --- properties ----------------------------------------------------------------------------------

# Every field is named: Hypothesis invents the others of a NamedTuple, in place of their defaults.
odd_texts = st.sampled_from(["", "x" * 8000, "０", "<script>", "-"]) | st.text(max_size=8)
amount_texts = st.sampled_from(
    ["8800", "8801", "1", "0", "-8800", "-0", "+1", " 8800", "08800", "８８００", "9" * 20]
) | st.text(max_size=6)
orders = st.none() | st.builds(
    OrderFacts,
    order_num=st.just("ORDER1"), mch_id=st.just(OURS.mch_id), created_at=st.just(0),
    total_fen=st.sampled_from([8800, 8800, 1, MAX_FEN, 0, -8800]),
    status=st.sampled_from(OrderStatus),
    app_id=st.sampled_from([OURS.app_id, OURS.app_id, SECOND.app_id]),
    transaction_id=st.sampled_from([None, "T1", "T2"]),
    open_id=st.sampled_from([None, OPEN_ID, OTHER_OPEN_ID]),
    currency=st.sampled_from(["CNY", "CNY", "USD"]),
)  # fmt: skip
notices = st.builds(
    PaymentResult,
    signer=st.just(OURS),
    merchant=st.sampled_from([OURS, OURS, OURS, SECOND, None]),
    app_id=st.sampled_from([OURS.app_id, OURS.app_id, SECOND.app_id, None]) | odd_texts,
    mch_id=st.sampled_from([OURS.mch_id, OURS.mch_id, None]) | odd_texts,
    result=st.sampled_from(["SUCCESS", "SUCCESS", "SUCCESS", "FAIL", "success", None]),
    order_num=st.sampled_from(["ORDER1", None]) | odd_texts,
    transaction_id=st.sampled_from(["T1", "T1", "T2", None, "T" * 64, "T" * 65]),
    amounts=st.fixed_dictionaries({}, optional={
        "total_fee": amount_texts, "cash_fee": amount_texts, "coupon_fee_0": odd_texts}),
    currency=st.sampled_from(["CNY", "CNY", "CNY", "USD", "", "cny"]),
    open_id=st.sampled_from([None, OPEN_ID, OTHER_OPEN_ID]),
    trade_type=st.sampled_from([None, "JSAPI"]), goes_back=st.booleans(), names=st.just(V2_NAMES),
    paid_at=st.none(), failure_code=st.none(), failure_words=st.none(),
    sub_mch_id=st.sampled_from([None, None, "1900000555"]),
    too_large=st.sampled_from([False, False, False, True]),
)  # fmt: skip
bookings = st.sampled_from([None, "ORDER1", "ORDER2"])


def fits(order: OrderFacts | None, notice: PaymentResult, booked_on: str | None) -> bool:
    """Everything that must be so before money is booked, said in another way."""
    if order is None or notice.merchant is None or not notice.transaction_id:
        return False
    return (
        (notice.mch_id, notice.app_id) == (order.mch_id, order.app_id)
        and notice.result == "SUCCESS"
        and len(notice.transaction_id) <= 64
        and order.status in (State.INIT, State.WAIT_PAY)
        and 1 <= order.total_fen <= MAX_FEN
        and notice.amounts.get("total_fee") == str(order.total_fen)
        and notice.currency == order.currency
        and (notice.sub_mch_id, notice.too_large) == (None, False)
        and not any(re.fullmatch("-[0-9]+", text) for text in notice.amounts.values())
        and booked_on in (None, order.order_num)
    )


@settings(max_examples=1000)
@example(ORDER, NOTICE, None)
@example(PAID, NOTICE, "ORDER1")
@given(orders, notices, bookings)
def test_money_is_booked_exactly_when_everything_fits(
    order: OrderFacts | None, notice: PaymentResult, booked_on: str | None
) -> None:
    verdict = judge(order, notice, booked_on)
    assert (verdict.outcome is What.BOOKED) is fits(order, notice, booked_on)
    assert judge(order, notice, booked_on) == verdict


@settings(max_examples=300)
@given(orders, notices, bookings)
def test_every_verdict_can_be_answered_stored_and_shown(
    order: OrderFacts | None, notice: PaymentResult, booked_on: str | None
) -> None:
    verdict = judge(order, notice, booked_on)
    assert bool(verdict.rule) is (REPLIES[verdict.outcome].alert is not None)
    assert verdict.receipt is None or not REPLIES[verdict.outcome].success
    shown = [verdict.expected, verdict.actual]
    shown += [value for row in verdict.fields for value in (row.ours, row.wechat)]
    assert all(len(text) <= SHOWN for text in shown if isinstance(text, str))
    assert not {OPEN_ID, OTHER_OPEN_ID} & set(shown)
    assert all(abs(number) < 2**63 for number in shown if isinstance(number, int))
