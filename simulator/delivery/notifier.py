"""Tells the merchant of payments, again and again for a day, as WeChat does.

Delivery counts when HTTP 200 with the SUCCESS XML (API v2), or any status of success (API v3),
arrives within five real seconds. Else the notify is repeated after 15 s, 15 s, 30 s, 3 min … 6 h,
on the simulator's clock.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import count

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

from payments.errors import Malformed
from payments.merchant import Api
from payments.v2 import wire
from simulator.state.clock import SimulatedClock
from simulator.state.faults import ON_V3_NOTIFIES, Fault, Faults, possible
from simulator.state.trades import Delivery
from simulator.v2.messages import NotifyMessage, path_of

LADDER = (15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600)
"""Seconds between one delivery and the next; 86,640 in all."""
PATIENCE_S = 5.0
MAX_WAITING = 20_000
AT_ONCE = 64
SHOWN = 2_000
PIECES = 8
"""A body that is sent slowly is sent in so many."""

_AGENT = {"User-Agent": "Mozilla/4.0"}
_TYPES = {Api.V2: "text/xml", Api.V3: "application/json"}
_log = logging.getLogger(__name__)


@dataclass(order=True)
class _Due:
    """One delivery that waits for its time; `number` keeps the order among equals."""

    when: float
    number: int
    message: NotifyMessage = field(compare=False)
    ladder: tuple[int, ...] = field(compare=False)
    delayed: bool = field(default=False, compare=False)


class Notifier:
    """Deliveries go to `origin` with the path of the order's notify_url: wherever that address
    points to, this process calls the product under test and nobody else."""

    def __init__(
        self,
        client: AsyncHTTPClient,
        clock: SimulatedClock,
        faults: Faults,
        origin: str,
        patience_s: float = PATIENCE_S,
        *,
        spoiled: Callable[[NotifyMessage, str], NotifyMessage],
    ) -> None:
        """`spoiled` makes of a notify of API v3 one with a fault."""
        self.spoiled = spoiled
        self._client = client
        self._clock = clock
        self._faults = faults
        self._origin = origin
        self._patience_s = patience_s
        self._waiting: list[_Due] = []
        self._numbers = count()
        self._wake = asyncio.Event()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._running: set[asyncio.Task[None]] = set()
        self._alone: set[asyncio.Task[None]] = set()
        clock.on_change(self._wake.set)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def next_at(self) -> float | None:
        return self._waiting[0].when if self._waiting else None

    def begin(
        self, message: NotifyMessage, ladder: tuple[int, ...] = LADDER, *, after_s: float = 0.0
    ) -> None:
        """Deliver now, or `after_s` on the clock, and on along `ladder` until the merchant says
        SUCCESS. A fault on notifies acts on these deliveries."""
        self._push(_Due(self._clock.now() + after_s, next(self._numbers), message, ladder))

    async def run(self) -> None:
        """Send what is due, until cancelled; at most AT_ONCE deliveries at a time."""
        try:
            while True:
                await self._sleep_until_due()
                await self._slots.acquire()
                task = asyncio.create_task(self._attempt(heappop(self._waiting)))
                self._running.add(task)
                task.add_done_callback(self._finished)
        finally:
            for task in (*self._running, *self._alone):
                task.cancel()

    async def deliver(self, message: NotifyMessage, *, takes_s: float = 0.0) -> Delivery:
        """Send once, now, the body in pieces over `takes_s`. Never raises: no answer is a
        Delivery without a status."""
        at, clock_at, start = self._clock.real(), self._clock.now(), time.monotonic()
        status, answer = await self._post(message, takes_s)
        spent_s = time.monotonic() - start
        ok = spent_s <= self._patience_s and _is_accepted(message.api, status, answer)
        text = answer.decode("utf-8", "replace")[:SHOWN]
        delivery = Delivery(at, clock_at, status, text, round(spent_s * 1000), ok)
        message.trade.deliveries.append(delivery)
        return delivery

    def send_soon(self, url: str, body: bytes, head: dict[str, str]) -> None:
        """A notify that is about no trade, sent once."""
        task = asyncio.create_task(self._send(path_of(url), body, head))
        self._alone.add(task)
        task.add_done_callback(self._alone.discard)

    async def _send(self, path: str, body: bytes, head: dict[str, str]) -> None:
        given = {**_AGENT, "Content-Type": _TYPES[Api.V3], **head}
        with contextlib.suppress(OSError, HTTPClientError):
            await self._client.fetch(
                self._origin + path, method="POST", body=body, headers=given, raise_error=False
            )

    def lose(self, message: NotifyMessage) -> Delivery:
        """A delivery that never arrives; WeChat sees no answer."""
        at, clock_at = self._clock.real(), self._clock.now()
        delivery = Delivery(at, clock_at, None, "lost on the way", 0, ok=False)
        message.trade.deliveries.append(delivery)
        return delivery

    async def _post(self, message: NotifyMessage, takes_s: float) -> tuple[int | None, bytes]:
        async def drip(write: Callable[[bytes], Awaitable[None]]) -> None:
            step = -(-len(message.body) // PIECES)
            for begin in range(0, len(message.body), step):
                await asyncio.sleep(takes_s / PIECES)
                await write(message.body[begin : begin + step])

        request = HTTPRequest(
            self.address(message),
            method="POST",
            body=None if takes_s else message.body,
            body_producer=drip if takes_s else None,  # type: ignore[arg-type]  # may be async
            headers=_headers(message),
            follow_redirects=False,
            connect_timeout=self._patience_s,
            request_timeout=self._patience_s,
        )
        try:
            response = await self._client.fetch(request, raise_error=False)
        except (OSError, HTTPClientError, ValueError) as error:
            return None, type(error).__name__.encode()
        if response.code == 599:
            return None, type(response.error).__name__.encode()
        return response.code, response.body

    def address(self, message: NotifyMessage) -> str:
        return self._origin + message.path

    async def _attempt(self, due: _Due) -> None:
        fault = None
        if not due.delayed:
            on, order_num = due.message.on, due.message.trade.order_num
            fault = self._faults.take(on, order_num, possible(on, due.message.api))
        if fault and fault.kind == "delay":
            self._push(replace(due, when=due.when + fault.seconds, delayed=True))
            return
        delivered = await self._deliver_with(due.message, fault)
        if not any(delivery.ok for delivery in delivered) and due.ladder:
            # From when it was due, not from now: after a jump the whole ladder follows at once.
            when, number = due.when + due.ladder[0], next(self._numbers)
            self._push(_Due(when, number, due.message, due.ladder[1:]))

    async def _deliver_with(self, message: NotifyMessage, fault: Fault | None) -> list[Delivery]:
        if fault and fault.kind == "drop":
            return [self.lose(message)]
        if fault and fault.kind in ON_V3_NOTIFIES:
            first = await self.deliver(self.spoiled(message, fault.kind))
            # A probe is followed by the good one, whatever was said to it.
            return [await self.deliver(message)] if fault.kind == "probe" else [first]
        copies = fault.copies if fault else 1
        return await asyncio.gather(*(self.deliver(message) for _ in range(copies)))

    def _push(self, due: _Due) -> None:
        if len(self._waiting) >= MAX_WAITING:
            order_num = due.message.trade.order_num
            _log.warning("too many notifies wait; that of %s is given up", order_num)
            return
        heappush(self._waiting, due)
        self._wake.set()

    async def _sleep_until_due(self) -> None:
        while True:
            self._wake.clear()
            wait_s = None
            if self._waiting:
                wait_s = self._clock.real_seconds_until(self._waiting[0].when)
            if wait_s == 0:
                return
            try:
                async with asyncio.timeout(wait_s):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._slots.release()
        if not task.cancelled() and (error := task.exception()):
            _log.error("a delivery broke off", exc_info=error)


def _headers(message: NotifyMessage) -> dict[str, str]:
    proof = message.head(message.body) if message.head else {}
    given = {"Content-Type": _TYPES[message.api], "Content-Length": str(len(message.body))}
    return {**_AGENT, **given, **proof}


def _is_accepted(api: Api, status: int | None, answer: bytes) -> bool:
    """API v2 reads the XML, API v3 the status alone."""
    if api is Api.V3:
        return status is not None and 200 <= status < 300
    return status == 200 and _is_success(answer)


def _is_success(answer: bytes) -> bool:
    try:
        return wire.read(answer).get("return_code") == "SUCCESS"
    except Malformed:
        return False
