"""Idle connections at the fast door."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from tests.support.notify_rig import post
from tests.support.patience import PATIENCE_S
from tests.support.rig import (
    SUCCESS,
    later_text,
    notify_fields,
    product,
    signed,
    transaction,
    until,
)

pytestmark = pytest.mark.one_database


@pytest.mark.gen_test
async def test_what_came_while_the_process_stood_still_is_answered_before_idle_ones_are_closed(
    tmp_path: Path,
) -> None:
    async with product(tmp_path) as shop:
        number = (await shop.order())["orderNum"]
        request = post(signed(notify_fields(number, transaction(), time_end=later_text())))
        door = shop.running.server and shop.running.server.fast_door
        assert door
        host, port = shop.origin.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as client:
            await until(lambda: is_(door.lines))
            client.sendall(request)
            (line,) = door.lines
            line.look(float("inf"))  # the timer is the first to run after a long pause
            client.setblocking(False)
            answer = await asyncio.wait_for(
                asyncio.get_running_loop().sock_recv(client, 1000), PATIENCE_S
            )
        assert SUCCESS in answer


async def is_(found: object) -> bool:
    return bool(found)
