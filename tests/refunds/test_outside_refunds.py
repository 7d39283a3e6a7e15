"""Money that was given back on WeChat's own merchant platform: learnt at every door, recorded once,
and never shown as earned."""

from __future__ import annotations

from typing import Any

import pytest

from models.user import Role
from payments.errors import WeChatUnreachable
from payments.notify_replies import REPLIES
from payments.outcomes import Outcome
from tests.notify.test_v3_rows import NUMBER, TX, notify_v3, v3_product
from tests.refunds.test_receipts import figures
from tests.refunds.test_refunds import paid, post, state, wish
from tests.refunds.test_refunds_settled import cases, notified
from tests.support.fake_refunds import FakeRefunds, Taken, refund_notify, refund_shop, signed_answer
from tests.support.notify_rig import alerts
from tests.support.rig import PRICE, Console, Product, notify_fields, product, transaction, until
from tests.support.v3_keys import NOW_S, notify_body, signed_headers

__all__ = ["product"]

TAKEN, UNKNOWN = REPLIES[Outcome.REFUND_TAKEN], REPLIES[Outcome.REFUND_UNKNOWN]


async def order_of(shop: Product, wechat: FakeRefunds) -> tuple[str, str]:
    """A paid order: its number and its transaction."""
    number = await paid(shop, wechat)
    return number, str((await shop.read(number))["transactionId"])


async def refunds_of(who: Console, number: str) -> list[tuple[str, int, str]]:
    shown = await who.get(f"orders/{number}")
    return [(r["origin"], r["amountFen"], r["status"]) for r in shown["refunds"]]


async def sums(who: Console) -> tuple[int, int, int, int]:
    return figures((await who.get("receipts?limit=1"))["sums"])


def says_refund(wechat: FakeRefunds, number: str, tx: str) -> None:
    """WeChat's query answers REFUND for this order."""
    fields = notify_fields(number, tx, trade_state="REFUND")
    named = ("appid", "mch_id", "nonce_str", "return_code", "result_code")
    told = {name: value for name, value in fields.items() if name not in named}
    wechat.queries[number] = signed_answer(**told)


def told(refund: Taken, number: str, **changes: str) -> bytes:
    """WeChat's notify of a refund, on API v2."""
    fields = {
        "out_refund_no": refund.refund_num,
        "refund_id": refund.refund_id,
        "out_trade_no": number,
        "transaction_id": refund.transaction_id,
        "refund_fee": refund.fen,
        "total_fee": refund.total,
        "refund_status": refund.status,
        "success_time": "2025-01-02 11:05:00",
    }
    return refund_notify(**{**fields, **changes})


# --- the query says REFUND -----------------------------------------------------------------------


@pytest.mark.gen_test
async def test_a_lost_notify_and_a_refund_outside_are_both_told_and_the_sums_hold(tmp_path):
    """The payment is booked first; then the refunds are asked for and recorded."""
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, tx = await shop.user(), transaction()
        number = (await shop.order())["orderNum"]
        await shop.prepay(number)
        wechat.orders[tx] = number
        says_refund(wechat, number, tx)
        wechat.outside(tx, PRICE, PRICE)
        code, answer = await post(alice, f"orders/{number}/query")
        assert (code, answer["outcome"]) == (200, "paid")
        assert await state(shop, number) == ("REFUNDED", PRICE)
        assert await refunds_of(alice, number) == [("wechat", PRICE, "SUCCESS")]
        kinds = [e["kind"] for e in await shop.events() if e["orderNum"] == number]
        assert kinds[-3:] == ["order.paid", "order.healed", "refund.succeeded"]
        (event,) = [e for e in await shop.events() if e["kind"] == "refund.succeeded"]
        assert (event["data"]["origin"], event["data"]["amountFen"]) == ("wechat", PRICE)
        assert await sums(alice) == (PRICE, 0, PRICE, 0)
        assert await cases(shop) == []
        why = (await alice.get(f"orders/{number}"))["why"]
        assert (why["code"], why["next"]) == ("refunded_outside", "none")


