"""Words of WeChat's that nobody knows: neither paid nor unpaid, asked about again, and told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from payments.errors import WeChatUntrusted
from payments.protocol import WireAnswer
from payments.v2 import trade as v2_trade
from payments.v3 import trade as v3_trade
from tests.notify.test_v3_rows import NUMBER, TX, notify_v3, status_of, v3_product
from tests.orders.test_reconciler import age, checks
from tests.support.fake_wechat import GOOD, answering, refusing, saying, shop_with, unified
from tests.support.notify_rig import alerts, head, receipts
from tests.support.rig import MERCHANT
from tests.support.v3_keys import NOW_S, notify_body, signed_headers, transaction_of
from tests.support.v3_material import MERCHANT as V3_MERCHANT
from tests.support.v3_material import PROOF, TRANSACTION
from tests.support.v3_material import answer as v3_answer

UNKNOWN: dict[str, dict[str, Any]] = {
    "none": {"trade_state": None},
    "an empty one": {"trade_state": ""},
    "one of tomorrow": {"trade_state": "PAID_LATER"},
    "in small letters": {"trade_state": "notpay"},
}


@pytest.mark.parametrize("what", UNKNOWN)
def test_a_query_without_a_known_state_is_not_unpaid(what: str) -> None:
    body = answering(out_trade_no="ORDER-1", **UNKNOWN[what])
    with pytest.raises(WeChatUntrusted) as odd:
        v2_trade.read_query(WireAnswer(200, body), MERCHANT, PROOF)
    assert odd.value.doubt == "odd_state"
    fields = {**TRANSACTION, **UNKNOWN[what]}
    with pytest.raises(WeChatUntrusted) as odd:
        v3_trade.read_query(v3_answer(fields), V3_MERCHANT, PROOF)
    assert odd.value.doubt == "odd_state"


@pytest.mark.parametrize(
    "state", ["NOTPAY", "CLOSED", "REVOKED", "USERPAYING", "PAYERROR", "ACCEPT"]
)
def test_every_state_of_wechat_s_without_money_is_unpaid(state: str) -> None:
    body = answering(out_trade_no="ORDER-1", trade_state=state)
    assert v2_trade.read_query(WireAnswer(200, body), MERCHANT, PROOF) is None
    fields = {**TRANSACTION, "trade_state": state}
    assert v3_trade.read_query(v3_answer(fields), V3_MERCHANT, PROOF) is None


@pytest.mark.gen_test
async def test_an_order_of_an_odd_state_is_not_closed_but_asked_again_and_told(
    tmp_path: Path,
) -> None:
    async with shop_with(tmp_path, GOOD, by_hand=True) as (shop, fake):
        number = (await shop.order())["orderNum"]
        await unified(shop, number)
        fake.told = answering(out_trade_no=number, trade_state="PAID_LATER")
        await age(shop, number)
        await shop.running.reconciler.step()
        assert (await shop.read(number))["status"] == "WAIT_PAY"
        assert await checks(shop) == [(number, 1)]
        (case,) = await alerts(shop)
        assert (case["kind"], case["actual"]) == ("system", "PAID_LATER")
        assert case["evidence"]["code"] == "answer_odd_state"
        alice = await shop.user()
        asked = await alice.post(f"orders/{number}/query", {})
        assert (asked.code, json.loads(asked.body)["error"]) == (502, "wechat_untrusted")


@pytest.mark.gen_test
@pytest.mark.parametrize("state", ["PAID_LATER", "success"])
async def test_an_odd_state_in_a_notify_of_api_v3_is_refused_and_told(
    tmp_path: Path, state: str
) -> None:
    async with v3_product(tmp_path, by_hand=True) as shop:
        body = notify_body(transaction_of(NUMBER, TX, trade_state=state))
        assert (await notify_v3(shop, body, signed_headers(body, NOW_S))).code == 409
        (case,) = await alerts(shop)
        assert (case["kind"], case["actual"]) == ("illegal_transition", state)
        assert case["evidence"]["code"] == "odd_result"
        assert await status_of(shop) == "INIT"
        assert await receipts(shop, TX) == []


@pytest.mark.gen_test
@pytest.mark.parametrize("kind", ["TRANSACTION.FAIL", "TRANSACTION.PAY_BACK", "TRANSACTION.NEW"])
async def test_another_kind_of_transaction_event_is_no_payment_and_leaves_a_trace(
    tmp_path: Path, kind: str
) -> None:
    async with v3_product(tmp_path, by_hand=True) as shop:
        seq = await head(shop)
        body = notify_body(transaction_of(NUMBER, TX), kind)
        assert (await notify_v3(shop, body, signed_headers(body, NOW_S))).code == 200
        (event,) = await shop.events(seq)
        assert (event["kind"], event["data"]["eventType"]) == ("system.ignored", kind)
        assert await status_of(shop) == "INIT"


@pytest.mark.parametrize(("status", "body"), [(204, b""), (200, b""), (200, b"{}")])
def test_a_close_of_api_v3_is_done_whatever_the_answer_holds(status: int, body: bytes) -> None:
    v3_trade.read_close(v3_answer(body, status), V3_MERCHANT, PROOF)
    unsigned = WireAnswer(status, body)
    with pytest.raises(WeChatUntrusted):
        v3_trade.read_close(unsigned, V3_MERCHANT, PROOF)


CLOSED = {
    "ORDERCLOSED": refusing("ORDERCLOSED", "该订单已关闭"),
    "its words": refusing("INVALID_REQUEST", "该订单已关闭"),
    "dead": refusing("INVALID_REQUEST", "该订单已失效"),
}


@pytest.mark.gen_test
@pytest.mark.parametrize("word", CLOSED)
async def test_a_number_that_wechat_has_closed_is_said_to_be_closed(
    tmp_path: Path, word: str
) -> None:
    async with shop_with(tmp_path, saying(CLOSED[word]), by_hand=True) as (shop, fake):
        number = (await shop.order())["orderNum"]
        status, error = await unified(shop, number)
        assert (status, error["error"]) == (409, "order_closed")
        assert "take a new number" in error["message"]
        fake.told = refusing("ORDERCLOSED", "该订单已关闭")
        alice = await shop.user()
        asked = json.loads((await alice.post(f"orders/{number}/query", {})).body)
        assert asked["outcome"] == "unpaid"
        assert (await alice.post(f"orders/{number}/close", {})).code == 200
