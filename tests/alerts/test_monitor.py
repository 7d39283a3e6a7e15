"""What the watch finds: tables of counts, and one case for what goes on for long."""

from __future__ import annotations

from typing import Any

import pytest

from models import AlertEntry, Counter
from models.base import rows
from payments.causes import Cause
from payments.merchant import Merchants
from services.alerts.detectors import (
    OURS,
    WECHATS,
    Figures,
    Observation,
    ending,
    failing,
    late,
    silent,
)
from services.alerts.monitor import Monitor, observe
from services.alerts.rules import CERTIFICATE_URGENT_DAYS, KNOBS
from services.runtime.clock import DAY_MS, HOUR_MS, MINUTE_MS
from services.runtime.counters import FAILED_COUNT, PAID_COUNT, TOLD_COUNT, count_paid
from tests.support.rig import MERCHANT, MovedClock, Product, product, transaction

NOW = 20_000 * DAY_MS + 11 * HOUR_MS + 30_000
VALUES = {name: knob.default for name, knob in KNOBS.items()}


def figures(usual: int | None = None, **minutes: dict[int, int]) -> Figures:
    """`minutes` are counts by how many minutes ago, of each name."""
    names = {"paid": PAID_COUNT, "failed": FAILED_COUNT, "told": TOLD_COUNT}
    names |= {n: f"notify_delay_{n.removeprefix('in_')}" for n in minutes if n not in names}
    start = NOW // MINUTE_MS * MINUTE_MS
    counted = {
        (names[name], start - ago * MINUTE_MS): value
        for name, values in minutes.items()
        for ago, value in values.items()
    }
    return Figures(counted, usual, {}, {})


BUSY = dict.fromkeys(range(11, 70), 5)


@pytest.mark.parametrize(
    ("given", "level"),
    [
        (figures(), None),
        (figures(paid=dict.fromkeys(range(60, 70), 1)), None),
        (figures(paid=BUSY, told=BUSY), 1),
        (figures(usual=300, paid=BUSY, told=BUSY), 1),
        (figures(usual=0, paid=BUSY, told=BUSY), None),
        (figures(usual=300), None),
        (figures(paid={**BUSY, 3: 1}, told={**BUSY, 3: 1}), 0),
        (figures(failed={2: 1}, paid=BUSY), 0),
        (figures(paid={1: 1, 4: 2}), 1),
        (figures(paid={1: 1, 4: 1}), None),
    ],
    ids=[
        "an idle shop",
        "a slow one",
        "busy until ten minutes ago",
        "and usually busy at this time",
        "busy, and usually closed by now",
        "usually busy, closed today",
        "a notify came",
        "of a failed payment too",
        "three payments found by asking",
        "two are chance",
    ],
)
def test_a_silence_is_told_only_where_payments_are_usual(given: Figures, level: int | None) -> None:
    assert silent(VALUES, given, NOW, NOW - HOUR_MS).level == level


def test_nothing_is_silent_before_we_have_listened_for_so_long() -> None:
    busy = figures(paid=BUSY, told=BUSY)
    assert silent(VALUES, busy, NOW, NOW - 9 * MINUTE_MS).level is None
    assert silent(VALUES | {"silence.minutes": 0}, busy, NOW, 0).level == 0


@pytest.mark.parametrize(
    ("paid", "failed", "level"),
    [(14, 6, 0), (13, 7, 1), (0, 20, 1), (0, 19, None), (100, 0, 0), (0, 0, None)],
)
def test_many_failures_are_told_where_there_are_enough_payments(
    paid: int, failed: int, level: int | None
) -> None:
    given = figures(paid={1: paid, 6: 100}, failed={4: failed, 7: 100})
    assert failing(VALUES, given, NOW).level == level


@pytest.mark.parametrize(
    ("given", "level"),
    [
        (figures(), None),
        (figures(in_60000={1: 9}), None),
        (figures(in_60000={6: 100}), None),
        (figures(in_100={1: 95}, in_60000={0: 2, 4: 3, 6: 50}), 0),
        (figures(in_100={1: 94}, in_60000={0: 2, 4: 4}), 1),
        (figures(in_over={3: 10}), 1),
    ],
)
def test_late_notifies_are_told_by_the_95th_of_a_hundred(given: Figures, level: int | None) -> None:
    assert late(VALUES, given, NOW).level == level


