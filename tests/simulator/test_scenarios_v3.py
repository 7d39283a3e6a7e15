"""The scenarios of API v3 and of refunds tell a product that keeps the rules from one that does
not."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from contextlib import closing
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.simple_httpclient import HTTPStreamClosedError

from payments.errors import BadSignature
from payments.merchant import Merchants
from payments.notify_replies import REPLIES
from payments.outcomes import Outcome
from payments.payment_rules import judge
from payments.protocol import Moment
from payments.refund import RefundResult, RefundStatus
from payments.states import OrderStatus, TradeType
from payments.v3 import notify, signing, wire
from simulator.http.world import World
from simulator.shop.buyer import Buyer
from simulator.shop.client import Shop
from simulator.shop.customers import Intent, draw
from tests.simulator.test_scenarios import API_KEY, ROUTES, Handler, SmallProduct, run
from tests.support.simulator_rig import merchant_v3, order_v3, play, public_keys, until, wechats

RULES = (
    "paid",
    "duplicate",
    "amount_plus_one",
    "negative",
    "tampered",
    "wrong_signature",
    "other_merchant",
    "unknown_order",
    "second_transaction",
    "after_close",
    "v3_probe",
    "v3_unknown_serial",
    "v3_stale",
    "v3_wrong_tag",
)
REFUNDS = ("refund_partial", "refund_full", "refund_abnormal", "refund_lost_answer")


@dataclass
class SmallV3(SmallProduct):
    """The small product on API v3, with refunds; `forgets` makes it lose their numbers, `alarmed`
    raise an alert about WeChat's probe."""

    forgets: bool = False
    alarmed: bool = False
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)

    @staticmethod
    def routes() -> list[tuple[str, type[Handler]]]:
        more = [(r"/pay/notify/v3", NotifyV3), (r"/merchant/v1/orders/([^/]+)/refunds", Refund)]
        return [*more, *ROUTES]

    async def ask(self, path: str, fields: Any) -> HTTPResponse:
        body, moment = wire.write(fields), Moment(int(time.time()), secrets.token_hex(8))
        headers = {
            "Authorization": signing.authorization(merchant_v3(), "POST", path, body, moment),
            "Accept": "application/json",
            "Content-Type": "application/json",
        }
        url = self.wechat + path
        return await AsyncHTTPClient().fetch(url, method="POST", body=body, headers=headers)

    async def prepay(
        self, order_num: str, trade_type: TradeType, open_id: str | None
    ) -> str | None:
        amount = {"total": self.orders[order_num].total_fen, "currency": "CNY"}
        fields = {**order_v3(), "out_trade_no": order_num, "amount": amount}
        answer = await self.ask("/v3/pay/transactions/native", fields)
        self.change(order_num, status=OrderStatus.WAIT_PAY)
        return str(json.loads(answer.body)["code_url"])

    async def close(self, order_num: str) -> None:
        path = f"/v3/pay/transactions/out-trade-no/{order_num}/close"
        await self.ask(path, {"mchid": merchant_v3().mch_id})
        self.change(order_num, status=OrderStatus.CLOSED)

    def notified_v3(self, body: bytes, headers: dict[str, str]) -> Outcome:
        merchants = Merchants((merchant_v3(),))
        now_s = int(time.time())
        try:
            news = notify.read(body, headers, merchants, lambda _: public_keys(), now_s).news
        except BadSignature as error:
            if self.books_everything:
                return self._book(list(self.orders)[-1], "unproven")
            if error.reason == "probe":
                if self.alarmed:
                    self.emit("alert.raised", None, alertKind="bad_signature")
                return Outcome.PROBE
            self.emit("alert.raised", None, alertKind="bad_signature")
            return Outcome.UNPROVEN
        if isinstance(news, RefundResult):
            return self._refunded(news)
        assert not isinstance(news, notify.OtherEvent)
        verdict = judge(self.orders.get(news.order_num or ""), news)
        if verdict.outcome is Outcome.BOOKED or self.books_everything:
            return self._book(news.order_num or "", news.transaction_id)
        self._tell(news.order_num, verdict)
        return verdict.outcome

    def _refunded(self, news: RefundResult) -> Outcome:
        refund = self.refunds[news.refund_num or ""]
        number = str(refund["orderNum"])
        refund["status"] = news.status
        if news.status is RefundStatus.ABNORMAL:
            self.emit("refund.failed", number)
            self.emit("alert.raised", number, alertKind="refund_anomaly")
            return Outcome.REFUND_TAKEN
        back = self.back(number)
        all_of_it = back >= self.orders[number].total_fen
        status = OrderStatus.REFUNDED if all_of_it else OrderStatus.PARTIALLY_REFUNDED
        self.change(number, status=status)
        self.emit("refund.succeeded", number)
        return Outcome.REFUND_TAKEN

    def back(self, number: str) -> int:
        return sum(r["amountFen"] for r in self.refunds.values() if r["orderNum"] == number)

    async def refund(self, order_num: str, wanted: dict[str, Any]) -> dict[str, Any] | None:
        number = wanted.get("refundNum")
        if number in self.refunds and not self.forgets:
            return self.refunds[number]
        number = f"R{len(self.refunds) + 1}"
        order = self.orders[order_num]
        if order.status in (OrderStatus.CLOSED, OrderStatus.REFUNDED):
            return None
        made = {"refundNum": number, "orderNum": order_num, "amountFen": wanted["amountFen"]}
        self.refunds[number] = made
        self.change(order_num, status=OrderStatus.REFUNDING)
        self.emit("refund.approved", order_num)
        fields = {
            "transaction_id": order.transaction_id,
            "out_refund_no": number,
            "notify_url": "https://shop.example.com/pay/notify/v3",
            "amount": {
                "refund": wanted["amountFen"],
                "total": order.total_fen,
                "currency": "CNY",
            },
        }
        try:
            await self.ask("/v3/refund/domestic/refunds", fields)
        except HTTPStreamClosedError:
            await self.ask("/v3/refund/domestic/refunds", fields)
        return made


