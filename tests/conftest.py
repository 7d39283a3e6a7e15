"""One event loop a test, closed when the test ends; and a shell of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import settings
from tornado.ioloop import IOLoop

from tests.databases import KIND, KINDS
from tests.rig import free_port
from tests.shell import Shell

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
def shell(tmp_path) -> Shell:
    return Shell(tmp_path, free_port())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On another database than SQLite only what starts the product is run again; the pages of the
    console are the same on all."""
    if KIND not in KINDS:
        raise pytest.UsageError(f"PAYWATCH_TEST_DATABASE is one of {', '.join(KINDS)}.")
    if KIND == "sqlite":
        return
    chosen = [item for item in items if _needs_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
    items[:] = chosen


def _needs_database(item: pytest.Item) -> bool:
    module = getattr(item, "module", None)
    return hasattr(module, "product") and "browser" not in item.nodeid
