"""The product as processes, as an operator starts it: `paywatch serve`, one or several. For tests;
holds none itself."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPError, HTTPRequest
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.websocket import WebSocketClientConnection, websocket_connect

from assembly.database import with_store
from models.database import open_database
from models.store import Store
from models.user import Role
from services.auth.api_keys import ApiKeys
from services.auth.passwords import Passwords
from services.auth.users import Users
from services.orders.products import ProductChange, Products
from services.runtime.clock import SystemClock
from tests.support.patience import PATIENCE_S
from tests.support.ports import free_port
from tests.support.rig import APP_ID, CHEAP, MCH_ID, PASSWORD, PATIENT, PRICE, environment, until
from tests.support.shell import SCRIPT


def prepare(database_url: str) -> str:
    """One product and a user (alice) in a database; returns an API key."""

    async def fill(store: Store) -> str:
        await Products(store).save(ProductChange("p1", "Tea", PRICE, True))
        passwords = Passwords(CHEAP)
        await Users(store, passwords, SystemClock()).create_user("alice", Role.ADMIN, PASSWORD)
        passwords.close()
        return await ApiKeys(store).create("shop")

    return with_store(database_url, fill)


@dataclass(frozen=True)
class Signed:
    """A signed-in browser."""

    cookie: str
    xsrf: str


class Service:
    """`paywatch serve` with these settings, on a port of its own."""

    def __init__(self, folder: Path, **more: str) -> None:
        self.folder = folder
        self.program: tuple[str, ...] = SCRIPT
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.variables = {**os.environ, **environment(folder, self.port, **more)}
        self.http: AsyncHTTPClient = SimpleAsyncHTTPClient(
            force_instance=True, max_clients=64, defaults=PATIENT
        )
        self.process: subprocess.Popen[bytes] | None = None
        self.sockets: list[WebSocketClientConnection] = []

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.program, "serve"], cwd=self.folder, env=self.variables, stderr=log
            )

    @property
    def log(self) -> Path:
        return self.folder / "log.txt"

    async def is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()[-2000:]
        try:
            found = await self.http.fetch(self.origin + "/readyz", raise_error=False)
        except (OSError, HTTPError):
            return False
        return found.code == 200 and self._all_serve()

    def _all_serve(self) -> bool:
        several = self.variables.get("PAYWATCH_PROCESSES", "1") != "1"
        return not several or "processes serve" in self.log.read_text()

    def send(self, signum: int) -> None:
        assert self.process is not None
        self.process.send_signal(signum)

    async def ended(self) -> int:
        """Its exit status. Bounded."""
        assert self.process is not None
        return await asyncio.to_thread(self.process.wait, PATIENCE_S)

    async def post(
        self, path: str, body: Any, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Send JSON on a connection of its own; the status and the JSON of the answer."""
        given = {"Content-Type": "application/json", **(headers or {})}
        found = await self.http.fetch(
            self.origin + path,
            method="POST",
            body=json.dumps(body),
            headers=given,
            raise_error=False,
        )
        return found.code, json.loads(found.body)

    # --- people ---------------------------------------------------------------------------------

    async def sign_in(self, name: str) -> Signed:
        body = json.dumps({"username": name, "password": PASSWORD})
        headers = {"Content-Type": "application/json"}
        found = await self.http.fetch(
            f"{self.origin}/api/v1/login", method="POST", body=body, headers=headers
        )
        cookie = found.headers.get_list("Set-Cookie")[0].split(";")[0]
        return Signed(cookie, json.loads(found.body)["xsrf"])

    async def sign_out(self, signed: Signed) -> None:
        headers = {"Cookie": signed.cookie, "X-XSRFToken": signed.xsrf}
        await self.http.fetch(
            f"{self.origin}/api/v1/logout", method="POST", body="", headers=headers
        )

    async def live(self, signed: Signed) -> WebSocketClientConnection:
        """An open monitor, after its hello."""
        url = self.origin.replace("http", "ws", 1) + "/live"
        headers = {"Cookie": signed.cookie, "Origin": self.origin}
        socket = await websocket_connect(HTTPRequest(url, headers=headers))
        self.sockets.append(socket)
        assert '"hello"' in str(await socket.read_message())
        return socket

    async def next_events(self, socket: WebSocketClientConnection) -> str:
        """The next frame that holds events, as text."""
        async with asyncio.timeout(PATIENCE_S):
            while (text := await socket.read_message()) is not None:
                if '"events"' in str(text):
                    return str(text)
        raise AssertionError(f"closed with {socket.close_code}")

    async def close_code(self, socket: WebSocketClientConnection) -> int | None:
        """The code with which the server closes this monitor."""
        async with asyncio.timeout(PATIENCE_S):
            while await socket.read_message() is not None:
                pass
        return socket.close_code

    def children(self) -> list[int]:
        """The processes that serve, by their ids."""
        assert self.process is not None
        pid = self.process.pid
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return sorted(int(number) for number in text.split())


