"""The console's JSON: its shapes, what it masks, and how it is found and paged."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from models.user import Role
from payments.causes import Cause
from services.orders.products import ProductChange
from tests.support.rig import (
    APP_ID,
    OPEN_ID,
    Console,
    Product,
    notify_fields,
    product,
    signed,
    transaction,
)

PHONE = "13812345678"
ORDER = {
    "orderNum",
    "status",
    "serviceStatus",
    "appId",
    "productId",
    "title",
    "totalFen",
    "paidFen",
    "refundedFen",
    "tradeType",
    "transactionId",
    "openId",
    "phone",
    "customer",
    "createdAt",
    "paidAt",
    "wechatPaidAt",
    "expiresAt",
}
ALERT = {
    "id",
    "kind",
    "severity",
    "status",
    "orderNum",
    "count",
    "firstSeen",
    "lastSeen",
    "assignee",
    "version",
    "expected",
    "actual",
    "evidence",
    "history",
}


async def paid_order(shop: Product, tx: str | None = None, **fields: Any) -> str:
    order = await shop.order(openId=OPEN_ID, phone=PHONE, customer="王芳", **fields)
    await shop.pay(order["orderNum"], tx, total_fee=str(order["totalFen"]))
    return str(order["orderNum"])


@pytest.mark.gen_test
async def test_an_order_is_shown_with_its_whole_story(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        tx = transaction()
        num = await paid_order(shop, tx)
        await shop.pay(num, tx)
        await shop.pay(num, total_fee="8801")
        page = await alice.get(f"orders/{num}")
        assert set(page) == {
            "order",
            "timeline",
            "notifies",
            "refunds",
            "alerts",
            "why",
            "say",
            "payment",
            "customerOrders",
            "differences",
            "complaints",
            "secondAdminFen",
        }
        order = page["order"]
        assert set(order) == ORDER
        times = {"createdAt", "paidAt", "wechatPaidAt", "expiresAt"}
        shown = {name: order[name] for name in ORDER - times}
        assert shown == {
            "orderNum": num,
            "status": "PAID",
            "serviceStatus": "SERVICE_WAIT",
            "appId": APP_ID,
            "productId": "p1",
            "title": "咨询 60 分钟",
            "totalFen": 8800,
            "paidFen": 8800,
            "refundedFen": 0,
            "tradeType": "JSAPI",
            "transactionId": tx,
            "openId": "oUpF8u****eS6o",
            "phone": "138****5678",
            "customer": "王芳",
        }
        kinds = [event["kind"] for event in page["timeline"]]
        assert kinds == [
            "alert.raised",
            "notify.refused",
            "notify.duplicate",
            "order.paid",
            "order.created",
        ]
        assert [n["verdict"] for n in page["notifies"]] == [
            "amount_mismatch",
            "duplicate",
            "booked",
        ]
        assert all(n["authentic"] and n["orderNum"] == num for n in page["notifies"])
        (alert,) = page["alerts"]
        assert set(alert) == ALERT
        assert page["refunds"] == []


@pytest.mark.gen_test
async def test_an_alert_is_shown_with_both_sides_and_its_evidence(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        num = (await shop.order())["orderNum"]
        await shop.pay(num, total_fee="-8800")
        (listed,) = (await alice.get("alerts"))["alerts"]
        alert = (await alice.get(f"alerts/{listed['id']}"))["alert"]
        assert alert == listed
        assert set(alert) == ALERT
        assert (alert["kind"], alert["severity"]) == ("negative_total", "critical")
        assert (alert["orderNum"], alert["status"], alert["count"]) == (num, "open", 1)
        assert (alert["expected"], alert["actual"]) == (8800, -8800)
        evidence = alert["evidence"]
        assert set(evidence) == {"rule", "code", "values", "fields", "notifyId"}
        assert evidence["code"] == Cause.NEGATIVE_TOTAL
        assert all(set(row) == {"name", "ours", "wechat", "same"} for row in evidence["fields"])
        total = next(row for row in evidence["fields"] if row["name"] == "total_fee")
        assert (total["ours"], total["wechat"], total["same"]) == (8800, -8800, False)
        assert [entry["action"] for entry in alert["history"]] == ["raised"]
        notify = (await alice.get(f"notifies/{evidence['notifyId']}"))["notify"]
        assert "<total_fee><![CDATA[-8800]]></total_fee>" in notify["body"]
        for path in ("alerts/999", "notifies/0", "orders/nosuch", "orders/%00", "orders/%F0%9F"):
            answer = await alice.fetch(path)
            assert answer.code == (400 if path.endswith("%9F") else 404), path


@pytest.mark.gen_test
async def test_the_stream_is_read_by_number(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        await paid_order(shop)
        page = await alice.get("events?limit=1")
        assert page["head"] == 2
        (first,) = page["events"]
        assert set(first) == {"seq", "kind", "severity", "orderNum", "at", "data"}
        rest = await alice.get(f"events?after={first['seq']}")
        assert [event["seq"] for event in rest["events"]] == [2]
        assert (await alice.fetch("events?limit=1000")).code == 200
        for query in ("limit=1001", "limit=0", "after=-1", "after=x", "after=9999999999999999"):
            assert (await alice.fetch(f"events?{query}")).code == 400, query


@pytest.mark.gen_test
async def test_lists_come_newest_first_in_pages(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        for _ in range(103):
            await shop.order()
            await shop.pay(f"unknown-{_}")
        for name in ("orders", "alerts"):
            full = await alice.get(name)
            assert (len(full[name]), set(full) - {"top"}) == (50, {name, "next"})
            seen, page = list(full[name]), full
            while page["next"]:
                page = await alice.get(f"{name}?before={page['next']}&limit=40")
                seen += page[name]
            numbers = [item["orderNum"] for item in seen]
            assert len(set(numbers)) == len(numbers) == 103
            times = [item["createdAt" if name == "orders" else "firstSeen"] for item in seen]
            assert times == sorted(times, reverse=True)
            assert len((await alice.get(f"{name}?limit=100"))[name]) == 100
            for query in (
                "limit=0",
                "limit=101",
                "limit=-1",
                "limit=x",
                "before=x",
                "before=-1",
                "before=9223372036854775808",
                "limit=1e1",
            ):
                assert (await alice.fetch(f"{name}?{query}")).code == 400, query


@pytest.mark.gen_test
async def test_orders_and_alerts_are_filtered(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        paid, waiting = await paid_order(shop), (await shop.order())["orderNum"]
        await shop.pay("unknown-1")
        await shop.pay(waiting, total_fee="1")

        async def orders(query: str) -> list[str]:
            return [order["orderNum"] for order in (await alice.get(f"orders?{query}"))["orders"]]

        async def alerts(query: str) -> list[str]:
            return [alert["orderNum"] for alert in (await alice.get(f"alerts?{query}"))["alerts"]]

        assert await orders("status=PAID") == [paid]
        assert await orders("status=CLOSED") == []
        assert await alerts("kind=missing_order") == ["unknown-1"]
        assert await alerts(f"orderNum={waiting}") == [waiting]
        assert await alerts("status=open&kind=amount_mismatch") == [waiting]
        assert await alerts("status=resolved") == []
        assert len(await alerts("status=unresolved")) == 2
        for path in ("orders?status=paid", "orders?status=x'--", "alerts?status=OPEN"):
            assert (await alice.fetch(path)).code == 400, path


@pytest.mark.gen_test
async def test_no_answer_of_the_console_holds_a_full_openid_or_phone(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        users = [await shop.user(f"u-{role}", role) for role in Role]
        tx = transaction()
        num = await paid_order(shop, tx)
        other = (await shop.order(phone=PHONE))["orderNum"]
        await shop.prepay(other, "JSAPI", openId=OPEN_ID)
        await shop.pay(num, total_fee="1", attach=f"{OPEN_ID} {PHONE}")
        await shop.pay(other, tx, openid=OPEN_ID)
        await shop.pay("nosuch-order", device_info=PHONE, sub_openid=OPEN_ID)
        forged = signed(notify_fields(num, tx, attach=PHONE), key="0" * 32)
        await shop.notify(forged)
        await shop.pay(other, result_code="FAIL", err_code="X", err_code_des="no money")
        for user in users:
            paths = [
                "summary",
                "events?limit=1000",
                "orders",
                f"orders/{num}",
                f"orders/{other}",
                "alerts",
                f"orders?q={OPEN_ID}",
                f"orders?q={PHONE}",
                "me",
            ]
            found = await user.get("alerts")
            paths += [f"alerts/{alert['id']}" for alert in found["alerts"]]
            paths += [f"notifies/{a['evidence']['notifyId']}" for a in found["alerts"]]
            paths += [f"notifies/{n['id']}" for n in (await user.get(f"orders/{num}"))["notifies"]]
            for path in paths:
                body = (await user.fetch(path)).body
                assert OPEN_ID.encode() not in body, path
                assert PHONE.encode() not in body, path
        assert len(found["alerts"]) == 4
        feed = (await shop.merchant("events?limit=1000")).body
        assert OPEN_ID.encode() not in feed
        assert PHONE.encode() not in feed


@pytest.mark.gen_test
async def test_a_raw_notify_is_shown_without_what_would_let_it_be_sent_again(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        num = await paid_order(shop)
        (row,) = (await alice.get(f"orders/{num}"))["notifies"]
        notify = (await alice.get(f"notifies/{row['id']}"))["notify"]
        assert set(notify) == set(row) | {"body"}
        assert num in notify["body"]
        sign = notify["body"].split("<sign><![CDATA[")[1].split("]")[0]
        assert len(sign) == 8
        assert sign.endswith("****")


class Finder:
    """Alice at the search field."""

    def __init__(self, alice: Console) -> None:
        self.alice = alice

    async def __call__(self, q: str) -> list[str]:
        page = await self.alice.get(f"orders?q={quote(q)}")
        return [order["orderNum"] for order in page["orders"]]


@pytest.mark.gen_test
async def test_an_order_is_found_by_all_its_names(tmp_path):
    async with product(tmp_path) as shop:
        find = Finder(await shop.user())
        await shop.running.services.products.save(ProductChange("book", "《练习手册》", 6850, True))
        tx = transaction()
        mine = await paid_order(shop, tx, orderNum="PW-2025_0001")
        book = (await shop.order(orderNum="PW-2025_0002", productId="book"))["orderNum"]
        other = (await shop.order(orderNum="pw-2025_0003"))["orderNum"]
        assert await find(mine) == [mine]
        assert await find(f"  {mine} ") == [mine]
        assert await find("PW-2025") == await find("pw-2025") == [other, book, mine]
        assert await find(tx) == await find(tx[:10]) == [mine]
        assert await find(OPEN_ID) == await find(PHONE) == [mine]
        assert await find("book") == await find("练习") == [book]
        assert await find("68.50") == await find("¥68.5") == await find("6850") == [book]
        assert await find("88") == [other, mine]
        assert await find("") == [other, book, mine]
        assert await find("王芳") == [mine]
        assert await find(OPEN_ID[:-1]) == await find(PHONE[:7]) == []  # finer than what is shown
        for part in ("PW-", "nosuch", "0001", mine + "x"):
            assert await find(part) == [], part


@pytest.mark.gen_test
async def test_odd_searches_are_only_text(tmp_path):
    async with product(tmp_path) as shop:
        find = Finder(await shop.user())
        num = (await shop.order(orderNum="A_B-100001"))["orderNum"]
        odd = (
            "%",
            "_",
            "%%%%",
            "____",
            "A%B-100001",
            "A-B-100001",
            "A__-",
            "\\",
            "'",
            '"',
            "' OR 1=1",
            "1; DROP TABLE orders",
            "x" * 500,
            "%" * 100,
            "中" * 80,
            "\U0010ffff",
            "aaaa\U0010ffff",
            "aaaa\ud7ff",
            "\x7f\x7f\x7f\x7f",
            "0.00",
            "99999999.99",
            "1.234",
            "１００",
            "-5",
            "1e9",
            "¥",
        )
        for q in odd:
            assert await find(q) == [], q
        assert await find("A_B-") == await find("88.") == [num]
        for unreadable in ("%00", "%ff"):
            assert (await find.alice.fetch(f"orders?q={unreadable}")).code == 400


@pytest.mark.gen_test
async def test_a_search_that_finds_much_is_paged_as_well(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        for number in range(5):
            await shop.order(orderNum=f"PW-10000{number}")
        first = await alice.get("orders?q=PW-1&limit=3")
        second = await alice.get(f"orders?q=PW-1&limit=3&before={first['next']}")
        numbers = [order["orderNum"] for order in first["orders"] + second["orders"]]
        assert numbers == [f"PW-10000{number}" for number in (4, 3, 2, 1, 0)]
        assert second["next"] is None


@pytest.mark.gen_test
async def test_answers_are_json_that_nobody_caches(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        for path in ("me", "summary", "events", "orders", "alerts", "alerts/1", "orders/x"):
            answer = await alice.fetch(path)
            assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
            assert answer.headers["Cache-Control"] == "no-store"
            json.loads(answer.body)
