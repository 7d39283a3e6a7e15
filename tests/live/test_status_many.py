"""Hundreds of pages that wait at once, each for its own payment; `make campaign` has 2,000."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.live.test_status_wait import page, waiting
from tests.support.patience import PATIENCE_S
from tests.support.rig import SUCCESS, Product, product, until

pytestmark = pytest.mark.one_database

PAGES = int(os.environ.get("PAYWATCH_TEST_PAGES", "60"))
AT_ONCE = 100
FILES = 3 * PAGES


class OrderReads(logging.Handler):
    """Counts what the readers of the product ask of the table of orders."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        (sql, _values) = record.msg  # type: ignore[misc]
        if (record.threadName or "").startswith("reader") and re.search(r"FROM .orders.", sql):
            self.count += 1


@contextmanager
def counting() -> Iterator[OrderReads]:
    logger, reads = logging.getLogger("peewee"), OrderReads()
    level, propagates = logger.level, logger.propagate
    logger.addHandler(reads)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    try:
        yield reads
    finally:
        logger.removeHandler(reads)
        logger.setLevel(level)
        logger.propagate = propagates


@contextmanager
def many_files() -> Iterator[None]:
    """Both ends of every connection are ours."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(soft, FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def in_parts(coroutines: list[Any]) -> list[Any]:
    """So many at once as a listening socket holds."""
    found: list[Any] = []
    for start in range(0, len(coroutines), AT_ONCE):
        found += await asyncio.gather(*coroutines[start : start + AT_ONCE])
    return found


async def answer(reader: asyncio.StreamReader) -> tuple[float, bytes, dict[str, Any]]:
    """When it came, its first line and its JSON."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length")
    )
    body = await reader.readexactly(length)
    return asyncio.get_running_loop().time(), head.split(b"\r\n")[0], json.loads(body)


async def pay(shop: Product, order_num: str) -> float:
    """When WeChat had its answer."""
    assert await shop.pay(order_num) == SUCCESS
    return asyncio.get_running_loop().time()


async def has_passed_on(shop: Product, events: int) -> bool:
    return shop.running.services.fanout.head >= events


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_waiting_pages_are_each_told_of_their_own_payment(tmp_path: Path) -> None:
    with many_files(), counting() as reads:
        async with product(tmp_path) as shop:
            orders = await in_parts([shop.order() for _ in range(PAGES)])
            # The events of the orders are over before the pages come, or they would wake them.
            await until(lambda: has_passed_on(shop, PAGES))
            pages = await in_parts([page(shop, order["statusUrl"]) for order in orders])

            async def all_wait() -> bool:
                return len(shop.running.services.waiters) == PAGES and reads.count == PAGES

            await until(all_wait)
            await asyncio.sleep(1.2)  # the head is looked at every second, and no order
            assert reads.count == PAGES
            asked = [asyncio.create_task(answer(reader)) for reader, _ in pages]
            paid = await in_parts([pay(shop, order["orderNum"]) for order in orders])
            async with asyncio.timeout(PATIENCE_S):
                answers = [await task for task in asked]
            for order, (_, line, body) in zip(orders, answers, strict=True):
                assert line == b"HTTP/1.1 200 OK"
                assert (body["orderNum"], body["status"]) == (order["orderNum"], "PAID")
                assert body["paidAt"]
            assert PAGES <= reads.count - PAGES <= PAGES * 1.05  # one look for each that was woken
            await waiting(shop, 0)
            late = [at - then for (at, _, _), then in zip(answers, paid, strict=True)]
            print(f"slowest of {PAGES}: told {max(late):.3f} s after WeChat had its answer")
            for _, writer in pages:
                writer.close()
