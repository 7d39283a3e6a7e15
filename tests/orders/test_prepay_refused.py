"""Prepays that WeChat refuses are counted and watched: a person hears of them within a minute, in
WeChat's own words, and the order's page says what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from payments.causes import Cause
from payments.v2 import wire
from services.alerts.detectors import REFUSED_FEW
from services.alerts.monitor import Monitor
from services.runtime.clock import SystemClock
from tests.support.fake_wechat import (
    GOOD,
    REQUEST_ID,
    Act,
    answering,
    refusing,
    refusing_v3,
    saying,
    saying_v3,
    shop_with,
    unified,
)
from tests.support.notify_rig import alerts
from tests.support.rig import OPEN_ID, Product
from tests.support.v3_keys import WITH_PUBLIC_KEY

V3_ALONE = {**WITH_PUBLIC_KEY, "WECHAT_API_V2_KEY": ""}
SIGN_FAIL = saying(wire.write({"return_code": "FAIL", "return_msg": "签名错误"}))
IP_FAIL = saying(wire.write({"return_code": "FAIL", "return_msg": "invalid spbill_create_ip"}))
NATIVE_V3 = saying_v3({"code_url": "weixin://wxpay/bizpayurl?pr=abc"})
SIGN_DETAIL = {"field": "signature", "detail": {"issue": "sign not match"}}
DETAIL = {"field": "/payer/openid", "value": OPEN_ID, "issue": "无效的openid", "location": "body"}


def evidence(case: dict[str, Any]) -> dict[str, Any]:
    return {row["name"]: row["wechat"] for row in case["evidence"]["fields"]}


AT_ONCE: dict[str, tuple[Act, dict[str, str], Cause, dict[str, Any]]] = {
    "v2 an unsigned FAIL about the signature": (
        SIGN_FAIL, {}, Cause.KEY_REFUSED, {"code": "FAIL", "words": "签名错误"},
    ),
    "v2 an unsigned FAIL about something else": (
        IP_FAIL, {}, Cause.UNSIGNED_FAIL, {"code": "FAIL", "words": "invalid spbill_create_ip"},
    ),
    "v2 a restricted merchant": (
        saying(refusing("RULE_LIMIT", "收款功能已被限制"), **{"Request-ID": REQUEST_ID}), {},
        Cause.RECEIVING_RESTRICTED,
        {"code": "RULE_LIMIT", "words": "收款功能已被限制", "Request-ID": REQUEST_ID},
    ),
    "v3 a restricted merchant": (
        refusing_v3("RULE_LIMIT", 403, "收款功能已被限制"), V3_ALONE, Cause.RECEIVING_RESTRICTED,
        {"code": "RULE_LIMIT", "words": "收款功能已被限制", "Request-ID": REQUEST_ID},
    ),
    "v3 a wrong signature": (
        refusing_v3("SIGN_ERROR", 401, "签名错误", detail=SIGN_DETAIL), V3_ALONE,
        Cause.KEY_REFUSED,
        {"code": "SIGN_ERROR", "words": "签名错误", "detail": "signature · sign not match",
         "Request-ID": REQUEST_ID},
    ),
    "v3 an unsigned 403": (
        refusing_v3("NO_AUTH", 403, "IP不在白名单", signs=False), V3_ALONE, Cause.UNSIGNED_FAIL,
        {"code": "NO_AUTH", "words": "IP不在白名单", "Request-ID": REQUEST_ID},
    ),
}  # fmt: skip


@pytest.mark.one_case
@pytest.mark.gen_test
@pytest.mark.parametrize("what", AT_ONCE)
async def test_what_no_buyer_can_mend_is_a_case_at_the_first_prepay(
    tmp_path: Path, what: str
) -> None:
    act, settings, cause, told = AT_ONCE[what]
    async with shop_with(tmp_path, act, **settings) as (shop, _fake):
        for _ in range(5):
            assert (await unified(shop, (await shop.order())["orderNum"]))[0] == 502
        (case,) = [c for c in await alerts(shop) if c["evidence"]["code"] == cause]
        assert case["count"] == 5
        assert evidence(case).items() >= told.items()


@pytest.mark.gen_test
async def test_other_doors_tell_an_unsigned_fail_as_what_it_is(tmp_path: Path) -> None:
    fail = wire.write({"return_code": "FAIL", "return_msg": "签名错误"})
    async with shop_with(tmp_path, GOOD) as (shop, fake):
        num = (await shop.order())["orderNum"]
        assert (await unified(shop, num))[0] == 200
        fake.told = fail
        alice = await shop.user()
        assert (await alice.post(f"orders/{num}/query", {})).code == 502
        assert (await shop.merchant(f"orders/{num}/close", "POST")).code == 502
        (case,) = await alerts(shop)
        assert (case["evidence"]["code"], case["count"]) == (Cause.KEY_REFUSED, 2)
        assert evidence(case)["words"] == "签名错误"


# --- the rate ------------------------------------------------------------------------------------


async def prepays(shop: Product, count: int) -> None:
    for _ in range(count):
        await unified(shop, (await shop.order())["orderNum"])


async def watched(shop: Product) -> list[dict[str, Any]]:
    """The cases of refused prepays, after the monitor has looked once."""
    await Monitor(shop.running.store, SystemClock(), shop.settings.merchants).step()
    return [c for c in await alerts(shop) if c["evidence"]["code"] == Cause.PREPAYS_REFUSED]


UNKNOWN: dict[str, tuple[Act, Act, dict[str, str], dict[str, Any]]] = {
    "v2": (
        saying(refusing("NEW_RULE", "请联系微信支付")), GOOD, {},
        {"code": "NEW_RULE", "words": "请联系微信支付"},
    ),
    "v3": (
        refusing_v3("PARAM_ERROR", 400, "参数错误", detail=DETAIL), NATIVE_V3, V3_ALONE,
        {"code": "PARAM_ERROR", "words": "参数错误", "detail": "/payer/openid · 无效的openid",
         "Request-ID": REQUEST_ID},
    ),
}  # fmt: skip


@pytest.mark.gen_test
@pytest.mark.parametrize("api", UNKNOWN)
async def test_prepays_that_are_all_refused_are_one_case_in_wechats_words(
    tmp_path: Path, api: str
) -> None:
    refused, good, settings, told = UNKNOWN[api]
    async with shop_with(tmp_path, refused, **settings) as (shop, fake):
        await prepays(shop, REFUSED_FEW - 1)
        assert await watched(shop) == []
        await prepays(shop, 1)
        for _ in range(2):
            (case,) = await watched(shop)
            assert (case["severity"], case["count"], case["status"]) == ("high", 1, "open")
        assert case["evidence"]["values"] == {
            "refused": 3, "all": 3, "minutes": 5, "code": told["code"],
        }  # fmt: skip
        assert evidence(case).items() >= told.items()
        assert OPEN_ID not in json.dumps(await shop.events())
        fake.acts = [good]
        await prepays(shop, 4)
        (case,) = await watched(shop)
        assert case["history"][-1]["action"] == "over"
        figures = (await shop.fetch("/metrics")).body.decode()
        for end, count in (("given", 4), ("refused", 3), ("unanswered", 0), ("unsent", 0)):
            assert f'paywatch_prepays_total{{outcome="{end}"}} {count}.0' in figures
        alice = await shop.user()
        minutes = (await alice.get("summary"))["minutes"]
        assert sum(minute.get("refusedPrepayCount", 0) for minute in minutes) == 3


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_a_few_refusals_among_many_prepays_are_no_case(tmp_path: Path) -> None:
    refused = saying(refusing("NEW_RULE"))
    async with shop_with(tmp_path, GOOD) as (shop, fake):
        await prepays(shop, 5)
        fake.acts = [refused]
        await prepays(shop, 4)
        assert await watched(shop) == []
        await prepays(shop, 6)  # ten of fifteen
        (case,) = await watched(shop)
        assert case["evidence"]["values"]["refused"] == 10


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_prepays_without_an_answer_are_not_refused(tmp_path: Path) -> None:
    async with shop_with(tmp_path, saying(b"?")) as (shop, _fake):
        await prepays(shop, 6)
        assert await watched(shop) == []


# --- the order's page ----------------------------------------------------------------------------

NEXT = {
    "mend the key": (SIGN_FAIL, "check_settings"),
    "mend the settings": (saying(refusing("APPID_MCHID_NOT_MATCH")), "check_settings"),
    "ask WeChat": (saying(refusing("NEW_RULE", "请联系微信支付")), "ask_support"),
    "an unsigned word": (IP_FAIL, "ask_support"),
    "lift the restriction": (saying(refusing("RULE_LIMIT", "收款受限")), "lift_restriction"),
    "take a new number": (saying(refusing("ORDERCLOSED")), "new_order"),
    "used with other parameters": (saying(refusing("OUT_TRADE_NO_USED")), "new_order"),
    "paid there": (saying(refusing("ORDERPAID")), "ask_wechat"),
    "come again": (saying(refusing("BANKERROR")), "try_again"),
    "the buyer's own": (saying(refusing("NOTENOUGH")), "ask_buyer"),
}


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_the_advice_follows_wechats_code(tmp_path: Path) -> None:
    async with shop_with(tmp_path, GOOD) as (shop, fake):
        alice = await shop.user()
        for what, (act, after) in NEXT.items():
            num = (await shop.order())["orderNum"]
            fake.acts = [act]
            fake.told = answering(trade_state="NOTPAY", out_trade_no=num)
            assert (await unified(shop, num))[0] in (409, 502)
            why = (await alice.get(f"orders/{num}"))["why"]
            assert (why["code"], why["next"]) == ("prepay_refused", after), what


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("act", "settings", "kept"),
    [
        (NATIVE_V3, V3_ALONE, REQUEST_ID),
        (GOOD, {}, None),
    ],
    ids=["v3", "v2 sends none"],
)
async def test_the_event_of_a_prepay_names_the_call_in_wechats_log(
    tmp_path: Path, act: Act, settings: dict[str, str], kept: str | None
) -> None:
    async with shop_with(tmp_path, act, **settings) as (shop, _):
        number = (await shop.order())["orderNum"]
        assert (await unified(shop, number))[0] == 200
        (made,) = [each for each in await shop.events() if each["kind"] == "prepay.created"]
        assert made["data"].get("requestId") == kept
