"""A bill on the disk: whole, proven and private, or not there."""

from __future__ import annotations

import errno
import gzip
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from payments.errors import BillRefused, WeChatUntrusted
from services.wechat.bill_file import (
    SPARE_BYTES,
    BillBounds,
    BillFile,
    BillNotKept,
    FetchedBill,
    Writer,
    open_partial,
    remove_partial,
)
from tests.support.patience import PATIENCE_S
from tests.wechat.bill_server import sha1_of

pytestmark = pytest.mark.one_database

ROOT = Path(__file__).parents[2]
TEXT = "交易时间,公众账号ID\r\n".encode() + b"`2025-01-02 03:04:05,`wx8888888888888888\r\n" * 2000
GZIP = gzip.compress(TEXT)
SHA1 = sha1_of(TEXT)
WIDE = BillBounds()


class Full:
    """A file on a disk that has room for some bytes more; where there is none, nothing comes."""

    def __init__(self, path: Path, room: int) -> None:
        self._file = open_partial(path)
        self._room = room

    def write(self, chunk: bytes, /) -> object:
        self._room -= len(chunk)
        if self._room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self._file.write(chunk)

    def flush(self) -> None:
        self._file.flush()

    def fileno(self) -> int:
        return self._file.fileno()

    def close(self) -> None:
        self._file.close()


def cut(body: bytes, size: int) -> Iterator[bytes]:
    return (body[at : at + size] for at in range(0, len(body), size))


def keep(to: Path, body: bytes, sha1: str | None, size: int = 1000) -> FetchedBill:
    with BillFile(to, WIDE) as file:
        file.take(cut(body, size))
        return file.finish(sha1)


@pytest.mark.parametrize("body", [TEXT, GZIP], ids=["plain", "gzip"])
@pytest.mark.parametrize("size", [1, 7, 1000, 1 << 20])
def test_a_bill_is_kept_as_it_came_and_for_its_owner_alone(
    tmp_path: Path, body: bytes, size: int
) -> None:
    to = tmp_path / "bill.csv"
    kept = keep(to, body, SHA1, size)
    assert kept == FetchedBill(to, len(body), len(TEXT), SHA1, is_proven=True)
    assert to.read_bytes() == body
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [to]


def test_the_sha1_may_be_that_of_the_file_and_without_one_nothing_is_proven(tmp_path: Path) -> None:
    to = tmp_path / "bill.csv"
    assert keep(to, GZIP, sha1_of(GZIP)).is_proven
    assert not keep(to, GZIP, None).is_proven


def test_a_wrong_sha1_leaves_what_was_there_before(tmp_path: Path) -> None:
    to = tmp_path / "bill.csv"
    to.write_bytes(b"the bill of last time")
    with pytest.raises(WeChatUntrusted, match="SHA1"):
        keep(to, GZIP, "0" * 40)
    assert [(p, p.read_bytes()) for p in tmp_path.iterdir()] == [(to, b"the bill of last time")]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (GZIP[:-1], "gzip_cut"),
        (GZIP[: len(GZIP) // 2], "gzip_cut"),
        (GZIP[:-8] + b"\0" * 8, "gzip_damaged"),
        (GZIP + b"more", "gzip_tail"),
    ],
)
@pytest.mark.parametrize("sha1", [SHA1, None])
def test_a_gzip_that_is_cut_or_damaged_is_not_kept(
    tmp_path: Path, body: bytes, fault: str, sha1: str | None
) -> None:
    with pytest.raises(BillRefused) as refused:
        keep(tmp_path / "bill.csv", body, sha1)
    assert refused.value.fault == fault
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("body", "bounds"),
    [
        (TEXT, BillBounds(file_bytes=len(TEXT) - 1)),
        (GZIP, BillBounds(text_bytes=len(TEXT) - 1)),
    ],
)
def test_a_bill_above_a_bound_is_not_kept(tmp_path: Path, body: bytes, bounds: BillBounds) -> None:
    with pytest.raises(BillRefused) as refused, BillFile(tmp_path / "bill.csv", bounds) as file:
        file.take(cut(body, 1000))
    assert refused.value.fault == "too_large"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("room", [0, 5000, len(TEXT) - 1])
def test_a_full_disk_is_named_and_nothing_is_left_on_it(tmp_path: Path, room: int) -> None:
    def full(path: Path) -> Writer:
        return Full(path, room)

    with (
        pytest.raises(BillNotKept, match=os.strerror(errno.ENOSPC)),
        BillFile(tmp_path / "bill.csv", WIDE, full) as file,
    ):
        file.take(cut(TEXT, 1000))
    assert list(tmp_path.iterdir()) == []


def test_room_is_left_for_others(tmp_path: Path) -> None:
    """The disk fills up while the bill comes."""
    free = iter([SPARE_BYTES + 1, SPARE_BYTES - 1])
    chunks = (b"a" * (1 << 20) for _ in range(100))
    with (
        pytest.raises(BillNotKept, match="room"),
        BillFile(tmp_path / "bill.csv", WIDE, free=lambda _: next(free)) as file,
    ):
        file.take(chunks)
    assert len(list(chunks)) > 80
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BillNotKept, match=os.strerror(errno.ENOENT)):
        BillFile(tmp_path / "nowhere" / "bill.csv", WIDE)


KILLED = """
import os, signal, sys
from pathlib import Path
from services.wechat.bill_file import BillBounds, BillFile
file = BillFile(Path(sys.argv[1]), BillBounds())
file.take([b"half a bill"])
file._file.flush()
print("written", flush=True)
sys.stdin.read()
"""


def test_what_a_killed_process_left_is_removed_and_what_is_being_written_is_not(
    tmp_path: Path,
) -> None:
    mine = tmp_path / ".a-file-of-mine.part"
    mine.write_text("kept")
    writer = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path / "bill.csv")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == b"written\n"
    assert (remove_partial(tmp_path), len(list(tmp_path.iterdir()))) == (0, 2)
    writer.send_signal(signal.SIGKILL)
    writer.communicate(timeout=PATIENCE_S)
    assert remove_partial(tmp_path) == 1
    assert list(tmp_path.iterdir()) == [mine]


def test_several_write_the_same_bill_and_the_last_one_stays(tmp_path: Path) -> None:
    to = tmp_path / "bill.csv"
    with BillFile(to, WIDE) as one, BillFile(to, WIDE) as two:
        threads = [threading.Thread(target=f.take, args=([TEXT],)) for f in (one, two)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert one.finish(SHA1) == two.finish(SHA1)
    assert (to.read_bytes(), list(tmp_path.iterdir())) == (TEXT, [to])
