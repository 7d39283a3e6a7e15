"""News that waits for its lock and for the database: not longer than WeChat waits for its answer,
and without a task or a timer for each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from models.store import Done, Item, Op, Result, Store, hand_over
from payments.errors import Busy
from services.runtime.locks import Locks

ORDER_LOCK = "order:"
PATIENCE_S = 4.0
"""WeChat waits five seconds; an answer after that is no answer."""


class _Wait:
    """One that waits. `done` is None from the moment that it was told."""

    __slots__ = ("deadline", "done", "leave")

    def __init__(self, done: Done, deadline: float) -> None:
        self.done: Done | None = done
        self.deadline = deadline
        self.leave: Callable[[], None] | None = None


class Waits:
    """One timer looks at the oldest; it runs only while somebody waits."""

    def __init__(self, store: Store, locks: Locks) -> None:
        self._store = store
        self._locks = locks
        self._open: dict[_Wait, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    async def write(self, op: Op[Item, Result], item: Item) -> Result:
        """Write `item` under the lock of its order. Raises Busy, also when that takes longer than
        PATIENCE_S: then it may still be written, and nobody waits for it."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.begin(op, item, partial(hand_over, future))
        result: Result = await future
        return result

    def begin(self, op: Op[Item, Any], item: Item, done: Done) -> None:
        """As `write`, without a task: `done` is called once, perhaps at once, with what `write`
        would return or raise."""
        loop = asyncio.get_running_loop()
        wait = _Wait(done, loop.time() + PATIENCE_S)
        self._open[wait] = None
        if self._timer is None:
            self._timer = loop.call_at(wait.deadline, self._look)
        if self._locks.are_needed:
            name = ORDER_LOCK + (getattr(item, "order_num", None) or "")
            leave = self._locks.enter(name, partial(self._entered, wait, op, item))
            if wait.done:
                wait.leave = leave
            else:
                leave()
        else:
            self._write(wait, op, item)

    def _entered(self, wait: _Wait, op: Op[Any, Any], item: Any, refusal: Busy | None) -> None:
        if wait.done is None:
            return
        if refusal:
            self._end(wait, refusal)
        else:
            self._write(wait, op, item)

    def _write(self, wait: _Wait, op: Op[Any, Any], item: Any) -> None:
        try:
            self._store.submit(op, item, partial(self._end, wait))
        except Busy as error:
            self._end(wait, error)

    def _end(self, wait: _Wait, result: Any) -> None:
        done, wait.done = wait.done, None
        if done is None:
            return
        del self._open[wait]
        if wait.leave:
            wait.leave()
        done(result)

    def _look(self) -> None:
        """Tell those that waited too long, and come again for the next one."""
        loop = asyncio.get_running_loop()
        self._timer = None
        while self._open:
            wait = next(iter(self._open))
            if wait.deadline > loop.time():
                self._timer = loop.call_at(wait.deadline, self._look)
                return
            self._end(wait, Busy("The database did not take it in time."))