class NotifyV3(Handler):
    product: SmallV3

    def post(self) -> None:
        headers = {name.lower(): value for name, value in self.request.headers.items()}
        answer = REPLIES[self.product.notified_v3(self.request.body, headers)]
        self.set_status(answer.v3_status)
        self.finish(answer.json)


class Refund(Handler):
    product: SmallV3

    async def post(self, order_num: str) -> None:
        made = await self.product.refund(order_num, self.sent())
        self.set_status(201 if made else 409)
        self.finish(made or {"error": "not_refundable"})


def played(name: str, **traits: Any) -> dict[str, Any]:
    """The run of a scenario with the small product on API v3."""
    runs: list[dict[str, Any]] = []

    async def test(product: SmallProduct, wechat: str, world: World) -> None:
        world.clock.set_speed(100)
        for trait, value in traits.items():
            setattr(product, trait, value)
        runs.append(await play(wechat, name))

    run(test, make=SmallV3, merchant=merchant_v3(), material=wechats())
    return runs[0]


@pytest.mark.parametrize("name", [*RULES, *REFUNDS])
def test_a_product_that_keeps_the_rules_passes_on_api_v3(name: str) -> None:
    run = played(name)
    assert run["asExpected"] is True, run["steps"]
    assert any(step["ok"] for step in run["steps"])


@pytest.mark.parametrize("name", [n for n in RULES if n.startswith("v3_")])
def test_a_product_that_does_not_verify_is_found_out(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.scenarios.actions.EVENT_WAIT_S", 0.2)
    monkeypatch.setattr("simulator.scenarios.actions.SHORT_WAIT_S", 0.2)
    assert played(name, books_everything=True)["asExpected"] is False


def test_a_product_that_raises_an_alert_about_a_probe_is_found_out() -> None:
    run = played("v3_probe", alarmed=True)
    assert [step["name"] for step in run["steps"] if step["ok"] is False] == ["alerts"]


def test_a_product_that_refunds_twice_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.scenarios.actions.SHORT_WAIT_S", 0.2)
    run = played("refund_partial", forgets=True)
    wrong = {step["name"] for step in run["steps"] if step["ok"] is False}
    assert {"the same again", "refunds at WeChat"} <= wrong


def test_late_money_that_nobody_decides_about_is_not_held_against_the_product(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("simulator.scenarios.refunds.DECIDE_S", 0.2)
    run = played("late_money_refund")
    assert run["asExpected"] is True, run["steps"]
    assert run["steps"][-1]["actual"] == "nobody decided in time"


@pytest.mark.parametrize(("half", "back"), [(False, 8800), (True, 4400)])
def test_a_buyer_who_regrets_gets_the_money_back(
    half: bool, back: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.shop.buyer.REGRET_S", 0.2)

    async def test(product: SmallProduct, _wechat: str, world: World) -> None:
        who = replace(
            draw(Random(1)),
            intent=Intent.REFUND,
            trade_type="NATIVE",
            quantity=1,
            thinks_s=0.0,
            clicks_twice=False,
            tries_again=half,
        )
        with closing(AsyncHTTPClient(force_instance=True)) as client:
            shop = Shop(client, world.notifier._origin, API_KEY)
            await Buyer(who, shop, world.payment_desk, world.notifier).shops({"id": "tea"})
        assert isinstance(product, SmallV3)
        assert [refund["amountFen"] for refund in product.refunds.values()] == [back]

    run(test, make=SmallV3, merchant=merchant_v3(), material=wechats())


def test_a_payment_that_is_found_by_asking_is_checked() -> None:
    """The small product heals on the spot, and books twice: that is seen."""

    async def heal(product: SmallProduct, world: World, times: int) -> None:
        await until(lambda: len(product.orders) > 0 and len(world.trades) > 0)
        trade = next(world.trades.newest(1))
        (run,) = world.runs.newest()
        await until(lambda: any(isinstance(step.expected, dict) for step in run.steps))
        paid = {"status": OrderStatus.PAID, "transaction_id": trade.transactions[0].id}
        product.change(trade.order_num, **paid)
        for _ in range(times):
            product.emit("order.paid", trade.order_num)
        product.emit("order.healed", trade.order_num)

    for times, good in ((1, True), (2, False)):

        async def test(
            product: SmallProduct, wechat: str, world: World, times: int = times, good: bool = good
        ) -> None:
            healing = asyncio.ensure_future(heal(product, world, times))
            played = await play(wechat, "never")
            await healing
            assert played["asExpected"] is good

        run(test, make=SmallV3, merchant=merchant_v3(), material=wechats())
