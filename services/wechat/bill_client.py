"""Fetches WeChat's bills, on whichever interface a merchant has, at WeChat's pace."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from payments.bills.asking import BillKind, BillNotGiven, BillOutcome, WantedBill
from payments.errors import Busy, PaymentError, WeChatUnreachable
from payments.merchant import Api, Merchant
from payments.protocol import Moment, WireAnswer, WireRequest
from payments.v2 import bill as v2_bill
from payments.v3 import bill as v3_bill
from services.runtime.clock import Clock
from services.wechat.bill_download import Download, Progress, Sha1Of, untold
from services.wechat.bill_file import FetchedBill
from services.wechat.client import WeChatClient, moment
from services.wechat.rate_limit import Turns

FUND_FLOWS, FUND_FLOWS_S = 3, 1.0
"""So many fund-flow bills in this time, for each account and process."""
LONGEST_S = 60.0
"""A fund-flow bill whose turn is further away is not waited for."""
TURNS = 3
"""After so many waits for a turn that others took, a fetch gives up."""
APPLICATIONS = 2
"""How often one fetch applies for a bill: a token that is not taken is renewed once."""


def unsaid(_seconds: float) -> None:
    """Nobody is told of a wait."""


@dataclass(frozen=True)
class _Way:
    """How one bill comes on one interface."""

    origin: str
    request: Callable[[Moment], WireRequest]
    sha1_of: Sha1Of
    failure: Callable[[WireAnswer], PaymentError]


TakeTurn = Callable[[str, date], Awaitable[float]]
"""Takes the turn to ask for the trade bill of an account's day, over all processes: 0.0, or the
seconds after which it may be free."""


class BillClient:
    """`wechat` applies, `download` brings the file, `take_turn` keeps WeChat's limit for trade
    bills."""

    def __init__(
        self, wechat: WeChatClient, download: Download, clock: Clock, take_turn: TakeTurn
    ) -> None:
        self._wechat = wechat
        self._download = download
        self._clock = clock
        self._take_turn = take_turn
        self._flow_turns: dict[str, Turns] = {}

    async def fetch(
        self,
        merchant: Merchant,
        wanted: WantedBill,
        to: Path,
        progress: Progress = untold,
        waiting: Callable[[float], None] = unsaid,
    ) -> FetchedBill:
        """The bill at `to`, in an existing folder, plain or gzip. `waiting` is told the seconds
        that WeChat's limits make it wait.

        Raises BillNotGiven with its outcome; WeChatUntrusted and BillRefused for a bill that is
        not the one that WeChat named, or cut or damaged; WeChatUnreachable; BillNotKept; and
        Busy: then nothing was sent. Then there is no file, and what was at `to` is still there.
        """
        for _ in range(APPLICATIONS - 1):
            try:
                return await self._fetch(merchant, wanted, to, progress, waiting)
            except BillNotGiven as error:
                if error.outcome is not BillOutcome.EXPIRED:
                    raise
        return await self._fetch(merchant, wanted, to, progress, waiting)

    async def _fetch(
        self,
        merchant: Merchant,
        wanted: WantedBill,
        to: Path,
        progress: Progress,
        waiting: Callable[[float], None],
    ) -> FetchedBill:
        if wanted.kind is BillKind.TRADE:
            await self._day_turn(merchant.mch_id, wanted.day, waiting)
        else:
            await self._flow_turn(merchant.mch_id, waiting)
        way = await self._way(merchant, wanted)
        got = await self._brought(way, to, progress)
        if isinstance(got, WireAnswer):
            raise way.failure(got)
        return got

    async def _day_turn(self, mch_id: str, day: date, waiting: Callable[[float], None]) -> None:
        for _ in range(TURNS):
            if not (wait_s := await self._take_turn(mch_id, day)):
                return
            waiting(wait_s)
            await self._clock.sleep(wait_s)
        raise Busy("Others ask WeChat for the bill of this day: try again later.")

    async def _flow_turn(self, mch_id: str, waiting: Callable[[float], None]) -> None:
        new = Turns(self._clock, FUND_FLOWS, FUND_FLOWS_S)
        if wait_s := self._flow_turns.setdefault(mch_id, new).take(LONGEST_S):
            waiting(wait_s)
            await self._clock.sleep(wait_s)

    async def _way(self, merchant: Merchant, wanted: WantedBill) -> _Way:
        origins = self._download.origins
        if merchant.api is Api.V3:
            offer = await self._wechat.apply_for_bill(merchant, wanted, origins)
            return _Way(
                offer.origin,
                lambda at: v3_bill.download_request(merchant, offer, at),
                lambda _head: offer.sha1,
                v3_bill.download_failure,
            )
        return _Way(
            origins[0],
            lambda at: v2_bill.download_request(merchant, wanted, at),
            lambda head: v2_bill.sha1_of_bill(head, wanted),
            v2_bill.download_failure,
        )

    async def _brought(self, way: _Way, to: Path, progress: Progress) -> FetchedBill | WireAnswer:
        """From the first address, or from WeChat's other one when that brings no whole answer."""
        *first, last = [
            way.origin,
            *(each for each in self._download.origins if each != way.origin),
        ]
        for origin in first:
            try:
                return await self._from(way, origin, to, progress)
            except WeChatUnreachable:
                continue
        return await self._from(way, last, to, progress)

    async def _from(
        self, way: _Way, origin: str, to: Path, progress: Progress
    ) -> FetchedBill | WireAnswer:
        request = way.request(moment(self._clock))
        return await self._download(request, origin, to, way.sha1_of, progress)
