"""Lives that showed a difference from the contract once: each as short as it can be told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from models.database import migrate, open_database
from tests.life.order_house import HandClock, House
from tests.life.words import ABNORMAL, Deed

pytestmark = pytest.mark.one_database

NOON, PRICE = 1_735_790_400_000, 100
GOOD: Deed = {"outcome": "ok", "off": 0, "meanwhile": None, "check": "REFUNDNOTEXIST"}
TOLD: Deed = {
    "do": "refund notify",
    "said": "SUCCESS",
    "off": 0,
    "flaw": None,
    "source": "198.51.100.0/24",
}


def create(order: str) -> Deed:
    return {"do": "create", "order": order, "total": PRICE, "minutes": 120, "key": order}


def pay(order: str, tx: str) -> Deed:
    paid = {"do": "notify", "order": order, "tx": tx, "total": PRICE, "flaw": None}
    return {**paid, "source": "198.51.100.0/24"}


@contextmanager
def house(folder: Path) -> Iterator[tuple[House, asyncio.Runner]]:
    file = folder / "paywatch.db"
    database = open_database(f"sqlite:///{file}")
    migrate(database)
    database.close()
    with asyncio.Runner() as runner:
        shop = House(file, HandClock(NOON))
        runner.run(shop.start())
        runner.run(shop.stock())
        yield shop, runner
        runner.run(shop.stop())


def live(shop: House, runner: asyncio.Runner, *deeds: Deed) -> list[Any]:
    return [runner.run(shop.perform_all([deed]))[0] for deed in deeds]


def test_a_notify_that_overtakes_the_answer_to_our_request_is_no_contradiction(
    tmp_path: Path,
) -> None:
    """The answer says PROCESSING, as it must; only an answer to the question may contradict."""
    wish = {"do": "request", "order": "ORDER-0", "fen": PRICE, "refund": "REFUND-0", "by": "alice"}
    ask = {"do": "ask refund", "at": 0, "state": "SUCCESS", **GOOD}
    with house(tmp_path) as (shop, runner):
        live(shop, runner, create("ORDER-0"), pay("ORDER-0", "42-1"))
        asked = {**wish, "times": 1, **GOOD, "meanwhile": TOLD}
        assert live(shop, runner, asked, ask) == ["PROCESSING", True]
        assert shop.state()["alerts"] == {}
        assert shop.state()["orders"] == {"ORDER-0": ("REFUNDED", "42-1", PRICE, PRICE)}


def test_money_that_was_given_back_and_comes_for_another_order_is_kept_in_view(
    tmp_path: Path,
) -> None:
    receipt = ("42-2", "ORDER-0")
    give_back = {"do": "decide receipt", "receipt": receipt, "action": "refund", "by": "alice"}
    with house(tmp_path) as (shop, runner):
        live(shop, runner, create("ORDER-0"), create("ORDER-1"), pay("ORDER-0", "42-1"))
        live(shop, runner, pay("ORDER-0", "42-2"), {**give_back, "stale": False, **GOOD})
        assert live(shop, runner, pay("ORDER-1", "42-2")) == [ABNORMAL]
        state = shop.state()
        assert state["orders"]["ORDER-1"][0] == "INIT"
        assert state["receipts"] == {
            receipt: (PRICE, "paid_twice", "refunding"),
            ("42-2", "ORDER-1"): (PRICE, "reused_id", "waiting"),
        }
        sums = runner.run(shop.receipts.sums())
        assert (sums["receivedFen"], sums["waitingFen"]) == (2 * PRICE, PRICE)


def test_only_the_amount_of_a_closed_order_reopens_it(tmp_path: Path) -> None:
    reopen = {"do": "decide receipt", "action": "reopen", "by": "alice", "stale": False, **GOOD}
    close = {"do": "close", "order": "ORDER-0", "outcome": "ok", "query": {}}
    wrong = {**pay("ORDER-0", "42-1"), "total": PRICE + 1}
    with house(tmp_path) as (shop, runner):
        live(shop, runner, create("ORDER-0"), close, wrong, pay("ORDER-0", "42-2"))
        first, second = ({**reopen, "receipt": (tx, "ORDER-0")} for tx in ("42-1", "42-2"))
        assert live(shop, runner, first, second) == ["not_decidable", "booked"]
        assert shop.state()["orders"] == {"ORDER-0": ("PAID", "42-2", PRICE, 0)}
