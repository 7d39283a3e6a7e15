"""Long work on the loop in short turns, so that a notify that comes meanwhile waits for none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

Item = TypeVar("Item")

AT_A_TIME = 64
"""So many sends of a frame to dashboards take less than a millisecond."""
REST_S = 0.001


async def in_turns(items: Iterable[Item]) -> AsyncIterator[Item]:
    """Each item; after every 64 the loop does what else waits, and the other threads and processes
    have a millisecond of the machine."""
    for number, item in enumerate(items, 1):
        yield item
        if number % AT_A_TIME == 0:
            await asyncio.sleep(REST_S)
