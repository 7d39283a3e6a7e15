"""One event loop a test, closed when the test ends; and a shell of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import settings
from tornado.ioloop import IOLoop

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
