"""The merchant's own server: its key, its products, and making orders exactly once."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from models import IdempotentAnswer
from models.user import Role
from services.auth.api_keys import ApiKeys
from services.orders.products import ProductChange
from services.runtime.clock import DAY_MS
from tests.support.rig import Product, product, writers_locked_out

ORDER = [
    "orderNum",
    "productId",
    "title",
    "totalFen",
    "status",
    "serviceStatus",
    "statusUrl",
    "transactionId",
    "createdAt",
    "paidAt",
    "wechatPaidAt",
    "expiresAt",
]


def error(response: HTTPResponse) -> tuple[int, str]:
    body = json.loads(response.body)
    assert set(body) == {"error", "message", "requestId"}
    return response.code, body["error"]


async def make(shop: Product, key: str | None = None, **fields: Any) -> HTTPResponse:
    headers = {"Idempotency-Key": key or secrets.token_hex(8)}
    return await shop.merchant("orders", "POST", {"productId": "p1", **fields}, **headers)


@pytest.mark.gen_test
async def test_every_address_needs_a_valid_key(tmp_path):
    async with product(tmp_path) as shop:
        paths = [
            ("GET", "products"),
            ("POST", "products"),
            ("PATCH", "products/p1"),
            ("POST", "orders"),
            ("GET", "orders/x"),
            ("POST", "orders/x/close"),
            ("GET", "events"),
        ]
        wrong = [
            "",
            "Bearer",
            "Bearer ",
            "Bearer nonsense",
            f"Basic {shop.api_key}",
            shop.api_key,
            f"Bearer {shop.api_key}x",
            f"Bearer {shop.api_key[:-1]}",
            "Bearer \xe9",
        ]
        for method, path in paths:
            for given in wrong:
                headers = {"Authorization": given}
                answer = await shop.fetch(f"/merchant/v1/{path}", method, None, headers)
                assert error(answer) == (401, "unauthorized"), (method, path, given)
        alice = await shop.user()
        answer = await shop.fetch("/merchant/v1/products", headers={"Cookie": alice.cookie})
        assert error(answer) == (401, "unauthorized")
        other = await ApiKeys(shop.running.store).create("erp")
        answer = await shop.merchant("products", Authorization=f"bearer {other}")
        assert answer.code == 200


@pytest.mark.gen_test
async def test_products_are_listed_made_and_changed(tmp_path):
    async with product(tmp_path) as shop:
        made = await shop.merchant("products", "POST", {"id": "b", "title": "书", "priceFen": 1})
        book = {"id": "b", "title": "书", "priceFen": 1, "active": True}
        assert (made.code, json.loads(made.body)) == (201, book)
        listed = json.loads((await shop.merchant("products")).body)["products"]
        assert listed == [book, {**listed[1], "id": "p1", "priceFen": 8800, "active": True}]
        changed = await shop.merchant("products/b", "PATCH", {"priceFen": 6800, "active": False})
        assert json.loads(changed.body) == {**book, "priceFen": 6800, "active": False}
        assert error(await make(shop, productId="b")) == (409, "product_not_found")
        again = await shop.merchant("products", "POST", {"id": "b", "title": "x", "priceFen": 5})
        assert error(again) == (400, "bad_request")
        missing = await shop.merchant("products/nosuch", "PATCH", {"priceFen": 1})
        assert error(missing) == (404, "not_found")


@pytest.mark.gen_test
async def test_an_odd_product_is_refused(tmp_path):
    async with product(tmp_path) as shop:
        good = {"id": "b", "title": "书", "priceFen": 100}
        odd = [
            {"id": ""},
            {"id": "a b"},
            {"id": "a" * 33},
            {"id": "书"},
            {"id": 5},
            {"id": None},
            {"title": ""},
            {"title": "  "},
            {"title": "x" * 256},
            {"title": "\n"},
            {"title": 5},
            {"title": None},
            {"priceFen": 0},
            {"priceFen": -1},
            {"priceFen": 1.5},
            {"priceFen": "100"},
            {"priceFen": True},
            {"priceFen": 10**12},
            {"priceFen": 1e3},
            {"priceFen": None},
            {"active": "yes"},
            {"active": 1},
            {"price": 5},
            {"title": "\x00"},
            {"title": "\ud800"},
            {"priceFen": float("nan")},
        ]
        for change in odd:
            answer = await shop.merchant("products", "POST", {**good, **change})
            assert error(answer) == (400, "bad_request"), change
        kept = await shop.merchant("products/p1", "PATCH", {"id": "p2"})
        assert error(kept) == (400, "bad_request")
        assert len(json.loads((await shop.merchant("products")).body)["products"]) == 1


@pytest.mark.gen_test
async def test_an_order_is_made_with_everything_that_was_said(tmp_path):
    async with product(tmp_path) as shop:
        answer = await make(
            shop,
            quantity=3,
            orderNum="PW-2025_0001",
            title="三次咨询",
            openId="o123",
            phone="13800138000",
            customer="王芳",
            expiresInMinutes=5,
        )
        order = json.loads(answer.body)
        assert answer.code == 201
        assert list(order) == ORDER
        assert (order["orderNum"], order["productId"]) == ("PW-2025_0001", "p1")
        assert (order["title"], order["totalFen"]) == ("三次咨询", 26400)
        assert (order["status"], order["serviceStatus"], order["paidAt"]) == ("INIT", None, None)
        created = datetime.fromisoformat(order["createdAt"])
        assert datetime.fromisoformat(order["expiresAt"]) - created == timedelta(minutes=5)
        assert await shop.read("PW-2025_0001") == order
        (event,) = await shop.events()
        assert (event["seq"], event["kind"], event["severity"]) == (1, "order.created", "info")
        assert event["data"]["amountFen"] == 26400
        assert b"13800138000" not in (await shop.merchant("events")).body
        default = await shop.order()
        life = datetime.fromisoformat(default["expiresAt"]) - datetime.now(UTC)
        assert timedelta(minutes=119) < life <= timedelta(minutes=120)


@pytest.mark.gen_test
async def test_our_own_order_numbers_grow_with_time_and_cannot_be_guessed(tmp_path):
    async with product(tmp_path) as shop:
        began = datetime.now(UTC) + timedelta(hours=8)
        numbers = [(await shop.order())["orderNum"] for _ in range(50)]
        assert all(re.fullmatch(r"[0-9A-Za-z_-]{6,32}", number) for number in numbers)
        ended = datetime.now(UTC) + timedelta(hours=8)
        times = [f"{began:%y%m%d%H%M%S}", *(n[:12] for n in numbers), f"{ended:%y%m%d%H%M%S}"]
        assert times == sorted(times)
        tails = [number[12:] for number in numbers]
        assert len(set(tails)) == 50
        assert min(len(tail) for tail in tails) >= 8
        assert len({character for tail in tails for character in tail}) > 20


@pytest.mark.gen_test
async def test_a_name_is_kept_as_it_was_sent_but_for_what_controls(tmp_path):
    names = {
        "小兔🩷": "小兔🩷",
        "👨‍👩‍👧妈妈": "👨‍👩‍👧妈妈",
        "王\u00a0芳\u200b": "王\u00a0芳\u200b",
        "سارة\u200f": "سارة\u200f",
        "\U0001fae9\U000e0fff\U0003ffff": "\U0001fae9\U000e0fff\U0003ffff",
        "a\u202eb\u2066c\u2069": "abc",
        "\x1b[31m王\n芳\x7f\x85": "[31m王芳",
        "王\ufffe\uffff": "王",
    }
    async with product(tmp_path) as shop:
        bob = await shop.user("bob", Role.ADMIN)
        for sent, kept in names.items():
            answer = await make(shop, title=sent, customer=sent, phone="\u202a+86 138-1234-5670")
            assert answer.code == 201, sent
            number = json.loads(answer.body)["orderNum"]
            order = (await bob.get(f"orders/{number}"))["order"]
            assert (order["title"], order["customer"]) == (kept, kept)
            assert order["phone"] == "138****5670"
            buyer = await bob.post(f"orders/{number}/unmask", {"reason": "call back"})
            assert json.loads(buyer.body)["phone"] == "13812345670"


@pytest.mark.gen_test
async def test_an_odd_order_is_refused_and_nothing_is_made(tmp_path):
    async with product(tmp_path) as shop:
        odd = [
            {"productId": ""},
            {"productId": None},
            {"productId": 5},
            {"productId": "x" * 33},
            {"quantity": 0},
            {"quantity": -1},
            {"quantity": 1.5},
            {"quantity": "2"},
            {"quantity": True},
            {"quantity": 10**9},
            {"orderNum": "short"},
            {"orderNum": "a" * 33},
            {"orderNum": "a b c d e"},
            {"orderNum": "order|12"},
            {"orderNum": "订单号一二三四"},
            {"orderNum": 12345678},
            {"title": ""},
            {"title": "x" * 256},
            {"title": "\u202e"},
            {"openId": "a b"},
            {"openId": "o" * 129},
            {"openId": 5},
            {"phone": "1" * 33},
            {"phone": 13800138000},
            {"customer": "x" * 65},
            {"customer": "\x1b\n"},
            {"customer": "\ud83d"},
            {"expiresInMinutes": 0},
            {"expiresInMinutes": -5},
            {"expiresInMinutes": 10**6},
            {"expiresInMinutes": 1.0},
            {"totalFen": 1},
            {"priceFen": 1},
            {"status": "PAID"},
        ]
        for change in odd:
            assert error(await make(shop, **change)) == (400, "bad_request"), change
        dear = ProductChange("dear", "贵", 9_000_000_000, True)
        await shop.running.services.products.save(dear)
        much = await make(shop, productId="dear", quantity=10_000)
        assert error(much) == (400, "bad_request")
        unknown = await make(shop, productId="nosuch")
        assert error(unknown) == (409, "product_not_found")
        assert await shop.events() == []


@pytest.mark.gen_test
async def test_the_same_key_makes_one_order_also_when_many_come_at_once(tmp_path):
    async with product(tmp_path) as shop:
        answers = await asyncio.gather(*(make(shop, "key-1", quantity=2) for _ in range(12)))
        made = [answer for answer in answers if answer.code == 201]
        assert len({answer.body for answer in made}) == 1
        hits = [answer.headers.get("Idempotency-Hit") for answer in made]
        assert (hits.count(None), hits.count("true")) == (1, len(made) - 1)
        early = {error(answer) for answer in answers if answer not in made}
        assert early <= {(409, "in_progress")}
        assert len(await shop.events()) == 1


@pytest.mark.gen_test
async def test_while_the_first_with_a_key_runs_the_second_is_told_to_come_again(tmp_path):
    async with product(tmp_path) as shop:
        with writers_locked_out(shop):  # so the first cannot be written yet
            first = asyncio.create_task(make(shop, "key-1"))
            await asyncio.sleep(0.1)
            second = await make(shop, "key-1")
            assert error(second) == (409, "in_progress")
            assert second.headers["Retry-After"] == "1"
            assert error(await make(shop, "key-1", quantity=2)) == (409, "idempotency_mismatch")
            another_key = asyncio.create_task(make(shop, "key-2"))
        made = await first
        assert (made.code, (await another_key).code) == (201, 201)
        again = await make(shop, "key-1")
        assert (again.code, again.body) == (201, made.body)
        assert again.headers["Idempotency-Hit"] == "true"
        assert len(await shop.events()) == 2


@pytest.mark.gen_test
async def test_a_request_that_failed_leaves_its_key_free(tmp_path):
    async with product(tmp_path) as shop:
        assert error(await make(shop, "key-1", productId="nosuch")) == (409, "product_not_found")
        await make(shop, orderNum="PW-000001")
        assert error(await make(shop, "key-1", orderNum="PW-000001")) == (409, "order_exists")
        made = await make(shop, "key-1")
        assert (made.code, made.headers.get("Idempotency-Hit")) == (201, None)


@pytest.mark.gen_test
async def test_the_first_answer_is_repeated_whatever_became_of_the_order(tmp_path):
    async with product(tmp_path) as shop:
        first = await make(shop, "key-1")
        num = json.loads(first.body)["orderNum"]
        await shop.pay(num)
        again = await make(shop, "key-1")
        assert (again.code, again.body) == (201, first.body)
        assert error(await make(shop, "key-1", quantity=2)) == (409, "idempotency_mismatch")
        assert (await make(shop, "key-2", quantity=2)).code == 201


@pytest.mark.gen_test
async def test_a_key_is_needed_and_belongs_to_one_api_key(tmp_path):
    async with product(tmp_path) as shop:
        body = {"productId": "p1"}
        assert error(await shop.merchant("orders", "POST", body)) == (400, "bad_request")
        for odd in ("", "a b", "k" * 129, "é"):
            answer = await shop.merchant("orders", "POST", body, **{"Idempotency-Key": odd})
            assert error(answer) == (400, "bad_request"), odd
        first = await make(shop, "k" * 128)
        shop.api_key = await ApiKeys(shop.running.store).create("erp")
        second = await make(shop, "k" * 128)
        assert (second.code, second.headers.get("Idempotency-Hit")) == (201, None)
        assert first.body != second.body


def age(batch: Any, ages: Any) -> list[None]:
    """An op: every idempotent answer was given so many ms ago."""
    IdempotentAnswer.update(created_at=batch.now - ages[0]).execute()
    return [None] * len(ages)


@pytest.mark.gen_test
async def test_a_key_is_kept_24_hours(tmp_path):
    async with product(tmp_path) as shop:
        first = await make(shop, "key-1")
        await shop.running.store.write(age, DAY_MS - 60_000)
        assert (await make(shop, "key-1")).body == first.body
        await shop.running.store.write(age, DAY_MS)
        assert (await make(shop, "key-1", quantity=2)).code == 201


@pytest.mark.gen_test
async def test_a_number_is_taken_once(tmp_path):
    async with product(tmp_path) as shop:
        answers = await asyncio.gather(*(make(shop, orderNum="PW-000001") for _ in range(8)))
        codes = sorted(answer.code for answer in answers)
        assert codes == [201] + [409] * 7
        assert {error(a) for a in answers if a.code == 409} == {(409, "order_exists")}
        assert error(await shop.merchant("orders/PW-000002")) == (404, "not_found")
        assert error(await shop.merchant("orders/%00%27--")) == (404, "not_found")
