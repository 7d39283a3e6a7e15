"""A row that two processes touch at once, where the database locks rows."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from models import Counter, LoginFailure
from models.base import rows
from models.database import migrate, open_database
from models.store import Store
from models.transaction import Batch
from payments.alert_kinds import AlertKind, Severity
from payments.causes import Cause
from services.alerts.cases import CRITICAL_GAUGE, OPEN_GAUGE, Finding
from services.alerts.triage import Decision, decide, raise_findings
from services.auth.login_attempts import LoginAttempt, count_attempts
from services.orders.products import ProductChange, read_products, save_products
from services.runtime.clock import SystemClock
from tests.support.databases import empty_database
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.one_database
HEAD_START_S = 0.5
"""So long one process keeps the row in hand, while the other comes for it."""


@asynccontextmanager
async def two_processes(folder: Path) -> AsyncIterator[tuple[Store, Store]]:
    """Each has a writer and a connection of its own."""
    with empty_database(folder, "postgresql") as url:
        database = open_database(url)
        migrate(database)
        stores = Store(database, SystemClock().now_ms), Store(database, SystemClock().now_ms)
        for store in stores:
            store.open()
        try:
            yield stores
        finally:
            for store in stores:
                await store.close()
            database.close()


async def at_once(
    one: Store, first: tuple[Any, Any], other: Store, second: tuple[Any, Any]
) -> None:
    """The first write is not yet committed when the second comes."""
    in_hand = threading.Event()
    op: Callable[[Batch, Sequence[Any]], Any] = first[0]

    def slowly(batch: Batch, items: Sequence[Any]) -> Any:
        results = op(batch, items)
        in_hand.set()
        time.sleep(HEAD_START_S)
        return results

    before = asyncio.create_task(one.write(slowly, first[1]))
    await asyncio.to_thread(in_hand.wait, PATIENCE_S)
    await other.write(*second)
    await before


def finding(level: Severity) -> Finding:
    return Finding(AlertKind.SYSTEM, "x", None, Cause.REDIS_AWAY, None, "odd", (), at_least=level)


@pytest.mark.gen_test
async def test_a_case_that_becomes_graver_while_it_is_resolved_leaves_no_gauge_behind(tmp_path):
    async with two_processes(tmp_path) as (one, other):
        await one.write(raise_findings, finding(Severity.LOW))
        graver = (raise_findings, finding(Severity.CRITICAL))
        await at_once(one, graver, other, (decide, Decision(1, "resolve", 1, "alice")))
        gauges = dict(await one.read(lambda: rows(Counter.select(Counter.name, Counter.value))))
    assert (gauges[OPEN_GAUGE], gauges[CRITICAL_GAUGE]) == (0, 0)


@pytest.mark.gen_test
async def test_a_new_title_does_not_bring_back_a_price_that_was_changed_meanwhile(tmp_path):
    async with two_processes(tmp_path) as (one, other):
        await one.write(save_products, ProductChange("tea", "Tea", 8800))
        price = (save_products, ProductChange("tea", price_fen=9900))
        await at_once(one, price, other, (save_products, ProductChange("tea", title="Green tea")))
        (product,) = await one.read(read_products)
    assert (product["title"], product["priceFen"]) == ("Green tea", 9900)


@pytest.mark.gen_test
async def test_guesses_at_two_processes_at_once_are_both_counted(tmp_path):
    async with two_processes(tmp_path) as (one, other):
        guess = (count_attempts, LoginAttempt("alice|192.0.2.0/24", SystemClock().now_ms()))
        await one.write(*guess)
        await at_once(one, guess, other, guess)
        counted = await one.read(lambda: rows(LoginFailure.select(LoginFailure.count)))
    assert counted == [(3,)]
