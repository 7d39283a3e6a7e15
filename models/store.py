"""The one door to the database: everything that waits is written in one transaction.

Peewee is synchronous and a transaction must never span an `await`, so coroutines hand items to
one writer thread. It gets together what one turn of the loop brings, takes all that is waiting,
runs each op once over its items, numbers the events, commits, and only then answers. No timer:
alone, an item waits for nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from peewee import Database, InterfaceError, OperationalError, PeeweeException

from models import TABLES
from models.database import LogCopies, OpenFiles, connect_writer, file_of, is_sqlite
from models.db_errors import DatabaseFailure, failure, refused
from models.statements import statements_for
from models.transaction import Batch, finish
from payments.errors import Busy

log = logging.getLogger(__name__)

Item = TypeVar("Item")
Result = TypeVar("Result")
Op = Callable[[Batch, Sequence[Item]], Sequence[Result | Exception]]
"""Set-based: gets all items of one kind, returns one result (or exception) for each."""

MAX_BATCH = 256
MAX_WAITING = 8192
READERS = 4
MAX_READS_WAITING = 1024
RERUNS = 4
RERUN_S = 0.02

_GONE = "The database file was removed or replaced."


Done = Callable[[Any], None]
"""Takes the result of an item, or the exception that it ended with."""


@dataclass(slots=True)
class _Work:
    op: Op[Any, Any]
    item: Any
    done: Done
    last_words: bool = False


class Store:
    """`on_commit(head)` is called on the loop after a commit that wrote events, and `on_batch()`
    when all items of a batch are done. `may_forget` says whether the clock is right enough to
    delete what is old; it is asked in each transaction. `may_expire` says whether it is right
    enough to take an order for over by its time."""

    def __init__(self, database: Database, now_ms: Callable[[], int], uncounted: str = "") -> None:
        """`uncounted`: see `models.transaction.Batch`."""
        self.on_commit: Callable[[int], None] = lambda head: None
        self.on_batch: Callable[[], None] = lambda: None
        self.may_forget: Callable[[], bool] = lambda: True
        self.may_expire: Callable[[], bool] = lambda: True
        self._database = database
        self._now_ms = now_ms
        self.uncounted = uncounted
        self._queue: queue.SimpleQueue[list[_Work]] = queue.SimpleQueue()
        self._turn: list[_Work] = []
        self._left: list[_Work] = []
        self._waiting = 0
        self._reads = 0
        self._closing = False
        self._taken: list[_Work] = []
        self._committing = False
        self._file = file_of(database)
        self._files = OpenFiles(self._file)
        self._copies = LogCopies(database, self.read)
        self.lost_file = ""
        """The path of a SQLite file that is open and is not the one at its path any more, or of one
        beside it: what is written is lost at the next start, so nothing is."""
        database.bind(TABLES)
        self._statements = statements_for(database)
        self._begin = ("IMMEDIATE",) if is_sqlite(database) else ()

    def open(self) -> None:
        """Start the writer and the readers; call on the running loop."""
        self._closing = False
        self._files.open()
        self._loop = asyncio.get_running_loop()
        self._readers = ThreadPoolExecutor(READERS, "reader")
        self._start_writer()

    def _start_writer(self) -> None:
        self._files.release()
        self._writer = threading.Thread(target=self._write_forever, name="writer", daemon=True)
        self._writer.start()

    async def supervise(self) -> None:
        """Start the writer again if it has ended by itself; jobs call this every second. The
        callers of its last items get Busy, because it is not known whether they were written."""
        if self._closing or self._writer.is_alive():
            return
        log.critical("The writer has ended; it is started again.")
        lost, self._taken = self._taken, []
        self._resolve(lost, [Busy("The writer has ended.")] * len(lost), None)
        self._start_writer()

    async def close(self) -> None:
        """Finish the items that wait, then stop the threads and their connections. Later calls
        raise Busy."""
        self._closing = True
        self._end_turn()
        self._queue.put([])  # no turn brings nothing: the writer is to end
        await asyncio.to_thread(self._writer.join)
        await self._copies.close()
        everyone = threading.Barrier(READERS)
        for _ in range(READERS):
            self._readers.submit(self._close_reader, everyone)
        await asyncio.to_thread(self._readers.shutdown)

    @property
    def path(self) -> str:
        """That of the SQLite file; empty for a server's database."""
        return str(self._file or "")

    def look_for_file(self) -> str:
        """Look now which file is lost. Also after each commit, before it is answered."""
        self.lost_file = str(self._files.lost() or "")
        return self.lost_file

    @property
    def alive(self) -> bool:
        return self._writer.is_alive()

    @property
    def waiting(self) -> int:
        """How many writes wait, those under way included."""
        return self._waiting

    async def write(self, op: Op[Item, Result], item: Item, *, last_words: bool = False) -> Result:
        """Run `op` over `item` (and its fellows) in one durable transaction.

        Returns the item's result after the commit. Raises Busy when the database cannot take
        it now, or the exception that the op returned for it. `last_words` are also written into
        a file that is gone.
        """
        future: asyncio.Future[Any] = self._loop.create_future()
        self.submit(op, item, partial(hand_over, future), last_words=last_words)
        result: Result = await future
        return result

    def submit(
        self, op: Op[Item, Any], item: Item, done: Done, *, last_words: bool = False
    ) -> None:
        """As `write`, without a task: `done` is called on the loop with what `write` would return
        or raise. Raises Busy at once where nothing is taken now."""
        if self.lost_file and not last_words:
            raise Busy(_GONE)
        if self._closing:
            raise Busy("The service is stopping.")
        if self._waiting >= MAX_WAITING:
            raise Busy("Too many writes are waiting.")
        self._waiting += 1
        if not self._turn:
            self._loop.call_soon(self._end_turn)
        self._turn.append(_Work(op, item, done, last_words))

    def _end_turn(self) -> None:
        """Hand over what this turn of the loop brought. One by one the writer would wake at the
        first and commit it alone while its fellows wait."""
        if self._turn:
            works, self._turn = self._turn, []
            self._queue.put(works)

    async def read(self, fn: Callable[..., Result], *args: object) -> Result:
        """Run a read on one of four reader threads; `fn` returns plain values, never rows."""
        if self._closing:
            raise Busy("The service is stopping.")
        if self._reads >= MAX_READS_WAITING:
            raise Busy("Too many reads are waiting.")
        self._reads += 1
        try:
            return await self._loop.run_in_executor(self._readers, self._read, fn, args)
        finally:
            self._reads -= 1

    def _read(self, fn: Callable[..., Result], args: tuple[object, ...]) -> Result:
        self._refuse_another_file()
        try:
            return fn(*args)
        except (OperationalError, InterfaceError) as error:
            self._let_go()
            if failure(error) is not DatabaseFailure.LOST:
                log.exception("The database cannot be read.")
                raise Busy("The database cannot be read now.") from error
        try:  # its server may be back already; a read may be asked twice
            return fn(*args)
        except (OperationalError, InterfaceError) as error:
            self._let_go()
            log.exception("The database cannot be reached.")
            raise Busy("The database cannot be reached now.") from error

    def _refuse_another_file(self) -> None:
        """A thread that has no connection would open whatever is at the path now, or make it."""
        if self.lost_file and self._database.is_closed():
            raise Busy(_GONE)

    def _let_go(self) -> None:
        """Drop this thread's connection; the next statement makes a new one."""
        with contextlib.suppress(PeeweeException):  # it is gone already
            self._database.close()

    def _close_reader(self, everyone: threading.Barrier) -> None:
        """Each thread waits here, so that each of the others gets one of these calls."""
        with contextlib.suppress(threading.BrokenBarrierError):  # one is in a long read
            everyone.wait(timeout=10)
        self._let_go()

    # --- the writer's thread ---------------------------------------------------------------

    def _write_forever(self) -> None:
        try:
            self._write_until_stopped()
        finally:  # also where the thread dies: its connection must not outlive it
            self._reconnect()

    def _write_until_stopped(self) -> None:
        stopping = False
        while not stopping:
            works, stopping = self._take()
            self._taken = works
            try:
                results, head = self._attempt(works)
            except Exception as error:  # noqa: BLE001 - the writer outlives whatever an op does
                results, head = [error] * len(works), None
            self._taken = []
            self._loop.call_soon_threadsafe(self._resolve, works, results, head)

    def _take(self) -> tuple[list[_Work], bool]:
        """Wait for what one turn brought, then take everything else that is there, up to the cap;
        what is above it stays for the next time."""
        works: list[_Work] = []
        found, self._left = self._left or self._queue.get(), []
        try:
            while found:
                works += found
                if len(works) >= MAX_BATCH:
                    works, self._left = works[:MAX_BATCH], works[MAX_BATCH:]
                    return works, False
                found = self._queue.get_nowait()
        except queue.Empty:
            return works, False
        return works, True

    def _attempt(self, works: list[_Work]) -> tuple[list[Any], int | None]:
        """Write, again after a conflict; in the end each item alone, so that no poison item
        sinks another."""
        for attempt in range(RERUNS + 1):
            try:
                return self._commit(works)
            except Exception as error:
                kind = failure(error)
                known = kind is DatabaseFailure.CONFLICT or refused(error)
                if self._committing and not known:
                    self._reconnect()
                    log.exception("Whether the database has committed is not known.")
                    raise Busy("The database was lost in the commit.") from error
                if isinstance(error, (OperationalError, InterfaceError)):
                    self._reconnect()
                    if kind is DatabaseFailure.OTHER or attempt == RERUNS:
                        log.exception("The database cannot be written.")
                        raise Busy("The database cannot be written now.") from error
                elif kind is DatabaseFailure.OTHER or attempt == RERUNS:
                    if len(works) == 1:
                        raise
                    log.exception("A batch of %d failed; each item is tried alone.", len(works))
                    return self._commit_each(works)
            threading.Event().wait(random.uniform(0, RERUN_S * (attempt + 1)))  # noqa: S311 - jitter
        raise AssertionError("unreachable")

    def _commit_each(self, works: list[_Work]) -> tuple[list[Any], int | None]:
        """A poison item sinks nobody else."""
        results: list[Any] = []
        latest: int | None = None
        for work in works:
            try:
                (result,), head = self._attempt([work])
            except Exception as error:  # noqa: BLE001 - it is handed to its waiter
                result, head = error, None
            results.append(result)
            latest = head or latest
        return results, latest

    def _commit(self, works: list[_Work]) -> tuple[list[Any], int | None]:
        batch = Batch(
            self._now_ms(),
            self._statements,
            uncounted=self.uncounted,
            may_forget=self.may_forget(),
        )
        results: list[Any] = [None] * len(works)
        self._committing = False
        if self.look_for_file() and not all(work.last_words for work in works):
            raise Busy(_GONE)
        self._refuse_another_file()
        if self._database.is_closed():
            connect_writer(self._database)
        with self._database.atomic(*self._begin):
            for op in dict.fromkeys(work.op for work in works):
                places = [i for i, work in enumerate(works) if work.op is op]
                # Rows are always touched in the same order, whatever process asks.
                places.sort(key=lambda i: getattr(works[i].item, "order_num", None) or "")
                answers = op(batch, [works[i].item for i in places])
                for place, answer in zip(places, answers, strict=True):
                    results[place] = answer
            last = finish(batch)
            self._committing = True
        head = last()
        self._files.keep()
        if self.look_for_file():
            pairs = zip(works, results, strict=True)
            results = [result if work.last_words else Busy(_GONE) for work, result in pairs]
        return results, head

    def _reconnect(self) -> None:
        self._files.release()
        self._let_go()

    # --- back on the loop --------------------------------------------------------------------

    def _resolve(self, works: list[_Work], results: list[Any], head: int | None) -> None:
        self._waiting -= len(works)
        for work, result in zip(works, results, strict=True):
            try:
                work.done(result)
            except Exception:  # its fellows are to hear of theirs all the same
                log.exception("A result could not be handed over.")
        self._copies.committed(len(works))
        self.on_batch()
        if head is not None:
            self.on_commit(head)


def hand_over(future: asyncio.Future[Any], result: Any) -> None:
    """Give a result, or the exception that stands for one, to who awaits it."""
    if future.done():
        return  # the waiter is gone; what it wrote is kept
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
