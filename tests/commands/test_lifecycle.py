"""How the service starts and ends: what it took is answered, what it cannot take is told so."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from commands.supervise import listen
from handlers.listener import Listener
from models.store import Store
from services.runtime.jobs import Job, Jobs
from tests.support.databases import database
from tests.support.patience import PATIENCE_S
from tests.support.processes import Sender, insert_orders, prepare, select, service
from tests.support.rig import SUCCESS, notify_fields, product, signed, transaction, until

ORDERS = 600
CONNECTIONS = 32


@pytest.mark.gen_test
async def test_sigterm_under_load_answers_what_was_taken_and_says_goodbye(tmp_path: Path) -> None:
    numbers = [f"T{i:08d}" for i in range(ORDERS)]
    with database(tmp_path) as url:
        await asyncio.to_thread(prepare, url)
        await asyncio.to_thread(insert_orders, url, numbers)
        async with service(tmp_path, DATABASE_URL=url) as shop:
            monitor = await shop.live(await shop.sign_in("alice"))
            bodies = [signed(notify_fields(number, transaction())) for number in numbers]
            stream = Stream(shop.port, bodies)
            work = asyncio.create_task(stream.deliver())
            await until(stream.flows)
            shop.send(signal.SIGTERM)
            begin = asyncio.get_running_loop().time()
            assert await shop.close_code(monitor) == 1001
            assert await shop.ended() == 0
            print(f"ended {asyncio.get_running_loop().time() - begin:.2f} s after SIGTERM")
            await work
        paid = await asyncio.to_thread(
            select, url, "SELECT order_num FROM orders WHERE status = 'PAID'"
        )
        # Whoever was in the middle of a request has an answer, and what it says is true.
        assert stream.broken == 0
        assert stream.succeeded <= len(paid) < ORDERS


class Stream:
    """Deliveries over kept connections until the service is gone."""

    def __init__(self, port: int, bodies: list[bytes]) -> None:
        self.port = port
        self.source = iter(bodies)
        self.succeeded = self.broken = 0

    async def flows(self) -> bool:
        return self.succeeded > CONNECTIONS

    async def deliver(self) -> None:
        await asyncio.gather(*(self._work() for _ in range(CONNECTIONS)))

    async def _work(self) -> None:
        sender = Sender(self.port)
        for body in self.source:
            try:
                status, answer = await sender.once(body)
            except ConnectionRefusedError:
                break  # it takes no new connection
            except (OSError, EOFError):
                self.broken += 1
                break
            assert (status, answer) == (200, SUCCESS) or status == 503
            self.succeeded += answer == SUCCESS
            await asyncio.sleep(0.01)
        sender.close()


@pytest.mark.gen_test
async def test_while_it_stops_it_is_not_ready_and_takes_no_more_work(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        shop.running.services.health.stopping = True
        answer = await shop.fetch("/readyz")
        assert answer.code == 503
        assert '"ready":false' in answer.body.decode()


@pytest.mark.gen_test
async def test_a_writer_that_ends_is_started_again_and_what_it_held_is_told(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        number = (await shop.order())["orderNum"]
        store = shop.running.store
        end_writer(store)
        body = signed(notify_fields(number, transaction()))
        held = asyncio.ensure_future(shop.notify(body))
        await until(lambda: alive(store))
        assert (await held).code in (200, 503)
        assert (await shop.notify(body)).body == SUCCESS
        assert (await shop.fetch("/readyz")).code == 200


def end_writer(store: Store) -> None:
    """As if memory had run out at the worst moment: the thread is gone, its work in hand."""
    store._queue.put([])  # by which it is told to end
    store._writer.join(5)
    assert not store.alive


async def alive(store: Store) -> bool:
    return store.alive


@pytest.mark.gen_test
async def test_without_descriptors_it_pauses_and_goes_on_when_there_are_some(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with product(tmp_path) as shop:
        assert isinstance(shop.running.server, Listener)
        number = (await shop.order())["orderNum"]
        port = int(shop.origin.rpartition(":")[2])
        with socket.socket() as client:
            client.setblocking(False)
            with no_descriptors_left():
                await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", port))
                await until(lambda: said(caplog, "No new connection can be taken"))
                await asyncio.sleep(1)
            assert caplog.text.count("No new connection") == 1  # and not one for each try
        assert await shop.pay(number) == SUCCESS


async def said(caplog: pytest.LogCaptureFixture, words: str) -> bool:
    return words in caplog.text


@contextmanager
def no_descriptors_left() -> Iterator[None]:
    limits, taken = resource.getrlimit(resource.RLIMIT_NOFILE), list[int]()
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, limits[1]))
    try:
        with suppress(OSError):
            while True:
                taken.append(os.dup(0))
        yield
    finally:
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.mark.gen_test
async def test_a_step_that_swallows_its_cancellation_is_stopped_all_the_same() -> None:
    swallowed = 0

    async def stubborn() -> None:
        nonlocal swallowed
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                swallowed += 1
                if swallowed == 2:
                    raise

    jobs = Jobs([Job("stubborn", stubborn, 1.0)], leases=None)  # type: ignore[arg-type]
    jobs.start()
    await asyncio.sleep(0.05)
    async with asyncio.timeout(PATIENCE_S):
        await jobs.stop()
    assert swallowed == 2


@pytest.mark.gen_test
async def test_a_connection_that_is_lost_before_it_is_taken_makes_nobody_deaf() -> None:
    for shared in (False, True):
        await take_after_a_failure(shared)


async def take_after_a_failure(shared: bool) -> None:
    listener = Taking(lambda request: None)
    listener.shared = shared
    real = listen("127.0.0.1", 0)
    real.setblocking(False)
    sock = Failing(real)
    listener.add_sockets([sock])  # type: ignore[list-item]
    with socket.socket() as client:
        client.setblocking(False)
        await asyncio.get_running_loop().sock_connect(client, real.getsockname())
        await until(lambda: took(listener))
    assert sock.failures == 1
    listener.stop()


class Failing:
    """A listening socket whose first connection was lost on the way (EPROTO)."""

    def __init__(self, sock: socket.socket) -> None:
        self.failures = 0
        self._sock = sock

    def accept(self) -> tuple[socket.socket, object]:
        if not self.failures:
            self.failures += 1
            raise OSError(errno.EPROTO, "Protocol error")
        return self._sock.accept()

    def fileno(self) -> int:
        return self._sock.fileno()

    def close(self) -> None:
        self._sock.close()


class Taking(Listener):
    """Counts what it takes, and lets it go."""

    taken = 0

    def take(self, connection: socket.socket, address: object) -> None:
        self.taken += 1
        connection.close()


async def took(listener: Taking) -> bool:
    return listener.taken == 1


@pytest.mark.gen_test
async def test_sighup_does_not_end_a_service_that_is_alone(tmp_path: Path) -> None:
    with database(tmp_path) as url:
        await asyncio.to_thread(prepare, url)
        async with service(tmp_path, DATABASE_URL=url) as shop:
            shop.send(signal.SIGHUP)
            await asyncio.sleep(0.3)
            assert await shop.is_ready()
            shop.send(signal.SIGTERM)
            assert await shop.ended() == 0
