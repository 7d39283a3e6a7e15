"""Products in the console: added and changed, told in the audit log, never overwritten unseen."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from models import AuditEntry
from models.base import dicts
from services.orders.products import ProductChange
from tests.support.rig import PRICE, Product, product


def body(answer: HTTPResponse, code: int = 200) -> dict[str, Any]:
    assert answer.code == code, answer.body
    found: dict[str, Any] = json.loads(answer.body)
    return found


async def deeds(shop: Product) -> list[tuple[str, str, str, Any]]:
    rows = await shop.running.store.read(
        lambda: dicts(AuditEntry.select().order_by(AuditEntry.seq))
    )
    return [
        (row["by"], row["action"], row["subject"], json.loads(row["detail"]))
        for row in rows
        if row["action"].startswith("product.")
    ]


@pytest.mark.gen_test
async def test_a_product_is_added_and_sold_at_its_price(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        new = {"id": "tea", "title": "绿茶 <b>100 g</b>", "priceFen": 128050}
        added = body(await alice.post("products", new), 201)["product"]
        assert added == {**new, "active": True, "updatedAt": added["updatedAt"]}
        assert [p["id"] for p in (await alice.get("products"))["products"]] == ["p1", "tea"]
        assert (await shop.order(productId="tea"))["totalFen"] == 128050
        again = await alice.post("products", new)
        assert body(again, 409)["error"] == "product_exists"
        assert await deeds(shop) == [
            (
                "alice",
                "product.created",
                "tea",
                {
                    "before": {},
                    "after": {"title": new["title"], "priceFen": 128050, "active": True},
                },
            ),
        ]


@pytest.mark.gen_test
async def test_a_new_price_counts_for_new_orders_only(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        old = await shop.order()
        (seen,) = (await alice.get("products"))["products"]
        change = {"priceFen": 1, "updatedAt": seen["updatedAt"]}
        changed = body(await alice.post("products/p1", change))["product"]
        assert (changed["priceFen"], changed["title"]) == (1, seen["title"])
        assert (await shop.read(old["orderNum"]))["totalFen"] == PRICE
        assert (await shop.order())["totalFen"] == 1
        ((by, action, subject, detail),) = await deeds(shop)
        assert (by, action, subject) == ("alice", "product.changed", "p1")
        assert (detail["before"]["priceFen"], detail["after"]["priceFen"]) == (PRICE, 1)


@pytest.mark.gen_test
async def test_what_is_switched_off_is_not_sold_and_unchanged_values_are_no_deed(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        (seen,) = (await alice.get("products"))["products"]
        off = {"active": False, "updatedAt": seen["updatedAt"]}
        seen = body(await alice.post("products/p1", off))["product"]
        headers = {"Idempotency-Key": "k"}
        refused = await shop.merchant("orders", "POST", {"productId": "p1"}, **headers)
        assert body(refused, 409)["error"] == "product_not_found"
        await alice.post("products/p1", {"active": False, "updatedAt": seen["updatedAt"]})
        assert len(await deeds(shop)) == 1


@pytest.mark.gen_test
async def test_whoever_saw_an_older_state_is_told_and_overwrites_nothing(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        (seen,) = (await alice.get("products"))["products"]
        both = [
            alice.post("products/p1", {"title": title, "updatedAt": seen["updatedAt"]})
            for title in ("甲", "乙")
        ]
        answers = sorted(await asyncio.gather(*both), key=lambda answer: answer.code)
        assert [answer.code for answer in answers] == [200, 409]
        kept = body(answers[0])["product"]
        conflict = body(answers[1], 409)
        assert (conflict["error"], conflict["product"]) == ("conflict", kept)
        # The merchant's own server and the command change it too.
        await shop.running.services.products.save(ProductChange("p1", price_fen=7))
        stale = {"title": "丙", "updatedAt": kept["updatedAt"]}
        assert body(await alice.post("products/p1", stale), 409)["product"]["priceFen"] == 7
        assert len(await deeds(shop)) == 1


@pytest.mark.gen_test
async def test_odd_values_are_refused(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        now = (await alice.get("products"))["products"][0]["updatedAt"]
        for wrong in (
            {"priceFen": 0},
            {"priceFen": 8.5},
            {"priceFen": "8"},
            {"title": " "},
            {"active": 1},
            {"id": "p2"},
            {"colour": "red"},
        ):
            answer = await alice.post("products/p1", {**wrong, "updatedAt": now})
            assert body(answer, 400)["error"] == "bad_request", wrong
        assert (await alice.post("products/p1", {"priceFen": 5})).code == 400
        assert (await alice.post("products/p2", {"priceFen": 5, "updatedAt": now})).code == 404
        for new in ({"id": "a b", "title": "x", "priceFen": 1}, {"id": "x"}, {"title": "x"}):
            assert (await alice.post("products", new)).code == 400
        assert await deeds(shop) == []


@pytest.mark.gen_test
async def test_the_merchants_server_sees_a_product_as_before(tmp_path):
    async with product(tmp_path) as shop:
        listed = json.loads((await shop.merchant("products")).body)["products"]
        assert listed == [{"id": "p1", "title": "咨询 60 分钟", "priceFen": PRICE, "active": True}]
        taken = await shop.merchant("products", "POST", {**listed[0], "active": False})
        assert body(taken, 400)["error"] == "bad_request"
