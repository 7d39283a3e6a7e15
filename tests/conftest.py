"""One event loop a test, closed when the test ends; and a shell of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hypothesis import settings
from tornado.ioloop import IOLoop

from tests.support.console_pages import FULL
from tests.support.databases import KIND, KINDS
from tests.support.ports import free_port
from tests.support.shell import Shell

# No timed assertion: a busy machine is no defect.
settings.register_profile("paywatch", deadline=None)
settings.load_profile("paywatch")


@pytest.fixture
def io_loop() -> Iterator[IOLoop]:
    """In place of pytest-tornado's own, which leaves a second loop open behind it."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield IOLoop.current()
    loop.run_until_complete(loop.shutdown_default_executor())
    IOLoop.current().close(all_fds=True)
    asyncio.set_event_loop(None)


@pytest.fixture
def kept() -> Iterator[ExitStack]:
    """Keeps a database over two lives of the product: enter `database(folder)` into it."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def shell(tmp_path) -> Shell:
    return Shell(tmp_path, free_port())


# Folders whose tests start no database of ours, or name their own.
WITHOUT_DATABASE = {"browser", "house", "installation", "payments", "simulator"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL and MariaDB the tests run again whose promise a database can break: not those
    of the folders WITHOUT_DATABASE, and not those that are marked `one_database`."""
    if KIND not in KINDS:
        raise pytest.UsageError(f"PAYWATCH_TEST_DATABASE is one of {', '.join(KINDS)}.")
    chosen = [item for item in items if _is_wanted(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
    items[:] = chosen


def _is_wanted(item: pytest.Item) -> bool:
    """`make check-browser` runs every check of the pages, the suite the short set."""
    if item.get_closest_marker("check_browser") and not FULL:
        return False
    return KIND == "sqlite" or _needs_database(item)


def _needs_database(item: pytest.Item) -> bool:
    folder = item.path.parent.name
    return folder not in WITHOUT_DATABASE and item.get_closest_marker("one_database") is None
