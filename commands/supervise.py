"""Several server processes on one listening socket: started, watched, replaced, stopped.

The parent only holds the socket, so nothing that waits in its queue is lost while a process is
replaced. A process that dies is started again; SIGHUP replaces all, one after the other, each
only when its successor can take money.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assembly.database import CommandError
from services.runtime.metrics import FOLDER_VARIABLE, forget

log = logging.getLogger(__name__)

START_S = 30.0
STOP_S = 8.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
STEADY_S = 60.0
"""A process that has run this long did not die while it started: the next pause is short again."""
BACKLOG = 1024
READY = b"ready\n"


def listen(host: str, port: int) -> socket.socket:
    """The listening socket. Raises CommandError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        words = f"Cannot listen on {host}:{port} (PAYWATCH_LISTEN): {reason}."
        raise CommandError(words) from error


@dataclass(eq=False)
class Worker:
    """One server process. `tether` is our end of a pair: the process says there that it is ready,
    and ends when we are gone."""

    process: asyncio.subprocess.Process
    tether: asyncio.StreamReader
    hold: asyncio.StreamWriter
    since: float

    async def is_ready(self) -> bool:
        """Wait until it serves; False when it ended instead, or takes too long."""
        try:
            async with asyncio.timeout(START_S):
                return await self.tether.readline() == READY
        except (TimeoutError, ConnectionError):
            return False

    async def stop(self) -> None:
        with suppress(ProcessLookupError):
            self.process.terminate()
        try:
            async with asyncio.timeout(STOP_S):
                await self.process.wait()
        except TimeoutError:
            log.error("Process %d does not stop; it is killed.", self.process.pid)
            with suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()
        self.hold.close()


class Tether:
    """A process's own end of it."""

    def __init__(self, descriptor: int) -> None:
        self._sock = socket.socket(fileno=descriptor)
        self._parent_is_gone = False

    def say_ready(self, ended: Callable[[], None]) -> None:
        """We serve. `ended` is called when the parent is gone."""
        self._sock.sendall(READY)
        asyncio.get_running_loop().add_reader(self._sock, self._end, ended)

    def _end(self, ended: Callable[[], None]) -> None:
        """The parent never writes: what can be read is the end."""
        asyncio.get_running_loop().remove_reader(self._sock)
        self._parent_is_gone = True
        ended()

    def tidy(self, folder: str | None) -> None:
        """Remove the parent's folder of figures when it can no longer do so."""
        if self._parent_is_gone and folder:
            shutil.rmtree(folder, ignore_errors=True)


class Supervisor:
    """`program` is what each process runs; `folder`, an empty one, holds their figures."""

    def __init__(self, program: Path, sock: socket.socket, count: int, folder: str) -> None:
        self._program = program
        self._sock = sock
        self._count = count
        self._folder = folder
        self._stopping = asyncio.Event()
        self._roll = asyncio.Event()
        self._workers: list[Worker] = []
        self._pause_s = FIRST_PAUSE_S

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT. Raises CommandError when a first process cannot start
        (it has said why)."""
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, self._stopping.set)
        loop.add_signal_handler(signal.SIGHUP, self._roll.set)
        try:
            await self._start_all()
            while not self._stopping.is_set():
                await self._until_something_happens()
                self._forget_the_dead()
                if self._roll.is_set():
                    self._roll.clear()
                    await self._replace_all()
                await self._fill()
        finally:
            await asyncio.gather(*(worker.stop() for worker in self._workers))

    async def _start_all(self) -> None:
        """One after the other: the first may have work that the others find done."""
        while len(self._workers) < self._count:
            try:
                self._workers.append(await self._start())
            except CommandError:
                if self._stopping.is_set():
                    return
                raise
        log.info("%d processes serve.", self._count)

    async def _start(self) -> Worker:
        """A process that serves. Raises CommandError when it does not come to that, also because
        we are told to stop meanwhile."""
        try:
            process, ours = await self._spawn()
        except OSError as error:  # no memory, no descriptors: the others serve on
            raise CommandError(f"No process can be started: {error.strerror}.") from error
        since = asyncio.get_running_loop().time()
        worker = Worker(process, *await asyncio.open_connection(sock=ours), since)
        if not await self._unless_stopped(worker.is_ready()):
            await worker.stop()
            raise CommandError("A server process did not start; the log above has the reason.")
        log.info("Process %d serves.", process.pid)
        return worker

    async def _spawn(self) -> tuple[asyncio.subprocess.Process, socket.socket]:
        """A new process, and our end of its tether. Raises OSError."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    str(self._program),
                    "serve",
                    "--listen-fd",
                    str(self._sock.fileno()),
                    "--tether-fd",
                    str(theirs.fileno()),
                    pass_fds=(self._sock.fileno(), theirs.fileno()),
                    env={**os.environ, FOLDER_VARIABLE: self._folder},
                )
        except OSError:
            ours.close()
            raise
        return process, ours

    async def _unless_stopped(self, ready: Coroutine[Any, Any, bool]) -> bool:
        """The result of `ready`; False when we are told to stop before it is there."""
        tasks = [asyncio.create_task(ready), asyncio.create_task(self._stopping.wait())]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        done = tasks[0].done() and tasks[0].result()
        for task in tasks:
            task.cancel()
        return bool(done)

    async def _until_something_happens(self) -> None:
        waits = [
            asyncio.create_task(each)
            for each in (
                self._stopping.wait(),
                self._roll.wait(),
                *(worker.process.wait() for worker in self._workers),
            )
        ]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in waits:
            task.cancel()

    def _forget_the_dead(self) -> None:
        for worker in [w for w in self._workers if w.process.returncode is not None]:
            code = worker.process.returncode
            log.error("Process %d ended with status %s.", worker.process.pid, code)
            worker.hold.close()
            self._workers.remove(worker)
            forget(worker.process.pid, self._folder)
            if asyncio.get_running_loop().time() - worker.since > STEADY_S:
                self._pause_s = FIRST_PAUSE_S

    async def _replace_all(self) -> None:
        """The successor first: there are never fewer than were asked for."""
        for old in list(self._workers):
            if self._stopping.is_set():
                return
            try:
                self._workers.append(await self._start())
            except CommandError as error:
                if not self._stopping.is_set():
                    log.error("%s The processes that serve go on.", error)
                return
            self._workers.remove(old)
            await old.stop()
            forget(old.process.pid, self._folder)
        log.info("All processes are replaced.")

    async def _fill(self) -> None:
        """Start what is missing, each time after a pause."""
        while len(self._workers) < self._count:
            await self._rest()
            if self._stopping.is_set():
                return
            try:
                self._workers.append(await self._start())
            except CommandError as error:
                if not self._stopping.is_set():
                    log.error("%s It is tried again.", error)

    async def _rest(self) -> None:
        """A little longer each time, so that a process that cannot live costs little."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pause_s):
                await self._stopping.wait()
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
