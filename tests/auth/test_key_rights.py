"""An API key does what it may: its scopes, its account, its refunds of a day, its time."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

import pytest

from models import ApiKey
from services.auth.api_keys import ApiKeys, KeyRights, Scope
from services.runtime.clock import DAY_MS
from tests.orders.test_merchants_http import OUTLET, OUTLET_APP, two_accounts
from tests.refunds.test_refunds import LARGE, paid
from tests.support.fake_refunds import FakeRefunds, refund_shop
from tests.support.rig import MCH_ID, PRICE, Product, product

CALLS = {
    ("GET", "products"): None,
    ("POST", "products"): Scope.PRODUCTS,
    ("PATCH", "products/p1"): Scope.PRODUCTS,
    ("POST", "orders"): Scope.ORDERS,
    ("GET", "orders/NOSUCH1"): Scope.ORDERS,
    ("POST", "orders/NOSUCH1/close"): Scope.ORDERS,
    ("GET", "orders/NOSUCH1/refunds"): Scope.REFUNDS,
    ("POST", "orders/NOSUCH1/refunds"): Scope.REFUNDS,
    ("GET", "bills/2026-11-22"): Scope.BILLS,
    ("GET", "events"): Scope.EVENTS,
}
"""Every address of the merchant's API, and the scope that it needs; None: any."""


async def take_key(shop: Product, name: str, days: int | None = None, **rights: Any) -> None:
    """From now on the shop's server has another key."""
    shop.api_key = await ApiKeys(shop.running.store).create(name, KeyRights(**rights), days)


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_a_key_does_what_its_scope_names_and_nothing_else(tmp_path):
    async with product(tmp_path) as shop:
        for scope, ((method, path), needed) in itertools.product(Scope, CALLS.items()):
            if (method, path) == ("GET", "products"):  # the first of each scope
                await take_key(shop, scope.value, scopes=(scope,))
            answer = await shop.merchant(path, method, {} if method != "GET" else None)
            forbidden = (answer.code, json.loads(answer.body).get("error")) == (403, "forbidden")
            assert forbidden is (needed not in (None, scope)), (method, path, scope)


@pytest.mark.gen_test
async def test_a_key_from_before_may_do_everything(tmp_path):
    async with product(tmp_path) as shop:

        def old(_batch, items):
            ApiKey.update(scopes=None, mch_id=None, expires_at=None).execute()
            return [None] * len(items)

        await shop.running.store.write(old, None)
        for method, path in CALLS:
            answer = await shop.merchant(path, method, {} if method != "GET" else None)
            assert answer.code not in (401, 403), (method, path)


@pytest.mark.gen_test
async def test_a_key_ends_with_its_days_and_a_revoked_one_at_once(tmp_path):
    async with product(tmp_path) as shop:
        await take_key(shop, "short", days=1)
        assert (await shop.merchant("products")).code == 200

        def later(_batch, items):
            ApiKey.update(expires_at=ApiKey.expires_at - DAY_MS).execute()
            return [None] * len(items)

        await shop.running.store.write(later, None)
        assert (await shop.merchant("products")).code == 401


@pytest.mark.gen_test
async def test_the_orders_of_another_account_are_as_unknown(tmp_path):
    async with two_accounts(tmp_path) as shop:
        other = await shop.order(appId=OUTLET_APP)
        await take_key(shop, "flagship", mch_id=MCH_ID)
        number = other["orderNum"]
        for method, path in (
            ("GET", f"orders/{number}"),
            ("POST", f"orders/{number}/close"),
            ("GET", f"orders/{number}/refunds"),
        ):
            assert (await shop.merchant(path, method)).code == 404, path
        body = {"amountFen": 1, "reason": "x"}
        assert (await shop.merchant(f"orders/{number}/refunds", "POST", body)).code == 404
        ours = await shop.order()
        assert (await shop.read(ours["orderNum"]))["status"] == "INIT"
        assert [event["orderNum"] for event in await shop.events()] == [ours["orderNum"]]


