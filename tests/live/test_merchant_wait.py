"""The merchant's server waits for events: each is told once, in order, when it comes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.live.test_status_wait import waiting
from tests.support.rig import SUCCESS, Product, product

pytestmark = pytest.mark.one_database

ORDERS = 60


async def page(shop: Product, after: int, wait: int = 20, limit: int = 100) -> dict[str, Any]:
    """One page of the feed; its time is not over before it comes."""
    async with asyncio.timeout(18):
        answer = await shop.merchant(f"events?after={after}&limit={limit}&wait={wait}")
    assert answer.code == 200, answer.body
    found: dict[str, Any] = json.loads(answer.body)
    return found


@pytest.mark.gen_test
async def test_events_that_are_there_are_told_at_once(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        for _ in range(3):
            await shop.order()
        found = await page(shop, 1)
        assert ([event["seq"] for event in found["events"]], found["head"]) == ([2, 3], 3)
        found = await page(shop, 0, limit=1)
        assert ([event["seq"] for event in found["events"]], found["head"]) == ([1], 3)


@pytest.mark.gen_test
async def test_whoever_waits_is_told_of_the_next_event_when_it_comes(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        order = await shop.order()
        asked = [asyncio.create_task(page(shop, 1)) for _ in range(20)]
        await waiting(shop, 20)
        assert await shop.pay(order["orderNum"]) == SUCCESS
        for task in asked:
            found = await task
            assert [event["kind"] for event in found["events"]] == ["order.paid"]
            assert found["head"] == 2
        await waiting(shop, 0)


@pytest.mark.gen_test
async def test_at_the_head_the_next_event_is_waited_for(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        await shop.order()
        asked = asyncio.create_task(page(shop, 1))
        await waiting(shop, 1)
        for _ in range(3):
            await shop.order()
        found = await asked
        assert found["events"][0]["seq"] == 2


@pytest.mark.gen_test
async def test_when_nothing_came_the_page_is_empty_and_names_the_head(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        await shop.order()
        for wait in (1, 0):
            found = await page(shop, 1, wait=wait)
            assert (found["events"], found["head"]) == ([], 1)


@pytest.mark.gen_test
async def test_a_server_that_waits_again_and_again_misses_and_doubles_nothing(
    tmp_path: Path,
) -> None:
    async with product(tmp_path) as shop:

        async def listen(limit: int) -> list[int]:
            seen: list[int] = []
            while len(seen) < 2 * ORDERS:
                found = await page(shop, seen[-1] if seen else 0, limit=limit)
                seen += [event["seq"] for event in found["events"]]
            return seen

        async def buy() -> None:
            order = await shop.order()
            assert await shop.pay(order["orderNum"]) == SUCCESS

        listeners = [asyncio.create_task(listen(limit)) for limit in (1, 7, 1000)]
        for _ in range(ORDERS // 10):
            await asyncio.gather(*(buy() for _ in range(10)))
        for task in listeners:
            assert await task == list(range(1, 2 * ORDERS + 1))


@pytest.mark.gen_test
async def test_an_odd_wait_is_refused_and_so_is_whoever_has_no_key(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        odd = (
            "wait=21",
            "wait=-1",
            "wait=x",
            "wait=0.5",
            "after=1&after=1",
            "limit=5&limit=6",
            "wait=1&wait=2",
        )
        for query in odd:
            answer = await shop.merchant(f"events?{query}")
            assert (answer.code, json.loads(answer.body)["error"]) == (400, "bad_request"), query
        async with asyncio.timeout(18):
            answer = await shop.fetch("/merchant/v1/events?wait=20")
        assert (answer.code, json.loads(answer.body)["error"]) == (401, "unauthorized")


@pytest.mark.gen_test
async def test_a_server_that_hangs_up_leaves_its_place(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        host, port = shop.settings.listen_host, shop.settings.listen_port
        _, writer = await asyncio.open_connection(host, port)
        head = f"GET /merchant/v1/events?wait=20 HTTP/1.1\r\nAuthorization: Bearer {shop.api_key}"
        writer.write(f"{head}\r\nHost: shop\r\n\r\n".encode())
        await waiting(shop, 1)
        writer.close()
        await waiting(shop, 0)
