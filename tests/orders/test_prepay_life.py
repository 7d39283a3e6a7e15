"""The life of a prepay at WeChat: it moves only forward, and its parameters are frozen only once
WeChat has taken them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from models import Order, PrepayAttempt
from models.base import rows
from payments.states import TradeType
from payments.v2 import wire
from services.orders.prepay import Prepays
from services.runtime.locks import Locks
from tests.orders.test_prepay import refusal
from tests.orders.test_reconciler import age
from tests.support.fake_wechat import (
    GOOD,
    Act,
    Fields,
    RequestHandler,
    answering,
    hang_up,
    refusing,
    refusing_v3,
    saying,
    saying_v3,
    shop_with,
    unified,
)
from tests.support.patience import PATIENCE_S
from tests.support.rig import OPEN_ID, SUCCESS, Product
from tests.support.v3_keys import WITH_PUBLIC_KEY

V3_ALONE = {**WITH_PUBLIC_KEY, "WECHAT_API_V2_KEY": ""}

STRANGER = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6p"
JSAPI = saying(answering(trade_type="JSAPI", code_url=None))
JSAPI_V3 = saying_v3({"prepay_id": "wx201410272009395522657a690389285100"})
NATIVE_V3 = saying_v3({"code_url": "weixin://wxpay/bizpayurl?pr=abc"})
PARAM_V3 = refusing_v3(
    "PARAM_ERROR", 400, "参数错误", detail={"field": "/payer/openid", "issue": "无效的openid"}
)
UNSIGNED = wire.write({"return_code": "FAIL", "return_msg": "invalid spbill_create_ip"})


async def attempt_of(shop: Product, order_num: str) -> tuple[str, int, str]:
    """The state, the number of calls and the trade type of an order's attempt."""
    row = PrepayAttempt
    query = row.select(row.state, row.calls, row.trade_type).where(row.order_num == order_num)
    (found,) = await shop.running.store.read(lambda: rows(query))
    state, calls, trade_type = found
    return state, calls, trade_type


async def payer_of(shop: Product, order_num: str) -> str | None:
    query = Order.select(Order.open_id).where(Order.order_num == order_num)
    ((open_id,),) = await shop.running.store.read(lambda: rows(query))
    return open_id


# --- a refusal frees, a result freezes -----------------------------------------------------------

REFUSALS: dict[str, tuple[Act, Act, dict[str, str]]] = {
    "v2 PARAM_ERROR": (saying(refusing("PARAM_ERROR", "无效的openid")), JSAPI, {}),
    "v2 an unknown word": (saying(refusing("NEW_RULE")), JSAPI, {}),
    "v2 unsigned": (saying(UNSIGNED), JSAPI, {}),
    "v3 PARAM_ERROR": (PARAM_V3, JSAPI_V3, V3_ALONE),
    "v3 INVALID_REQUEST": (refusing_v3("INVALID_REQUEST"), JSAPI_V3, V3_ALONE),
    "v3 unsigned": (refusing_v3("PARAM_ERROR", signs=False), JSAPI_V3, V3_ALONE),
}


