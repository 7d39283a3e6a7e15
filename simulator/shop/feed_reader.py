"""Reads the product's event feed over HTTP from a mark on: the events of the run itself."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Collection

from simulator.shop.client import Json, Shop

AT_ONCE = 500
LOOK_S = 0.1


class FeedReader:
    """Needs the shop's API key: without one nothing can be read, and `can_hear` is False."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._head = 0

    @property
    def can_hear(self) -> bool:
        return self._shop.has_key

    async def mark(self) -> None:
        """Note the head: what comes after it is what this run did."""
        if self.can_hear:
            self._head = (await self._shop.events(0, limit=1))["head"]

    async def about(
        self, order_num: str | None, last: Collection[str], wait_s: float
    ) -> list[Json]:
        """Events about `order_num` since the mark, until one of the kinds `last` is among them."""

        def is_there(events: list[Json]) -> bool:
            return any(event["kind"] in last for event in events)

        return await self._read({order_num}, is_there, wait_s)

    async def counted(
        self, order_nums: Collection[str], wanted: Json, wait_s: float
    ) -> Counter[tuple[str, str]]:
        """How often each kind in `wanted` was told of each order since the mark; waits until
        there are as many of them in all as `wanted` says."""

        def kinds(events: list[Json]) -> Counter[tuple[str, str]]:
            found = ((event["kind"], event["orderNum"]) for event in events)
            return Counter((kind, number) for kind, number in found if kind in wanted)

        def is_there(events: list[Json]) -> bool:
            return kinds(events).total() >= sum(wanted.values())

        return kinds(await self._read(order_nums, is_there, wait_s))

    async def _read(
        self,
        order_nums: Collection[str | None],
        is_there: Callable[[list[Json]], bool],
        wait_s: float,
    ) -> list[Json]:
        """To the end of the feed, and on until `is_there` or the time is over."""
        found: list[Json] = []
        after, deadline = self._head, time.monotonic() + wait_s
        while True:
            page = (await self._shop.events(after, limit=AT_ONCE, wait_s=1))["events"] or []
            found += [event for event in page if event.get("orderNum") in order_nums]
            after = page[-1]["seq"] if page else after
            at_end = len(page) < AT_ONCE
            if at_end and (is_there(found) or time.monotonic() > deadline):
                return found
            await asyncio.sleep(0 if page else LOOK_S)
