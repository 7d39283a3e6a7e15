"""A SQLite file that is removed, moved or replaced while the service runs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from peewee import OperationalError

from assembly.database import ready_database
from models import Session
from models.store import Store
from models.transaction import Batch, NewEvent
from payments.errors import Busy
from payments.notify_replies import REPLIES
from payments.outcomes import Outcome
from services.runtime.clock import MINUTE_MS, SystemClock
from tests.orders.test_healing import change
from tests.support.rig import (
    SUCCESS,
    Console,
    Product,
    notify_fields,
    product,
    signed,
    transaction,
    until,
)

pytestmark = pytest.mark.one_database

BUSY = REPLIES[Outcome.BUSY].xml


def moved(file: Path) -> None:
    file.rename(file.with_name("elsewhere.db"))


def removed(file: Path) -> None:
    os.link(file, file.with_name("elsewhere.db"))  # so that the test can bring it back
    file.unlink()


def replaced(file: Path) -> None:
    copy = file.with_name("copy.db")
    shutil.copyfile(file, copy)
    os.link(file, file.with_name("elsewhere.db"))
    copy.replace(file)


WAYS = [moved, removed, replaced]


async def is_ready(shop: Product) -> tuple[int, str]:
    answer = await shop.fetch("/readyz")
    return answer.code, json.loads(answer.body)["database"]


async def told(shop: Product, alice: Console) -> Any:
    """The one case, once the product says that it is not ready. A reader that has no connection
    yet makes none to another file: its page comes with the next."""
    seen: list[Any] = []

    async def is_told() -> bool:
        answer = await alice.fetch("alerts")
        seen[:] = json.loads(answer.body)["alerts"] if answer.code == 200 else []
        return (await is_ready(shop)) == (503, "file gone") and bool(seen)

    await until(is_told)
    (case,) = seen
    return case


@pytest.mark.gen_test
@pytest.mark.parametrize("happens", WAYS)
async def test_nothing_is_acknowledged_into_a_file_that_is_gone(
    tmp_path: Path, happens: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        alice = await shop.user()
        numbers = [(await shop.order())["orderNum"] for _ in range(3)]
        assert await shop.pay(numbers[0]) == SUCCESS
        file = tmp_path / "paywatch.db"
        # Her session is due to be marked as used, which is a write: she reads all the same.
        await change(shop, Session.update(seen_at=Session.seen_at - 2 * MINUTE_MS))
        with caplog.at_level(logging.CRITICAL):
            happens(file)
            # The very next one: no second may pass in which payments are lost.
            answer = await shop.notify(signed(notify_fields(numbers[1], transaction())))
            assert (answer.code, answer.body) == (503, BUSY)
            case = await told(shop, alice)
            assert "removed or replaced" in caplog.text
        assert (case["evidence"]["code"], case["severity"]) == ("database_file_gone", "critical")
        assert (await shop.prepay(numbers[2])).code == 503
        # The very file comes back: it goes on by itself, and WeChat repeats what it was refused.
        file.with_name("elsewhere.db").replace(file)

        async def is_back() -> bool:
            return (await is_ready(shop)) == (200, "writable")

        await until(is_back)
        assert await shop.pay(numbers[1]) == SUCCESS


@pytest.mark.gen_test
async def test_of_payments_that_stream_in_each_success_is_in_the_file_that_was_moved(
    tmp_path: Path,
) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        numbers = [(await shop.order())["orderNum"] for _ in range(60)]
        answered: dict[str, bytes] = {}

        async def buyers() -> None:
            for number in numbers:
                answered[number] = await shop.pay(number)

        stream = asyncio.create_task(buyers())

        async def has_begun() -> bool:
            return len(answered) > 5

        await until(has_begun)
        file = tmp_path / "paywatch.db"
        moved(file)
        at_move = len(answered)
        await stream
        booked = [number for number, body in answered.items() if body == SUCCESS]
        # At most the one that was being answered as the file went.
        assert len(booked) <= at_move + 1
        assert not file.exists(), "no connection has made another file"
        file.with_name("elsewhere.db").replace(file)
        shop.running.store.look_for_file()
        for number in booked:
            assert (await shop.read(number))["status"] == "PAID"


def beside(file: Path, end: str) -> Path:
    return file.with_name(file.name + end)


@pytest.mark.gen_test
@pytest.mark.parametrize("end", ["-wal", "-shm"])
@pytest.mark.parametrize("happens", WAYS)
async def test_nothing_is_acknowledged_beside_a_log_that_is_gone(
    tmp_path: Path, happens: Callable[[Path], None], end: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        alice = await shop.user()
        numbers = [(await shop.order())["orderNum"] for _ in range(2)]
        assert await shop.pay(numbers[0]) == SUCCESS
        file = beside(tmp_path / "paywatch.db", end)
        with caplog.at_level(logging.CRITICAL):
            happens(file)
            answer = await shop.notify(signed(notify_fields(numbers[1], transaction())))
            assert (answer.code, answer.body) == (503, BUSY)
            case = await told(shop, alice)
            assert f"{file} was removed or replaced" in caplog.text
        assert case["evidence"]["code"] == "database_file_gone"
        assert case["evidence"]["values"]["file"] == str(file)
        file.with_name("elsewhere.db").replace(file)

        async def is_back() -> bool:
            return (await is_ready(shop)) == (200, "writable")

        await until(is_back)
        assert await shop.pay(numbers[1]) == SUCCESS


@pytest.mark.gen_test
async def test_a_stop_saves_what_stood_in_a_log_that_was_removed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/kept.db"
    async with product(tmp_path, by_hand=True, DATABASE_URL=url) as shop:
        number = (await shop.order())["orderNum"]
        assert await shop.pay(number) == SUCCESS
        beside(tmp_path / "kept.db", "-wal").unlink()
        answer = await shop.notify(signed(notify_fields(number, transaction())))
        assert answer.code == 503
    with contextlib.closing(sqlite3.connect(tmp_path / "kept.db")) as again:
        found = again.execute("SELECT status FROM orders WHERE order_num = ?", (number,))
        assert found.fetchall() == [("PAID",)]


@pytest.mark.gen_test
async def test_another_process_that_opens_and_closes_the_file_is_no_fault(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        assert await shop.pay((await shop.order())["orderNum"]) == SUCCESS
        for _ in range(2):
            with contextlib.closing(sqlite3.connect(tmp_path / "paywatch.db")) as other:
                other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            assert await shop.pay((await shop.order())["orderNum"]) == SUCCESS
        assert not shop.running.store.look_for_file()


@pytest.mark.gen_test
async def test_a_connection_that_is_made_again_is_no_fault_and_a_lost_log_stays_lost(
    tmp_path: Path,
) -> None:
    """With the last connection SQLite removes the two files beside, and the next makes others."""
    database = ready_database(f"sqlite:///{tmp_path}/alone.db")
    store = Store(database, SystemClock().now_ms)

    def write(batch: Batch, items: Sequence[None]) -> list[None]:
        batch.emit(NewEvent("system.test", None, {}))
        return [None for _ in items]

    def broken(_batch: Batch, _items: Sequence[None]) -> list[None]:
        raise OperationalError("the disk is gone")

    async def let_go() -> None:
        with pytest.raises(Busy):
            await store.write(broken, None)

    store.open()
    try:
        for _ in range(2):
            await store.write(write, None)
            await let_go()
        await store.write(write, None)
        log = beside(tmp_path / "alone.db", "-wal")
        log.unlink()
        await let_go()
        with pytest.raises(Busy):
            await store.write(write, None)
        assert store.look_for_file() == str(log)
    finally:
        await store.close()
