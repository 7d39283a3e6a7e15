"""The orders and the requests of a run, made once: files of whole HTTP requests of one length, and
a database file for each build that is measured."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support.processes import insert_orders
from tests.support.rig import environment, notify_fields, signed
from tests.support.v3_keys import notify_body, paid_at, signed_headers, transaction_of

ROOT = Path(__file__).parent.parent
AHEAD_S = 240
"""A notify of API v3 is dated so far ahead: it is refused 300 s before its time and after it."""


@dataclass(frozen=True)
class RequestFile:
    """Requests one after the other, each `stride` bytes long; request i pays order i."""

    path: Path
    stride: int
    count: int


def order_num(index: int) -> str:
    return f"B{index:010d}"


def transaction_id(index: int) -> str:
    return f"42000000{index:020d}"


def _request(address: str, body: bytes, headers: dict[str, str]) -> bytes:
    lines = [f"POST {address} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def _v2(index: int) -> bytes:
    fields = notify_fields(order_num(index), transaction_id(index))
    return _request("/pay/notify", signed(fields), {"Content-Type": "text/xml"})


def _v3(index: int) -> bytes:
    now_s = int(time.time()) + AHEAD_S
    fields = transaction_of(order_num(index), transaction_id(index), success_time=paid_at(now_s))
    body = notify_body(fields)
    return _request("/pay/notify/v3", body, signed_headers(body, now_s))


class Prepared:
    """A folder with what has been made so far."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[str, RequestFile] = {}
        self._folders = 0

    def new_folder(self) -> Path:
        self._folders += 1
        folder = self.folder / str(self._folders)
        folder.mkdir()
        return folder

    def v2(self, count: int) -> RequestFile:
        return self._requests("v2", count, _v2)

    def v3(self, count: int) -> RequestFile:
        """Good for nine minutes."""
        return self._requests(f"v3-{time.monotonic():.0f}", count, _v3)

    def _requests(self, name: str, count: int, make: Callable[[int], bytes]) -> RequestFile:
        known = self._files.get(name)
        if known is None or known.count < count:
            path = self.folder / f"{name}-{count}.requests"
            stride = len(make(0))
            with path.open("wb") as file:
                for index in range(count):
                    request = make(index)
                    if len(request) != stride:
                        raise ValueError(f"Request {index} has another length than the first.")
                    file.write(request)
            self._files[name] = known = RequestFile(path, stride, count)
        return known

    def database(self, folder: Path, count: int, root: Path = ROOT) -> None:
        """A SQLite file of the build in `root` in this folder, with so many unpaid orders."""
        template = self.folder / f"{root.name}-{count}"
        if not template.exists():
            template.mkdir()
            migrate(f"sqlite:///{template}/paywatch.db", root)
            insert_orders(f"sqlite:///{template}/paywatch.db", numbers(count))
        shutil.copy(template / "paywatch.db", folder / "paywatch.db")


def numbers(count: int) -> list[str]:
    return [order_num(index) for index in range(count)]


def migrate(url: str, root: Path = ROOT) -> None:
    """Give a database the tables of the build in `root`."""
    variables = {**os.environ, **environment(root, 1, DATABASE_URL=url)}
    command = [sys.executable, "server.py", "migrate"]
    subprocess.run(command, cwd=root, env=variables, check=True, capture_output=True)
