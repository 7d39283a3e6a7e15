"""One order as of a moment: what its events up to then tell, and nothing that came later."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from models import AlertEntry
from models.transaction import Batch, NewEvent
from models.user import Role
from services.live.feed import PAGE
from services.runtime.clock import DAY_MS, SystemClock, rfc3339
from services.views.date_ranges import read_moment
from tests.support.rig import PRICE, Console, MovedClock, Product, product, transaction

NOON = 20_700 * DAY_MS


def what(page: dict[str, Any]) -> tuple[Any, ...]:
    order = page["order"]
    return order["status"], order["serviceStatus"], order["paidFen"], order["transactionId"]


@asynccontextmanager
async def one_fen_too_much(folder: Path) -> AsyncIterator[tuple[Product, Console, MovedClock, str]]:
    """An order with a case, its admin, and the clock that stands still at its moment."""
    clock = MovedClock(NOON)
    async with product(folder, clock=clock, by_hand=True) as shop:
        alice = await shop.user("alice", Role.ADMIN)
        num = (await shop.order())["orderNum"]
        await shop.pay(num, total_fee=str(PRICE + 1))
        yield shop, alice, clock, num


@pytest.mark.gen_test
async def test_an_order_is_shown_as_it_was_at_each_moment(tmp_path: Path) -> None:
    clock = MovedClock(SystemClock().now_ms())  # the simulated WeChat has its own
    async with product(tmp_path, wechat=True, clock=clock, by_hand=True) as shop:
        alice = await shop.user("alice", Role.ADMIN)
        moments: list[int] = []

        def later() -> None:
            moments.append(clock.ms)
            clock.ms += 60_000

        num = (await shop.order())["orderNum"]
        later()
        await shop.prepay(num)
        later()
        await shop.pay(num, total_fee=str(PRICE + 1))
        later()
        tx = transaction()
        await shop.pay(num, tx)
        later()
        await alice.post(f"orders/{num}/service", {"to": "IN_SERVICE"})
        later()
        now = await alice.get(f"orders/{num}")

        async def then(moment: int) -> dict[str, Any]:
            page: dict[str, Any] = await alice.get(f"orders/{num}?asOf={rfc3339(moment)}")
            return page

        pages = [await then(moment) for moment in moments]
        assert [what(page) for page in pages] == [
            ("INIT", None, 0, None),
            ("WAIT_PAY", None, 0, None),
            ("WAIT_PAY", None, 0, None),
            ("PAID", "SERVICE_WAIT", PRICE, tx),
            ("PAID", "IN_SERVICE", PRICE, tx),
        ]
        assert [page["why"]["code"] for page in pages] == [
            "never_opened", "payment_unknown", *["amount_mismatch"] * 3,
        ]  # fmt: skip
        assert [len(page["alerts"]) for page in pages] == [0, 0, 1, 1, 1]
        assert [len(page["notifies"]) for page in pages] == [0, 0, 1, 2, 2]
        assert [page["asOf"] for page in pages] == [rfc3339(moment) for moment in moments]
        assert pages[-1]["timeline"] == now["timeline"]
        assert pages[2]["timeline"] == now["timeline"][-len(pages[2]["timeline"]) :]
        # A moment between two events is that of the earlier one.
        between = await then(moments[3] - 1)
        assert {**between, "asOf": None} == {**pages[2], "asOf": None}


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_a_case_is_shown_as_it_was_before_it_was_repeated_and_resolved(
    tmp_path: Path,
) -> None:
    async with one_fen_too_much(tmp_path) as (shop, alice, clock, num):
        first = clock.ms
        clock.ms += 60_000
        await shop.pay(num, total_fee=str(PRICE + 2))
        (case,) = (await alice.get(f"orders/{num}"))["alerts"]
        clock.ms += 60_000
        done = await alice.post(
            f"alerts/{case['id']}/resolve", {"version": case["version"], "note": "called"}
        )
        assert done.code == 200
        (then,) = (await alice.get(f"orders/{num}?asOf={rfc3339(first)}"))["alerts"]
    told = ("status", "count", "assignee", "expected", "actual")
    assert [then[name] for name in told] == ["open", 1, None, PRICE, PRICE + 1]
    assert [entry["action"] for entry in then["history"]] == ["raised"]
    assert then["evidence"]["fields"] == []  # those that are kept are of the newest message


def repeat(batch: Batch, numbers: Sequence[str]) -> list[None]:
    """More repeats of a notify than a page of an order's events has."""
    for number in numbers:
        for _ in range(PAGE + 1):
            batch.emit(NewEvent("notify.duplicate", number, {"notifyId": None}))
    return [None] * len(numbers)


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_an_order_with_more_events_than_its_page_has_is_shown_as_it_was(
    tmp_path: Path,
) -> None:
    clock = MovedClock(NOON)
    async with product(tmp_path, clock=clock, by_hand=True) as shop:
        alice = await shop.user("alice", Role.ADMIN)
        num = (await shop.order())["orderNum"]
        await shop.pay(num, coupon_fee="100", cash_fee=str(PRICE - 100))
        paid = await alice.get(f"orders/{num}")
        await alice.post(f"orders/{num}/service", {"to": "IN_SERVICE"})
        await shop.running.store.write(repeat, num)
        now = await alice.get(f"orders/{num}")
        then = await alice.get(f"orders/{num}?asOf={rfc3339(clock.ms)}")
    assert len(now["timeline"]) == PAGE
    assert then["order"] == now["order"]
    assert what(then) == ("PAID", "IN_SERVICE", PRICE, paid["order"]["transactionId"])
    assert then["payment"] == now["payment"] == paid["payment"] is not None
    assert (now["why"]["code"], now["why"]["by"]) == ("in_service", "alice")