@pytest.mark.gen_test
async def test_a_bound_key_makes_orders_of_its_own_account(tmp_path):
    async with two_accounts(tmp_path) as shop:
        await take_key(shop, "outlet", mch_id=OUTLET)
        made = await shop.order()  # the first app of the settings is not of its account
        assert (await shop.events())[-1]["data"]["appId"] == OUTLET_APP
        assert (await shop.read(made["orderNum"]))["status"] == "INIT"
        refused = await shop.merchant(
            "orders",
            "POST",
            {"productId": "p1", "appId": "wx8888888888888889"},
            **{"Idempotency-Key": "k1"},
        )
        assert (refused.code, json.loads(refused.body)["error"]) == (400, "bad_request")


async def refund(shop: Product, fake: FakeRefunds, fen: int, **more: Any) -> tuple[int, Any]:
    number = await paid(shop, fake, PRICE * 100)
    body = {"amountFen": fen, "reason": "不想要了", **more}
    answer = await shop.merchant(f"orders/{number}/refunds", "POST", body)
    return answer.code, json.loads(answer.body)


@pytest.mark.gen_test
async def test_a_key_refunds_up_to_its_sum_of_a_day(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        await take_key(shop, "erp", refund_day_fen=1000)
        assert (await refund(shop, wechat, 400))[0] == 201
        code, refused = await refund(shop, wechat, 601)
        assert (code, refused["error"], refused["detail"]) == (
            409,
            "refund_limit",
            {"leftFen": 600},
        )
        assert (await refund(shop, wechat, 600, refundNum="REFUND-0001"))[0] == 201
        assert (await refund(shop, wechat, 1))[1]["error"] == "refund_limit"
        assert len(wechat.sent) == 2
        await take_key(shop, "other", refund_day_fen=1000)
        assert (await refund(shop, wechat, 1000))[0] == 201  # a sum for each key


@pytest.mark.gen_test
async def test_a_repeat_is_answered_also_when_the_sum_is_spent(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        await take_key(shop, "erp", refund_day_fen=1000)
        number = await paid(shop, wechat)
        body = {"amountFen": 1000, "reason": "不想要了", "refundNum": "REFUND-0001"}
        for headers in ({"Idempotency-Key": "k1"}, {"Idempotency-Key": "k1"}, {}):
            answer = await shop.merchant(f"orders/{number}/refunds", "POST", body, **headers)
            assert answer.code == 201
        assert wechat.sent == ["REFUND-0001"]


@pytest.mark.gen_test
async def test_requests_at_once_do_not_pass_the_sum(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        await take_key(shop, "erp", refund_day_fen=1000)
        answers = await asyncio.gather(*(refund(shop, wechat, 400) for _ in range(6)))
        assert sorted(code for code, _ in answers) == [201, 201, 409, 409, 409, 409]


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_what_was_rejected_is_not_spent(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        await take_key(shop, "erp", refund_day_fen=LARGE)
        alice = await shop.user()
        _, waiting = await refund(shop, wechat, LARGE)
        assert waiting["status"] == "REQUESTED"
        assert (await refund(shop, wechat, 1))[0] == 409
        await alice.post(f"refunds/{waiting['refundNum']}/reject", {})
        assert (await refund(shop, wechat, 1))[0] == 201


@pytest.mark.gen_test
async def test_what_a_key_changes_is_in_the_audit_log(tmp_path):
    async with product(tmp_path) as shop:
        await take_key(shop, "erp", 30, scopes=(Scope.PRODUCTS,), mch_id=MCH_ID, refund_day_fen=5)
        book = {"id": "b", "title": "书", "priceFen": 100}
        await shop.merchant("products", "POST", book)
        await shop.merchant("products/b", "PATCH", {"priceFen": 1})
        made, changed = [deed for deed in await shop.audited("product") if deed[2] == "b"]
        assert (made[0], made[1]) == ("api key erp", "product.created")
        assert (changed[0], changed[1]) == ("api key erp", "product.changed")
        assert (changed[3]["before"]["priceFen"], changed[3]["after"]["priceFen"]) == (100, 1)
        by, action, subject, detail = (await shop.audited("key"))[-1]
        assert (by, action, subject) == ("command line", "key.created", "erp")
        assert (detail["may"], detail["refundDayFen"]) == (["products"], 5)
        assert detail["expiresAt"]
        assert MCH_ID not in detail["account"]