@pytest.mark.gen_test
async def test_parts_on_several_pages_are_each_recorded_once_however_often_wechat_is_asked(
    tmp_path,
):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice = await shop.user()
        number, tx = await order_of(shop, wechat)
        await shop.prepay(number)
        says_refund(wechat, number, tx)
        for fen in (100, 200, 300, 400, 500):
            wechat.outside(tx, fen, PRICE)
        wechat.outside(tx, 600, PRICE, "PROCESSING")
        await look(shop, number)
        assert await state(shop, number) == ("REFUNDING", 1500)
        wechat.finish()
        for _ in range(2):
            await look(shop, number)
        assert await state(shop, number) == ("PARTIALLY_REFUNDED", 2100)
        told = [e["data"] for e in await shop.events() if e["kind"] == "refund.succeeded"]
        assert sorted(data["amountFen"] for data in told) == [100, 200, 300, 400, 500, 600]
        assert await sums(alice) == (PRICE, PRICE - 2100, 2100, 0)
        assert await cases(shop) == []


async def look(shop: Product, number: str) -> None:
    """WeChat's query said REFUND of this payment."""
    merchant = shop.settings.merchants.default
    query = shop.running.outside_refunds._order_query
    assert await query.ask(merchant, number)
    await shop.running.outside_refunds.look(number)


