"""The fast door and Tornado's server say the same bytes to the same bytes, and leave the same
tables, whatever comes and however it is cut.

`PAYWATCH_TEST_DOORS` is the number of requests that are drawn; above A_ROUND the samples are cut at
every byte, too. Each A_ROUND requests are a round with a seed and two products of its own, and
`PAYWATCH_TEST_DOORS_SEED` is the first seed. A failure names the seed and the number of the request
in its round. To send number 123 again behind all that came before it, set the seed and
PAYWATCH_TEST_DOORS=124; to send it alone, PAYWATCH_TEST_DOORS_FROM=123 as well.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import time
from collections import Counter as Sums
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.doors.comparison import DOORS, Seen, behind, differences, seen_behind
from tests.doors.draws import Request, Wave, numbered, plain, waves
from tests.doors.lanes import Lanes
from tests.doors.messages import Sale, paid, v3
from tests.doors.samples import cuts
from tests.support.rig import SUCCESS

pytestmark = pytest.mark.one_database

REQUESTS = int(os.environ.get("PAYWATCH_TEST_DOORS", "300"))
SEED = int(os.environ.get("PAYWATCH_TEST_DOORS_SEED", "1"))
FROM = int(os.environ.get("PAYWATCH_TEST_DOORS_FROM", "0"))
A_ROUND = 4000
A_ROUND_S = 600
"""Far longer than one takes behind one door."""
ROUNDS_A_PROCESS = 20
IS_LONG = REQUESTS > A_ROUND


@dataclass(frozen=True)
class Round:
    """`on_uvloop`: on the loop of a server that has uvloop, and not on asyncio's own."""

    label: str
    sent: list[Wave]
    on_uvloop: bool = False


def seen_by(door: str, sent: Round) -> Seen:
    with asyncio.Runner(loop_factory=_uvloop if sent.on_uvloop else None) as runner:
        try:
            return runner.run(seen_behind(door, sent.sent))
        except Exception as error:
            raise AssertionError(f"{sent.label}, behind the {door} door: {error!r}") from error


def _uvloop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def seen_by_both(rounds: Iterable[Round]) -> Iterator[tuple[Round, list[Seen]]]:
    """What both doors made of each round: of many, in a process each, with the next round under
    way while one is compared."""
    if not IS_LONG:
        yield from ((each, [seen_by(door, each) for door in DOORS]) for each in rounds)
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(len(DOORS), _be_quiet, maxtasksperchild=ROUNDS_A_PROCESS) as pool:
        under_way: deque[tuple[Round, list[Any]]] = deque()
        for each in rounds:
            under_way.append((each, [pool.apply_async(seen_by, (door, each)) for door in DOORS]))
            if len(under_way) > 1:
                yield _ended(*under_way.popleft())
        while under_way:
            yield _ended(*under_way.popleft())


def _be_quiet() -> None:
    """Every refused request is a warning of Tornado's."""
    logging.getLogger("tornado").setLevel(logging.ERROR)


def _ended(sent: Round, results: list[Any]) -> tuple[Round, list[Seen]]:
    seen = []
    for door, result in zip(DOORS, results, strict=True):
        try:
            seen.append(result.get(A_ROUND_S))
        except multiprocessing.TimeoutError:
            pytest.fail(f"{sent.label}: no end behind the {door} door within {A_ROUND_S} s")
    return sent, seen


def same(
    rounds: Iterable[Round], capsys: pytest.CaptureFixture[str]
) -> Iterator[tuple[list[Wave], Seen]]:
    """What the fast door made of each round, after a look that Tornado's server made the same."""
    sent_in_all, begin = 0, time.monotonic()
    for each, (fast, tornado) in seen_by_both(rounds):
        differ = differences(each.sent, fast, tornado)
        assert not differ, "\n".join([each.label, *differ])
        sent_in_all += len(fast.answers)
        if IS_LONG:
            took = time.monotonic() - begin
            told = f"two doors: {each.label}, {sent_in_all} requests in {took:.0f} s"
            with capsys.disabled():
                print(f"\n{told}", end="", flush=True)
        yield each.sent, fast


def drawn() -> Iterator[Round]:
    for seed, first in enumerate(range(0, REQUESTS, A_ROUND), SEED):
        sent = waves(seed, min(A_ROUND, REQUESTS - first), FROM)
        yield Round(f"seed {seed}", sent, on_uvloop=seed % 2 == 0)


@pytest.mark.long
def test_whatever_is_sent_both_doors_say_and_do_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    kinds: Sums[str] = Sums()
    handed_on = 0
    for _, seen in same(drawn(), capsys):
        kinds.update(map(kind_of, seen.answers))
        handed_on += seen.handed_on
    if not FROM:
        sent = kinds.total()
        assert min(kinds[kind] for kind in KINDS) > sent / 100, kinds
        assert 0.2 < handed_on / sent < 0.8


KINDS = ("booked or repeated", "refused", "nothing said")


def kind_of(answer: bytes) -> str:
    if b"200 OK" in answer:
        return KINDS[0]
    return KINDS[1] if b"HTTP/1.1 4" in answer else KINDS[2]


@pytest.mark.long
def test_a_request_that_is_cut_at_any_byte_is_the_same_request(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rounds = enumerate(cuts(1 if IS_LONG else 199, A_ROUND))
    for sent, seen in same((Round(f"cuts {number}", sent) for number, sent in rounds), capsys):
        for request, answer in zip(numbered(sent).values(), seen.answers, strict=True):
            assert b" 200 OK\r\n" in answer or not request.is_good, request


@pytest.mark.gen_test
@pytest.mark.parametrize("door", DOORS)
async def test_the_fast_door_answers_the_plain_ones_itself_and_only_them(
    tmp_path: Path, door: str
) -> None:
    """So that the comparison compares two things."""
    v2, v3_ = (plain(make(Sale(0, 0))) for make in (paid, lambda sale: v3("paid")(sale, 0)))
    async with behind(door, tmp_path) as shop:
        lanes, server = Lanes(shop), shop.running.server
        assert server

        async def ask(data: bytes) -> bytes:
            (answer,) = await lanes.answers(Wave(0, {0: Request((data,))}))
            return answer

        for data in (v2, v3_):
            assert (await ask(data)).startswith(b"HTTP/1.1 200")
            assert len(server._connections) == (door == "tornado")
        for data in (v2.replace(b"Host: ", b"Host:"), v2):  # once handed on, it stays there
            assert (await ask(data)).endswith(SUCCESS)
            assert len(server._connections) == 1
        lanes.close()
