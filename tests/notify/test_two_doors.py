"""The fast door and Tornado's server say the same bytes to the same bytes, and leave the same
tables, whatever comes and however it is cut.

`PAYWATCH_TEST_DOORS` sets how many requests are drawn, `PAYWATCH_TEST_DOORS_SEED` which.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from collections import Counter as Sums
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest

from models import Alert, Counter, Event, Order, OutsideLook, RawNotify, Receipt
from models.base import dicts
from tests.notify.door_draws import ORDERS, Drawn, Message, draw, messages
from tests.support.notify_rig import SEALER
from tests.support.patience import PATIENCE_S
from tests.support.rig import SUCCESS, Product, product, until
from tests.support.v3_keys import WITH_PUBLIC_KEY, HeldClock

pytestmark = pytest.mark.one_database

REQUESTS = int(os.environ.get("PAYWATCH_TEST_DOORS", "300"))
SEED = int(os.environ.get("PAYWATCH_TEST_DOORS_SEED", "1"))
A_ROUND = 2000
"""So many meet the same orders."""
QUIET_S = 0.2
"""A request that is not whole has no answer; so long it is waited for one."""
TABLES = (Order, Event, RawNotify, Receipt, Alert, Counter, OutsideLook)
BY_TURN = re.compile(
    rb'"requestId":"[0-9a-f]+"|127\.0\.0\.1:\d+|\r\n(?:Date|Etag|X-Request-Id): [^\r]*'
)
"""What Tornado's application says anew each time, and the product's own port."""
REFUSAL = b"HTTP/1.1 400 Bad Request\r\n\r\n"
RESET = b"(reset)"
"""A connection that ended before all that had come was read: an answer may be lost on the way."""
FEW_TURNS = 20
BY_CHANCE = {"status_token", "id", "notice_id", "sealed", "notifyId", "evidence"}


class StillClock(HeldClock):
    def monotonic(self) -> float:
        return 0.0


@dataclass
class Caller:
    """One connection to one product, opened again whenever it was closed."""

    shop: Product
    _open: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = field(default_factory=list)

    async def ask(self, sent: Sent) -> bytes:
        """Send the pieces one after the other; everything that is answered, with the connection's
        end as a word of its own."""
        if not self._open:
            host, port = self.shop.origin.removeprefix("http://").split(":")
            self._open.append(await asyncio.open_connection(host, int(port)))
        reader, writer = self._open[0]
        answer = b""
        try:
            for piece in sent.pieces:
                writer.write(piece)
                for _ in range(4):  # the other end reads it before the next one comes
                    await asyncio.sleep(0)
            while not _is_whole(answer):
                async with asyncio.timeout(QUIET_S if sent.hangs else PATIENCE_S):
                    piece = await reader.read(65536)
                if not piece:
                    return self.close() + answer
                answer += piece
        except TimeoutError:
            assert sent.hangs, sent
            return self.close() + answer + b"(nothing more)"
        except ConnectionError:
            self.close()
            assert sent.is_spoilt, sent
            return RESET
        if b"Connection: close" in answer and not sent.is_spoilt:
            assert await reader.read() == b""
            self.close()
        if sent.is_spoilt:
            await self._all_is_done()
            self.close()
        return _first(answer)

    async def _all_is_done(self) -> None:
        """What stood behind the request, and was taken for one, has had its whole work."""
        running = self.shop.running
        for _ in range(FEW_TURNS):
            await asyncio.sleep(0)
        assert running.server
        fast = running.server.fast_door

        async def is_idle() -> bool:
            return not (running.front_door.open or (fast and fast.is_answering()))

        await until(is_idle)

    def close(self) -> bytes:
        for _, writer in self._open:
            writer.close()
        self._open.clear()
        return b"(closed) "


GO_ON = b"HTTP/1.1 100 (Continue)\r\n\r\n"


def _is_whole(answer: bytes) -> bool:
    """Also where "go on" comes before it."""
    head, found, body = answer.removeprefix(GO_ON).partition(b"\r\n\r\n")
    return bool(found) and b"\r\nContent-Length: " in head and len(body) >= _length(head)


def _first(answer: bytes) -> bytes:
    """Without what a second answer brought."""
    before = GO_ON if answer.startswith(GO_ON) else b""
    head, end, body = answer.removeprefix(GO_ON).partition(b"\r\n\r\n")
    return before + head + end + body[: _length(head)]


def _length(head: bytes) -> int:
    return int(head.partition(b"\r\nContent-Length: ")[2].partition(b"\r\n")[0])


@asynccontextmanager
async def behind(door: str, folder: Path) -> AsyncIterator[Product]:
    """A product with the same orders at the same time, behind one of the doors."""
    (folder / door).mkdir()
    more = {**WITH_PUBLIC_KEY, "TRUSTED_PROXIES": "127.0.0.1"}
    async with product(folder / door, clock=StillClock(), by_hand=True, **more) as shop:
        assert shop.running.server
        if door == "tornado":
            shop.running.server.fast_door = None
        await shop.running.jobs.stop()
        for number in ORDERS:
            await shop.order(orderNum=number)
        yield shop


@dataclass(frozen=True)
class Sent:
    pieces: tuple[bytes, ...]
    hangs: bool = False
    is_spoilt: bool = False


async def compare(folder: Path, sent: list[Sent]) -> list[bytes]:
    """Send all of it to one door, then to the other; the answers, which are the same."""
    answers, tables = [], []
    for door in ("fast", "tornado"):
        async with behind(door, folder) as shop:
            caller = Caller(shop)
            answers.append([await caller.ask(each) for each in sent])
            caller.close()
            tables.append(await left(shop))
        shutil.rmtree(folder / door)
    resets = 0
    for request, fast, tornado in zip(sent, *answers, strict=True):
        if RESET in (fast, tornado):
            resets += 1
        else:
            assert _said(fast) == _said(tornado), request
    assert resets <= len(sent) / 5
    for name in tables[0]:
        assert tables[0][name] == tables[1][name], name
    return answers[0]


def _said(answer: bytes) -> bytes:
    """Of a refusal whose request was not read to its end, the words may be lost on the way (a reset
    overtakes them): it is the same as a connection that is closed without a word."""
    told = BY_TURN.sub(b"", answer)
    refused = told.startswith(b"(closed) ") and told.endswith(REFUSAL)
    return told.removesuffix(REFUSAL) if refused else told


async def left(shop: Product) -> dict[str, list[dict[str, Any]]]:
    """The rows of the tables, without what is made by chance; texts as they were sent."""
    await shop.running.unverified.flush(final=True)

    def read() -> dict[str, list[dict[str, Any]]]:
        return {
            table.__name__: [_told(row) for row in dicts(table.select().order_by(*_keys(table)))]
            for table in TABLES
        }

    return await shop.running.store.read(read)


def _keys(table: Any) -> list[Any]:
    key = table._meta.primary_key
    return [getattr(table, name) for name in getattr(key, "field_names", None) or (key.name,)]


def _told(row: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name not in BY_CHANCE}
    if "sealed" in row:
        kept["text"] = SEALER.open(bytes(row["sealed"]), row["id"])
    if "data" in row:
        data = json.loads(row["data"])
        kept["data"] = {name: data[name] for name in data if name not in BY_CHANCE}
    return kept


@pytest.mark.long
@pytest.mark.gen_test
async def test_whatever_is_sent_both_doors_say_and_do_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    among, sent_in_all = messages(), 0
    counts: Sums[str] = Sums()
    for seed in range(SEED, SEED + -(-REQUESTS // A_ROUND)):
        random = Random(seed)
        sent = [cut(random, draw(random, among)) for _ in range(min(A_ROUND, REQUESTS))]
        counts.update(map(kind_of, await compare(tmp_path, sent)))
        sent_in_all += len(sent)
        if REQUESTS > A_ROUND:
            with capsys.disabled():
                print(f"\ntwo doors: {sent_in_all} requests, the same answers: {dict(counts)}")
    assert min(counts[kind] for kind in KINDS) > REQUESTS / 100, counts


def cut(random: Random, request: Drawn) -> Sent:
    """Most whole; the others in two, three or twenty pieces."""
    cuts = random.choice((0, 0, 0, 1, 2, 20))
    places = sorted({0, *(random.randrange(len(request.data)) for _ in range(cuts))})
    ends = [*places[1:], len(request.data)]
    pieces = (request.data[start:end] for start, end in zip(places, ends, strict=True))
    return Sent(tuple(pieces), request.hangs, request.is_spoilt)


KINDS = ("booked or repeated", "refused", "closed without a word")


def kind_of(answer: bytes) -> str:
    if b"200 OK" in answer:
        return KINDS[0]
    return KINDS[1] if b"HTTP/1.1 4" in answer else KINDS[2]


@pytest.mark.gen_test
async def test_a_notify_that_is_cut_at_any_byte_is_the_same_notify(tmp_path: Path) -> None:
    sent = []
    for message, step in zip(two_kinds(), (1, 1 if REQUESTS > A_ROUND else 7), strict=True):
        data = plain(message)
        sent += [Sent((data[:at], data[at:])) for at in range(1, len(data), step)]
    answers = await compare(tmp_path, sent)
    assert {answer[:15] for answer in answers} == {b"HTTP/1.1 200 OK"}


def two_kinds() -> list[Message]:
    """One payment of API v2 and one of API v3."""
    among = messages()
    return [among[0], next(m for m in among if m.path.endswith("v3") and len(m.headers) > 3)]


def plain(message: Message) -> bytes:
    lines = [f"POST {message.path} HTTP/1.1", "Host: shop"]
    lines += [f"{name}: {value}" for name, value in message.headers]
    lines.append(f"Content-Length: {len(message.body)}")
    return "\r\n".join([*lines, "", ""]).encode() + message.body


@pytest.mark.gen_test
@pytest.mark.parametrize("door", ["fast", "tornado"])
async def test_the_fast_door_answers_the_plain_ones_itself_and_only_them(
    tmp_path: Path, door: str
) -> None:
    """So that the comparison compares two things."""
    v2, v3 = map(plain, two_kinds())
    async with behind(door, tmp_path) as shop:
        caller, server = Caller(shop), shop.running.server
        assert server
        for data in (v2, v3):
            assert (await caller.ask(Sent((data,)))).startswith(b"HTTP/1.1 200")
            assert len(server._connections) == (door == "tornado")
        odd = v2.replace(b"Host: ", b"Host:")
        for data in (odd, v2):  # once handed on, it stays there
            assert (await caller.ask(Sent((data,)))).endswith(SUCCESS)
            assert len(server._connections) == 1
        caller.close()
