"""Bills that a browser sends: written to files as they come, so that no memory holds one."""

from __future__ import annotations

import asyncio
import contextlib
import io
import tempfile
from pathlib import Path

from payments.errors import BadRequest, Busy

MOST_BYTES = 1024 * 1024 * 1024
AT_ONCE = 2
PIECE = 1024 * 1024
"""So much is written at once, in a thread: a busy disk must not hold up the notifies."""


class DroppedBills:
    """`folder` is on the same disk as the bills that are downloaded; it is made when it is needed.
    The files name buyers, so nobody else may read them."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self.most_bytes = most_bytes
        self._open: set[DroppedBill] = set()

    def begin(self) -> DroppedBill:
        """Raises Busy: as many as may come at once are coming, or the disk takes no file."""
        if len(self._open) >= AT_ONCE:
            raise Busy("Two other bills are being sent: try again when they have arrived.")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(".dropped", "bill-", self._folder)
        except OSError as error:
            raise _unkept(error) from error
        bill = DroppedBill(self, handle, Path(name))
        self._open.add(bill)
        return bill

    def forget(self, bill: DroppedBill) -> None:
        self._open.discard(bill)


class DroppedBill:
    """One file while it comes. Call `keep` at its end, or `remove`."""

    def __init__(self, bills: DroppedBills, handle: int, path: Path) -> None:
        self._bills = bills
        self._file = open(handle, "wb", buffering=0)  # noqa: SIM115 - it lives as long as the request
        self._path = path
        self._piece = bytearray()
        self._size = 0

    async def write(self, chunk: bytes) -> None:
        """Raises BadRequest: it is too large; and Busy: the disk does not take it."""
        self._size += len(chunk)
        if self._size > self._bills.most_bytes:
            raise BadRequest(f"A bill may have {self._bills.most_bytes} bytes.")
        self._piece += chunk
        if len(self._piece) >= PIECE:
            await self._flush()

    async def keep(self) -> Path:
        """Where it is now, whole; it is the caller's. Raises BadRequest: it is empty; and Busy."""
        if not self._size:
            raise BadRequest("The file is empty.")
        await self._flush()
        self._end()
        return self._path

    def remove(self) -> None:
        """It is given up; also after `keep`."""
        self._end()
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()

    def _end(self) -> None:
        self._file.close()
        self._bills.forget(self)

    async def _flush(self) -> None:
        piece, self._piece = self._piece, bytearray()
        try:
            await asyncio.to_thread(_write_all, self._file, piece)
        except (OSError, ValueError) as error:  # full, or closed meanwhile
            raise _unkept(error) from error


def _write_all(file: io.RawIOBase, piece: bytearray) -> None:
    view = memoryview(piece)
    while view:
        view = view[file.write(view) :]


def _unkept(error: Exception) -> Busy:
    return Busy(f"The file cannot be kept on this server: {error}.")
