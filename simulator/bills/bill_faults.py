"""The faults of bills: for one day, for the next bill that is made, or for all of them.

A fault of the rows or of the form acts once, when the bill is made; one of the serving acts on the
answers, as often as its `times` says.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any

from simulator.bills.trade_bill import FEES, BillForm, sums_of
from simulator.state.faults import MAX_FAULTS, MAX_NUMBER, MAX_TIMES, BadFault

MAX_COUNT = 10_000
MAX_OFF_FEN = 100_000_000
TRADE, FUND_FLOW, BOTH = "trade", "fundflow", "both"

ON_ROWS = {
    "row_dropped": "missing_at_wechat",
    "refund_missing": "refund_missing_at_wechat",
    "row_added": "missing_here",
    "refund_added": "refund_missing_here",
    "yesterdays_refund": "refund_missing_here",
    "amount_changed": "amount_differs",
    "refund_amount_changed": "refund_amount_differs",
    "refund_state": "refund_status_differs",
    "revoked": "status_differs",
    "wrong_fee": "fee_differs",
    "duplicate_row": "duplicate_row",
    "foreign_row": "foreign_row",
    "comma_and_backtick": None,
    "midnight": None,
}
"""With the kind of difference that a merchant must find, if any."""
ON_FORM = ("summary_wrong", "old_head", "unknown_columns", "raw_titles", "bom", "crlf")
ON_ANSWERS = ("late", "none", "wrong_hash", "cut", "truncated", "frequency_limited")
LASTING = ("late", "none")
"""Until they are cleared, unless `times` is given."""
MADE = (*ON_ROWS, *ON_FORM)
BILL_FAULTS = (*MADE, *ON_ANSWERS)

_FEN = {"wrong_fee": 2}
"""By how many fen, where no number is given and it is not one."""
REFUND_STATES_SHOWN = ("FAIL", "CHANGE", "PROCESSING")
_SUM_NAMES = tuple(sums_of([], BillForm(), 0))


@dataclass(eq=False)
class PlantedFault:
    """`day` None is any day, `account` None any account. `times` counts answers, or, of any day,
    bills; None is until cleared. `count` rows are changed, of one order or refund or any; `fen` is
    by how much."""

    kind: str
    day: date | None = None
    account: str | None = None
    bill: str = BOTH
    times: int | None = 1
    count: int = 1
    order_num: str | None = None
    refund_num: str | None = None
    fen: int = 0
    state: str = "FAIL"
    column: str = FEES
    number: int = 0
    hits: int = 0
    moved: dict[tuple[str, date], list[Any]] = field(default_factory=dict)
    """What it did to the books, by account and day: once, however often a bill is made."""

    def __post_init__(self) -> None:
        if self.kind not in BILL_FAULTS:
            raise BadFault(f"fault is one of {', '.join(BILL_FAULTS)}.")
        if self.bill not in (TRADE, FUND_FLOW, BOTH):
            raise BadFault(f"bill is {TRADE}, {FUND_FLOW} or {BOTH}.")
        if self.times is not None and not 1 <= self.times <= MAX_TIMES:
            raise BadFault(f"times is between 1 and {MAX_TIMES}, or null: until cleared.")
        if not 1 <= self.count <= MAX_COUNT:
            raise BadFault(f"count is between 1 and {MAX_COUNT}.")
        if len(self.order_num or "") > MAX_NUMBER or len(self.refund_num or "") > 2 * MAX_NUMBER:
            raise BadFault("An order number has at most 32 characters, a refund number 64.")
        self.fen = self.fen or _FEN.get(self.kind, 1)
        if abs(self.fen) > MAX_OFF_FEN:
            raise BadFault(f"fen is between -{MAX_OFF_FEN} and {MAX_OFF_FEN}.")
        if self.state not in REFUND_STATES_SHOWN:
            raise BadFault(f"state is one of {', '.join(REFUND_STATES_SHOWN)}.")
        if self.column not in _SUM_NAMES:
            raise BadFault(f"column is one of {', '.join(_SUM_NAMES)}.")

    @classmethod
    def of(
        cls, kind: str, account: str | None, day: date | None, *, lasting: bool, **given: Any
    ) -> PlantedFault:
        """With `lasting`, or of a kind that lasts, until it is cleared unless `times` is given.
        Raises BadFault."""
        times = None if lasting or kind in LASTING else 1
        return cls(kind, day, account, **{"times": times, **given})

    def fits(self, account: str, day: date) -> bool:
        return self.account in (None, account) and self.day in (None, day)

    def is_on(self, bill: str) -> bool:
        """`bill` is `trade` or `fundflow`."""
        return self.bill in (BOTH, bill)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.number,
            "fault": self.kind,
            "date": None if self.day is None else self.day.isoformat(),
            "account": self.account,
            "bill": self.bill,
            "times": self.times,
            "count": self.count,
            "orderNum": self.order_num,
            "refundNum": self.refund_num,
            "fen": self.fen,
            "hits": self.hits,
        }


class PlantedFaults:
    """The faults that wait, oldest first; at most MAX_FAULTS."""

    def __init__(self) -> None:
        self._waiting: list[PlantedFault] = []
        self._numbers = count(1)

    def add(self, faults: Collection[PlantedFault]) -> None:
        """All or none. Raises BadFault when too many would wait."""
        if len(self._waiting) + len(faults) > MAX_FAULTS:
            raise BadFault("Too many faults wait already; clear them.")
        for fault in faults:
            fault.number = next(self._numbers)
            self._waiting.append(fault)

    def for_making(self, account: str, day: date) -> tuple[PlantedFault, ...]:
        """Those that change the bill which is made now."""
        found = [f for f in self._waiting if f.kind in MADE and f.fits(account, day)]
        for fault in found:
            self._use(fault)
        return tuple(found)

    def all(self) -> list[PlantedFault]:
        return list(self._waiting)

    def wait_for(self, account: str, day: date) -> list[PlantedFault]:
        return [fault for fault in self._waiting if fault.fits(account, day)]

    def take(self, kind: str, account: str, day: date, bill: str) -> PlantedFault | None:
        """A fault of this kind for an answer about this bill, now one time less."""
        fault = self.waiting(kind, account, day, bill)
        if fault is not None:
            self._use(fault)
        return fault

    def waiting(self, kind: str, account: str, day: date, bill: str) -> PlantedFault | None:
        fitting = (f for f in self._waiting if f.kind == kind and f.fits(account, day))
        return next((f for f in fitting if f.is_on(bill)), None)

    def clear(self, account: str | None, day: date | None) -> None:
        """Those that wait for this day (None: for any) and account (None: all accounts)."""
        self._waiting = [
            fault
            for fault in self._waiting
            if fault.day != day or (account is not None and fault.account != account)
        ]

    def _use(self, fault: PlantedFault) -> None:
        fault.hits += 1
        if fault.times is not None:
            fault.times -= 1
            if not fault.times:
                self._waiting.remove(fault)
