"""The client of WeChat is closed while a call is under way, as at every stop of the product."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import suppress

import pytest

from services.wechat.curl import CurlClient

pytestmark = pytest.mark.one_database


@pytest.mark.gen_test
async def test_closing_during_a_call_logs_no_error(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = CurlClient(force_instance=True)
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        call = asyncio.ensure_future(client.fetch(address, request_timeout=0.2))
        await asyncio.sleep(0.1)  # it is handed to libcurl, and nobody will answer
        client.close()
        await asyncio.sleep(0.5)  # longer than its last timer
        call.cancel()
        with suppress(asyncio.CancelledError):
            await call
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert errors == []
