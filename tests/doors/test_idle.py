"""Connections that bring nothing for a while, and what waits to be read after a standstill."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from tornado.iostream import IOStream

from assembly.running import SERVER_LIMITS
from handlers import front_door, listener
from handlers.notifies import fast_door
from handlers.patience import Patience
from tests.support.notify_rig import post
from tests.support.patience import PATIENCE_S
from tests.support.rig import (
    SUCCESS,
    Product,
    later_text,
    notify_fields,
    product,
    signed,
    transaction,
    until,
)

pytestmark = pytest.mark.one_database

LIMIT_S = 2
ODD = b"Accept: a\r\nAccept: b\r\n"
"""A request with a header that comes twice is Tornado's."""


@asynccontextmanager
async def selling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Product]:
    monkeypatch.setitem(SERVER_LIMITS, "idle_connection_timeout", LIMIT_S)
    monkeypatch.setattr(front_door, "BODY_S", LIMIT_S)
    async with product(tmp_path) as shop:
        await shop.running.jobs.stop()
        yield shop


async def a_notify(shop: Product) -> bytes:
    number = (await shop.order())["orderNum"]
    request = post(signed(notify_fields(number, transaction(), time_end=later_text())))
    return request.replace(b"Connection: close\r\n", b"")


@contextmanager
def connected(shop: Product) -> Iterator[socket.socket]:
    host, port = shop.origin.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as client:
        client.setblocking(False)
        yield client


async def answered(client: socket.socket) -> bytes:
    receiving = asyncio.get_running_loop().sock_recv(client, 4096)
    return await asyncio.wait_for(receiving, PATIENCE_S)


def stand_still() -> None:
    time.sleep(LIMIT_S + 0.5)


JUST_BEFORE_THE_END_S = LIMIT_S - 0.6


@pytest.mark.gen_test
@pytest.mark.parametrize("cut", [0, 60, -10], ids=["idle", "in_the_head", "in_the_body"])
@pytest.mark.parametrize("begins_s", [0.3, JUST_BEFORE_THE_END_S])
async def test_what_comes_to_tornados_server_in_a_standstill_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: int, begins_s: float
) -> None:
    async with selling(tmp_path, monkeypatch) as shop:
        request = (await a_notify(shop)).replace(b"\r\n", b"\r\n" + ODD, 1)
        begun = request[:cut] if cut else b""
        with connected(shop) as client:
            client.send(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            assert b"200 OK" in await answered(client)
            client.send(begun)
            await asyncio.sleep(begins_s)  # it is read
            client.send(request[len(begun) :])
            stand_still()
            assert SUCCESS in await answered(client)
            assert await answered(client) == b""  # idle, and closed


@pytest.mark.gen_test
async def test_what_comes_to_the_fast_door_in_a_standstill_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast_door, "LOOK_S", 0.2)
    async with selling(tmp_path, monkeypatch) as shop:
        request = await a_notify(shop)
        door = shop.running.server and shop.running.server.fast_door
        assert door
        with connected(shop) as client:
            await until(lambda: is_(door.lines))
            (line,) = door.lines
            line.look(float("inf"))
            line._since = float("-inf")
            client.send(request)
            door._due = 0.0
            door._look()  # late, and before anything is read
            assert SUCCESS in await answered(client)
            line.look(float("inf"))
            line.look(float("inf"))
            assert await answered(client) == b""  # idle, and closed


@pytest.mark.gen_test
async def test_the_time_of_a_head_does_not_begin_anew_when_it_is_handed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[float] = []

    class Noted(Patience):
        def __init__(self, stream: IOStream, seconds: float) -> None:
            given.append(seconds)
            super().__init__(stream, seconds)

    monkeypatch.setattr(listener, "Patience", Noted)
    async with product(tmp_path) as shop:
        server = shop.running.server
        assert server
        limit_s = SERVER_LIMITS["idle_connection_timeout"]
        for waited_s in (0.0, 4.0, 99.0):
            near, far = socket.socketpair()
            server.hand_on(near, ("127.0.0.1", 1), b"GET /healthz", waited_s)
            await asyncio.sleep(0)
            far.close()
        assert given == [limit_s, limit_s - 4.0, listener.SHORTEST_HEAD_S]


async def is_(found: object) -> bool:
    return bool(found)
