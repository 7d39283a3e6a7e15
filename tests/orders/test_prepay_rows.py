"""Whatever WeChat answers to a prepay: what the page is told, the stream, the case, the order, and
whether its number is free for another kind of payment.

Each row comes twice: the second is counted on the same case.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from payments.causes import Cause
from payments.v2 import wire
from services.wechat.call_failures import MISCONFIGURED, NO_WORD
from tests.support.fake_wechat import (
    GOOD,
    Act,
    answering,
    chunks,
    half,
    hang_up,
    refusing,
    saying,
    shop_with,
    unified,
)
from tests.support.notify_rig import alerts
from tests.support.rig import APP_ID, MCH_ID, OPEN_ID

pytestmark = pytest.mark.one_database

FOR_JSAPI = saying(answering(trade_type="JSAPI", code_url=None))


@dataclass(frozen=True)
class Case:
    """The alert that a row raises; its number is always null."""

    kind: str
    severity: str
    expected: str | None
    actual: str
    cause: Cause


@dataclass(frozen=True)
class Row:
    """What WeChat does, and what comes of it. `free`: WeChat cannot know the number, or denies it
    when it is asked, as it is here; then another trade type may be tried. `code` is that of the
    event; `calls` is how often WeChat was called for the prepay."""

    acts: tuple[Act, ...]
    status: int
    error: str
    code: str
    case: Case | None = None
    free: bool = False
    calls: int = 1


def refused(
    code: str,
    *,
    status: int = 502,
    error: str = "wechat_refused",
    free: bool = False,
    calls: int = 1,
) -> Row:
    return Row((saying(refusing(code)),), status, error, code, None, free, calls)


def untrusted(act: Act, case: Case | None = None) -> Row:
    return Row((act,), 502, "wechat_untrusted", "wechat_untrusted", case)


def unreachable(act: Act) -> Row:
    return Row((act,), 504, "wechat_unreachable", "wechat_unreachable")


def misconfigured(code: str) -> Row:
    case = Case("system", "medium", None, code, MISCONFIGURED[code])
    return Row((saying(refusing(code)),), 502, "wechat_refused", code, case, free=True)


def foreign(mch_id: str, app_id: str) -> Row:
    case = Case(
        "foreign_merchant",
        "critical",
        f"mch_id {MCH_ID}, appid {APP_ID}",
        f"mch_id {mch_id}, appid {app_id}",
        Cause.ANSWER_FOREIGN_APP_ID if mch_id == MCH_ID else Cause.ANSWER_FOREIGN_MCH_ID,
    )
    return untrusted(saying(answering(mch_id=mch_id, appid=app_id)), case)


FORGED = Case("bad_signature", "high", "valid", "wrong_or_missing", Cause.ANSWER_UNPROVEN)
UNSIGNED_FAIL = wire.write({"return_code": "FAIL", "return_msg": "签名错误"})
UNSIGNED = wire.write({"return_code": "SUCCESS", "result_code": "SUCCESS", "prepay_id": "wx1"})
BOMB = gzip.compress(b"<xml>" + bytes(10_000_000))

ROWS = {
    "P13 an unsigned FAIL": Row(
        (saying(UNSIGNED_FAIL),),
        502,
        "wechat_refused",
        "FAIL",
        Case("system", "medium", None, "FAIL", Cause.KEY_REFUSED),
        free=True,
    ),
    "P15 used with other parameters": refused(
        "OUT_TRADE_NO_USED", status=409, error="prepay_conflict"
    ),
    **{f"P16 {code}": misconfigured(code) for code in MISCONFIGURED},
    "the buyer has not enough": refused("NOTENOUGH", free=True),
    "closed at WeChat": refused("ORDERCLOSED", status=409, error="order_closed"),
    "a wrong parameter": refused("PARAM_ERROR", free=True),
    "a code nobody knows": refused("NEW_RULE", free=True),
    "P17 SYSTEMERROR": refused("SYSTEMERROR", calls=3),
    "P17 FREQUENCY_LIMITED": refused("FREQUENCY_LIMITED", calls=3),
    "P18 unsigned": untrusted(saying(UNSIGNED), FORGED),
    "P18 signed with another key": untrusted(saying(answering(key="0" * 32)), FORGED),
    "P18 changed": untrusted(saying(answering().replace(b"pr=abc", b"pr=evil")), FORGED),
    "P18 failed and unsigned": untrusted(
        saying(wire.write({"return_code": "SUCCESS", "result_code": "FAIL"})), FORGED
    ),
    "P19 of another app": foreign(MCH_ID, "wx0000000000000000"),
    "P19 of another merchant": foreign("1900000999", APP_ID),
    "P20 no answer": unreachable(hang_up),
    "P20 half an answer": unreachable(half),
    "P21 empty": untrusted(saying(b"")),
    "P21 a web page": untrusted(saying(b"<!DOCTYPE html><html><body>502</body></html>")),
    "P21 noise": untrusted(saying(b"\x00\xff\xfe" * 40)),
    "P21 cut off": untrusted(saying(answering()[:-20])),
    "P21 ten megabytes": untrusted(saying(b"<xml>" + b"x" * 10_000_000)),
    "P21 packed": untrusted(saying(BOMB, **{"Content-Encoding": "gzip"})),
    "P21 elsewhere": untrusted(saying(answering(), 302, Location="http://127.0.0.1:1/")),
    "P21 not found": untrusted(saying(answering(), 404)),
    "P21 broken": unreachable(saying(answering(), 500)),
    "without a prepay id": untrusted(saying(answering(prepay_id=None))),
    "a code longer than any": untrusted(saying(answering(code_url="w" * 513))),
}


@pytest.mark.gen_test
@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
async def test_a_failed_prepay_has_exactly_these_consequences(tmp_path: Path, row: Row) -> None:
    async with shop_with(tmp_path, *row.acts) as (shop, fake):
        num = (await shop.order(openId=OPEN_ID))["orderNum"]
        for count in (1, 2):
            seq, fake.heard = (await shop.events())[-1]["seq"], []
            status, body = await unified(shop, num)
            assert (status, body["error"]) == (row.status, row.error)
            told = {"error", "message", "requestId"}
            assert set(body) == (told | {"detail"} if row.error == "wechat_refused" else told)
            assert len(fake.heard) == row.calls
            assert len(set(fake.heard)) == 1
            failed, *raised = await shop.events(seq)
            assert (failed["kind"], failed["orderNum"]) == ("prepay.failed", num)
            assert (failed["data"]["tradeType"], failed["data"]["code"]) == ("NATIVE", row.code)
            kinds = [event["kind"] for event in raised]
            assert kinds == ([f"alert.{('raised', 'repeated')[count - 1]}"] if row.case else [])
            assert [seen(case) for case in await alerts(shop)] == (
                [(row.case.kind, row.case.severity, row.case.expected, row.case.actual, count)]
                if row.case
                else []
            )
            assert (await shop.read(num))["status"] == "INIT"
        if row.case:
            (case,) = await alerts(shop)
            assert case["evidence"]["code"] == row.case.cause
            assert case["orderNum"] is None
        fake.acts = [FOR_JSAPI]
        assert (await shop.prepay(num, "JSAPI")).code == (200 if row.free else 409)


def seen(case: dict[str, object]) -> tuple[object, ...]:
    return tuple(case[name] for name in ("kind", "severity", "expected", "actual", "count"))


@pytest.mark.gen_test
async def test_a_number_that_an_earlier_try_may_have_made_is_not_free(tmp_path: Path) -> None:
    acts = [saying(refusing(code)) for code in ("SYSTEMERROR", "NOAUTH")]
    async with shop_with(tmp_path, *acts) as (shop, fake):
        num = (await shop.order(openId=OPEN_ID))["orderNum"]
        fake.told = answering(trade_state="NOTPAY", out_trade_no=num)
        status, body = await unified(shop, num)
        assert (status, body["detail"]["code"], len(fake.heard)) == (502, "NOAUTH", 2)
        fake.acts = [FOR_JSAPI]
        assert (await shop.prepay(num, "JSAPI")).code == 409


@pytest.mark.gen_test
async def test_ten_calls_in_a_row_without_a_word_of_wechats_raise_one_case(tmp_path: Path) -> None:
    async with shop_with(tmp_path, hang_up) as (shop, fake):
        for _ in range(NO_WORD - 1):
            assert (await unified(shop, (await shop.order())["orderNum"]))[0] == 504
        fake.acts = [saying(refusing("NOTENOUGH")), chunks]
        assert (await unified(shop, (await shop.order())["orderNum"]))[0] == 502  # a word
        for _ in range(NO_WORD - 1):
            assert (await unified(shop, (await shop.order())["orderNum"]))[0] in (502, 504)
        assert await alerts(shop) == []
        fake.acts = [saying(b"?")]
        for _ in range(3):
            assert (await unified(shop, (await shop.order())["orderNum"]))[0] == 502
        (case,) = await alerts(shop)
        assert (case["kind"], case["actual"], case["count"]) == ("system", "wechat_untrusted", 3)
        kinds = [event["kind"] for event in await shop.events()]
        assert (kinds.count("alert.raised"), kinds.count("alert.repeated")) == (1, 1)


PAID_THERE = {
    "confirmed": ({"trade_state": "SUCCESS", "total_fee": "8800"}, 409, "already_paid", "PAID"),
    "with another amount": (
        {"trade_state": "SUCCESS", "total_fee": "1"},
        502,
        "wechat_refused",
        "INIT",
    ),
    "not confirmed": ({"trade_state": "NOTPAY"}, 502, "wechat_refused", "INIT"),
}


@pytest.mark.gen_test
@pytest.mark.parametrize("what", PAID_THERE)
async def test_what_wechat_calls_paid_is_asked_and_booked_by_the_same_rules(
    tmp_path: Path, what: str
) -> None:
    told, status, error, state = PAID_THERE[what]
    async with shop_with(tmp_path, saying(refusing("ORDERPAID"))) as (shop, fake):
        num = (await shop.order())["orderNum"]
        fake.told = answering(out_trade_no=num, transaction_id="4200001", openid=OPEN_ID, **told)
        answer = await unified(shop, num)
        assert (answer[0], answer[1]["error"]) == (status, error)
        assert (await shop.read(num))["status"] == state
        kinds = [case["kind"] for case in await alerts(shop)]
        assert kinds == (["amount_mismatch"] if what == "with another amount" else [])


@pytest.mark.gen_test
async def test_a_close_that_the_settings_forbid_raises_the_case_too(tmp_path: Path) -> None:
    async with shop_with(tmp_path, GOOD) as (shop, fake):
        num = (await shop.order())["orderNum"]
        assert (await unified(shop, num))[0] == 200
        expected = (("NOAUTH", refusing("NOAUTH")), ("wrong_or_missing", answering(key="0" * 32)))
        for actual, fake.told in expected:
            closed = await shop.merchant(f"orders/{num}/close", "POST")
            assert closed.code == 502, json.loads(closed.body)
            assert (await alerts(shop))[-1]["actual"] == actual
        assert (await shop.read(num))["status"] == "WAIT_PAY"
