"""Who may ask, decide and confirm; and what staff ask of WeChat about an order."""

from __future__ import annotations

import json

import pytest

from models import Session
from models.user import Role
from tests.refunds.test_receipts import decide, late, listed
from tests.refunds.test_refunds import paid, post, state, wish
from tests.support.fake_refunds import refund_shop, signed_answer
from tests.support.rig import MCH_ID, PASSWORD, PRICE, Product, notify_fields, product, transaction

__all__ = ["product"]
SIX_MINUTES_MS = 6 * 60_000


async def let_time_pass(shop: Product) -> None:
    """The passwords were given six minutes ago."""

    def older(batch, items):
        Session.update(confirmed_at=Session.confirmed_at - SIX_MINUTES_MS).execute()
        return [None] * len(items)

    await shop.running.store.write(older, None)


@pytest.mark.gen_test
async def test_what_moves_money_asks_for_the_password_after_five_minutes(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, bob = await shop.user(), await shop.user("bob", Role.SUPPORT)
        number = await paid(shop, wechat)
        await late(shop, wechat)
        _, made = await wish(bob, number, 1)
        refund_num, (receipt,) = made["refund"]["refundNum"], await listed(alice)
        await let_time_pass(shop)
        assert (await wish(bob, number, 1))[0] == 201
        for code, answer in (
            await wish(alice, number, 1),
            await post(alice, f"refunds/{refund_num}/approve"),
            await post(alice, f"refunds/{refund_num}/reject"),
            await decide(alice, receipt, "accept"),
        ):
            assert (code, answer["error"]) == (403, "confirm_password")
        assert wechat.sent == []
        code, answer = await post(alice, "confirm", password="wrong wrong wrong")
        assert (code, answer["error"]) == (401, "bad_credentials")
        assert (await post(alice, "confirm", password=7))[0] == 400
        assert await post(alice, "confirm", password=PASSWORD) == (200, {})
        assert (await post(alice, f"refunds/{refund_num}/approve"))[0] == 200
        other = await shop.sign_in("alice")
        assert (await decide(other, receipt, "accept"))[0] == 200


@pytest.mark.gen_test
async def test_guesses_at_the_password_of_a_session_are_slowed_down(tmp_path):
    async with refund_shop(tmp_path) as (shop, _wechat):
        alice = await shop.user()
        codes = [(await post(alice, "confirm", password="wrong wrong 12"))[0] for _ in range(9)]
        assert codes[:5] == [401] * 5
        assert 429 in codes[5:]


@pytest.mark.gen_test
async def test_staff_ask_wechat_about_an_order_and_hear_one_word(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        bob = await shop.user("bob", Role.SUPPORT)
        unsent = (await shop.order())["orderNum"]
        code, answer = await post(bob, f"orders/{unsent}/query")
        assert (code, answer["outcome"], answer["order"]["status"]) == (200, "unpaid", "INIT")
        number, foreign = (await shop.order())["orderNum"], (await shop.order())["orderNum"]
        for each in (number, foreign):
            await shop.prepay(each)
        assert (await post(bob, f"orders/{number}/query"))[1]["outcome"] == "unpaid"
        wechat.queries[number] = found(number, PRICE)
        code, answer = await post(bob, f"orders/{number}/query")
        assert (answer["outcome"], answer["order"]["status"]) == ("paid", "PAID")
        wechat.queries[foreign] = found(foreign, 1)
        code, answer = await post(bob, f"orders/{foreign}/query")
        assert (answer["outcome"], answer["order"]["status"]) == ("refused", "WAIT_PAY")
        wechat.queries[foreign] = signed_answer(result_code="FAIL", err_code="SYSTEMERROR")
        assert (await post(bob, f"orders/{foreign}/query"))[0] == 502
        assert (await post(bob, "orders/NOTOURS1/query"))[0] == 404


def found(order_num: str, fen: int) -> bytes:
    fields = notify_fields(order_num, transaction(), total_fee=str(fen), trade_state="SUCCESS")
    return signed_answer(**{n: v for n, v in fields.items() if n not in ("appid", "nonce_str")})


@pytest.mark.gen_test
async def test_an_admin_closes_an_order_that_nobody_paid(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, bob = await shop.user(), await shop.user("bob", Role.SUPPORT)
        number, settled = (await shop.order())["orderNum"], await paid(shop, wechat)
        assert (await post(bob, f"orders/{number}/close"))[0] == 403
        code, answer = await post(alice, f"orders/{number}/close")
        assert (code, answer["order"]["status"]) == (200, "CLOSED")
        assert (await shop.events())[-1]["data"]["by"] == "alice"
        code, answer = await post(alice, f"orders/{settled}/close")
        assert (code, answer["error"]) == (409, "already_paid")
        assert (await post(alice, "orders/NOTOURS1/close"))[0] == 404
        assert await state(shop, settled) == ("PAID", 0)


@pytest.mark.gen_test
async def test_nothing_about_a_refund_shows_a_phone_or_an_account(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        charlie, number = await shop.user("charlie", Role.VIEWER), await paid(shop, wechat)
        await late(shop, wechat)
        body = {"amountFen": 1, "reason": "打 13812345678 oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}
        await shop.merchant(f"orders/{number}/refunds", "POST", body)
        for path in ("refunds", f"orders/{number}", "receipts", "events"):
            text = json.dumps(await charlie.get(path), ensure_ascii=False)
            for secret in ("13812345678", "oUpF8uMuAJO_M2", MCH_ID):
                assert secret not in text, (path, secret)


@pytest.mark.gen_test
async def test_the_service_of_a_paid_order_moves_on_and_takes_notes(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        bob, number = await shop.user("bob", Role.SUPPORT), await paid(shop, wechat)
        unpaid = (await shop.order())["orderNum"]
        for to, code in (
            ("SERVED", 409),
            ("IN_SERVICE", 200),
            ("IN_SERVICE", 409),
            ("ODD", 400),
            ("SERVED", 200),
            ("SERVICE_CANCELLED", 409),
        ):
            assert (await post(bob, f"orders/{number}/service", to=to))[0] == code, to
        assert (await shop.read(number))["serviceStatus"] == "SERVED"
        assert (await post(bob, f"orders/{unpaid}/service", to="IN_SERVICE"))[0] == 409
        assert (await post(bob, f"orders/{number}/note", note="回电 13812345678"))[0] == 200
        assert (await post(bob, f"orders/{number}/note"))[0] == 400
        assert (await post(bob, "orders/NOTOURS1/note", note="x"))[0] == 404
        first, second, noted = (await shop.events())[-3:]
        assert (first["kind"], second["data"]["from"], second["data"]["to"]) == (
            "service.changed",
            "IN_SERVICE",
            "SERVED",
        )
        assert (noted["kind"], noted["data"]["note"]) == ("note.added", "回电 138****5678")
