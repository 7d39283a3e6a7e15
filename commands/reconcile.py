"""`paywatch reconcile --once`: ask WeChat about everything that is open, now."""

from __future__ import annotations

import asyncio
import sys

from assembly.build import reconciling
from assembly.database import CommandError, ready_database
from payments.errors import Busy
from services.orders.look_results import LookResult, PassCounts
from services.runtime.clock import Clock, SystemClock
from settings import Settings

TELL_S = 2.0


class Progress:
    """A line on standard error now and then, while there is something to wait for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next = clock.monotonic() + TELL_S

    def __call__(self, tally: PassCounts) -> None:
        now = self._clock.monotonic()
        if now >= self._next:
            self._next = now + TELL_S
            print(
                f"{tally.orders.total()} orders and {tally.refunds.total()} refunds looked at …",
                file=sys.stderr,
                flush=True,
            )


def run_reconcile(settings: Settings) -> None:
    """One pass, with or without a `serve` beside it; the second of two queries finds the order
    settled. Raises CommandError when WeChat could not be reached at all."""
    database = ready_database(settings.database_url)

    async def once() -> PassCounts:
        async with reconciling(settings, database) as running:
            counted = await running.reconciler.once(Progress(SystemClock()))
            while await running.outside_refunds.step():  # what failed is not due again at once
                pass
            return counted

    try:
        tally = asyncio.run(once())
    except Busy as error:
        raise CommandError(error.message) from error
    print(summary(tally))
    asked = tally.count(*LookResult) - tally.count(LookResult.UNSENT)
    if asked and asked == tally.count(LookResult.FAILED, LookResult.SKIPPED):
        raise CommandError(
            "WeChat gave no answer that could be used: look at the log lines above, the line and"
            " the settings (`paywatch check`), then try again. Nothing was changed."
        )


def summary(tally: PassCounts) -> str:
    """`asked about 12 orders: 2 found paid, …; 3 refunds: …; 0 errors`."""
    orders, refunds = tally.orders, tally.refunds
    found = [
        f"{orders[LookResult.PAID]} found paid",
        f"{orders[LookResult.CLOSED]} closed",
        f"{orders[LookResult.UNPAID]} still unpaid",
    ]
    for seen, words in (
        (LookResult.OVER, "settled meanwhile"),
        (LookResult.LATER, "to be looked at later"),
        (LookResult.DECIDED, "with money that was decided on"),
        (LookResult.REFUSED, "with money that does not fit (see the alerts)"),
    ):
        found += [f"{orders[seen]} {words}"] if orders[seen] else []
    finished, under_way = refunds[LookResult.OVER], refunds[LookResult.UNFINISHED]
    skipped = tally.count(LookResult.SKIPPED)
    parts = [
        f"asked about {_asked(orders)} orders: {', '.join(found)}",
        f"{_asked(refunds)} refunds: {finished} finished, {under_way} under way",
        f"{tally.count(LookResult.FAILED)} errors",
        *([f"{skipped} not asked about, as WeChat does not answer"] if skipped else []),
    ]
    return "; ".join(parts)


def _asked(counts: dict[LookResult, int]) -> int:
    return sum(n for seen, n in counts.items() if seen is not LookResult.SKIPPED)