@pytest.mark.one_case
@pytest.mark.gen_test
@pytest.mark.parametrize("what", REFUSALS)
async def test_a_refused_prepay_binds_neither_buyer_nor_trade_type(
    tmp_path: Path, what: str
) -> None:
    refused, good, settings = REFUSALS[what]
    native = NATIVE_V3 if settings else GOOD
    async with shop_with(tmp_path, refused, **settings) as (shop, fake):
        buyer, type_ = [(await shop.order())["orderNum"] for _ in range(2)]
        for num in (buyer, type_):
            assert (await shop.prepay(num, "JSAPI", openId=STRANGER)).code == 502
            assert (await payer_of(shop, num), (await attempt_of(shop, num))[0]) == (
                None, "refused",
            )  # fmt: skip
        fake.acts = [good]
        assert (await shop.prepay(buyer, "JSAPI", openId=OPEN_ID)).code == 200
        assert await payer_of(shop, buyer) == OPEN_ID
        assert refusal(await shop.prepay(buyer, "JSAPI", openId=STRANGER))[0] == 404
        fake.acts = [native]
        assert (await shop.prepay(type_, "NATIVE")).code == 200
        assert refusal(await shop.prepay(type_, "JSAPI", openId=OPEN_ID))[0] == 409


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_other_parameters_of_the_same_wish_are_sent_after_a_refusal(tmp_path: Path) -> None:
    """The buyer's address was wrong because the proxy was not trusted; now it is."""
    async with shop_with(
        tmp_path, saying(UNSIGNED), TRUSTED_PROXIES="127.0.0.0/8"
    ) as (shop, fake):  # fmt: skip
        num = (await shop.order())["orderNum"]
        body = {"orderNum": num, "tradeType": "NATIVE"}
        for address, code in (("10.0.0.1", 502), ("203.0.113.9", 200)):
            answer = await shop.fetch("/weixin/prepay", "POST", body, {"X-Forwarded-For": address})
            assert answer.code == code
            assert wire.read(fake.heard[-1])["spbill_create_ip"] == address
            fake.acts = [GOOD]


@pytest.mark.gen_test
async def test_while_wechat_may_have_it_nobody_else_gets_the_parameters(tmp_path: Path) -> None:
    """The answer is lost, and WeChat says that it has the order, or nothing that is proven."""
    async with shop_with(tmp_path, hang_up, saying(refusing("NEW_RULE"))) as (shop, fake):
        num = (await shop.order())["orderNum"]
        assert (await shop.prepay(num, "JSAPI", openId=OPEN_ID)).code == 504
        for told in (answering(trade_state="NOTPAY", out_trade_no=num), UNSIGNED):
            fake.told = told
            assert (await shop.prepay(num, "JSAPI")).code == 502
            assert refusal(await shop.prepay(num, "JSAPI", openId=STRANGER))[0] == 404
            assert refusal(await shop.prepay(num, "NATIVE"))[0] == 409
        fake.told = b""
        assert (await shop.prepay(num, "JSAPI", openId=OPEN_ID)).code == 502  # and denied
        fake.acts = [GOOD]
        assert (await shop.prepay(num, "NATIVE")).code == 200


@pytest.mark.gen_test
async def test_what_wechat_gave_once_is_never_taken_for_refused(tmp_path: Path) -> None:
    """The prepay id is old, the repeat is refused, and the query's copy has not caught up."""
    async with shop_with(tmp_path, GOOD) as (shop, fake):
        num = (await shop.order())["orderNum"]
        assert (await unified(shop, num))[0] == 200
        old = PrepayAttempt.update(valid_until=0).where(PrepayAttempt.order_num == num)

        def end(_batch: Any, items: Sequence[str]) -> list[None]:
            old.execute()
            return [None] * len(items)

        await shop.running.store.write(end, num)
        fake.acts = [saying(refusing("SIGNERROR"))]
        assert (await unified(shop, num))[0] == 502
        assert await attempt_of(shop, num) == ("unknown", 2, "NATIVE")


# --- a stranger's openid -------------------------------------------------------------------------


@pytest.mark.gen_test
@pytest.mark.parametrize("trade_type", ["NATIVE", "APP", "MWEB"])
async def test_an_openid_beside_another_trade_type_locks_nobody_out(
    tmp_path: Path, trade_type: str
) -> None:
    urls = {"NATIVE": {}, "APP": {"code_url": None}, "MWEB": {"mweb_url": "https://wx.tenpay.com/"}}
    good = saying(answering(trade_type=trade_type, **urls[trade_type]))
    async with shop_with(tmp_path, good) as (shop, fake):
        num, other = [(await shop.order())["orderNum"] for _ in range(2)]
        assert (await shop.prepay(num, trade_type, openId=STRANGER)).code == 200
        assert await payer_of(shop, num) is None
        assert (await shop.prepay(num, trade_type, openId=OPEN_ID)).code == 200
        # A prepay without an answer, and then the buyer.
        fake.acts = [hang_up]
        assert (await shop.prepay(other, "JSAPI", openId=OPEN_ID)).code == 504
        assert await payer_of(shop, other) is None
        assert refusal(await shop.prepay(other, "JSAPI", openId=STRANGER))[0] == 404
        fake.acts = [JSAPI]
        assert (await shop.prepay(other, "JSAPI", openId=OPEN_ID)).code == 200
        assert await payer_of(shop, other) == OPEN_ID


