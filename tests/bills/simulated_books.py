"""The simulator's books without its addresses, and an independent reader of bills. Holds no test
itself."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from payments.merchant import Api, Merchant, Merchants
from payments.payment_result import CHINA
from payments.refund import RefundStatus
from simulator.bills.bill_desk import BillDesk
from simulator.bills.bill_faults import PlantedFault, PlantedFaults
from simulator.bills.books import Books
from simulator.bills.days import made_from
from simulator.bills.unheard import Unheard
from simulator.state.clock import SimulatedClock
from simulator.state.refunds import AskedRefund, SimulatedRefund
from simulator.state.trades import Ordered, Trade, Trades, Transaction

DAY = date(2026, 3, 2)
NEXT_DAY = DAY + timedelta(days=1)
SHOP = Merchant("wx8888888888888888", "1900000109", "TestApiV2Key0123456789abcdefGHIJ")


@dataclass
class ReadBill:
    """A bill, read by the rule of WeChat's page: lines, commas, one backtick in front."""

    head: list[str]
    rows: list[dict[str, str]]
    sums: dict[str, str]

    def total(self, column: str) -> Decimal:
        return sum((Decimal(row[column]) for row in self.rows), Decimal(0))

    def by(self, **wanted: str) -> list[dict[str, str]]:
        return [r for r in self.rows if all(r[name] == value for name, value in wanted.items())]


def read_bill(data: bytes) -> ReadBill:
    """Fails on any line that is not as the page says."""
    lines = data.decode("utf-8-sig").splitlines()
    head, *rows, sum_head, sums = lines
    assert "`" not in head + sum_head
    return ReadBill(
        head.split(","),
        [dict(zip(head.split(","), _values(row), strict=True)) for row in rows],
        dict(zip(sum_head.split(","), _values(sums), strict=True)),
    )


def _values(line: str) -> list[str]:
    values = line.split(",")
    assert all(value.startswith("`") for value in values), line
    return [value[1:] for value in values]


def at(hour: int, minute: int = 0, second: int = 0, day: date = DAY) -> float:
    """A moment of a China day, in seconds UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=CHINA).timestamp()


@dataclass
class DayBooks:
    """Books, faults and bills at a time that only the test moves."""

    now: float = at(12)
    merchants: Merchants = field(default_factory=lambda: Merchants((SHOP,)))
    max_rows: int = 100_000

    def __post_init__(self) -> None:
        self.clock = SimulatedClock(real=lambda: self.now)
        self.books, self.faults = Books(self.max_rows), PlantedFaults()
        self.trades = Trades()
        self.trades.on_booked = self.books.paid
        self.unheard = Unheard(self._take_money)
        self.desk = BillDesk(self.merchants, self.books, self.faults, self.unheard, self.clock)
        self._numbers = iter(range(1, 10**9))

    def ordered(self, fen: int, **given: Any) -> Trade:
        number = next(self._numbers)
        known = {"order_num": f"ORD{number:09d}", "title": "鞋", "open_id": "oBuyer"}
        fields = {"api": Api.V2, "merchant": SHOP, "trade_type": "NATIVE", "notify_url": ""}
        return self.trades.open(Ordered(**{**known, **fields, "total_fen": fen, **given}), {}, 0)

    def pay(self, fen: int, when: float | None = None, coupon_fen: int = 0, **given: Any) -> Trade:
        trade = self.ordered(fen, **given)
        self._take_money(trade, at(11) if when is None else when, coupon_fen)
        return trade

    def _take_money(self, trade: Trade, when: float | None = None, coupon_fen: int = 0) -> None:
        when = self.now if when is None else when
        number = f"42000000012026{next(self._numbers):014d}"
        self.trades.book(trade, Transaction(number, "oBuyer", "CMB_DEBIT", when, coupon_fen))

    def refund(
        self,
        trade: Trade,
        fen: int,
        when: float | None = None,
        status: RefundStatus = RefundStatus.SUCCESS,
    ) -> SimulatedRefund:
        number, when = next(self._numbers), at(12) if when is None else when
        asked = AskedRefund(
            trade.api, SHOP.mch_id, f"RF{number:09d}", None, None, trade.told_fen, fen
        )
        refund = SimulatedRefund(
            asked, f"50300{number:024d}", trade, trade.transactions[0], created_at=when
        )
        self.books.refunded(refund)
        if status is not RefundStatus.PROCESSING:
            refund.status, refund.ended_at = status, when + 2
            self.books.refunded(refund)
        return refund

    def next_morning(self, day: date = DAY) -> None:
        self.clock.jump(max(0.0, made_from(day) - self.clock.now()))

    def plant(self, kind: str, day: date | None = DAY, **given: Any) -> PlantedFault:
        fault = PlantedFault.of(kind, SHOP.mch_id, day, lasting=False, **given)
        self.faults.add([fault])
        return fault

    def data(self, part: str = "ALL", day: date = DAY) -> bytes:
        """The bill as a merchant gets it, from ten o'clock on."""
        self.next_morning(day)
        return "".join(self.desk.bill(SHOP.mch_id, day, part).lines(part)).encode()

    def read(self, part: str = "ALL", day: date = DAY) -> ReadBill:
        return read_bill(self.data(part, day))

    def changes(self, day: date = DAY) -> list[dict[str, Any]]:
        found = [change.as_json() for change in self.desk.changes(SHOP.mch_id, day)]
        return list(json.loads(json.dumps(found)))
