"""kill -9 in the middle of traffic: what was answered SUCCESS is paid, once, for good."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPError
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from assembly.database import with_store
from models.store import Store
from services.auth.api_keys import ApiKeys
from services.live.event_chain import EventChain
from services.orders.products import ProductChange, Products
from tests.support.patience import PATIENCE_S
from tests.support.ports import free_port
from tests.support.rig import (
    PRICE,
    SUCCESS,
    environment,
    notify_fields,
    signed,
    transaction,
    until,
)

pytestmark = [pytest.mark.one_database, pytest.mark.long]

KILLS = int(os.environ.get("PAYWATCH_TEST_KILLS", "5"))
ORDERS_A_LIFE = 60
SENDERS = 16
HERE = Path(__file__).parents[2]


class Life:
    """One life of the server process."""

    def __init__(self, folder: Path, api_key: str, http: AsyncHTTPClient) -> None:
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.http = http
        self.api_key = api_key
        variables = environment(folder, self.port)
        command = [sys.executable, str(HERE / "server.py"), "serve"]
        log = (folder / "log.txt").open("ab")
        self.process = subprocess.Popen(command, env={**os.environ, **variables}, stderr=log)
        log.close()

    async def send(self, path: str, body: bytes, **headers: str) -> bytes | None:
        """The body of a 200 or 201; None for anything else, also for no answer at all."""
        try:
            response = await self.http.fetch(
                self.origin + path,
                method="POST",
                body=body,
                headers=headers,
                raise_error=False,
                request_timeout=PATIENCE_S,
            )
        except (OSError, HTTPError):
            return None
        return response.body if response.code in (200, 201) else None

    async def ready(self) -> bool:
        try:
            found = await self.http.fetch(self.origin + "/readyz", raise_error=False)
        except (OSError, HTTPError):
            return False
        return found.code == 200

    async def order(self, number: str) -> None:
        body = f'{{"productId":"p1","orderNum":"{number}"}}'.encode()
        key = {"Authorization": f"Bearer {self.api_key}", "Idempotency-Key": number}
        answer = await self.send(
            "/merchant/v1/orders", body, **key, **{"Content-Type": "application/json"}
        )
        assert answer

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)


@asynccontextmanager
async def client() -> AsyncIterator[AsyncHTTPClient]:
    http = SimpleAsyncHTTPClient(force_instance=True, max_clients=SENDERS * 2)
    try:
        yield http
    finally:
        http.close()


def prepare(folder: Path) -> str:
    """The database with one product; returns an API key."""
    url = environment(folder, 0)["PAYWATCH_DATABASE_URL"]

    async def fill(store: Store) -> str:
        await Products(store).save(ProductChange("p1", "Tea", PRICE, True))
        return await ApiKeys(store).create("shop")

    return with_store(url, fill)


async def one_life(
    folder: Path, key: str, http: AsyncHTTPClient, chance: random.Random, acked: dict[str, str]
) -> None:
    """Start, sell, take notifies from many senders, die in between."""
    life = Life(folder, key, http)
    try:
        await until(life.ready)
        prefix = f"L{life.port:05d}-"
        numbers = [f"{prefix}{i:06d}" for i in range(ORDERS_A_LIFE)]
        await asyncio.gather(*(life.order(number) for number in numbers))
        payments = {number: transaction() for number in numbers}

        flowing = asyncio.Event()

        async def sender() -> None:
            while life.process.poll() is None:
                number = chance.choice(numbers)
                body = signed(notify_fields(number, payments[number]))
                if await life.send("/pay/notify", body) == SUCCESS:
                    acked[number] = payments[number]
                    flowing.set()

        senders = [asyncio.create_task(sender()) for _ in range(SENDERS)]
        async with asyncio.timeout(PATIENCE_S):
            await flowing.wait()
        await asyncio.sleep(chance.uniform(0, 0.2))
    finally:
        life.kill()
    await asyncio.gather(*senders)


def check(folder: Path, acked: dict[str, str]) -> None:
    database = sqlite3.connect(folder / "paywatch.db")
    try:
        paid = dict(
            database.execute("SELECT order_num, transaction_id FROM orders WHERE status = 'PAID'")
        )
        announced = [
            row[0]
            for row in database.execute("SELECT order_num FROM events WHERE kind = 'order.paid'")
        ]
        (sound,) = database.execute("PRAGMA integrity_check").fetchone()
    finally:
        database.close()
    assert {number: paid.get(number) for number in acked} == acked
    assert sorted(announced) == sorted(paid)
    stream = with_store(f"sqlite:///{folder}/paywatch.db", lambda store: EventChain(store).verify())
    assert stream.flaw == ""
    assert sound == "ok"


@pytest.mark.gen_test
async def test_every_success_survives_kill_9_exactly_once(tmp_path):
    chance, acked = random.Random(11), {}
    key = await asyncio.to_thread(prepare, tmp_path)
    async with client() as http:
        for _ in range(KILLS):
            await one_life(tmp_path, key, http, chance, acked)
            await asyncio.to_thread(check, tmp_path, acked)
    print(f"{KILLS} kills, {len(acked)} payments answered SUCCESS, none lost")
