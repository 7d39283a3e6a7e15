"""One event loop for all browser tests of a process, because the browser that they share lives on
it; tests/conftest.py gives every other test a loop of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from tornado.ioloop import IOLoop

from tests.support.browser import KEPT


@pytest.fixture(scope="session")
def browser_loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    asyncio.set_event_loop(loop)
    loop.run_until_complete(KEPT.close())
    loop.run_until_complete(loop.shutdown_default_executor())
    IOLoop.current().close(all_fds=True)
    asyncio.set_event_loop(None)


@pytest.fixture
def io_loop(browser_loop: asyncio.AbstractEventLoop) -> Iterator[IOLoop]:
    asyncio.set_event_loop(browser_loop)
    yield IOLoop.current()
    asyncio.set_event_loop(None)
