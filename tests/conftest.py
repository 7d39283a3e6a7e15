"""One event loop a test, closed when the test ends; and a shell of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hypothesis import settings
from tornado.ioloop import IOLoop

from tests.console_pages import FULL
from tests.databases import KIND, KINDS
from tests.shell import Shell
from tests.support.ports import free_port

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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On another database than SQLite what starts the product is run again; but not the console's
    pages, the commands, which are started on a SQLite file, the simulator, the wire, what needs no
    database or names its own, and what is marked `one_database`."""
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
    module = getattr(item, "module", None)
    elsewhere = (
        "test_access_edge",
        "test_browser",
        "test_certificates",
        "test_commands",
        "test_database_crash",
        "test_house",
        "test_notify_transport",
        "test_payments",
        "test_simulator",
        "test_why",
    )
    here = hasattr(module, "product") and not item.path.name.startswith(elsewhere)
    return here and item.get_closest_marker("one_database") is None
