"""The parent of several processes: when one cannot be started, and when it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from assembly.database import CommandError
from commands.supervise import Supervisor, listen
from tests.commands.test_lifecycle import no_descriptors_left
from tests.support.patience import PATIENCE_S
from tests.support.rig import until

pytestmark = pytest.mark.one_database

SERVES = """
import signal, socket, sys
tether = socket.socket(fileno=int(sys.argv[sys.argv.index("--tether-fd") + 1]))
tether.sendall(b"ready\\n")
tether.recv(1)
"""
NEVER_READY = SERVES.replace('tether.sendall(b"ready\\n")', "pass")
DIES = "raise SystemExit(1)"


@asynccontextmanager
async def supervised(
    folder: Path, program: str, count: int = 2
) -> AsyncIterator[tuple[Supervisor, asyncio.Task[None]]]:
    """A parent in this process, over `count` children that run `program`."""
    path = folder / "program.py"
    path.write_text(program)
    with listen("127.0.0.1", 0) as sock:
        parent = Supervisor(path, sock, count, str(folder))
        running = asyncio.create_task(parent.run())
        try:
            yield parent, running
        finally:
            if not running.done():
                os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.wait([running], timeout=PATIENCE_S)
            loop = asyncio.get_running_loop()
            for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                loop.remove_signal_handler(signum)


def pids(parent: Supervisor) -> list[int]:
    return [worker.process.pid for worker in parent._workers]


async def serve(parent: Supervisor, count: int) -> bool:
    return len(parent._workers) == count


@pytest.mark.gen_test
async def test_a_process_that_cannot_be_started_now_leaves_the_others_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with supervised(tmp_path, SERVES) as (parent, running):
        await until(lambda: serve(parent, 2))
        killed, other = pids(parent)
        with no_descriptors_left():
            os.kill(killed, signal.SIGKILL)
            await until(lambda: said(caplog, "No process can be started"))

        async def is_replaced() -> bool:
            return len(parent._workers) == 2 and killed not in pids(parent)

        await until(is_replaced)
        assert not running.done()
        assert other in pids(parent)


async def said(caplog: pytest.LogCaptureFixture, words: str) -> bool:
    return words in caplog.text


@pytest.mark.gen_test
async def test_a_stop_is_heard_while_a_process_starts(tmp_path: Path) -> None:
    async with supervised(tmp_path, NEVER_READY) as (_, running):
        await asyncio.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(25):  # not the thirty seconds of a start
            await running


@pytest.mark.gen_test
async def test_a_first_process_that_does_not_start_ends_the_parent_with_a_sentence(
    tmp_path: Path,
) -> None:
    async with supervised(tmp_path, DIES) as (_, running):
        with pytest.raises(CommandError, match="did not start"):
            await running


@pytest.mark.gen_test
async def test_a_successor_that_does_not_start_leaves_those_that_serve(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with supervised(tmp_path, SERVES) as (parent, running):
        await until(lambda: serve(parent, 2))
        before = pids(parent)
        (tmp_path / "program.py").write_text(DIES)
        os.kill(os.getpid(), signal.SIGHUP)

        await until(lambda: said(caplog, "The processes that serve go on"))
        assert (pids(parent), running.done()) == (before, False)
