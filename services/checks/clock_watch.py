"""Whether the clock of this machine can be believed. Each second it is held against a counter that
never jumps; at the start and each minute against WeChat's clock, the database's clock and the time
of the newest event.

WeChat refuses what is signed more than five minutes off (M/4020801299), so that is the limit here.
While the clock is in doubt nothing is deleted, and no order closed, for its age.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from models.inspection import read_times
from models.store import Store
from payments.alert_kinds import Severity
from payments.causes import Cause, CauseValues
from services.alerts.detectors import Observation
from services.alerts.monitor import observe
from services.alerts.triage import raise_findings
from services.checks.http_probe import HttpProbe, NoAnswer
from services.checks.installation import wechat_ms
from services.checks.past_times import give_time, read_early
from services.runtime.clock import MINUTE_MS, Clock

log = logging.getLogger(__name__)

LIMIT_MS = 5 * MINUTE_MS
EVERY_S = 60.0
MAX_HOST = 20
"""Characters of the machine's name that its counter and its case hold."""

AskDate = Callable[[], Awaitable[int | None]]
"""WeChat's time in ms UTC, None where it is not to be had; bounded, and never raises."""


@dataclass(frozen=True)
class ClockDoubt:
    """Our clock is `off_ms` ahead of something else's time, or behind it."""

    cause: Cause
    off_ms: int


def wechat_clock(probe: HttpProbe, wechat_url: str) -> AskDate:
    """The Date of WeChat's answer to a plain request."""

    async def ask() -> int | None:
        try:
            return await wechat_ms(probe, wechat_url)
        except (NoAnswer, ValueError):
            return None

    return ask


class ClockWatch:
    """`step` is run every second in each process. `host` names this machine."""

    def __init__(self, store: Store, clock: Clock, ask_date: AskDate, host: str) -> None:
        self._store = store
        self._clock = clock
        self._ask_date = ask_date
        self._host = host[:MAX_HOST]
        self._is_sure = False
        self._is_doubted = True
        self._told: int | None = None
        self._next = float("-inf")
        self._lead = self._lead_ms()

    def is_sure(self) -> bool:
        """The clock agreed with WeChat's or the database's when it was last compared, and has not
        jumped since."""
        return self._is_sure

    def may_expire(self) -> bool:
        """The clock was compared, as far as anybody could be asked, and nothing contradicts it: an
        order may be taken for over by its time."""
        return not self._is_doubted

    async def step(self) -> None:
        """Raises Busy."""
        lead, before = self._lead_ms(), self._lead
        self._lead = lead
        if abs(lead - before) > LIMIT_MS:
            self._is_sure, self._is_doubted, self._next = False, True, float("-inf")
            log.error("The clock has jumped by %d s.", (lead - before) // 1000)
            jump = observation(self._host, ClockDoubt(Cause.CLOCK_JUMPED, lead - before))
            await self._store.write(raise_findings, jump.finding())
        if self._clock.monotonic() >= self._next:
            self._next = self._clock.monotonic() + EVERY_S
            await self._compare()

    def _lead_ms(self) -> int:
        """The clock less the counter that never jumps."""
        return self._clock.now_ms() - int(self._clock.monotonic() * 1000)

    async def _compare(self) -> None:
        wechat = await self._ask_date()
        database, newest = await self._store.read(read_times)
        now = self._clock.now_ms()
        doubt = next(_doubts(now, wechat, database, newest), None)
        if doubt:
            self._is_sure = False
        elif wechat is not None or database is not None:
            self._is_sure = True
            await self._give_time(now)
        self._is_doubted = doubt is not None
        level = int(doubt is not None)
        if level != self._told:
            await self._store.write(observe, (observation(self._host, doubt),))
            self._told = level

    async def _give_time(self, now: int) -> None:
        """When the clock has just become sure, and before anything is over by its time."""
        early = await self._store.read(read_early, now) if self._is_doubted else ()
        if early:
            await self._store.write(give_time, early)


def observation(host: str, doubt: ClockDoubt | None) -> Observation:
    """The state of the clock of `host`: well without a doubt."""
    name, subject = f"watch_clock_{host}"[:32], f"clock {host}"
    if doubt is None:
        return Observation(name, subject, Cause.CLOCK_OFF, 0)
    off_s = doubt.off_ms // 1000
    given: CauseValues = {"seconds": abs(off_s), "host": host}
    return Observation(name, subject, doubt.cause, 1, f"{off_s:+d} s", given, Severity.HIGH)


def _doubts(
    now: int, wechat: int | None, database: int | None, newest: int | None
) -> Iterator[ClockDoubt]:
    """The newest event is no witness of the time: it may only not be later than now."""
    if wechat is not None and abs(now - wechat) > LIMIT_MS:
        yield ClockDoubt(Cause.CLOCK_OFF, now - wechat)
    if database is not None and abs(now - database) > LIMIT_MS:
        yield ClockDoubt(Cause.CLOCK_OFF_DATABASE, now - database)
    if newest is not None and newest - now > LIMIT_MS:
        yield ClockDoubt(Cause.CLOCK_WENT_BACK, now - newest)
