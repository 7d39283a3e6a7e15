"""One event loop a test, closed when the test ends; and a shell of its own."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings
from tornado.ioloop import IOLoop

from tests.browser.extent import FULL
from tests.support.databases import KIND, KINDS
from tests.support.ports import free_port
from tests.support.shell import Shell

# No timed assertion: a busy machine is no defect.
settings.register_profile("paywatch", deadline=None)
settings.load_profile("paywatch")


@pytest.fixture(autouse=True, scope="session")
def temporary_files() -> Iterator[None]:
    """What the programs put into the system's folder goes when the tests end: thousands of empty
    folders there make every later run slow. Pytest's own folders stay, for whoever looks why."""
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())
    before = tempfile.tempdir, os.environ.get("TMPDIR")
    with tempfile.TemporaryDirectory(prefix="pw-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        tempfile.tempdir = os.environ["TMPDIR"] = folder
        yield
    tempfile.tempdir = before[0]
    if before[1] is None:
        del os.environ["TMPDIR"]
    else:
        os.environ["TMPDIR"] = before[1]


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
WITHOUT_DATABASE = {
    "browser",
    "clients",
    "documents",
    "house",
    "installation",
    "payments",
    "simulator",
}
WHOLLY_MARKED = re.compile(r"^pytestmark = .*\bone_database\b", re.M)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """On PostgreSQL and MariaDB the tests run again whose promise a database can break: not those
    of the folders WITHOUT_DATABASE, and not those that are marked `one_database`."""
    if KIND not in KINDS:
        raise pytest.UsageError(f"PAYWATCH_TEST_DATABASE is one of {', '.join(KINDS)}.")
    if KIND == "sqlite":
        return None
    return True if collection_path.name in WITHOUT_DATABASE or _is_marked(collection_path) else None


def _is_marked(path: Path) -> bool:
    """Whether every test of this file is: then it is not even imported."""
    return path.suffix == ".py" and bool(WHOLLY_MARKED.search(path.read_text("utf-8")))


@pytest.hookimpl(tryfirst=True)  # else Hypothesis reads all our modules for tests of its own
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not for this run, and begin with the longest."""
    chosen = _first_cases([item for item in items if _is_wanted(item)])
    left_out = set(items) - set(chosen)
    config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = sorted(chosen, key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection_finish() -> None:
    """What is imported by now lives to the end: the garbage collector need not walk it again and
    again, which was a fifth of the CPU of most tests."""
    gc.collect()
    gc.freeze()


def _is_wanted(item: pytest.Item) -> bool:
    """`make check-browser` runs every check of the pages, the suite the short set."""
    if item.get_closest_marker("check_browser") and not FULL:
        return False
    return KIND == "sqlite" or item.get_closest_marker("one_database") is None


def _first_cases(items: list[pytest.Item]) -> list[pytest.Item]:
    """On the servers, of what is marked `one_case` the first."""
    if KIND == "sqlite":
        return items
    seen: set[str] = set()
    chosen = []
    for item in items:
        name = item.nodeid.partition("[")[0]
        if item.get_closest_marker("one_case") is None or name not in seen:
            chosen.append(item)
        seen.add(name)
    return chosen