@pytest.mark.gen_test
async def test_a_list_that_is_not_to_be_had_is_asked_for_again_and_then_told(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice = await shop.user()
        number, tx = await order_of(shop, wechat)
        await shop.prepay(number)
        says_refund(wechat, number, tx)
        wechat.hides_lists = True
        await look(shop, number)
        assert [case[:2] for case in await cases(shop)] == [("refund_anomaly", number)]
        shown = await alice.get(f"orders/{number}")
        assert shown["alerts"][0]["evidence"]["code"] == "refund_unlisted"
        assert (shown["why"]["code"], shown["why"]["next"]) == (
            "refund_unlisted",
            "enter_outside_refund",
        )
        assert await state(shop, number) == ("PAID", 0)


# --- notifies ------------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_a_v2_notify_of_a_refund_outside_is_confirmed_recorded_and_answered(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice = await shop.user()
        number, tx = await order_of(shop, wechat)
        refund = wechat.outside(tx, 3000, PRICE)
        assert await notified(shop, told(refund, number)) == TAKEN.xml
        assert await state(shop, number) == ("PARTIALLY_REFUNDED", 3000)
        assert await refunds_of(alice, number) == [("wechat", 3000, "SUCCESS")]
        head = len(await shop.events())
        assert await notified(shop, told(refund, number)) == TAKEN.xml
        assert len(await shop.events()) == head
        rest = wechat.outside(tx, 5800, PRICE)
        assert await notified(shop, told(rest, number)) == TAKEN.xml
        assert await state(shop, number) == ("REFUNDED", PRICE)
        why = (await alice.get(f"orders/{number}"))["why"]
        assert why["code"] == "refunded_outside"
        assert await sums(alice) == (PRICE, 0, PRICE, 0)
        assert await cases(shop) == []


@pytest.mark.gen_test
async def test_more_than_was_paid_is_a_case_and_is_never_recorded(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice = await shop.user()
        number, tx = await order_of(shop, wechat)
        for fen in (5000, 5000):
            refund = wechat.outside(tx, fen, PRICE)
            await notified(shop, told(refund, number))
        assert await state(shop, number) == ("PARTIALLY_REFUNDED", 5000)
        assert [case[0] for case in await cases(shop)] == ["refund_anomaly"]
        assert await sums(alice) == (PRICE, PRICE - 5000, 5000, 0)


@pytest.mark.gen_test
@pytest.mark.parametrize("status", ["PROCESSING", "CHANGE"])
async def test_more_than_was_paid_that_is_still_on_its_way_is_a_case_too(tmp_path, status):
    """As when a person entered by hand, as one refund, what were two at WeChat."""
    async with refund_shop(tmp_path) as (shop, wechat):
        alice = await shop.user()
        number, tx = await order_of(shop, wechat)
        entry = {"amountFen": PRICE, "reason": "returned at the desk"}
        assert (await post(alice, f"orders/{number}/outside-refunds", **entry))[0] == 201
        part = wechat.outside(tx, 5000, PRICE)
        part.status = status
        await notified(shop, told(part, number))
        assert [case[0] for case in await cases(shop)] == ["refund_anomaly"]
        assert await state(shop, number) == ("REFUNDED", PRICE)
        assert await sums(alice) == (PRICE, 0, PRICE, 0)
        assert await refunds_of(alice, number) == [("wechat", PRICE, "SUCCESS")]


@pytest.mark.gen_test
async def test_a_claim_that_wechat_denies_is_refused_and_an_unknown_order_stays_refused(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        number, tx = await order_of(shop, wechat)
        refund = wechat.outside(tx, 3000, PRICE)
        wechat.taken.clear()
        assert await notified(shop, told(refund, number)) == UNKNOWN.xml
        assert await state(shop, number) == ("PAID", 0)
        assert [case[:2] for case in await cases(shop)] == [("refund_anomaly", number)]
        kinds = [e["kind"] for e in await shop.events()]
        assert kinds[-2:] == ["notify.refused", "alert.raised"]
        stranger = {"transaction_id": transaction()}
        assert await notified(shop, told(refund, "NOTOURS-1", **stranger)) == UNKNOWN.xml
        assert (await cases(shop))[0][:2] == ("refund_anomaly", "NOTOURS-1")


@pytest.mark.gen_test
async def test_a_claim_is_asked_about_again_when_wechat_did_not_answer(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        number, tx = await order_of(shop, wechat)
        refund = wechat.outside(tx, 3000, PRICE)
        outside = shop.running.services.inbound._outside
        client, outside._wechat = outside._wechat, Silent()
        assert await notified(shop, told(refund, number)) == TAKEN.xml
        assert await state(shop, number) == ("PAID", 0)
        outside._wechat = client
        await outside.look(number)
        assert await state(shop, number) == ("PARTIALLY_REFUNDED", 3000)


class Silent:
    """A WeChat that does not answer."""

    async def query_refund(self, *_: Any) -> Any:
        raise WeChatUnreachable

    refunds_of = query_refund


@pytest.mark.gen_test
async def test_a_refund_notify_that_comes_before_its_payment_leads_to_both(tmp_path):
    """Both notifies of the payment were lost: the order is not paid here yet."""
    async with refund_shop(tmp_path) as (shop, wechat):
        tx = transaction()
        number = (await shop.order())["orderNum"]
        await shop.prepay(number)
        wechat.orders[tx] = number
        says_refund(wechat, number, tx)
        refund = wechat.outside(tx, PRICE, PRICE)
        assert await notified(shop, told(refund, number)) == UNKNOWN.xml

        async def refunded() -> bool:
            return await state(shop, number) == ("REFUNDED", PRICE)

        await until(refunded)
        assert await notified(shop, told(refund, number)) == TAKEN.xml


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_a_v3_notify_proves_a_refund_outside_and_never_more_than_was_paid(tmp_path):
    async with v3_product(tmp_path, WECHAT_API="v3") as shop:
        await shop.pay(NUMBER, TX)
        alice = await shop.user()
        for fen, status in ((3000, "PARTIALLY_REFUNDED"), (5800, "REFUNDED"), (1, "REFUNDED")):
            body = refund_v3(fen)
            answer = await notify_v3(shop, body, signed_headers(body, NOW_S))
            assert answer.code == 200
            assert (await shop.read(NUMBER))["status"] == status
        assert await refunds_of(alice, NUMBER) == [
            ("wechat", 5800, "SUCCESS"),
            ("wechat", 3000, "SUCCESS"),
        ]
        assert [case["kind"] for case in await alerts(shop)] == ["refund_anomaly"]


def refund_v3(fen: int, number: str = NUMBER, tx: str = TX, **changes: Any) -> bytes:
    fields = {
        "mchid": "1900000109",
        "out_trade_no": number,
        "transaction_id": tx,
        "out_refund_no": f"PLATFORM{fen:06d}",
        "refund_id": f"50{fen:027d}",
        "refund_status": "SUCCESS",
        "success_time": "2025-01-02T11:05:00+08:00",
        "user_received_account": "招商银行信用卡0403",
        "amount": {"total": PRICE, "refund": fen, "payer_total": PRICE, "payer_refund": fen},
        **changes,
    }
    return notify_body(fields, "REFUND.SUCCESS")


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_an_account_without_an_api_v2_key_says_that_it_cannot_read_such_a_notify(tmp_path):
    async with v3_product(tmp_path, WECHAT_API="v3", WECHAT_API_V2_KEY="") as shop:
        refund = Taken("PLATFORM000001", TX, str(PRICE), "800", "5030", "SUCCESS")
        assert await notified(shop, told(refund, NUMBER)) == REPLIES[Outcome.UNPROVEN].xml
        (case,) = await alerts(shop)
        assert (case["kind"], case["evidence"]["code"]) == (
            "bad_signature",
            "refund_notify_unreadable",
        )


# --- late money ----------------------------------------------------------------------------------


# --- before a refund of our own ------------------------------------------------------------------


@pytest.mark.gen_test
async def test_a_refund_that_a_restored_backup_forgot_is_not_made_again(tmp_path):
    """WeChat holds the refund, and no row here does: it is recorded, and a person decides again."""
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, bob = await shop.user(), await shop.user("bob", Role.SUPPORT)
        number, tx = await order_of(shop, wechat)
        wechat.outside(tx, 4000, PRICE)
        code, refused = await wish(alice, number, 4000)
        assert (code, refused["error"], refused["detail"]) == (
            409,
            "not_refundable",
            {"refundableFen": 4800},
        )
        assert (wechat.sent, await state(shop, number)) == ([], ("PARTIALLY_REFUNDED", 4000))
        assert (await wish(alice, number, 4801))[0] == 409
        _, made = await wish(bob, number, 4000)
        wechat.outside(tx, 100, PRICE)
        approve = f"refunds/{made['refund']['refundNum']}/approve"
        assert (await post(alice, approve))[0] == 409
        code, approved = await post(alice, approve)
        assert (code, approved["refund"]["status"]) == (200, "PROCESSING")
        assert await sums(alice) == (PRICE, PRICE - 4100, 4100, 0)


@pytest.mark.gen_test
async def test_a_refund_of_the_whole_outside_leaves_nothing_to_refund(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice = await shop.user()
        number, tx = await order_of(shop, wechat)
        wechat.outside(tx, PRICE, PRICE)
        for _ in range(2):
            code, refused = await wish(alice, number, 800)
            assert (code, refused["error"]) == (409, "not_refundable")
        assert (wechat.sent, await state(shop, number)) == ([], ("REFUNDED", PRICE))


@pytest.mark.gen_test
async def test_a_second_payment_that_went_back_keeps_no_refund_of_the_first(tmp_path):
    """The buyer paid twice; the second payment was returned outside, and its list is not told."""
    async with refund_shop(tmp_path) as (shop, wechat):
        alice = await shop.user()
        number, _ = await order_of(shop, wechat)
        says_refund(wechat, number, transaction())
        merchant = shop.settings.merchants.default
        assert await shop.running.outside_refunds._order_query.ask(merchant, number)
        code, made = await wish(alice, number, 800)
        assert (code, made["refund"]["status"]) == (201, "PROCESSING")


@pytest.mark.gen_test
async def test_a_refund_is_made_where_wechat_does_not_say_what_went_back(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice = await shop.user()
        number, _ = await order_of(shop, wechat)
        shop.running.services.refunds._outside._wechat = Silent()
        code, made = await wish(alice, number, 800)
        assert (code, made["refund"]["status"]) == (201, "PROCESSING")
