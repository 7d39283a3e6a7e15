"""Orders found by whatever is known of them, filtered and paged, on every database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest

import services.views.index_look as index_look
import services.views.order_list as order_list
from models import Order
from models.order import PHONE_TAIL
from models.transaction import Batch
from models.user import Role
from services.orders.products import ProductChange
from services.runtime.clock import DAY_MS, HOUR_MS, MINUTE_MS, day_start
from tests.support.rig import (
    APP_ID,
    MCH_ID,
    PRICE,
    Console,
    MovedClock,
    Product,
    product,
    transaction,
)

NOON = day_start(1_795_500_000_000) + 12 * HOUR_MS  # 2026-11-24 12:00 in China
OPEN_ID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
PHONE = "13812345678"


@dataclass
class Shelf:
    """Orders put straight into the table, made before `now` (ms)."""

    shop: Product
    now: int

    async def put(self, number: str, ago_ms: int = 0, **columns: Any) -> str:
        """An order that was made so long ago."""
        phone = columns.get("phone")
        row = {
            "order_num": number,
            "product_id": "p1",
            "title": "咨询 60 分钟",
            "total_fen": PRICE,
            "app_id": APP_ID,
            "mch_id": MCH_ID,
            "status_token": number,
            "status": "INIT",
            "created_at": self.now - ago_ms,
            "updated_at": self.now,
            "expires_at": self.now + DAY_MS,
            "phone_tail": phone[-PHONE_TAIL:] if phone else None,
            **columns,
        }
        if row["status"] not in ("INIT", "WAIT_PAY", "CLOSED"):
            row = {"transaction_id": transaction(), "paid_at": self.now, **row}
        await self.shop.running.store.write(_insert, row)
        return number


@dataclass
class Desk(Shelf):
    """A signed-in person at the search."""

    user: Console

    async def page(self, **query: Any) -> dict[str, Any]:
        found: dict[str, Any] = await self.user.get(f"orders?{urlencode(query)}")
        return found

    async def find(self, q: str = "", **query: Any) -> list[str]:
        found = await self.page(q=q, **query)
        return [order["orderNum"] for order in found["orders"]]

    async def all_pages(self, before: str = "", **query: Any) -> list[str]:
        seen: list[str] = []
        while True:
            found = await self.page(**query, before=before)
            seen += [order["orderNum"] for order in found["orders"]]
            before = found["next"]
            if not before:
                return seen


def _insert(_batch: Batch, some: Sequence[dict[str, Any]]) -> list[None]:
    for row in some:
        Order.insert(**row).execute()
    return [None] * len(some)


async def desk(shop: Product, role: Role = Role.SUPPORT) -> Desk:
    return Desk(shop, NOON, await shop.user("bob", role))


@pytest.mark.gen_test
async def test_every_key_finds_its_order_and_says_how_it_was_read(tmp_path):
    async with product(tmp_path, clock=MovedClock(NOON)) as shop:
        at = await desk(shop, Role.VIEWER)
        await shop.running.services.products.save(ProductChange("book", "练习手册", 6850, True))
        tx = transaction()
        mine = await at.put(
            "M261123200500AAAA",
            16 * HOUR_MS,
            open_id=OPEN_ID,
            phone=PHONE,
            customer="陈晓彤",
            product_id="book",
            title="《练习手册》第二版",
            total_fen=6850,
            status="PAID",
            transaction_id=tx,
        )
        await at.put("M261124110000BBBB", HOUR_MS, phone="13900001111", customer="Alex Wright")
        keys = {
            mine: "order",
            mine[:9]: "order",
            tx: "transaction",
            tx[:20]: "transaction",
            OPEN_ID: "openid",
            OPEN_ID[:6]: "openid",
            PHONE: "phone",
            "+86 138 1234 5678": "phone",
            "138": "phone_prefix",
            "尾号 5678": "phone_tail",
            "*5678": "phone_tail",
            "138****5678": "phone_tail",
            "5678": "phone_tail",
            "手机号:5678": "phone_tail",
            "练习": "text",
            "第二版": "text",
            "book": "text",
            "陈晓": "text",
            "晓彤": "text",
            "客户:陈晓": "customer",
            "商品:练习": "product",
            "68.50": "amount",
            "6850": "amount",
            "昨晚8点": "time",
            "68.5 昨晚8点": "amount",
            "68.50 last night 8pm": "amount",
            "昨晚": "time",
        }
        for q, read in keys.items():
            found = await at.page(q=q)
            assert [order["orderNum"] for order in found["orders"]] == [mine], q
            assert found["read"]["as"] == read, q
        assert await at.find("Wright") == await at.find("Alex") == ["M261124110000BBBB"]
        for q in ("139****5678", "88 昨晚8点", "68.50 前天", "尾号 0000", "陈彤"):
            assert await at.find(q) == [], q
        body = (await at.user.fetch(f"orders?q={PHONE}")).body
        assert PHONE.encode() not in body
        assert b'"phone":"138****5678"' in body


@pytest.mark.gen_test
async def test_a_whole_number_is_found_whatever_the_filters_and_says_so(tmp_path):
    async with product(tmp_path, clock=MovedClock(NOON)) as shop:
        at = await desk(shop)
        tx = transaction()
        old = await at.put("OLD-00001", 90 * DAY_MS, status="PAID", transaction_id=tx)
        await at.put("OLD-000011", 90 * DAY_MS)
        for q in (old, tx):
            found = await at.page(q=q, created="7d", status="CLOSED", minFen=1_000_000)
            assert [order["orderNum"] for order in found["orders"]] == [old]
            assert found["read"]["exact"] is True
        assert await at.find("OLD-0000", created="7d") == []
        assert len(await at.find("OLD-0000")) == 2


@pytest.mark.gen_test
async def test_an_amount_about_a_moment_gives_the_nearest_first(tmp_path):
    async with product(tmp_path, clock=MovedClock(NOON)) as shop:
        at = await desk(shop)
        eight = 16 * HOUR_MS  # yesterday at 20:00
        for minutes in (-70, -50, -3, 0, 7, 40, 61):
            await at.put(f"M{minutes + 500}", eight - minutes * MINUTE_MS)
        await at.put("OTHER", eight, total_fen=PRICE + 1)
        found = await at.page(q="88 昨晚8点")
        numbers = [order["orderNum"] for order in found["orders"]]
        assert numbers == ["M500", "M497", "M507", "M540", "M450"]
        assert found["read"]["near"] == "2026-11-23T12:00:00.000Z"
        assert (found["read"]["amountFen"], found["next"]) == ([PRICE], None)
        assert await at.find("88 昨晚8点", limit=2) == numbers[:2]
        assert await at.find("88 昨晚8点", status="PAID") == []


@pytest.mark.gen_test
async def test_filters_go_together(tmp_path):
    async with product(tmp_path, clock=MovedClock(NOON)) as shop:
        at = await desk(shop)
        serve = {"status": "PAID", "service_status": "IN_SERVICE"}
        await at.put("A-1", 40 * DAY_MS, **serve)
        await at.put("A-2", 10 * DAY_MS, status="WAIT_PAY")
        await at.put("A-3", DAY_MS, total_fen=100, status="PAID", service_status="SERVED")
        await at.put("A-4", HOUR_MS, total_fen=126_850_000)
        await shop.pay("A-4", total_fee="1")
        assert await at.find() == ["A-4", "A-3", "A-2", "A-1"]
        assert await at.find(created="all", status="INIT,WAIT_PAY") == ["A-4", "A-2"]
        assert await at.find(created="today") == ["A-4"]
        assert await at.find(created="7d") == ["A-4", "A-3"]
        assert await at.find(created="30d") == ["A-4", "A-3", "A-2"]
        assert await at.find(created="2026-10-01..2026-11-14") == ["A-2", "A-1"]
        assert await at.find(status="PAID", service="IN_SERVICE,SERVED") == ["A-3", "A-1"]
        assert await at.find(status="PAID", service="IN_SERVICE") == ["A-1"]
        assert await at.find(minFen=101, maxFen=8800) == ["A-2", "A-1"]
        assert await at.find(maxFen=0) == []
        assert await at.find(alerts=1) == ["A-4"]
        assert await at.find("咨询", status="PAID", maxFen=100) == ["A-3"]
        assert await at.find("昨天", status="PAID,INIT") == ["A-3"]
        for wrong in (
            "created=1d",
            "status=paid",
            "status=PAID,",
            "service=x",
            "minFen=-1",
            "maxFen=x",
            "alerts=2",
            "alerts=yes",
            "status=PAID&status=INIT",
        ):
            assert (await at.user.fetch(f"orders?{wrong}")).code == 400, wrong


@pytest.mark.gen_test
async def test_pages_do_not_shift_while_orders_arrive(tmp_path):
    async with product(tmp_path, clock=MovedClock(NOON)) as shop:
        at = await desk(shop)
        # Some at the same moment, and ids that do not follow the time: several processes do that.
        made = [await at.put(f"P-{i:05}", (i * 7 % 11) * MINUTE_MS) for i in range(23)]
        for query in (
            {},
            {"q": "咨询"},
            {"q": "P-00"},
            {"q": "88"},
            {"status": "INIT,PAID"},
            {"minFen": 1, "status": "INIT"},
        ):
            expected = await at.find(limit=100, **query)
            assert sorted(expected) == made
            first = await at.page(limit=5, **query)
            late = await at.put("P-00LATE", -MINUTE_MS)
            seen = [order["orderNum"] for order in first["orders"]]
            seen += await at.all_pages(first["next"], limit=5, **query)
            assert seen == expected
            assert await at.find(limit=5, top=first["top"], **query) == expected[:5]
            assert await at.find(limit=1, **query) == [late]
            await _remove(shop, late)


async def _remove(shop: Product, number: str) -> None:
    def remove(_batch: Batch, numbers: Sequence[str]) -> list[None]:
        Order.delete().where(Order.order_num.in_(numbers)).execute()
        return [None] * len(numbers)

    await shop.running.store.write(remove, number)


@pytest.mark.gen_test
async def test_a_page_that_stops_early_goes_on_and_passes_nothing_over(tmp_path, monkeypatch):
    monkeypatch.setattr(index_look, "LOOK", 2)
    monkeypatch.setattr(order_list, "REACH", 4)
    monkeypatch.setattr(index_look, "ALIKE", 3)
    monkeypatch.setattr(index_look, "HIGHEST", 3)
    async with product(tmp_path, clock=MovedClock(NOON)) as shop:
        at = await desk(shop)
        for i in range(20):
            await at.put(
                f"Q-{i:05}",
                i * MINUTE_MS,
                status="PAID" if i % 6 == 0 else "CLOSED",
                phone=f"138000000{i:02}",
                customer="王小芳" if i in (3, 17) else "李雷",
                service_status="SERVED" if i in (1, 18, 19) else None,
            )
        all_of_them = [f"Q-{i:05}" for i in range(20)]
        page = await at.page(q="客户:小芳", limit=5)
        assert [order["orderNum"] for order in page["orders"]] == ["Q-00003"]
        assert page["next"] is not None
        served = ["Q-00001", "Q-00018", "Q-00019"]
        assert await at.all_pages(service="SERVED", limit=5) == served
        assert await at.all_pages(q="138", limit=5) == all_of_them
        for limit in (1, 5):  # two ways at once, of which one stops before the other
            both = await at.all_pages(status="PAID,CLOSED", service="SERVED", limit=limit)
            assert both == served
        # A part of a name is looked for in the newest; alone it goes on, beside others it says so.
        assert await at.all_pages(q="小芳", limit=5) == ["Q-00003", "Q-00017"]
        page = await at.page(q="王小", limit=5)
        assert [order["orderNum"] for order in page["orders"]] == ["Q-00003", "Q-00017"]
        assert page["read"]["partlySince"] == "2026-11-24T03:57:00.000Z"
        # Of too many numbers that begin alike the highest come.
        assert await at.find("Q-000") == ["Q-00017", "Q-00018", "Q-00019"]


@pytest.mark.gen_test
async def test_the_number_on_a_receipt_that_was_not_booked_finds_its_order(tmp_path):
    async with product(tmp_path) as shop:
        bob = await desk(shop)
        paid, tx, twice = (await shop.order())["orderNum"], transaction(), transaction()
        await shop.pay(paid, tx)
        await shop.pay(paid, twice)
        wrong, short = (await shop.order())["orderNum"], transaction()
        await shop.pay(wrong, short, total_fee="1")
        for number, order in ((tx, paid), (twice, paid), (short, wrong)):
            page = await bob.page(q=number, status="CLOSED")
            assert [found["orderNum"] for found in page["orders"]] == [order]
            assert page["read"]["exact"] is True
            # Whoever comes back to the list asks for it from the same order on.
            again = await bob.page(q=number, status="CLOSED", top=page["top"])
            assert (again["read"], again["orders"]) == (page["read"], page["orders"])
        assert await bob.find(transaction()) == []


@pytest.mark.gen_test
async def test_how_it_is_paid_and_how_far_it_was_refunded_are_filters(tmp_path):
    async with product(tmp_path, clock=MovedClock(NOON)) as shop:
        at = await desk(shop)
        states = {"A": ("PAID", 0), "B": ("PARTIALLY_REFUNDED", 1), "C": ("REFUNDED", PRICE)}
        for name, (status, back) in states.items():
            trade = "NATIVE" if name == "B" else "JSAPI"
            await at.put(f"R-0000-{name}", status=status, refunded_fen=back, trade_type=trade)
        await at.put("R-UNPAID", trade_type="MWEB")
        for query, found in (
            ({"refund": "none"}, ["R-0000-A"]),
            ({"refund": "part,full"}, ["R-0000-C", "R-0000-B"]),
            ({"refund": "part,full", "trade": "JSAPI"}, ["R-0000-C"]),
            ({"refund": "waiting"}, []),
            ({"trade": "MWEB,NATIVE"}, ["R-UNPAID", "R-0000-B"]),
        ):
            assert await at.find(**query) == found, query
        ask = {"amountFen": 100, "reason": "x", "refundNum": "RF-0000-1"}
        asked = await at.user.post("orders/R-0000-A/refunds", ask)
        assert asked.code < 300, asked.body
        assert await at.find(refund="waiting") == ["R-0000-A"]
        assert await at.find(refund="none") == []
        for odd in ({"refund": "some"}, {"trade": "CASH"}):
            assert (await at.user.fetch(f"orders?{urlencode(odd)}")).code == 400
