"""WeChat gives the trade bill of a day once a minute. The day's row says when it was asked for
last, so the limit holds over all processes: the job, and a command beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from models import BillDay
from models.base import rows
from models.store import Store
from models.transaction import Batch
from services.bills.bill_days import day_of
from services.runtime.clock import MINUTE_MS


@dataclass(frozen=True)
class DayTurn:
    """To ask for the trade bill of this day (`YYYY-MM-DD`) of the account."""

    mch_id: str
    date: str


def take_turns(batch: Batch, turns: Sequence[DayTurn]) -> list[int]:
    """0 where the turn is taken; else after how many ms it can be, and nothing is taken. The day
    has a row, as a run works on it. A time ahead of now by more than a minute is of a clock that
    was wrong, and holds nothing back."""
    return [_take(batch, turn) for turn in turns]


def _take(batch: Batch, turn: DayTurn) -> int:
    of_day, now = day_of(turn.mch_id, turn.date), batch.now
    holds_back = BillDay.asked_at.between(now - MINUTE_MS + 1, now + MINUTE_MS)
    is_free = BillDay.asked_at.is_null() | ~holds_back
    if BillDay.update(asked_at=now).where(*of_day, is_free).execute():
        return 0
    ((asked_at,),) = rows(BillDay.select(BillDay.asked_at).where(*of_day))
    return int(asked_at) + MINUTE_MS - now


class BillTurns:
    """As services/wechat/bill_client.py asks for them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def __call__(self, mch_id: str, day: date) -> float:
        """0.0: it is the caller's turn; else the seconds after which it may be. Raises Busy."""
        wait_ms: int = await self._store.write(take_turns, DayTurn(mch_id, day.isoformat()))
        return wait_ms / 1000
