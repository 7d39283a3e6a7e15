"""How many pages of a SQLite file the threads of a process keep in memory: each has a connection
with a cache of its own, and together they have one bound, however large the file is."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from peewee import Database, OperationalError

from models.database import CACHE_KIB, WRITER_CACHE_KIB, open_database
from models.store import READERS, Store
from models.transaction import Batch
from payments.errors import Busy

pytestmark = pytest.mark.one_database


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Store]:
    file = folder / "paywatch.db"
    file.touch()
    store = Store(open_database(f"sqlite:///{file}"), lambda: 0)
    store.open()
    try:
        yield store
    finally:
        await store.close()


def cache_kib(database: Database) -> int:
    """Of this thread's connection; PRAGMA tells KiB as a negative number."""
    ((value,),) = database.execute_sql("PRAGMA cache_size").fetchall()
    return -int(value)


async def written_with(store: Store) -> int:
    def look(_batch: Batch, items: Any) -> list[int]:
        return [cache_kib(store._database) for _ in items]

    return await store.write(look, 0)


async def read_with(store: Store) -> list[int]:
    """Of each reader: all are in the read at once."""
    everyone = threading.Barrier(READERS)

    def look() -> int:
        everyone.wait(30)
        return cache_kib(store._database)

    return await asyncio.gather(*(store.read(look) for _ in range(READERS)))


@pytest.mark.gen_test
async def test_all_caches_of_a_process_together_hold_20_mb_at_most(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        caches = [await written_with(store), *await read_with(store)]
        assert caches == [WRITER_CACHE_KIB] + [CACHE_KIB] * READERS
        assert sum(caches) <= 20_000


@pytest.mark.gen_test
async def test_a_writer_that_connects_again_has_its_own_cache_again(tmp_path: Path) -> None:
    def break_(_batch: Batch, _items: Any) -> list[Any]:
        raise OperationalError("disk I/O error")

    async with opened(tmp_path) as store:
        with pytest.raises(Busy):
            await store.write(break_, 0)
        assert await written_with(store) == WRITER_CACHE_KIB


@pytest.mark.gen_test
async def test_a_reader_that_connects_again_has_no_larger_cache(tmp_path: Path) -> None:
    def break_() -> int:
        raise OperationalError("disk I/O error")

    async with opened(tmp_path) as store:
        with pytest.raises(Busy):
            await store.read(break_)
        assert await read_with(store) == [CACHE_KIB] * READERS


def test_a_migration_has_the_cache_of_a_writer(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/paywatch.db", patient=True)
    assert cache_kib(database) == WRITER_CACHE_KIB
    database.close()
