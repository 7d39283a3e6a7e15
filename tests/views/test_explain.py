"""What there is to tell of an order: for every fault the right cause, both values, what to do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from models.notify import ReceiptState
from payments.payment_method import read_payment_method
from payments.payment_rules import ReceiptReason
from payments.refund import RefundStatus
from payments.states import OrderStatus
from services.orders.orders import OrderView
from services.runtime.clock import DAY_MS
from services.settlement.refund_store import RefundView
from services.views.explain import explain
from services.views.explain_facts import ExplainFacts, UnmatchedMoney, UnverifiedFact
from tests.orders.test_reconciler import age
from tests.refunds.test_refunds import ask, paid, wish
from tests.support.fake_refunds import refund_shop
from tests.support.fake_wechat import answering, refusing, saying, shop_with
from tests.support.rig import (
    MCH_ID,
    PRICE,
    Console,
    Product,
    notify_fields,
    product,
    signed,
    transaction,
)

pytestmark = pytest.mark.one_database

NOW = 1_790_000_000_000
AT = "2026-09-21T14:13:20.000Z"


def order(status: str, **more: Any) -> OrderView:
    paid_at = None if status in ("INIT", "WAIT_PAY", "CLOSED") else NOW
    values: dict[str, Any] = {
        "order_num": "ORDER-1", "product_id": "p1", "title": "t", "quantity": 1, "total_fen": PRICE,
        "refunded_fen": 0, "service_status": None, "trade_type": None, "open_id": None,
        "transaction_id": "4200" if paid_at else None, "phone": None, "customer": None,
        "app_id": "a", "mch_id": "m", "status_token": "s", "created_at": NOW - 60_000,
        "paid_at": paid_at, "wechat_paid_at": None, "expires_at": NOW + 60_000, "id": 1, **more,
    }  # fmt: skip
    return OrderView(status=OrderStatus(status), **values)


def event(kind: str, **data: Any) -> dict[str, Any]:
    return {"kind": kind, "at": AT, "data": data, "seq": 1}


def refund(status: RefundStatus, **more: Any) -> RefundView:
    values: dict[str, Any] = {
        "id": 1, "refund_num": "RF000001", "order_num": "ORDER-1", "receipt_id": None,
        "app_id": "a", "mch_id": "m", "transaction_id": "4200", "total_fen": PRICE,
        "amount_fen": 880, "reason": "r", "refund_id": None, "requested_by": "bob",
        "decided_by": None, "failure": None, "ended_from": None, "created_at": NOW,
        "updated_at": NOW, "succeeded_at": None, **more,
    }  # fmt: skip
    return RefundView(status=status, **values)


def money(reason: ReceiptReason, state: ReceiptState, id_: int = 7) -> UnmatchedMoney:
    return UnmatchedMoney(id_, "4201", PRICE, reason, state, "n1", NOW)


PREPAY = event("prepay.created", tradeType="NATIVE")
REFUSED = event("prepay.failed", code="NOAUTH", words="no right")
LOST = event("prepay.failed", code="wechat_unreachable", words="")
FAILED = event("payment.failed", code="NOTENOUGH", words="余额不足")
EXPIRED = event("order.closed", reason="expired", by="expiry")
ASKED = event("order.closed", reason="closed on request", by="alice")
R, S, M = RefundStatus, ReceiptState, ReceiptReason
TABLE: list[tuple[str, str, ExplainFacts]] = [
    ("never_opened", "ask_buyer", ExplainFacts(order("INIT"), NOW)),
    ("prepay_refused", "check_settings", ExplainFacts(order("INIT"), NOW, (REFUSED,))),
    ("prepay_unanswered", "try_again", ExplainFacts(order("INIT"), NOW, (LOST,), sent=True)),
    ("payment_unknown", "ask_wechat", ExplainFacts(order("INIT"), NOW, sent=True)),
    ("payment_unknown", "ask_wechat", ExplainFacts(order("WAIT_PAY"), NOW, (PREPAY, LOST))),
    ("payment_unknown", "ask_wechat",
     ExplainFacts(order("WAIT_PAY"), NOW, (PREPAY,), unpaid_at=NOW - DAY_MS)),
    ("not_paid", "ask_wechat", ExplainFacts(order("WAIT_PAY"), NOW, (PREPAY,), unpaid_at=NOW)),
    ("expired", "wait", ExplainFacts(order("WAIT_PAY", expires_at=NOW), NOW, (PREPAY,))),
    ("payment_failed", "ask_buyer", ExplainFacts(order("WAIT_PAY"), NOW, (FAILED, PREPAY))),
    ("payment_unknown", "ask_wechat", ExplainFacts(order("WAIT_PAY"), NOW, (PREPAY, FAILED))),
    ("closed_expired", "new_order", ExplainFacts(order("CLOSED"), NOW, (EXPIRED,))),
    ("closed", "new_order", ExplainFacts(order("CLOSED"), NOW, (ASKED,))),
    *(
        (code, after,
         ExplainFacts(order("CLOSED"), NOW, (ASKED,), receipts=(money(M.LATE, state),)))
        for state, code, after in (
            (S.WAITING, "late_money", "decide_receipt"), (S.PROPOSED, "late_money", "second_admin"),
            (S.REFUNDING, "late_money", "wait"), (S.REFUNDED, "late_money", "new_order"),
            (S.ACCEPTED, "late_money", "none"), (S.BOOKED, "closed", "new_order"),
        )
    ),
    ("early_money", "decide_receipt",
     ExplainFacts(order("INIT"), NOW, receipts=(money(M.UNKNOWN_ORDER, S.WAITING),))),
    ("expired", "wait", ExplainFacts(order("WAIT_PAY", expires_at=NOW), NOW, (FAILED, PREPAY))),
    ("paid_twice", "decide_receipt",
     ExplainFacts(order("PAID"), NOW, receipts=(money(M.PAID_TWICE, S.WAITING),))),
    ("waiting_service", "serve",
     ExplainFacts(order("PAID"), NOW, receipts=(money(M.PAID_TWICE, S.REFUNDED),))),
    ("waiting_service", "serve", ExplainFacts(order("PAID", service_status="SERVICE_WAIT"), NOW)),
    ("in_service", "finish_service", ExplainFacts(order("PAID", service_status="IN_SERVICE"), NOW)),
    ("served", "none", ExplainFacts(order("PAID", service_status="SERVED"), NOW)),
    ("service_cancelled", "refund_if_asked",
     ExplainFacts(order("PAID", service_status="SERVICE_CANCELLED"), NOW)),
    *(
        (code, after, ExplainFacts(order(status), NOW, refunds=(refund(state),)))
        for status, state, code, after in (
            ("PAID", R.REQUESTED, "refund_requested", "decide_refund"),
            ("REFUNDING", R.APPROVED, "refund_sent", "wait"),
            ("REFUNDING", R.PROCESSING, "refund_underway", "wait"),
            ("REFUNDING", R.ABNORMAL, "refund_stuck", "act_at_wechat"),
            ("PAID", R.REFUSED, "refund_refused", "refund_again"),
            ("PAID", R.CLOSED, "refund_closed", "refund_again"),
            ("PAID", R.REJECTED, "refund_rejected", "none"),
            ("PAID", R.ENDED, "refund_ended", "refund_again"),
            ("PARTIALLY_REFUNDED", R.SUCCESS, "partly_refunded", "none"),
            ("REFUNDED", R.SUCCESS, "refunded", "none"),
        )
    ),
    ("refund_settled", "none",
     ExplainFacts(order("PAID"), NOW, refunds=(refund(R.ENDED, ended_from=R.ABNORMAL),))),
    ("waiting_service", "serve",
     ExplainFacts(order("PAID"), NOW, refunds=(refund(R.SUCCESS, receipt_id=7),))),
]  # fmt: skip


@pytest.mark.parametrize(("code", "after", "facts"), TABLE)
def test_every_state_has_its_code_and_its_next_step(
    code: str, after: str, facts: ExplainFacts
) -> None:
    why = explain(facts)
    assert (why.code, why.next) == (code, after)


@pytest.mark.parametrize(
    ("expected", "actual", "code"),
    [
        ("SUCCESS", "OK", "odd_result"),
        ("CLOSED", "PAID", "late_money"),
        ("A1", "A2", "reused_transaction"),
        ("4200001", "4200002", "paid_twice"),
    ],
)
def test_a_case_from_before_causes_had_codes_is_told_by_its_two_sides(
    expected: str, actual: str, code: str
) -> None:
    case = {
        "id": 1,
        "kind": "illegal_transition",
        "status": "open",
        "orderNum": "A1",
        "expected": expected,
        "actual": actual,
        "lastSeen": NOW,
        "evidence": {"rule": "said in the words of that time"},
    }
    why = explain(ExplainFacts(order("WAIT_PAY"), NOW, alerts=(case,)))
    assert (why.code, why.expected, why.actual) == (code, expected, actual)


def test_an_older_receipt_that_waits_goes_before_a_newer_one_that_is_over() -> None:
    both = (money(M.LATE, S.WAITING, 7), money(M.LATE, S.REFUNDED, 8))
    assert explain(ExplainFacts(order("CLOSED"), NOW, receipts=both)).receipt_id == 7


def test_a_forged_message_matters_only_while_the_order_is_not_paid() -> None:
    forged = UnverifiedFact(3, 2, "wrong", "n1", AT, named=True)
    why = explain(ExplainFacts(order("WAIT_PAY"), NOW, (PREPAY,), forged=forged))
    assert (why.code, why.expected, why.actual, why.alert_id) == (
        "bad_signature", "valid", "wrong", 3,
    )  # fmt: skip
    elsewhere = UnverifiedFact(3, 2, "wrong", "n1", AT, named=False)
    why = explain(ExplainFacts(order("WAIT_PAY"), NOW, (PREPAY,), forged=elsewhere))
    assert why.code == "payment_unknown"
    assert why.notes == ({"code": "bad_signatures", "count": 2, "alertId": 3},)
    facts = ExplainFacts(order("WAIT_PAY"), NOW, (PREPAY,), forged=elsewhere)
    assert explain(replace(facts, unpaid_at=NOW)).notes == (), "WeChat has said since: not paid"
    assert explain(replace(facts, timeline=())).notes == (), "nobody could pay it"
    assert explain(ExplainFacts(order("PAID"), NOW, forged=forged)).notes == ()


# --- over HTTP ---------------------------------------------------------------------------------


async def why(who: Console, number: str) -> dict[str, Any]:
    found: dict[str, Any] = (await who.get(f"orders/{number}"))["why"]
    return found


async def new(shop: Product) -> str:
    number: str = (await shop.order())["orderNum"]
    return number


@pytest.mark.gen_test
async def test_each_fault_of_a_notify_names_its_cause_and_both_values(tmp_path):
    async with product(tmp_path) as shop:
        bob = await shop.user("bob")
        mch_id = "1900000999"

        async def after(**changes: str | None) -> dict[str, Any]:
            number = await new(shop)
            await shop.pay(number, **changes)
            return await why(bob, number)

        def core(told: dict[str, Any]) -> tuple[Any, ...]:
            assert told["alertId"]
            assert told["notifyId"]
            return told["code"], told["expected"], told["actual"], told["next"]

        more = await after(total_fee=str(PRICE + 1))
        assert core(more) == ("amount_mismatch", PRICE, PRICE + 1, "decide_receipt")
        assert (more["receiptState"], more["amountFen"]) == ("waiting", PRICE + 1)
        assert core(await after(total_fee="0")) == ("amount_mismatch", PRICE, 0, "check_alert")
        dollars = await after(fee_type="USD")
        assert core(dollars) == ("amount_mismatch", "CNY", "USD", "decide_receipt")
        less = await after(total_fee="-500")
        assert core(less) == ("negative_total", PRICE, -500, "ask_wechat")
        other = await after(mch_id=mch_id)
        assert core(other)[0] == "foreign_merchant"
        assert MCH_ID in other["expected"]
        assert mch_id in other["actual"]
        assert core(await after(result_code=None))[:3] == ("notify_incomplete", "result_code", None)
        assert core(await after(result_code="OK"))[:3] == ("odd_result", "SUCCESS", "OK")
        failed = await after(result_code="FAIL", err_code="NOTENOUGH", err_code_des="余额不足")
        assert (failed["code"], failed["expected"], failed["actual"]) == (
            "payment_failed", "SUCCESS", "FAIL",
        )  # fmt: skip
        assert (failed["wechatCode"], failed["words"]) == ("NOTENOUGH", "余额不足")


@pytest.mark.gen_test
async def test_a_notify_that_proves_nothing_is_named_where_it_names_the_order(tmp_path):
    async with product(tmp_path) as shop:
        bob = await shop.user("bob")
        good = notify_fields("NOSIGN-1", transaction())
        unsigned = signed(good).replace(b"<sign>", b"<sigh>").replace(b"</sign>", b"</sigh>")
        wrong = signed({**good, "out_trade_no": "WRONGKEY-1"}, key="x" * 32)
        cheap = {**good, "out_trade_no": "TAMPERED-1", "total_fee": "7654321"}
        tampered = signed(cheap).replace(b"7654321", str(PRICE).encode())
        # The case keeps its messages at the counts of 1, 2, 4: the third is sent twice.
        for number, body, times, actual in (
            ("NOSIGN-1", unsigned, 1, "missing"),
            ("WRONGKEY-1", wrong, 1, "wrong"),
            ("TAMPERED-1", tampered, 2, "wrong"),
        ):
            await shop.order(orderNum=number)
            await shop.order(orderNum=number + "0")
            for _ in range(times):
                await shop.notify(body)
            told = await why(bob, number)
            assert (told["code"], told["expected"], told["actual"], told["next"]) == (
                "bad_signature", "valid", actual, "check_keys",
            )  # fmt: skip
            beside = await why(bob, number + "0")
            assert beside["code"] == "never_opened"  # a number that only begins like it
            assert beside["notes"] == []  # nobody could pay it yet
        for body in (b"<xml><a>", b'<!DOCTYPE x [<!ENTITY a "aa">]><xml><a>&a;</a></xml>'):
            await shop.notify(body)
        number = await new(shop)
        assert (await why(bob, number))["code"] == "never_opened"


@pytest.mark.gen_test
async def test_money_that_comes_late_or_twice_is_told_with_its_receipt(tmp_path):
    async with product(tmp_path) as shop:
        bob = await shop.user("bob")
        number, first, second = await new(shop), transaction(), transaction()
        await shop.pay(number, first)
        await shop.pay(number, first)
        told = await why(bob, number)
        assert (told["code"], told["next"]) == ("waiting_service", "serve")
        assert told["notes"] == [{"code": "duplicate", "count": 1, "transactionId": first}]
        await shop.pay(number, second)
        told = await why(bob, number)
        assert (told["code"], told["expected"], told["actual"]) == ("paid_twice", first, second)
        assert (told["receiptState"], told["amountFen"]) == ("waiting", PRICE)

        other = await new(shop)
        await shop.pay(other, first)
        told = await why(bob, other)
        assert (told["code"], told["expected"], told["actual"]) == (
            "reused_transaction", other, number,
        )  # fmt: skip

        closed = await new(shop)
        await shop.merchant(f"orders/{closed}/close", "POST")
        assert (await why(bob, closed))["code"] == "closed"
        await shop.pay(closed)
        told = await why(bob, closed)
        assert (told["code"], told["expected"], told["actual"]) == ("late_money", "CLOSED", "PAID")
        assert told["next"] == "decide_receipt"


@pytest.mark.gen_test
async def test_what_wechat_says_to_a_prepay_and_the_time_that_is_over_are_told(tmp_path):
    acts = [saying(refusing("NOAUTH", "商户无权限")), saying(b"<xml>"), saying(answering())]
    async with shop_with(tmp_path, *acts) as (shop, _):
        bob = await shop.user("bob")
        number = await new(shop)
        assert (await why(bob, number))["code"] == "never_opened"
        await shop.prepay(number)
        told = await why(bob, number)
        assert (told["code"], told["wechatCode"], told["next"]) == (
            "prepay_refused", "NOAUTH", "check_settings",
        )  # fmt: skip
        await shop.prepay(number)
        told = await why(bob, number)
        assert (told["code"], told["actual"]) == ("prepay_unanswered", "wechat_untrusted")
        await shop.prepay(number)
        told = await why(bob, number)
        assert (told["code"], told["actual"], told["words"]) == ("payment_unknown", None, "NATIVE")
        assert told["askAt"]
        await age(shop, number)
        assert (await why(bob, number))["code"] == "expired"
        await shop.running.reconciler.step()
        assert (await why(bob, number))["code"] == "closed_expired"


@pytest.mark.gen_test
async def test_a_refund_is_told_on_its_way_and_where_it_stops(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice = await shop.user()
        number = await paid(shop, wechat)
        _, answer = await wish(alice, number, 880)
        refund_num = answer["refund"]["refundNum"]
        told = await why(alice, number)
        assert (told["code"], told["amountFen"]) == ("refund_underway", 880)
        wechat.finish("CHANGE")
        await ask(shop, refund_num)
        told = await why(alice, number)
        assert (told["code"], told["next"], told["refundNum"]) == (
            "refund_stuck", "act_at_wechat", refund_num,
        )  # fmt: skip
        wechat.finish("SUCCESS")
        await ask(shop, refund_num)
        assert (await why(alice, number))["code"] == "partly_refunded"
        wechat.faults.append("ERROR")
        await wish(alice, number, 880)
        told = await why(alice, number)
        assert (told["code"], told["next"]) == ("refund_refused", "refund_again")
        assert "ERROR" in told["words"]


# --- beside the answer -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (("<xml><total_fee>100</total_fee><cash_fee>80</cash_fee><bank_type>CMB_DEBIT</bank_type>"
         "</xml>"), (80, 20, "CMB_DEBIT")),
        ("<xml><total_fee>100</total_fee><cash_fee>100</cash_fee></xml>", (100, 0, None)),
        ("<xml><total_fee>100</total_fee><cash_fee>120</cash_fee></xml>", None),
        ("<xml><total_fee>100</total_fee></xml>", None),
        ("<xml><total_fee>100</total_fee><coupon_fee>90</coupon_fee></xml>", None),
        ("<xml><total_fee>100</total_fee><coupon_fee>100</coupon_fee></xml>", (0, 100, None)),
        ("<xml><total_fee>100</total_fee><cash_fee>0</cash_fee></xml>", (0, 100, None)),
        ('{"amount":{"total":100,"payer_total":0}}', (0, 100, None)),
        ('{"amount":{"total":100,"payer_total":90},"bank_type":"OTHERS"}', (90, 10, "OTHERS")),
        ('{"amount":{"total":100,"payer_total":-90}}', None),
        ('{"amount":7}', None), ("[]", None), ("{", None), ("", None), ("<xml>", None),
    ],
)  # fmt: skip
def test_a_payment_is_taken_apart_only_where_it_adds_up(text: str, told: Any) -> None:
    found = read_payment_method(text)
    assert (found and (found.cash_fen, found.coupon_fen, found.bank)) == told


@pytest.mark.gen_test
async def test_an_order_tells_its_coupon_and_the_buyers_other_orders(tmp_path):
    async with product(tmp_path) as shop:
        bob = await shop.user("bob")
        open_id = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
        numbers = [(await shop.order(openId=open_id))["orderNum"] for _ in range(3)]
        await shop.pay(numbers[0], cash_fee="0", coupon_fee="8800", coupon_count="1")
        await shop.pay(numbers[1], cash_fee="8000", coupon_fee="800", coupon_count="1")
        free = (await bob.get(f"orders/{numbers[0]}"))["payment"]
        assert (free["cashFen"], free["couponFen"]) == (0, 8800)
        alone = await new(shop)
        found = await bob.get(f"orders/{numbers[1]}")
        assert found["payment"] == {"cashFen": 8000, "couponFen": 800, "bank": "CMB_DEBIT"}
        others = found["customerOrders"]
        assert (others["count"], others["paidFen"], others["more"]) == (2, PRICE, False)
        assert [each["orderNum"] for each in others["recent"]] == [numbers[2], numbers[0]]
        assert found["secondAdminFen"] == 500_000
        found = await bob.get(f"orders/{alone}")
        assert (found["payment"], found["customerOrders"]) == (None, None)
