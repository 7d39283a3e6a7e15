"""The only loop: steps that are run again and again, each at its own pace, until we stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from payments.errors import Busy
from services.runtime.leases import Leases

log = logging.getLogger(__name__)

AFTER_ERROR_S = 1.0
STOP_TRIES, STOP_S = 5, 0.2
LEASE_MS = 15_000
"""How long a job of a process that died waits for another to take it over."""


@dataclass(frozen=True)
class Job:
    """`step` is run every `interval_s` seconds, and at once when `woken` is set. It may fail:
    that is logged, and it is run again a little later. Of a `leased` job only one process runs
    the step at a time."""

    name: str
    step: Callable[[], Awaitable[object]]
    interval_s: float
    woken: asyncio.Event | None = None
    leased: bool = False


class Jobs:
    def __init__(self, jobs: list[Job], leases: Leases) -> None:
        self._jobs = jobs
        self._leases = leases
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._run(job), name=job.name) for job in self._jobs]

    async def stop(self) -> None:
        """End all steps, also one in a library that swallows a cancellation (redis-py does, now
        and then): it is cancelled again. Bounded."""
        running = set(self._tasks)
        for _ in range(STOP_TRIES):
            for task in running:
                task.cancel()
            if running:
                _, running = await asyncio.wait(running, timeout=STOP_S)
        for task in running:
            log.error("%s does not stop.", task.get_name())

    async def _run(self, job: Job) -> None:
        while True:
            try:
                if not job.leased or await self._leases.claim(job.name, LEASE_MS):
                    await job.step()
            except Busy as error:
                log.warning("%s: %s", job.name, error)
                await asyncio.sleep(AFTER_ERROR_S)
            except Exception:
                log.exception("%s failed; it is tried again.", job.name)
                await asyncio.sleep(AFTER_ERROR_S)
            await _pause(job)


async def _pause(job: Job) -> None:
    if job.woken is None:
        await asyncio.sleep(job.interval_s)
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(job.interval_s):
            await job.woken.wait()
