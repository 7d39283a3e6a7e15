"""The objects of bills, built together once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from payments.merchant import Merchants
from simulator.bills.bill_desk import BillDesk
from simulator.bills.bill_faults import PlantedFaults
from simulator.bills.books import Books
from simulator.bills.desk_v2 import BillDeskV2
from simulator.bills.desk_v3 import BillDeskV3
from simulator.bills.downloads import DownloadTokens
from simulator.bills.gaps import Gaps
from simulator.bills.loading import BookLoader
from simulator.bills.unheard import Unheard
from simulator.state.clock import SimulatedClock
from simulator.state.refunds import SimulatedRefunds
from simulator.state.trades import Trade, Trades


@dataclass(frozen=True)
class BillRoom:
    merchants: Merchants
    books: Books
    faults: PlantedFaults
    desk: BillDesk
    desk_v2: BillDeskV2
    desk_v3: BillDeskV3
    gaps: Gaps
    loader: BookLoader


def bill_room(
    merchants: Merchants,
    books: Books,
    trades: Trades,
    refunds: SimulatedRefunds,
    pay: Callable[[Trade], object],
    clock: SimulatedClock,
    origin: str,
) -> BillRoom:
    """`refunds` note theirs in `books` already; from now on `trades` do. `pay` takes the money of
    a trade; `origin` is our own address."""
    trades.on_booked = books.paid
    faults, unheard = PlantedFaults(), Unheard(pay)
    desk = BillDesk(merchants, books, faults, unheard, clock)
    return BillRoom(
        merchants,
        books,
        faults,
        desk,
        BillDeskV2(merchants, desk),
        BillDeskV3(merchants, desk, DownloadTokens(clock), clock, origin),
        Gaps(trades, refunds, desk, unheard),
        BookLoader(trades, refunds, books, desk, unheard, clock),
    )
