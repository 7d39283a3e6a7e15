"""The demo's invented past adds up: figures, orders and events tell the same."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from commands.demo_history import EARLIER_DAYS, past
from models import Event, Order, Refund
from models.base import rows
from payments.merchant import Merchants
from services.demo.seed_history import Gap, PastOrder, SeedHistory, write_history
from services.runtime.clock import DAY_MS, HOUR_MS, day_start
from tests.support.rig import MERCHANT, Product, product

GOODS = (("p1", "咨询 60 分钟", 8800), ("book", "练习手册", 6800))


def drawn(shop: Product) -> list[PastOrder]:
    return past(shop.running.services.feed._clock.now_ms(), GOODS, 8.0, Random(7))


async def seeded(shop: Product) -> list[PastOrder]:
    orders = drawn(shop)
    await shop.running.store.write(write_history, SeedHistory(MERCHANT, orders))
    return orders


def in_figures(summary: dict[str, Any], day: str) -> tuple[int, int]:
    return summary[day]["paidCount"], summary[day]["paidFen"]


@pytest.mark.gen_test
async def test_the_figures_of_both_days_are_the_sums_of_their_orders(tmp_path):
    async with product(tmp_path, merchants=Merchants((MERCHANT,))) as shop:
        alice = await shop.user()
        orders = await seeded(shop)
        now = shop.running.services.feed._clock.now_ms()
        summary = await alice.get("summary")

        def sums(start: int, end: int) -> tuple[int, int]:
            paid = [o.total_fen for o in orders if o.paid and start <= o.ended_at <= end]
            return len(paid), sum(paid)

        assert in_figures(summary, "today") == sums(day_start(now), now)
        yesterday = in_figures(summary, "yesterday")
        assert abs(yesterday[0] - sums(day_start(now) - DAY_MS, now - DAY_MS)[0]) <= 1
        assert summary["today"]["pendingCount"] == 1, "the one of which nobody has heard"
        assert sum(m["paidCount"] for m in summary["minutes"]) > 100
        assert sum(m["paidCount"] for m in summary["yesterdayMinutes"]) > 100
        assert all(o.created_at < o.ended_at < now for o in orders)


@pytest.mark.gen_test
async def test_events_are_numbered_in_the_order_of_time_and_an_order_reads_well(tmp_path):
    async with product(tmp_path, merchants=Merchants((MERCHANT,))) as shop:
        alice = await shop.user()
        orders = await seeded(shop)
        told = await shop.running.store.read(
            lambda: rows(Event.select(Event.seq, Event.at).order_by(Event.seq))
        )
        assert [seq for seq, _ in told] == list(range(1, len(told) + 1))
        assert [at for _, at in told] == sorted(at for _, at in told)
        served = next(o for o in orders if o.served and o.paid and not o.refunds)
        shown = await alice.get(f"orders/{served.order_num}")
        assert shown["order"]["serviceStatus"] == "SERVED"
        assert shown["order"]["phone"] != served.phone  # masked as any other
        tail = f"%E5%B0%BE%E5%8F%B7{served.phone[-4:]}&limit=100"
        found = (await alice.get(f"orders?q={tail}"))["orders"]
        assert served.order_num in [order["orderNum"] for order in found]
        assert [event["kind"] for event in shown["timeline"]] == [
            "service.changed",
            "service.changed",
            "order.paid",
            "order.created",
        ]


@pytest.mark.gen_test
async def test_a_refund_that_we_know_moved_its_order_and_stands_on_its_page(tmp_path):
    async with product(tmp_path, merchants=Merchants((MERCHANT,))) as shop:
        alice = await shop.user()
        past_order = next(o for o in await seeded(shop) if o.booked_refunds)
        (back,) = past_order.booked_refunds
        shown = await alice.get(f"orders/{past_order.order_num}")
        whole = back.amount_fen == past_order.total_fen
        assert shown["order"]["status"] == ("REFUNDED" if whole else "PARTIALLY_REFUNDED")
        assert shown["order"]["refundedFen"] == back.amount_fen
        (refund,) = shown["refunds"]
        assert (refund["refundNum"], refund["status"]) == (back.refund_num, "SUCCESS")
        told = [event["kind"] for event in shown["timeline"] if "refund" in event["kind"]]
        assert told == ["refund.succeeded", "refund.approved", "refund.requested"]
        accepted = await shop.running.store.read(lambda: rows(Refund.select(Refund.accepted_at)))
        assert None not in {at for (at,) in accepted}


@pytest.mark.parametrize("hour", [0.01, 1, 9.9, 10.1, 23.9])
def test_whenever_it_starts_each_gap_is_of_yesterday_once(hour: float) -> None:
    midnight = day_start(1_796_054_400_000)
    orders = past(midnight + int(hour * HOUR_MS), GOODS, 8.0, Random(7))
    yesterday = range(midnight - DAY_MS, midnight)
    found = {order.gap: order for order in orders if order.gap}
    assert set(found) == set(Gap)
    assert sum(order.gap is not None for order in orders) == len(Gap)
    for order in found.values():
        assert order.wechat_paid_at in yesterday
        assert all(refund.accepted_at in yesterday for refund in order.refunds)
    assert [order.gap for order in orders if order.is_paid_at_wechat and not order.paid] == [
        Gap.UNHEARD_PAYMENT
    ]
    days = {day_start(order.wechat_paid_at) for order in orders}
    assert min(days) == midnight - (1 + EARLIER_DAYS) * DAY_MS
    assert midnight - 2 * DAY_MS in days


@pytest.mark.gen_test
async def test_a_database_that_has_orders_gets_no_past(tmp_path):
    async with product(tmp_path) as shop:
        await shop.order()
        history = SeedHistory(MERCHANT, drawn(shop))
        with pytest.raises(RuntimeError, match="has orders"):
            await shop.running.store.write(write_history, history)
        assert await shop.running.store.read(lambda: Order.select().count()) == 1
