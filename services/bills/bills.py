"""The days of all accounts: which is due, who works on it, and what becomes of one that fails."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections import deque
from datetime import date
from pathlib import Path

from payments.bills.asking import BillNotGiven, BillOutcome
from payments.bills.differences import BillStatus
from payments.errors import BadRequest, Busy, PaymentError
from payments.merchant import Merchants
from services.bills.bill_dates import fetchable
from services.bills.bill_days import (
    DayRun,
    DayTaken,
    NotMatched,
    Plan,
    ask_for_days,
    claim_days,
    due_days,
    end_unmatched,
    give_up,
    plan_days,
    queue_days,
    read_tries,
)
from services.bills.bill_problems import again_at, problem_of
from services.bills.bill_run import BillProgress, BillRun, RunTools, Tell
from services.bills.days_left import end_old_days

log = logging.getLogger(__name__)

MOST_DROPPED = 4
"""So many dropped bills wait in a process."""


def untold(_progress: BillProgress) -> None:
    """Nobody follows."""


class Bills:
    """`bill_minute`: so many minutes after midnight in China the bills of the day before are asked
    for."""

    def __init__(self, tools: RunTools, merchants: Merchants, bill_minute: int) -> None:
        self._tools = tools
        self._store, self._clock = tools.store, tools.clock
        self._accounts = {merchant.mch_id: merchant for merchant in reversed(merchants.all)}
        self._bill_minute = bill_minute
        self._dropped: deque[tuple[str, date, Path]] = deque()
        self.woken, self.dropped = asyncio.Event(), asyncio.Event()

    @property
    def accounts(self) -> tuple[str, ...]:
        """The merchant numbers that have bills."""
        return tuple(sorted(self._accounts))

    async def step(self) -> None:
        """Work on one day that is due; a leased job calls this. Raises Busy."""
        self.woken.clear()
        await self._store.write(plan_days, Plan(self.accounts, self._bill_minute))
        await self._store.write(end_old_days, None)
        for due in await self._store.read(due_days, self._clock.now_ms(), self.accounts):
            with contextlib.suppress(DayTaken):
                await self.work(due.mch_id, due.day)
            self.woken.set()  # there may be more

    async def heal(self) -> None:
        """Resolve differences that the books explain by now; a leased job calls this."""
        await self._tools.healing.step()

    async def fetch(self, mch_id: str, day: str) -> None:
        """Have the job fetch this day next; its row says so. Raises BadRequest and Busy."""
        self._check(mch_id, date.fromisoformat(day))
        await self._store.write(ask_for_days, (mch_id, day))
        self.woken.set()

    async def take_file(self, mch_id: str, day: str, path: Path) -> None:
        """Match this file in place of WeChat's answer, in this process and soon; it is removed
        then. Raises BadRequest and Busy: then it stays the caller's."""
        self._check(mch_id, date.fromisoformat(day))
        if len(self._dropped) >= MOST_DROPPED:
            raise Busy("Other bills wait already: try again when they are matched.")
        await self._store.write(queue_days, (mch_id, day))
        self._dropped.append((mch_id, date.fromisoformat(day), path))
        self.dropped.set()

    async def work_dropped(self) -> None:
        """The files that were dropped on this process; a job of each process calls this."""
        self.dropped.clear()
        while self._dropped:
            mch_id, day, path = self._dropped[0]
            try:
                await self.work(mch_id, day, path)
            except DayTaken:
                return  # the file is as good in a few seconds
            except BadRequest as error:
                log.warning("A bill that was dropped is not matched: %s", error.message)
            self._dropped.popleft()
            path.unlink(missing_ok=True)

    async def work(
        self, mch_id: str, day: date, file: Path | None = None, tell: Tell = untold
    ) -> None:
        """Fetch and match one day now; with a `file`, that in place of WeChat's answer.

        What the day is afterwards stands in its row, also where it failed. Raises BadRequest for a
        day without a bill or an account that is not ours, DayTaken while another run works on it,
        and Busy."""
        self._check(mch_id, day)
        of = DayRun(mch_id, day.isoformat(), secrets.token_hex(8))
        await self._store.write(claim_days, of)
        try:
            await BillRun(self._tools, self._accounts[mch_id], of, day, tell).go(file)
        except DayTaken:
            raise
        except (asyncio.CancelledError, Busy):
            with contextlib.suppress(Busy):
                await self._store.write(give_up, of)
            raise
        except Exception as error:  # noqa: BLE001 - it is told on the day
            await self._failed(of, error)

    def _check(self, mch_id: str, day: date) -> None:
        if mch_id not in self._accounts:
            raise BadRequest(f"There is no account {mch_id} in the settings.")
        if not fetchable(day, self._clock.now_ms()):
            raise BadRequest("WeChat has the bills of the last 90 days, and not that of today.")

    async def _failed(self, of: DayRun, error: Exception) -> None:
        if not isinstance(error, PaymentError):
            log.error("The bill of %s for %s failed.", of.date, of.mch_id, exc_info=error)
        tries = await self._store.read(read_tries, of.mch_id, of.date)
        waits = isinstance(error, BillNotGiven) and error.outcome is BillOutcome.BEING_MADE
        status = BillStatus.WAITING if waits else BillStatus.FAILED
        due_at = again_at(error, tries, self._clock.now_ms())
        await self._store.write(end_unmatched, NotMatched(of, status, problem_of(error), due_at))