def end_one_fault(batch: Batch, ids: Sequence[int]) -> list[None]:
    """As where one of several faults of a case is over: no event tells of it."""
    for alert_id in ids:
        AlertEntry.create(alert=alert_id, at=batch.now, action="over", note="healed")
    return [None] * len(ids)


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_what_no_event_tells_of_a_case_is_in_its_history_from_its_own_moment_on(
    tmp_path: Path,
) -> None:
    async with one_fen_too_much(tmp_path) as (shop, alice, clock, num):
        (case,) = (await alice.get(f"orders/{num}"))["alerts"]
        clock.ms += 60_000
        await shop.running.store.write(end_one_fault, case["id"])
        told = []
        for moment in (clock.ms - 1, clock.ms):
            (then,) = (await alice.get(f"orders/{num}?asOf={rfc3339(moment)}"))["alerts"]
            told.append([entry["action"] for entry in then["history"]])
    assert told == [["raised"], ["raised", "over"]]


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_a_moment_that_is_no_moment_of_this_order_is_refused(tmp_path: Path) -> None:
    clock = MovedClock(NOON)
    async with product(tmp_path, clock=clock, by_hand=True) as shop:
        alice = await shop.user("alice", Role.VIEWER)
        num = (await shop.order())["orderNum"]
        asked = {
            rfc3339(NOON - 1): (404, "not_found"),
            rfc3339(NOON + 1): (400, "bad_request"),
            "yesterday": (400, "bad_request"),
            "2026-11-30T10:00:00": (400, "bad_request"),
            "2026-13-01T00:00:00Z": (400, "bad_request"),
        }
        for moment, (status, code) in asked.items():
            answer = await alice.fetch(f"orders/{num}?asOf={moment}")
            assert (answer.code, code.encode() in answer.body) == (status, True), moment
        assert (await alice.fetch(f"orders/NOBODY-1?asOf={rfc3339(NOON)}")).code == 404


def test_a_moment_is_read_with_any_zone_and_with_a_plus_that_became_a_blank() -> None:
    at = int(datetime.fromisoformat("2026-11-30T02:05:00.250Z").timestamp() * 1000)
    for text in ("2026-11-30T10:05:00.250+08:00", "2026-11-30T02:05:00.250Z"):
        assert read_moment(text, "asOf") == at
    assert read_moment("2026-11-30T10:05:00.25 08:00", "asOf") == at
