"""One run on one day of an account: fetch, match, write, and ask about what is missing."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date
from math import ceil
from pathlib import Path
from typing import BinaryIO, Protocol

from models.store import Store
from payments.bills.asking import BillKind, BillNotGiven, BillOutcome, WantedBill
from payments.bills.plain_text import plain_text
from payments.errors import Busy, PaymentError, WeChatUntrusted
from payments.merchant import Merchant
from services.bills.bill_dates import start_of
from services.bills.bill_days import DayRun, DayTaken, Step, tell_steps
from services.bills.healing import Healing
from services.bills.match_lines import MatchLine, MatchProgress
from services.bills.match_ops import AllAsked, MatchEnd, end_asking, end_matches
from services.bills.match_writer import MatchWriter
from services.bills.matching import MatchTask
from services.runtime.clock import DAY_MS, HOUR_MS, Clock
from services.wechat.bill_client import BillClient

log = logging.getLogger(__name__)

TELL_S = 1.0
"""A run tells so often where it is: who follows it, and the row of its day."""
READ = 1 << 18
WITHOUT_FLOW = frozenset(
    {BillOutcome.NONE, BillOutcome.NOT_ENTITLED, BillOutcome.REFUSED, BillOutcome.TOO_OLD}
)
"""There is no fund-flow bill, and there will be none."""
OUR_OWN = ("own_key", "client_certificate")
"""We lack what the call needs: API v2 gives this bill to who shows the client certificate."""
FLOW_DAYS = 4
"""A fund-flow bill is waited for until so many days after the day began."""


class Matcher(Protocol):
    """Matches the bills of a day with the books, in a process of its own."""

    def match(self, task: MatchTask) -> AsyncGenerator[MatchLine, None]:
        """Raises BillRefused and MatchFailed."""
        ...


@dataclass(frozen=True)
class BillProgress:
    """How far a run is: `step` is fetching (bytes), waiting (for WeChat's limits, seconds), reading
    (bytes), matching (rows) or asking (questions); `whole` is 0 where it is not known."""

    step: str
    done: int = 0
    whole: int = 0


Tell = Callable[[BillProgress], None]


@dataclass(frozen=True)
class RunTools:
    """What every run uses. `folder` holds bills while they are worked on."""

    store: Store
    clock: Clock
    client: BillClient
    matcher: Matcher
    healing: Healing
    folder: Path


class BillRun:
    """Raises what the fetch and the match raise, DayTaken when another run took its day, Busy."""

    def __init__(
        self, tools: RunTools, merchant: Merchant, of: DayRun, day: date, tell: Tell
    ) -> None:
        self._tools = tools
        self._merchant = merchant
        self._of = of
        self._day = day
        self._tell = tell
        self._at = BillProgress("fetching")
        self._again_at: int | None = None
        self._is_written = False

    async def go(self, file: Path | None) -> None:
        """With a `file`, that is the trade bill, until WeChat gives its own a day later. However
        long a step takes, the row says each second that the run lives, and the run ends when the
        row is another's."""
        working = asyncio.ensure_future(self._work(file))
        try:
            while not (await asyncio.wait([working], timeout=TELL_S))[0]:
                await self._keep()
            await working
        finally:
            working.cancel()
            await asyncio.wait([working])

    async def _keep(self) -> None:
        self._tell(self._at)
        if not self._is_written:
            step = Step(self._of, self._at.step, self._at.done, self._at.whole)
            with contextlib.suppress(Busy):  # the next second tells it
                await self._tools.store.write(tell_steps, step)

    async def _work(self, file: Path | None) -> None:
        trade, flow = (self._path(kind) for kind in BillKind)
        self._clear("")  # what a killed run of this day has left; it is ours now
        try:
            if file is not None:
                self._again_at = self._tools.clock.now_ms() + DAY_MS
                await self._match(file, None, from_file=True)
            elif await self._fetch(BillKind.TRADE, trade):
                flows = await self._fetch_flow(flow)
                await self._match(trade, flow if flows else None)
            else:
                await self._match(None, None)
        finally:
            self._clear(self._of.run)  # the day may be another's by now
        if await self._tools.healing.ask(self._merchant, self._of.date, self._asking):
            await self._tools.store.write(end_asking, AllAsked(self._of, self._again_at))

    def _path(self, kind: BillKind) -> Path:
        return self._tools.folder / f"{self._of.mch_id}-{self._of.date}-{kind}-{self._of.run}"

    def _clear(self, run: str) -> None:
        for path in self._tools.folder.glob(f"{self._of.mch_id}-{self._of.date}-*{run}"):
            path.unlink(missing_ok=True)

    async def _fetch_flow(self, to: Path) -> bool:
        """The trade bill waits for no fund-flow bill: without one it is matched alone. Where there
        may be one later, the day is looked at again."""
        try:
            return await self._fetch(BillKind.FUND_FLOW, to)
        except (Busy, DayTaken):
            raise
        except PaymentError as error:
            no_bill = "No fund-flow bill of %s for %s: %s"
            log.debug(no_bill, self._of.date, self._of.mch_id, error)
            for_good = isinstance(error, WeChatUntrusted) and error.doubt in OUR_OWN
            now = self._tools.clock.now_ms()
            if not for_good and now < start_of(self._day) + FLOW_DAYS * DAY_MS:
                self._again_at = now + HOUR_MS
            return False

    async def _fetch(self, kind: BillKind, to: Path) -> bool:
        """False when there is none."""

        def came(count: int) -> None:
            self._at = BillProgress("fetching", count)

        def waits(seconds: float) -> None:
            self._at = BillProgress("waiting", 0, ceil(seconds))
            self._tell(self._at)

        self._at = BillProgress("fetching")
        wanted = WantedBill(kind, self._day)
        try:
            await self._tools.client.fetch(self._merchant, wanted, to, came, waits)
        except BillNotGiven as error:
            none = {BillOutcome.NONE} if kind is BillKind.TRADE else WITHOUT_FLOW
            if error.outcome not in none:
                raise
            return False
        return True

    async def _match(
        self, trade: Path | None, flow: Path | None, *, from_file: bool = False
    ) -> None:
        tools, of = self._tools, self._of
        digest = None if trade is None else await tools.store.read(_digest, trade, flow)
        lines = tools.matcher.match(MatchTask(of.mch_id, of.date, trade, flow))
        async with aclosing(lines):
            writer = MatchWriter(tools.store, of, self._matching, proven=not from_file)
            bill = await writer.write(lines)
        self._is_written = True  # the row is nobody's after this
        end = MatchEnd(of, bill, digest, self._again_at, from_file)
        await tools.store.write(end_matches, end)

    def _matching(self, line: MatchProgress) -> None:
        self._at = BillProgress(*line)

    def _asking(self, done: int) -> None:
        self._at = BillProgress("asking", done)


def _digest(*paths: Path | None) -> str:
    """SHA-256 of the texts: the same bill may come packed in other bytes. Raises BillRefused."""
    found = hashlib.sha256()
    for path in paths:
        if path is not None:
            with path.open("rb") as file:
                for text in plain_text(_chunks(file)):
                    found.update(text)
    return found.hexdigest()


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(READ):
        yield chunk
