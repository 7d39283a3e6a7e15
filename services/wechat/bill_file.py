"""A bill on its way to the disk. Its bytes are written as they come, under a name of their own; the
bill gets its name when it is whole and proven. Nothing of another one is left behind."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from payments.bills.faults import BillFault, refused
from payments.bills.plain_text import MAX_TEXT_BYTES, plain_text
from payments.errors import PaymentError, WeChatUntrusted

MAX_FILE_BYTES = 1024**3
SPARE_BYTES = 64 * 1024**2
"""So much of the disk is left for others: the database may be on the same one."""
LOOK_BYTES = 8 * 1024**2
"""The room on the disk is looked at again after so many bytes."""
_PARTIAL = re.compile(r"\..+\.[0-9a-f]{16}\.part", re.ASCII)


class BillNotKept(PaymentError):
    """The disk does not take the bill; the message has the reason."""

    code = "bill_not_kept"
    message = (
        "The bill cannot be kept: there is no room on the disk. Nothing of it was left behind."
    )


@dataclass(frozen=True)
class BillBounds:
    """The largest file, as it comes, and the largest text in it, in bytes."""

    file_bytes: int = MAX_FILE_BYTES
    text_bytes: int = MAX_TEXT_BYTES


@dataclass(frozen=True)
class FetchedBill:
    """A bill on the disk, plain or gzip as it came. `text_sha1` is of its text, in hex; `is_proven`
    says whether WeChat named it: it names none for a trade bill of API v2, where a bill that was
    cut shows only by its last line."""

    path: Path
    file_bytes: int
    text_bytes: int
    text_sha1: str
    is_proven: bool


class Writer(Protocol):
    """As much of an open file as a bill needs."""

    def write(self, chunk: bytes, /) -> object: ...
    def flush(self) -> None: ...
    def fileno(self) -> int: ...
    def close(self) -> None: ...


def open_partial(path: Path) -> Writer:
    """A new file for us alone. Its lock ends with the process, however that ends."""
    number = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    fcntl.flock(number, fcntl.LOCK_EX)
    return os.fdopen(number, "wb")


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def remove_partial(folder: Path) -> int:
    """Remove what a process that was killed has left of its bills; returns how many files. What
    another process still writes is left alone."""
    return sum(_removed(path) for path in folder.iterdir() if _PARTIAL.fullmatch(path.name))


def _removed(path: Path) -> bool:
    with suppress(FileNotFoundError, BlockingIOError), path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
        return True
    return False


class BillFile:
    """Use it with `with`: what was not finished is removed at the end. All of it blocks, so it
    belongs in a thread. Raises BillNotKept."""

    def __init__(
        self,
        to: Path,
        bounds: BillBounds,
        open_file: Callable[[Path], Writer] = open_partial,
        free: Callable[[Path], int] = free_bytes,
    ) -> None:
        self._to = to
        self._bounds = bounds
        self._free = free
        self._partial = to.with_name(f".{to.name}.{secrets.token_hex(8)}.part")
        self._text_bytes = self._file_bytes = 0
        self._text_sha1 = hashlib.sha1(usedforsecurity=False)
        self._file_sha1 = hashlib.sha1(usedforsecurity=False)
        with _disk_errors():
            self._file = open_file(self._partial)

    def __enter__(self) -> BillFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._partial.unlink(missing_ok=True)
        with suppress(OSError):  # closing writes what the file still holds, and that is not wanted
            self._file.close()

    def take(self, chunks: Iterable[bytes]) -> None:
        """Write all of them, and read the text in them as they come. Also raises BillRefused for
        a gzip that is cut or damaged and for what is larger than any bill, and what `chunks`
        raises."""
        for piece in plain_text(self._written(chunks), self._bounds.text_bytes):
            self._text_bytes += len(piece)
            self._text_sha1.update(piece)

    def _written(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Gives on what was written."""
        look_at = 0
        for chunk in chunks:
            if self._file_bytes >= look_at:
                self._check_room()
                look_at = self._file_bytes + LOOK_BYTES
            self._file_bytes += len(chunk)
            if self._file_bytes > self._bounds.file_bytes:
                raise refused(BillFault.TOO_LARGE, most=self._bounds.file_bytes)
            self._file_sha1.update(chunk)
            with _disk_errors():
                self._file.write(chunk)
            yield chunk

    def _check_room(self) -> None:
        with _disk_errors():
            free = self._free(self._partial.parent)
        if free < SPARE_BYTES:
            raise BillNotKept

    def finish(self, sha1: str | None) -> FetchedBill:
        """Prove the bill, and give it its name when it is safe on the disk. `sha1` is what WeChat
        named, in lower-case hex: that of the text, or of the file as it came, which the manual of
        API v2 leaves open; None where it named none. Also raises WeChatUntrusted for another."""
        text_sha1 = self._text_sha1.hexdigest()
        if sha1 is not None and sha1 not in (text_sha1, self._file_sha1.hexdigest()):
            raise WeChatUntrusted("The bill does not have the SHA1 that WeChat named.")
        with _disk_errors():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._partial.replace(self._to)
            _sync_folder(self._to.parent)
        return FetchedBill(
            self._to, self._file_bytes, self._text_bytes, text_sha1, sha1 is not None
        )


def _sync_folder(folder: Path) -> None:
    """Let the name survive a loss of power too."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        words = f"The bill cannot be kept: {error.strerror}. Nothing of it was left behind."
        raise BillNotKept(words) from error