@pytest.mark.parametrize(
    ("days", "level", "at_least"),
    [
        (31, 0, "low"),
        (30, 1, "low"),
        (8, 1, "low"),
        (7, 2, "high"),
        (0, 2, "high"),
        (-3, 2, "high"),
    ],
)
def test_a_certificate_is_told_of_a_month_and_again_a_week_before_its_end(
    days: int, level: int, at_least: str
) -> None:
    for what in (WECHATS, OURS):
        found = ending(VALUES, what, "1900000109", NOW + days * DAY_MS + 1, NOW)
        assert (found.level, found.at_least) == (level, at_least)
        assert "1900000109" not in str(found.values) + found.subject
    assert VALUES[CERTIFICATE_URGENT_DAYS] == 7


async def told(shop: Product) -> list[tuple[str, str, int, list[str]]]:
    """Of every system case: severity, actual, count, history."""
    cases = (await shop.running.services.alerts.page(kind="system"))["alerts"]
    return [
        (c["severity"], c["actual"], c["count"], [e["action"] for e in c["history"]]) for c in cases
    ]


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_a_thing_that_goes_on_is_one_case_that_says_when_it_is_over_and_again(tmp_path):
    given = {"percent": 40, "paid": 8, "failed": 12, "limitPercent": 70}
    about = "watch_success", "success rate", Cause.PAYMENTS_FAILING
    bad, well = Observation(*about, 1, "40%", given), Observation(*about, 0)
    async with product(tmp_path, by_hand=True) as shop:
        write = shop.running.store.write
        await write(observe, (bad,))
        await write(observe, (bad,))
        assert await told(shop) == [("medium", "40%", 1, ["raised"])]
        await write(observe, (well,))
        await write(observe, (well,))
        assert await told(shop) == [("medium", "40%", 1, ["raised", "over"])]
        await write(observe, (bad,))
        assert (await told(shop))[0][2:] == (2, ["raised", "over", "repeated"])


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_what_was_resolved_while_it_goes_on_stays_resolved_until_it_gets_worse(tmp_path):
    first = ending(VALUES, WECHATS, "1900000109", NOW + 20 * DAY_MS, NOW)
    worse = ending(VALUES, WECHATS, "1900000109", NOW + 5 * DAY_MS, NOW)
    async with product(tmp_path, by_hand=True) as shop:
        alice, write = await shop.user(), shop.running.store.write
        await write(observe, (first,))
        assert (
            await alice.post("alerts/1/resolve", {"version": 1, "reason": "refunded"})
        ).code == 200
        await write(observe, (first,))
        assert (await told(shop))[0][:3] == ("medium", "20 d", 1)
        await write(observe, (worse,))
        assert (await told(shop))[0][:3] == ("high", "5 d", 2)


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_the_watch_reads_the_counters_of_real_payments(tmp_path):
    clock = MovedClock(NOW)
    async with product(tmp_path, by_hand=True, clock=clock) as shop:
        watch = Monitor(shop.running.store, clock, Merchants((MERCHANT,)))
        for i in range(20):
            order = (await shop.order())["orderNum"]
            failure = {"result_code": "FAIL", "err_code": "NOTENOUGH"} if i < 8 else {}
            await shop.pay(order, transaction(), time_end="20241004190000", **failure)
        clock.ms += 2 * MINUTE_MS
        await watch.step()
        cases = (await shop.running.services.alerts.page(kind="system"))["alerts"]
        assert sorted((c["severity"], c["actual"][:2]) for c in cases) == [
            ("high", "60"),
            ("medium", "29"),
        ]
        clock.ms += 10 * MINUTE_MS
        for _ in range(3):
            await shop.running.store.write(found_by_asking, clock.ms)
        await watch.step()
        silence = (await shop.running.services.alerts.page(kind="system"))["alerts"][0]
        assert (silence["severity"], silence["actual"]) == ("high", "10 min")
        told = {name: silence["evidence"][name] for name in ("code", "values")}
        assert told == {"code": "notifies_missed", "values": {"minutes": 10, "found": 3}}


def found_by_asking(batch: Any, times: Any) -> list[None]:
    """An op: one payment that no notify told us of."""
    for at in times:
        count_paid(batch, "ORDER-1", 1, at, None, told=False)
    return [None] * len(times)


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_a_shop_without_traffic_is_left_alone_all_day(tmp_path):
    clock = MovedClock(NOW)
    async with product(tmp_path, by_hand=True, clock=clock) as shop:
        watch = Monitor(shop.running.store, clock, Merchants((MERCHANT,)))
        for _ in range(48):
            clock.ms += HOUR_MS // 2
            await watch.step()
        counted = await shop.running.store.read(
            lambda: rows(Counter.select(Counter.name).where(Counter.name.startswith("watch_")))
        )
        entries = await shop.running.store.read(lambda: AlertEntry.select().count())
        assert (counted, entries) == ([], 0)
