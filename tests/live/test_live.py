"""The live stream: each event once, in order, whatever happens to the connection."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Sequence
from typing import Any

import pytest
from tornado.websocket import WebSocketClientConnection

from models.transaction import Batch, NewEvent
from payments.errors import Busy
from services.live.bus import Bus
from tests.support.patience import PATIENCE_S
from tests.support.rig import Console, Product, product, until

EVENTS = 10_000
CUTS = 20


def announce(batch: Batch, counts: Sequence[int]) -> list[None]:
    """An op that writes so many events."""
    for count in counts:
        for _ in range(count):
            batch.emit(NewEvent("system.test", None, {"message": "one more"}))
    return [None] * len(counts)


async def frame(socket: WebSocketClientConnection) -> dict[str, Any] | None:
    async with asyncio.timeout(PATIENCE_S):
        text = await socket.read_message()
    return json.loads(text) if text is not None else None


class Dashboard:
    """Applies frames as the page does; drops the connection whenever it is told to."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.applied: list[int] = []
        self.replayed = 0
        self.connections = 0

    async def follow(self, cuts: list[int], last: int) -> None:
        while not self.applied or self.applied[-1] < last:
            socket = await self.console.live(self.applied[-1] if self.applied else 0)
            self.connections += 1
            await self._read(socket, cuts, last)

    async def _read(self, socket: WebSocketClientConnection, cuts: list[int], last: int) -> None:
        while message := await frame(socket):
            if message["type"] != "events":
                continue
            assert message["from"] == (self.applied[-1] if self.applied else 0) + 1
            self.applied += [event["seq"] for event in message["events"]]
            assert message["to"] == self.applied[-1]
            self.replayed += message["replayed"]
            if cuts and self.applied[-1] >= cuts[0]:
                cuts.pop(0)
                socket.protocol._abort()  # the cable is pulled, nobody says goodbye
                return
            if self.applied[-1] >= last:
                socket.close()
                return


@pytest.mark.gen_test
async def test_10000_events_over_20_cuts_come_once_each_and_in_order(tmp_path):
    chance = random.Random(7)
    async with product(tmp_path) as shop:
        alice = await shop.user()
        dashboard = Dashboard(alice)
        cuts = sorted(chance.sample(range(1, EVENTS - 1000), CUTS))

        async def traffic() -> None:
            sent = 0
            while sent < EVENTS:
                burst = min(chance.choice((1, 1, 5, 40, 300)), EVENTS - sent)
                await shop.running.store.write(announce, burst)
                sent += burst
                await asyncio.sleep(0.002)

        await asyncio.gather(traffic(), dashboard.follow(cuts, EVENTS))
        assert dashboard.applied == list(range(1, EVENTS + 1))
        assert dashboard.connections == CUTS + 1
        assert dashboard.replayed > 0


@pytest.mark.gen_test
async def test_an_event_that_could_not_be_read_comes_with_the_next_look(tmp_path):
    async with product(tmp_path) as shop:
        store = shop.running.store
        bus = Bus(store, None)
        heads: list[int] = []

        async def listener(head: int) -> None:
            heads.append(head)
            if len(heads) == 1:
                raise Busy

        bus.on_head.append(listener)
        with pytest.raises(Busy):
            await bus.look()
        await bus.look()
        await bus.look()
        assert len(heads) == 2


@pytest.mark.gen_test
async def test_a_payment_is_on_an_open_page_within_a_second(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        order = await shop.order()
        socket = await alice.live()
        assert (await frame(socket))["type"] == "hello"
        await shop.pay(order["orderNum"])
        async with asyncio.timeout(PATIENCE_S):
            while (message := await frame(socket))["events"][-1]["kind"] != "order.paid":
                pass  # the order itself may still be on its way
        assert message["events"][-1]["data"]["amountFen"] == 8800
        assert message["replayed"] is False


@pytest.mark.gen_test
async def test_a_foreign_or_missing_origin_is_refused(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        for origin in ("", "null", "https://evil.example", shop.origin + ".evil.example"):
            assert await refusal(alice, Origin=origin) == 403


@pytest.mark.gen_test
async def test_a_missing_and_a_dead_session_are_refused(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        assert await refusal(alice, Cookie="") == 401
        assert await refusal(alice, Cookie="sid=nonsense") == 401
        assert (await alice.post("logout", {})).code == 204
        assert await refusal(alice) == 401


async def refusal(console: Console, **headers: str) -> int:
    """The status that answers this handshake."""
    handshake = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Origin": console.product.origin,
        "Cookie": console.cookie,
    }
    wanted = {name: value for name, value in {**handshake, **headers}.items() if value}
    return (await console.product.fetch("/live", headers=wanted)).code


@pytest.mark.gen_test
async def test_an_open_page_is_told_when_its_session_ends(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        socket = await alice.live()
        await frame(socket)
        await alice.post("logout", {})
        while await frame(socket):
            pass
        assert socket.close_code == 4001


@pytest.mark.gen_test
async def test_a_position_beyond_the_head_is_resynced(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        socket = await alice.live(after=1_000_000)
        assert (await frame(socket))["type"] == "hello"
        assert (await frame(socket))["type"] == "resync"
        await shop.order()
        assert (await frame(socket))["events"][0]["kind"] == "order.created"


@pytest.mark.gen_test
async def test_a_ping_is_answered_and_anything_else_ends_the_connection(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        socket = await alice.live()
        await frame(socket)
        await socket.write_message('{"type":"ping"}')
        assert (await frame(socket))["type"] == "heartbeat"
        await socket.write_message('{"type":"subscribe"}')
        assert await frame(socket) is None
        assert socket.close_code == 4003


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_a_page_that_does_not_read_is_dropped_and_harms_nobody(tmp_path):
    async with product(tmp_path) as shop:
        alice, bob = await shop.user("alice"), await shop.user("bob")
        deaf = await alice.live(after=0)
        deaf.protocol.stream.set_nodelay(True)
        deaf.protocol._read_frame = never  # takes nothing off the wire any more
        watched = Watched(shop)
        good = Dashboard(bob)
        await asyncio.gather(flood(shop, 60_000), good.follow([], 60_000))
        assert good.applied == list(range(1, 60_001))
        await until(lambda: sockets_open(shop, 0))
        assert watched.codes == [4008]
        assert 0 < watched.most_buffered < 4 * FRAME_BYTES


FRAME_BYTES = 128 * 1024
"""More than a page of these events."""


class Watched:
    """The server's side of the only open dashboard: what piles up for it, and how it ends."""

    def __init__(self, shop: Product) -> None:
        (self._dashboard,) = shop.running.services.dashboards._open
        self.codes: list[int] = []
        self.most_buffered = 0
        self._end = self._dashboard.end
        self._dashboard.end = self._ended
        self._looking = asyncio.create_task(self._look())

    def _ended(self, code: int) -> None:
        self.codes.append(code)
        self._looking.cancel()
        self._end(code)

    async def _look(self) -> None:
        while True:
            stream = self._dashboard.ws_connection.stream
            self.most_buffered = max(self.most_buffered, len(stream._write_buffer))
            await asyncio.sleep(0.05)


async def never(*_args: Any) -> None:
    await asyncio.Event().wait()


async def sockets_open(shop: Product, count: int) -> bool:
    return len(shop.running.services.dashboards._open) == count


async def flood(shop: Product, count: int) -> None:
    for _ in range(0, count, 1000):
        await shop.running.store.write(announce, 1000)
