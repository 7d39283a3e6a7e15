"""Refunds at the simulator, on both interfaces: one a number, never more than was paid."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import pytest

from payments.errors import BadSignature, WeChatRefused, WeChatUnreachable
from payments.merchant import Merchants
from payments.refund import RefundOrder, RefundResult, RefundStatus
from payments.v2 import calls, refund_notify
from payments.v2 import refund as v2_refund
from payments.v3 import notify as v3_notify
from simulator.state.refunds import TAKES_S
from simulator.state.trades import TradeState
from tests.support.simulator_rig import (
    MERCHANT,
    NOW,
    ORDER_NUM,
    PROOF,
    Rig,
    merchant_v3,
    proven,
    public_keys,
    run_v3,
    until,
)

NUMBER = "R20250101000001"
V3_PATH = "/v3/refund/domestic/refunds"


@dataclass
class Desk:
    """A merchant who refunds on one of the interfaces; refusals are their words."""

    rig: Rig
    api: str

    async def paid(self) -> str:
        """A paid order of this interface; its transaction id."""
        if self.api == "v3":
            return await self.rig.paid_v3()
        prepaid = await self.rig.order(merchant_v3())
        await self.rig.pay(prepaid.prepay_id)
        (found,) = self.trade.transactions
        return found.id

    @property
    def trade(self) -> Any:
        return self.rig.world.trades.by_order(ORDER_NUM)

    async def refund(
        self, transaction_id: str, fen: int, number: str = NUMBER, total: int = 8800
    ) -> RefundResult | str:
        if self.api == "v3":
            fields = {
                "transaction_id": transaction_id,
                "out_refund_no": number,
                "reason": "不要了",
                "notify_url": "https://shop.example.com/pay/notify/v3",
                "amount": {"refund": fen, "total": total, "currency": "CNY"},
            }
            return self._read_v3(await self.rig.call_v3("POST", V3_PATH, fields))
        url = "https://shop.example.com/pay/notify/refund"
        order = RefundOrder(number, transaction_id, total, fen, "不要了", url)
        request = v2_refund.refund_request(merchant_v3(), order, NOW)
        try:
            return v2_refund.read_refund(await self.rig.answer(request), merchant_v3(), PROOF)
        except WeChatRefused as refused:
            return refused.wechat_code

    async def query(self, number: str = NUMBER) -> RefundResult | str:
        if self.api == "v3":
            return self._read_v3(await self.rig.call_v3("GET", f"{V3_PATH}/{number}"))
        request = v2_refund.refund_query_request(merchant_v3(), number, NOW)
        answer = await self.rig.answer(request)
        try:
            return v2_refund.read_refund_query(answer, merchant_v3(), number, PROOF)
        except WeChatRefused as refused:
            return refused.wechat_code

    def _read_v3(self, answer: Any) -> RefundResult | str:
        fields = proven(answer)
        if answer.status != 200:
            return str(fields["code"])
        merchants = Merchants((merchant_v3(),))
        return v3_notify.refund_of(fields, merchants, merchant_v3(), "status")

    async def told(self) -> RefundResult:
        """The notify of the refund, as the product reads it."""
        bodies = self.rig.product.notifies
        await until(lambda: any(is_refund(body) for body in bodies))
        number = max(n for n, body in enumerate(bodies) if is_refund(body))
        body, (path, headers) = bodies[number], self.rig.product.heard[number]
        assert path == ("/pay/notify/v3" if self.api == "v3" else "/pay/notify/refund")
        merchants = Merchants((merchant_v3(),))
        if self.api == "v2":
            return refund_notify.read(body, merchants)
        opened = v3_notify.read(body, headers, merchants, lambda _: public_keys(), int(time.time()))
        assert isinstance(opened.news, RefundResult)
        return opened.news


def is_refund(body: bytes) -> bool:
    return b"req_info" in body or b'"event_type":"REFUND.' in body


both = pytest.mark.parametrize("api", ["v2", "v3"])


def facts(result: RefundResult | str) -> tuple[Any, ...]:
    assert isinstance(result, RefundResult), result
    return (
        result.status,
        result.refund_num,
        result.order_num,
        result.total_text,
        result.refund_text,
    )


@both
def test_a_refund_is_processing_first_and_then_succeeds_and_is_told(api: str) -> None:
    async def test(rig: Rig) -> None:
        desk = Desk(rig, api)
        transaction_id = await desk.paid()
        taken = await desk.refund(transaction_id, 3000)
        same = (NUMBER, ORDER_NUM, "8800", "3000")
        assert facts(taken) == (RefundStatus.PROCESSING, *same)
        assert facts(await desk.query()) == (RefundStatus.PROCESSING, *same)
        assert desk.trade.state is TradeState.REFUND
        await rig.jump(TAKES_S)
        told = await desk.told()
        assert facts(told) == (RefundStatus.SUCCESS, *same)
        assert (told.merchant, told.transaction_id) == (merchant_v3(), transaction_id)
        done = await desk.query()
        assert facts(done) == (RefundStatus.SUCCESS, *same)
        assert isinstance(done, RefundResult)
        assert done.succeeded_at == told.succeeded_at is not None
        assert done.refund_id == told.refund_id
        assert desk.trade.state is TradeState.REFUND

    run_v3(test)


@both
def test_the_same_number_again_is_the_same_refund(api: str) -> None:
    async def test(rig: Rig) -> None:
        desk = Desk(rig, api)
        transaction_id = await desk.paid()
        first, again = [await desk.refund(transaction_id, 3000) for _ in range(2)]
        assert first == again
        assert len(rig.world.refunds.of_trade(desk.trade)) == 1
        changed = "INVALID_REQUEST" if api == "v3" else "ERROR"
        assert await desk.refund(transaction_id, 3001) == changed
        assert len(rig.world.refunds.of_trade(desk.trade)) == 1

    run_v3(test)


@both
def test_refunds_never_exceed_what_was_paid(api: str) -> None:
    async def test(rig: Rig) -> None:
        desk = Desk(rig, api)
        transaction_id = await desk.paid()
        refused = "INVALID_REQUEST" if api == "v3" else "ERROR"
        assert await desk.refund(transaction_id, 8800, total=8801) == refused
        assert await desk.refund(transaction_id, 8801) == refused
        assert isinstance(await desk.refund(transaction_id, 5000, "R1"), RefundResult)
        assert await desk.refund(transaction_id, 3801, "R2") == refused
        assert isinstance(await desk.refund(transaction_id, 3800, "R2"), RefundResult)
        assert await desk.refund(transaction_id, 1, "R3") == refused

    run_v3(test)


@both
def test_what_was_never_paid_cannot_be_refunded(api: str) -> None:
    async def test(rig: Rig) -> None:
        desk = Desk(rig, api)
        missing = "RESOURCE_NOT_EXISTS" if api == "v3" else "ORDERNOTEXIST"
        assert await desk.refund("4200000000202501010000000000", 1) == missing
        never = "RESOURCE_NOT_EXISTS" if api == "v3" else "REFUNDNOTEXIST"
        assert await desk.query() == never

    run_v3(test)


@both
def test_each_transaction_of_an_order_is_refunded_for_itself(api: str) -> None:
    async def test(rig: Rig) -> None:
        desk = Desk(rig, api)
        first = await desk.paid()
        rig.world.payment_desk.charge(desk.trade)
        second = desk.trade.transactions[1].id
        for number, transaction_id in (("R1", first), ("R2", second)):
            taken = await desk.refund(transaction_id, 8800, number)
            assert isinstance(taken, RefundResult)
            assert taken.transaction_id == transaction_id

    run_v3(test)


@both
@pytest.mark.parametrize(
    ("kind", "status", "state"),
    [
        ("abnormal", RefundStatus.ABNORMAL, TradeState.REFUND),
        ("closed", RefundStatus.CLOSED, TradeState.SUCCESS),
    ],
)
def test_a_refund_may_end_badly(
    api: str, kind: str, status: RefundStatus, state: TradeState
) -> None:
    async def test(rig: Rig) -> None:
        desk = Desk(rig, api)
        transaction_id = await desk.paid()
        await rig.control("faults", on="refund_result", fault=kind, orderNum=ORDER_NUM)
        await desk.refund(transaction_id, 3000)
        await rig.jump(TAKES_S)
        assert (await desk.told()).status is status
        asked = await desk.query()
        assert isinstance(asked, RefundResult)
        assert (asked.status, asked.succeeded_at) == (status, None)
        assert desk.trade.state is state

    run_v3(test)


def test_an_abnormal_refund_can_still_succeed_and_an_ended_one_stays() -> None:
    async def test(rig: Rig) -> None:
        desk = Desk(rig, "v3")
        transaction_id = await desk.paid()
        await rig.control("faults", on="refund_result", fault="abnormal")
        await desk.refund(transaction_id, 3000)
        await rig.jump(TAKES_S)
        assert (await desk.told()).status is RefundStatus.ABNORMAL
        shown = await rig.control(f"refunds/{NUMBER}", result="success")
        assert shown["refund"]["status"] == "SUCCESS"
        await until(lambda: len(rig.product.notifies) == 3)
        assert (await desk.told()).status is RefundStatus.SUCCESS
        for path, wanted, code in (
            (f"refunds/{NUMBER}", '{"result": "closed"}', 409),
            (f"refunds/{NUMBER}", '{"result": "lost"}', 400),
            ("refunds/none", '{"result": "closed"}', 404),
        ):
            answer = await rig.fetch(f"/_control/{path}", method="POST", body=wanted)
            assert answer.code == code

    run_v3(test)


@both
def test_a_lost_answer_leaves_a_refund_that_a_repeat_finds(api: str) -> None:
    async def test(rig: Rig) -> None:
        desk = Desk(rig, api)
        transaction_id = await desk.paid()
        await rig.control("faults", on="refund", fault="error_500", orderNum=ORDER_NUM)
        with pytest.raises((WeChatUnreachable, BadSignature)):
            await desk.refund(transaction_id, 3000)
        assert len(rig.world.refunds.of_trade(desk.trade)) == 1
        assert isinstance(await desk.query(), RefundResult)
        assert isinstance(await desk.refund(transaction_id, 3000), RefundResult)
        assert len(rig.world.refunds.of_trade(desk.trade)) == 1

    run_v3(test)


@both
def test_another_account_cannot_refund_or_see_it(api: str) -> None:
    other = merchant_v3("1900000222", "wx2222222222222222")

    async def test(rig: Rig) -> None:
        desk = Desk(rig, api)
        transaction_id = await desk.paid()
        url = "https://shop.example.com/pay/notify/refund"
        order = RefundOrder(NUMBER, transaction_id, 8800, 1, "", url)
        request = v2_refund.refund_request(other, order, NOW)
        with pytest.raises(WeChatRefused) as refused:
            v2_refund.read_refund(await rig.answer(request), other, PROOF)
        assert refused.value.wechat_code == "ORDERNOTEXIST"
        await desk.refund(transaction_id, 1)
        found = await rig.call_v3("GET", f"{V3_PATH}/{NUMBER}", None, other)
        assert proven(found)["code"] == "RESOURCE_NOT_EXISTS"

    run_v3(test, merchants=(merchant_v3(), other))


def test_a_refund_of_one_interface_can_be_asked_about_on_the_other() -> None:
    async def test(rig: Rig) -> None:
        desk = Desk(rig, "v3")
        await desk.refund(await desk.paid(), 3000)
        assert facts(await Desk(rig, "v2").query())[0] is RefundStatus.PROCESSING

    run_v3(test)


def test_api_v2_lists_the_refunds_of_an_order_and_finds_one_by_wechats_number() -> None:
    async def test(rig: Rig) -> None:
        desk = Desk(rig, "v2")
        transaction_id = await desk.paid()
        taken = [await desk.refund(transaction_id, 100, f"R{n}") for n in range(3)]
        head = {"appid": MERCHANT.app_id, "mch_id": MERCHANT.mch_id, "nonce_str": "n"}

        async def asked(**named: str) -> dict[str, str]:
            request = calls.request(v2_refund.QUERY_PATH, {**head, **named}, merchant_v3())
            return calls.read_answer(await rig.answer(request), merchant_v3())

        all_of_it = await asked(out_trade_no=ORDER_NUM)
        assert [all_of_it[f"out_refund_no_{n}"] for n in range(3)] == ["R0", "R1", "R2"]
        assert isinstance(taken[1], RefundResult)
        one = await asked(refund_id=taken[1].refund_id or "", out_trade_no=ORDER_NUM)
        assert (one["refund_count"], one["out_refund_no_0"]) == ("1", "R1")

    run_v3(test)


def test_a_refund_without_an_address_is_told_to_nobody() -> None:
    async def test(rig: Rig) -> None:
        transaction_id = await rig.paid_v3()
        amount = {"refund": 1, "total": 8800, "currency": "CNY"}
        fields = {"transaction_id": transaction_id, "out_refund_no": NUMBER, "amount": amount}
        assert (await rig.call_v3("POST", V3_PATH, fields)).status == 200
        await until(lambda: len(rig.product.notifies) == 1)
        await rig.jump(TAKES_S)
        desk = Desk(rig, "v3")
        await until(lambda: rig.world.refunds.of_trade(desk.trade)[0].ended_at is not None)
        assert rig.world.notifier.waiting == 0
        assert facts(await desk.query())[0] is RefundStatus.SUCCESS

    run_v3(test)


@pytest.mark.parametrize("kind", ["drop", "duplicate"])
def test_the_notify_of_a_refund_meets_faults_of_its_own(kind: str) -> None:
    async def test(rig: Rig) -> None:
        desk = Desk(rig, "v2")
        transaction_id = await desk.paid()
        await until(lambda: len(rig.product.notifies) == 1)
        await rig.control("faults", on="refund_notify", fault=kind)
        await desk.refund(transaction_id, 1)
        await rig.jump(TAKES_S)
        await until(lambda: rig.world.faults.as_json() == [])
        if kind == "drop":
            await until(lambda: rig.world.notifier.waiting == 1)
            assert len(rig.product.notifies) == 1
            await rig.jump(15)
        await desk.told()
        await until(lambda: len(rig.product.notifies) == (2 if kind == "drop" else 3))

    run_v3(test)


def test_a_merchant_is_told_what_happened_to_its_refunds_by_the_lever() -> None:
    async def test(rig: Rig) -> None:
        desk = Desk(rig, "v3")
        await desk.refund(await desk.paid(), 3000)
        trades = json.loads((await rig.fetch("/_control/trades")).body)["trades"]
        (refund,) = trades[0]["refunds"]
        assert (refund["refundNum"], refund["amountFen"], refund["status"]) == (
            NUMBER,
            3000,
            "PROCESSING",
        )

    run_v3(test)