# --- two processes -------------------------------------------------------------------------------


def other_process(shop: Product) -> Prepays:
    """The prepays of a second process on the same database, whose lock is away."""
    ours = shop.running.services.prepays
    return Prepays(
        ours._store, Locks(None, ours._clock), ours._settlement, ours._wechat, ours._order_query,
        ours._merchants, ours._clock, ours._origin, ours._notify_urls, ours._metrics,
    )  # fmt: skip


class Held:
    """A call that WeChat answers only when it is told to."""

    def __init__(self, act: Act) -> None:
        self._act, self.asked, self.go = act, asyncio.Event(), asyncio.Event()

    async def __call__(self, handler: RequestHandler, fields: Fields) -> None:
        self.asked.set()
        await self.go.wait()
        await self._act(handler, fields)


SIGNERROR = saying(refusing("SIGNERROR", "签名错误"))
ORDERS: dict[str, tuple[Act, Act, bool, str]] = {
    # the first call's end, the second's, does the second end first, the state that stays
    "a late refusal": (SIGNERROR, GOOD, True, "ready"),
    "an early refusal": (SIGNERROR, GOOD, False, "ready"),
    "a late silence": (hang_up, GOOD, True, "ready"),
    "a late result": (GOOD, SIGNERROR, True, "ready"),
    "both refused": (SIGNERROR, SIGNERROR, True, "refused"),
    "refused and lost": (SIGNERROR, hang_up, True, "unknown"),
}


@pytest.mark.gen_test
@pytest.mark.parametrize("what", ORDERS)
async def test_an_attempt_moves_only_forward(tmp_path: Path, what: str) -> None:
    one, two, second_first, state = ORDERS[what]
    first, second = Held(one), Held(two)
    async with shop_with(tmp_path, first, second) as (shop, fake):
        num = (await shop.order())["orderNum"]
        tasks = []
        for held, prepays in (
            (first, shop.running.services.prepays),
            (second, other_process(shop)),
        ):
            tasks.append(
                asyncio.create_task(prepays.prepay(num, TradeType.NATIVE, None, "127.0.0.1"))
            )
            async with asyncio.timeout(PATIENCE_S):
                await held.asked.wait()
        order = [(second, tasks[1]), (first, tasks[0])]
        for held, task in order if second_first else reversed(order):
            held.go.set()
            await asyncio.wait([task])
        assert await attempt_of(shop, num) == (state, 2, "NATIVE")
        for task in tasks:
            task.exception()
        if state != "ready":
            return
        # WeChat is asked before the order is closed, and the payment is found.
        fake.told = answering(
            trade_state="SUCCESS", out_trade_no=num, transaction_id="4200001", total_fee="8800"
        )
        await age(shop, num)
        await shop.running.reconciler.step()
        assert (await shop.read(num))["status"] == "PAID"


@pytest.mark.gen_test
async def test_a_newer_result_stands_against_an_older_one(tmp_path: Path) -> None:
    first, second = Held(GOOD), Held(saying(answering(code_url="weixin://wxpay/newer")))
    async with shop_with(tmp_path, first, second) as (shop, _fake):
        num = (await shop.order())["orderNum"]
        older = asyncio.create_task(unified(shop, num))
        await asyncio.wait_for(first.asked.wait(), PATIENCE_S)
        newer = asyncio.create_task(
            other_process(shop).prepay(num, TradeType.NATIVE, None, "127.0.0.1")
        )
        await asyncio.wait_for(second.asked.wait(), PATIENCE_S)
        second.go.set()
        assert (await newer)["codeUrl"] == "weixin://wxpay/newer"
        first.go.set()
        await older
        assert (await unified(shop, num))[1]["codeUrl"] == "weixin://wxpay/newer"
        assert await shop.pay(num, trade_type="NATIVE") == SUCCESS
