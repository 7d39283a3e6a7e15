"""The peers of bench/peers/: their packages, which are installed into .venv-peers, and commands."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

from bench.prepared import ROOT, RequestFile, numbers
from bench.programs import Program, Stored
from tests.support.ports import free_port
from tests.support.processes import select
from tests.support.rig import KEY, PRICE

HERE = ROOT / ".venv-peers"
"""An environment of Python; the packages of Node are in its folder `node`."""
SOURCES = ROOT / "bench" / "peers"
LOCK = ROOT / "requirements" / "peers.lock"
NODE_FILES = ("package.json", "package-lock.json")


class NotInstalled(Exception):
    """One line that says which packages could not be had."""


def install() -> None:
    """Both sets of packages, if their lock files have changed. Raises NotInstalled."""
    install_python()
    _once("node", b"".join((SOURCES / name).read_bytes() for name in NODE_FILES), _install_node)


def install_python() -> None:
    """Those of Python alone. Raises NotInstalled."""
    _once("python", LOCK.read_bytes(), _install_python)


def _once(name: str, content: bytes, make) -> None:  # type: ignore[no-untyped-def]
    stamp = HERE / f".{name}"
    digest = hashlib.sha256(content).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    try:
        make()
    except (OSError, subprocess.CalledProcessError) as error:
        said = (getattr(error, "stderr", None) or b"").decode(errors="replace").strip()
        raise NotInstalled(f"The packages of the peers in {name} are missing: {said}") from error
    stamp.write_text(digest)


def _install_python() -> None:
    _run([sys.executable, "-m", "venv", "--clear", str(HERE)])
    pip = [str(HERE / "bin" / "pip"), "--disable-pip-version-check", "install", "--quiet"]
    _run([*pip, "--require-hashes", "--only-binary=:all:", "-r", str(LOCK)])


def _install_node() -> None:
    """better-sqlite3 comes built or is built here; the headers for that are those of this Node,
    where it brings them."""
    folder = HERE / "node"
    folder.mkdir(parents=True, exist_ok=True)
    for name in NODE_FILES:
        shutil.copy(SOURCES / name, folder / name)
    variables = dict(os.environ)
    if home := _node_home():
        variables["npm_config_nodedir"] = str(home)
    flags = ["--no-audit", "--no-fund", "--loglevel=error"]
    _run(["npm", "ci", *flags], cwd=folder, env=variables)


def _node_home() -> Path | None:
    node = shutil.which("node")
    home = Path(node).resolve().parent.parent if node else None
    return home if home and (home / "include" / "node" / "node.h").exists() else None


def _run(command: list[str], **more) -> None:  # type: ignore[no-untyped-def]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, **more)


def flask(folder: Path, requests: RequestFile) -> Program:
    port, python = free_port(), str(HERE / "bin" / "python")
    command = [python, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    command += ["--threads", "8", "--keep-alive", "60", "bench.peers.flask_peer:app"]
    return _peer("Flask, SQLAlchemy, gunicorn 2 × 8", folder, requests, command, port)


def fastapi(folder: Path, requests: RequestFile) -> Program:
    port, python = free_port(), str(HERE / "bin" / "python")
    command = [python, "-m", "uvicorn", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", "2", "--log-level", "critical", "--no-access-log"]
    command += ["--timeout-keep-alive", "60", "bench.peers.fastapi_peer:app"]
    return _peer("FastAPI, SQLAlchemy, uvicorn 2", folder, requests, command, port)


def fastify(folder: Path, requests: RequestFile) -> Program:
    port, program = free_port(), HERE / "node" / "fastify.mjs"
    shutil.copy(SOURCES / program.name, program)  # Node looks for packages beside the program
    command = ["node", str(program)]
    return _peer("Fastify, better-sqlite3", folder, requests, command, port)


def _peer(name: str, folder: Path, requests: RequestFile, command: list[str], port: int) -> Program:
    """Its database in `folder`, with an unpaid order for each request."""
    path = folder / "peer.db"
    database = sqlite3.connect(path)
    database.executescript((SOURCES / "schema.sql").read_text())
    rows = ((number, PRICE, "INIT") for number in numbers(requests.count))
    insert = "INSERT INTO orders (order_num, total_fen, status) VALUES (?, ?, ?)"
    with database:
        database.executemany(insert, rows)
    database.close()
    variables = {"PEER_DATABASE": str(path), "PEER_KEY": KEY, "PEER_PORT": str(port)}
    return Program(name, command, port, requests, ROOT, variables, lambda: _stored(path))


def _stored(path: Path) -> Stored:
    ((paid, events),) = select(
        f"sqlite:///{path}",
        "SELECT (SELECT count(*) FROM orders WHERE status = 'PAID'),"
        " (SELECT count(*) FROM events WHERE kind = 'order.paid')",
    )
    return Stored(paid, events)
