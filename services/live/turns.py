"""Long work on the loop in short turns, so that a notify that comes meanwhile waits for none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

Item = TypeVar("Item")

AT_A_TIME = 32
"""So many sends of a frame to dashboards take about 0.3 ms."""


async def in_turns(items: Iterable[Item]) -> AsyncIterator[Item]:
    """Each item; after every 32 the loop does what else waits."""
    for number, item in enumerate(items, 1):
        yield item
        if number % AT_A_TIME == 0:
            await asyncio.sleep(0)
