"""The checks of an installation, from the running product: one run at a time, and no more often
than each half minute, because they call WeChat."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from services.checks.installation import CheckResult
from services.runtime.clock import Clock

FRESH_S = 30.0


class CachedChecks:
    def __init__(self, look: Callable[[], Awaitable[Sequence[CheckResult]]], clock: Clock) -> None:
        self._look = look
        self._clock = clock
        self._turn = asyncio.Lock()
        self._found: Sequence[CheckResult] = ()
        self._at = -FRESH_S

    async def findings(self) -> Sequence[CheckResult]:
        """Those of the last half minute, or new ones; a few seconds at most for each question."""
        async with self._turn:
            if not self._found or self._clock.monotonic() - self._at >= FRESH_S:
                self._found = await self._look()
                self._at = self._clock.monotonic()
            return self._found
