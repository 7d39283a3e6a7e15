"""Tells this process that there are new events; the database is the source.

The head of the event table is read every second, and at once after a commit of this process or a
message of another process over Redis. Redis carries only the number of the new head, so a lost,
doubled or forged message costs at most one read.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from models.store import Store
from services.live.feed import read_head
from services.runtime.redis_errors import redis_errors

if TYPE_CHECKING:
    import redis.asyncio as aioredis

log = logging.getLogger(__name__)

CHANNEL = "paywatch:head"
LISTEN_S = 1.0
ANNOUNCE_S = 0.05
"""The first commit is announced at once, those of the next moment together: the others make no more
frames a second anyway."""


class Bus:
    """`on_head(head)` is awaited whenever there may be new events."""

    def __init__(self, store: Store, redis: aioredis.Redis | None) -> None:
        self.on_head: list[Callable[[int], Awaitable[None]]] = []
        self.woken = asyncio.Event()
        self.head = 0
        self.epoch = ""
        self._store = store
        self._redis = redis
        self._pubsub: aioredis.client.PubSub | None = None
        self._announced = 0
        self._announcing: asyncio.Task[None] | None = None

    async def look(self) -> None:
        """Read the head and pass it on if it moved; jobs call this every second and on a wake."""
        self.woken.clear()
        head, epoch = await self._store.read(read_head)
        if head != self.head or epoch != self.epoch:
            for listener in self.on_head:
                await listener(head)
            self.head, self.epoch = head, epoch  # only now: who failed is told again

    def committed(self, head: int) -> None:
        """Our own commit: look at once, and wake the other processes."""
        self.woken.set()
        if self._redis is not None:
            self._announced = head
            if self._announcing is None or self._announcing.done():
                self._announcing = asyncio.create_task(self._announce())

    async def _announce(self) -> None:
        if self._redis is None:
            return
        sent = None
        while sent != self._announced:
            sent = self._announced
            # Nobody hears it: they look by themselves within a second.
            with contextlib.suppress(*redis_errors()):
                await self._redis.publish(CHANNEL, sent)
            await asyncio.sleep(ANNOUNCE_S)

    async def listen(self) -> None:
        """Wait up to a second for another process's word; jobs call this again and again."""
        if self._redis is None:
            return
        try:
            if self._pubsub is None:
                self._pubsub = self._redis.pubsub(ignore_subscribe_messages=True)
                await self._pubsub.subscribe(CHANNEL)
            if await self._pubsub.get_message(timeout=LISTEN_S):
                self.woken.set()
        except redis_errors():
            await self.deafen()
            await asyncio.sleep(LISTEN_S)

    async def close(self) -> None:
        """Say what is still to be said, and listen no more. A word that goes out after its client
        is closed would open a connection that nobody closes."""
        if self._announcing is not None:
            await asyncio.wait([self._announcing])
        await self.deafen()

    async def deafen(self) -> None:
        """Drop the subscription; the next `listen` makes a new one."""
        pubsub, self._pubsub = self._pubsub, None
        if pubsub is not None:
            with contextlib.suppress(*redis_errors()):
                await pubsub.aclose()  # type: ignore[no-untyped-call]