@asynccontextmanager
async def service(folder: Path, **more: str) -> AsyncIterator[Service]:
    """A running service; stopped by SIGTERM at the end, if it still runs."""
    found = Service(folder, **more)
    found.start()
    try:
        await until(found.is_ready)
        yield found
    finally:
        for socket in found.sockets:
            socket.close()
        if found.process is not None and found.process.poll() is None:
            found.send(signal.SIGTERM)
            await found.ended()
        found.http.close()


# --- load ----------------------------------------------------------------------------------------


BUSY_PAUSE_S = 0.2
"""Between a 503 and the next try; WeChat waits fifteen seconds."""


@dataclass
class Delivery:
    """What became of one notify: its last answer, how often it was sent, how often the answer was
    503, and the seconds from the first byte sent to the last answer."""

    status: int
    body: bytes
    seconds: float
    tries: int
    busy: int = 0


class Sender:
    """One keep-alive connection that delivers notifies one after the other, as a proxy would: on a
    connection that breaks before the answer it makes a new one and sends again. A `patient` one
    comes again after a 503, as WeChat does: on a busy machine that is no fault."""

    def __init__(self, port: int, *, patient: bool = True) -> None:
        self._port = port
        self._patient = patient
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def deliver(self, body: bytes, path: str = "/pay/notify") -> Delivery:
        loop = asyncio.get_running_loop()
        begin, tries, busy = loop.time(), 0, 0
        while True:
            tries += 1
            try:
                async with asyncio.timeout(10):
                    status, answer = await self.once(body, path)
                late = loop.time() - begin
                if status != 503 or not self._patient or late > PATIENCE_S:
                    return Delivery(status, answer, late, tries, busy)
                busy += 1
                await asyncio.sleep(BUSY_PAUSE_S)
            except (OSError, EOFError, TimeoutError):
                self.close()
                assert tries - busy < 50, "no answer after 50 tries"
                await asyncio.sleep(0.02)

    async def once(self, body: bytes, path: str = "/pay/notify") -> tuple[int, bytes]:
        """Send once; raises what the connection raises."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(
            b"POST %b HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: text/xml\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (path.encode(), self._port, len(body), body)
        )
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        answer = await reader.readexactly(length)
        if b"connection: close" in head:
            self.close()
        return int(head[9:12]), answer

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def deliver_all(
    port: int,
    bodies: Iterable[bytes],
    connections: int = 64,
    *,
    patient: bool = True,
    pause_s: float = 0,
) -> list[Delivery]:
    """Deliver every notify over so many connections, each taking the next from the common list
    when its last one is answered and the pause is over."""
    source, done = iter(bodies), list[Delivery]()

    async def work() -> None:
        sender = Sender(port, patient=patient)
        try:
            for body in source:
                done.append(await sender.deliver(body))
                await asyncio.sleep(pause_s)
        finally:
            sender.close()

    await asyncio.gather(*(work() for _ in range(connections)))
    return done


def percentile(deliveries: list[Delivery], percent: float) -> float:
    ordered = sorted(each.seconds for each in deliveries)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def insert_orders(database_url: str, numbers: list[str]) -> None:
    """Orders of 88 yuan that wait for their payment, written past the edge: it needs many."""
    opened = open_database(database_url, patient=True)
    now = SystemClock().now_ms()
    fixed = (PRICE, "p1", "Tea", 1, "INIT", APP_ID, MCH_ID, 0, now, now, now + 7_200_000)
    columns = (
        "total_fen, product_id, title, quantity, status, app_id, mch_id, refunded_fen, created_at,"
        " updated_at, expires_at, order_num, status_token"
    )
    row = "(" + ", ".join([opened.param] * 13) + ")"
    try:
        for start in range(0, len(numbers), 500):
            chunk = numbers[start : start + 500]
            values = [value for number in chunk for value in (*fixed, number, number)]
            opened.execute_sql(
                f"INSERT INTO orders ({columns}) VALUES {', '.join([row] * len(chunk))}", values
            )
    finally:
        opened.close()


def select(database_url: str, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query, read past the product."""
    opened = open_database(database_url, patient=True)
    try:
        return list(opened.execute_sql(query).fetchall())
    finally:
        opened.close()
