"""Makes the bill of a day once, and keeps it: who asks again gets the same bytes.

A bill is made when it is first asked for, from 10:00 of the day after on (the simulator's clock),
and says how refunds stand then. Only money of that day that moved since, which needs a clock that
was put forward, or the lever `corrected`, has it made again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum

from payments.merchant import Merchants
from payments.money import yuan
from simulator.bills.bill_faults import FUND_FLOW, TRADE, PlantedFault, PlantedFaults
from simulator.bills.books import BookedRow, Books
from simulator.bills.days import is_too_old, made_from
from simulator.bills.fees import DEFAULT_RATE
from simulator.bills.fund_flow import OPENING_FEN, FundFlowWriter, net_fen
from simulator.bills.fund_flow import SUMS as FLOW_SUMS
from simulator.bills.planted import PlantedChange, Planter, edited
from simulator.bills.trade_bill import BillForm, BillType, TradeBillWriter, sums_of
from simulator.bills.unheard import Unheard
from simulator.state.clock import SimulatedClock
from simulator.state.trades import china

BASIC = "BASIC"
"""The one account whose money moves here, in the words of a fund-flow bill."""
ACCOUNT_TYPES = (BASIC, "OPERATION", "FEES")
PARTS = (*BillType, BASIC)
"""What there can be a bill of: a type of the trade bill, or the fund-flow bill."""


class NoBill(Enum):
    """Why there is no bill."""

    NOTHING_MOVED = "账单不存在"
    CREATING = "账单生成中"
    TOO_OLD = "账单日期超出可下载范围"
    FREQUENT = "请求过于频繁"


class BillRefusal(Exception):
    def __init__(self, reason: NoBill) -> None:
        super().__init__(reason.name)
        self.reason = reason


@dataclass(frozen=True)
class MadeBill:
    """Both bills of one account and day, as they were made; immutable, so a download goes on with
    the bill that it began with."""

    account: str
    day: date
    made_at: float
    version: int
    trade_rows: tuple[BookedRow, ...]
    flow_rows: tuple[BookedRow, ...]
    trade_form: BillForm
    flow_form: BillForm
    rate: int
    opening_fen: int
    faults: tuple[PlantedFault, ...]
    changes: tuple[PlantedChange, ...]
    _hashes: dict[str, str] = field(default_factory=dict)

    def lines(self, part: str) -> Iterator[str]:
        """The lines of a type of the trade bill, or of the fund-flow bill (`BASIC`)."""
        if part == BASIC:
            bill = FundFlowWriter(
                self.account, self.day, self.opening_fen, self.flow_form, self.rate
            )
            return bill.lines(self.flow_rows)
        return self._trade_bill(part).lines(self.trade_rows)

    def count(self, part: str) -> int:
        """The rows of the books that are in it."""
        if part == BASIC:
            return len(self.flow_rows)
        takes = self._trade_bill(part).takes
        return sum(takes(row) for row in self.trade_rows)

    def sha1(self, part: str) -> str:
        """Of the whole text, as hexadecimal."""
        if part not in self._hashes:
            found = hashlib.sha1(usedforsecurity=False)
            for line in self.lines(part):
                found.update(line.encode())
            self._hashes[part] = found.hexdigest()
        return self._hashes[part]

    def _trade_bill(self, part: str) -> TradeBillWriter:
        return TradeBillWriter(BillType(part), self.trade_form, self.rate)


class BillDesk:
    """`rates` are fees by account, in hundredths of a percent; 0.60 % where none is given."""

    def __init__(
        self,
        merchants: Merchants,
        books: Books,
        faults: PlantedFaults,
        unheard: Unheard,
        clock: SimulatedClock,
        rates: Mapping[str, int] | None = None,
    ) -> None:
        self.rates = dict(rates or {})
        self.faults = faults
        self._merchants = merchants
        self._books = books
        self._unheard = unheard
        self._clock = clock
        self._made: dict[tuple[str, date], MadeBill] = {}
        books.on_forgotten = self._forget

    @property
    def today(self) -> date:
        return china(self._clock.now()).date()

    def bill(self, account: str, day: date, part: str) -> MadeBill:
        """What the merchant is given now. Raises BillRefusal."""
        which = bill_of(part)
        if is_too_old(day, self.today) or self._books.is_forgotten(day):
            raise BillRefusal(NoBill.TOO_OLD)
        if self._clock.now() < made_from(day) or self.faults.take("late", account, day, which):
            raise BillRefusal(NoBill.CREATING)
        made = self.made(account, day)
        silent = self.faults.take("none", account, day, which)
        if silent or part not in PARTS or not made.count(part):
            raise BillRefusal(NoBill.NOTHING_MOVED)
        return made

    def found(self, account: str, day: date) -> MadeBill | None:
        """The bill, if it was made."""
        return self._made.get((account, day))

    def made(self, account: str, day: date) -> MadeBill:
        """The bill, made now if need be."""
        made = self.found(account, day)
        if made is None:
            self._unheard.tell(account, day)
            made = self._make(account, day, self.faults.for_making(account, day))
        elif made.version != self._books.version(account, day):
            made = self._make(account, day, made.faults)
        self._made[account, day] = made
        return made

    def state(self, account: str, day: date) -> str:
        """`creating`, `none`, `ready`, or `too_old`: what a merchant would be told of the trade
        bill. Uses no fault up and makes no bill."""
        about = (account, day, TRADE)
        if is_too_old(day, self.today) or self._books.is_forgotten(day):
            return "too_old"
        if self._clock.now() < made_from(day) or self.faults.waiting("late", *about):
            return "creating"
        made = self.found(account, day)
        rows = len(made.trade_rows) if made else self._books.count(account, day)
        return "ready" if rows and not self.faults.waiting("none", *about) else "none"

    def changes(self, account: str, day: date) -> list[PlantedChange]:
        """What was changed in the bill and at WeChat itself, and, where the bill is withheld, that
        all of it is missing."""
        found = self._unheard.changes(account, day)
        if self.faults.waiting("none", account, day, TRADE):
            return [*found, *(_missing(row) for row in self._books.rows(account, day))]
        made = self.found(account, day)
        return [*found, *(made.changes if made else ())]

    def correct(self, account: str, day: date) -> None:
        """Forget the bill: the next one is made from the books, with the faults that wait then."""
        self._made.pop((account, day), None)

    def _make(self, account: str, day: date, faults: tuple[PlantedFault, ...]) -> MadeBill:
        merchant = self._merchants.of_account(account)
        rate = self.rates.get(account, DEFAULT_RATE)
        app_id = merchant.app_id if merchant else ""
        edits = Planter(self._books, account, app_id, day, rate).planned(faults)
        rows = self._books.rows(account, day)
        trade_rows, flow_rows = edited(rows, edits, TRADE), edited(rows, edits, FUND_FLOW)
        trade_form, wrong = _trade_form(faults, trade_rows, rate)
        return MadeBill(
            account,
            day,
            self._clock.now(),
            self._books.version(account, day),
            tuple(trade_rows),
            tuple(flow_rows),
            trade_form,
            _flow_form(faults),
            rate,
            OPENING_FEN + net_fen(self._books.before(account, day), rate),
            faults,
            (*(change for edit in edits for change in edit.changes), *wrong),
        )

    def _forget(self, to: date) -> None:
        for key in [key for key in self._made if key[1] <= to]:
            del self._made[key]


def _missing(row: BookedRow) -> PlantedChange:
    kind = "missing_at_wechat" if row.is_payment else "refund_missing_at_wechat"
    numbers = (row.order_num, row.transaction_id, row.refund_num or None)
    return PlantedChange("none", kind, *numbers, ours=row.total_fen)


def bill_of(part: str) -> str:
    """Which of the two bills this is of, as faults name them."""
    return FUND_FLOW if part in ACCOUNT_TYPES else TRADE


def _form(faults: tuple[PlantedFault, ...], bill: str) -> BillForm:
    kinds = {fault.kind for fault in faults if fault.is_on(bill)}
    return BillForm(
        bom="bom" in kinds,
        crlf="crlf" in kinds,
        old_head="old_head" in kinds,
        more_columns="unknown_columns" in kinds,
        raw_titles="raw_titles" in kinds,
    )


def _wrong_sum(faults: tuple[PlantedFault, ...], bill: str) -> PlantedFault | None:
    return next((f for f in faults if f.kind == "summary_wrong" and f.is_on(bill)), None)


def _trade_form(
    faults: tuple[PlantedFault, ...], rows: list[BookedRow], rate: int
) -> tuple[BillForm, list[PlantedChange]]:
    """With the difference that a wrong sum must show."""
    form, wrong = _form(faults, TRADE), _wrong_sum(faults, TRADE)
    if wrong is None:
        return form, []
    right = sums_of(rows, form, rate)[wrong.column]
    words = {"ours": yuan(right), "wechat": yuan(right + wrong.fen), "note": wrong.column}
    change = PlantedChange(wrong.kind, "summary_differs", bill=wrong.bill, **words)
    return replace(form, summary_off_fen=wrong.fen, summary_column=wrong.column), [change]


def _flow_form(faults: tuple[PlantedFault, ...]) -> BillForm:
    form, wrong = _form(faults, FUND_FLOW), _wrong_sum(faults, FUND_FLOW)
    if wrong is None:
        return form
    return replace(form, summary_off_fen=wrong.fen, summary_column=FLOW_SUMS[2])
