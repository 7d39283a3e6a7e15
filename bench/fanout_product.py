"""The product as `paywatch serve` runs it, with a writer beside it that appends events through the
store. `bench/fanout.py` starts it and reads its CPU time.

The first line on standard output is JSON: the cookies of signed-in users. Each line on standard
input is a number: so many events a second from now on. It stops at the end of its input.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from argon2 import PasswordHasher

from assembly.build import build
from assembly.database import ready_database
from assembly.interpreter import loop_factory, settle_down
from assembly.running import Running
from commands.supervise import listen
from models import Order
from models.transaction import Batch, NewEvent
from models.user import Role
from services.auth.passwords import Passwords
from services.auth.sessions import BrowserPlace
from services.live.dashboards import MAX_OF_ONE_USER
from settings import read
from tests.support.rig import APP_ID, MCH_ID, PASSWORD, PRICE

STEP_S = 0.01
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def order_num(number: int) -> str:
    """The number of one of the orders that the notifies pay."""
    return f"B{number:010d}"


def add_orders(batch: Batch, counts: Sequence[int]) -> list[None]:
    """An op that makes so many orders, ready to be paid."""
    for count in counts:
        for start in range(0, count, 500):
            rows = [_order(batch, number) for number in range(start, min(start + 500, count))]
            Order.insert_many(rows).execute()
    return [None] * len(counts)


def _order(batch: Batch, number: int) -> dict[str, object]:
    return {
        "order_num": order_num(number),
        "product_id": "p1",
        "title": "咨询 60 分钟",
        "total_fen": PRICE,
        "app_id": APP_ID,
        "mch_id": MCH_ID,
        "status_token": order_num(number),
        "created_at": batch.now,
        "updated_at": batch.now,
        "expires_at": batch.now + 7_200_000,
    }


def append(batch: Batch, counts: Sequence[int]) -> list[None]:
    """An op that writes so many events, each with the values of a payment and with the monotonic
    time of now (s), which holds in all processes of a machine."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    for count in counts:
        for number in range(count):
            data = {
                "title": "咨询 60 分钟",
                "customer": "张*",
                "amountFen": PRICE,
                "transactionId": f"4200001{number:021d}",
                "wechatPaidAt": now,
                "notifyId": f"{number:032x}",
                "from": "WAIT_PAY",
                "writtenAt": time.monotonic(),
            }
            batch.emit(NewEvent("order.paid", order_num(number), data))
    return [None] * len(counts)


class Writer:
    """Appends `rate` events a second, what is due every hundredth of a second in one item."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self.rate = 0.0

    async def run(self, stopped: asyncio.Event) -> None:
        due, last = 0.0, time.monotonic()
        while not stopped.is_set():
            await asyncio.sleep(STEP_S)
            now = time.monotonic()
            due += (now - last) * self.rate
            last = now
            if count := int(due):
                due -= count
                await self._running.store.write(append, count)


async def _cookies(running: Running, dashboards: int) -> list[str]:
    """Of as many users as may open so many dashboards."""
    place = BrowserPlace("127.0.0.0/24")
    services, cookies = running.services, []
    for number in range(dashboards // MAX_OF_ONE_USER + 1):
        await services.users.create_user(f"user{number}", Role.VIEWER, PASSWORD)
        signed_in = await services.authentication.login(f"user{number}", PASSWORD, place)
        cookies.append(signed_in.cookie)
    return cookies


async def _serve(port: int, dashboards: int, orders: int) -> None:
    settings = read(os.environ)
    database = ready_database(settings.database_url)
    running = build(settings, database, None, Passwords(CHEAP))
    await running.start(listen("127.0.0.1", port))
    await running.store.write(add_orders, orders)
    settle_down()
    writer, stopped = Writer(running), asyncio.Event()

    def told() -> None:
        line = sys.stdin.readline()
        if line:
            writer.rate = float(line)
        else:
            asyncio.get_running_loop().remove_reader(sys.stdin)
            stopped.set()

    asyncio.get_running_loop().add_reader(sys.stdin, told)
    print(json.dumps(await _cookies(running, dashboards)), flush=True)
    await writer.run(stopped)
    await running.stop()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(_serve(*(int(word) for word in sys.argv[1:4])))
