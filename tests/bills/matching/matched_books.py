"""Bookings written straight into the tables, and bills matched with them in this process."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from peewee import Database

from models import BillDay, BillDifference, Order, Receipt, Refund
from models.bills.staging import Staging
from models.database import open_database
from payments.bills.columns import at_ms
from payments.bills.differences import BillStatus, DifferenceKind
from services.bills.match_lines import FoundDifference, MatchLine, MatchProgress
from services.bills.matching import BillMatch, MatchTask
from tests.bills.made_bills import PAYMENT, REFUND
from tests.support.databases import database

DATE, ACCOUNT, APP = "2025-01-02", PAYMENT["商户号"], PAYMENT["公众账号ID"]
TX, ORDER = PAYMENT["微信订单号"], PAYMENT["商户订单号"]
REFUND_NUM, REFUND_ID = REFUND["商户退款单号"], REFUND["微信退款单号"]
OTHER_TX, OTHER_ORDER = "4200000001202501020000000002", "ORD20250102000002"
OTHER = {
    **PAYMENT,
    "交易时间": "2025-01-02 12:00:00",
    "微信订单号": OTHER_TX,
    "商户订单号": OTHER_ORDER,
    "应结订单金额": "10.00",
    "订单金额": "10.00",
    "手续费": "0.06",
}
_NUMBERS = itertools.count(1)

Told = tuple[str, str, int | str | None, int | str | None, int]
"""Kind, subject, ours, wechat, difference."""


class Books:
    """What is booked here. Times are China's, as a bill writes them."""

    def __init__(self, folder: Path, url: str, opened: Database) -> None:
        self.folder = folder
        self.url = url
        self.database = opened

    def paid(self, tx: str = TX, number: str = ORDER, fen: int = 8800, **changes: Any) -> None:
        """An order that is paid; `at` is WeChat's time."""
        at = at_ms(changes.pop("at", PAYMENT["交易时间"]))
        values: dict[str, Any] = {
            **_order(number, fen, at),
            "status": "PAID",
            "transaction_id": tx,
            "paid_at": at + 900,
            "wechat_paid_at": at,
        }
        Order.insert({**values, **changes}).execute()

    def unpaid(self, number: str = ORDER) -> None:
        Order.insert(_order(number, 8800, at_ms(PAYMENT["交易时间"]))).execute()

    def received(self, tx: str = TX, fen: int = 8800, **changes: Any) -> None:
        """A receipt: money that is on no order."""
        at = at_ms(changes.pop("at", PAYMENT["交易时间"]))
        values: dict[str, Any] = {
            "transaction_id": tx,
            "order_num": ORDER,
            "amount_fen": fen,
            "reason": "late",
            "notice_id": "n1",
            "received_at": at + 900,
            "wechat_paid_at": at,
            "app_id": APP,
            "mch_id": ACCOUNT,
        }
        Receipt.insert({**values, **changes}).execute()

    def refunded(self, number: str = REFUND_NUM, fen: int = 800, **changes: Any) -> None:
        """A refund that WeChat took; `at` is when."""
        text = changes.pop("at", REFUND["交易时间"])
        at = at_ms(text) + 300 if text else None
        values: dict[str, Any] = {
            "refund_num": number,
            "order_num": ORDER,
            "app_id": APP,
            "mch_id": ACCOUNT,
            "transaction_id": TX,
            "total_fen": 8800,
            "amount_fen": fen,
            "reason": "",
            "status": "SUCCESS",
            "refund_id": REFUND_ID,
            "requested_by": "alice",
            "created_at": at or 1,
            "updated_at": at or 1,
            "accepted_at": at,
        }
        Refund.insert({**values, **changes}).execute()

    def day(self, date: str, status: BillStatus = BillStatus.MATCHED) -> None:
        """The bill of this day is matched, or due."""
        BillDay.insert(mch_id=ACCOUNT, date=date, status=status, due_at=1, updated_at=1).execute()

    def keep(self, found: FoundDifference, date: str = DATE) -> int:
        """Write a difference down, as the service does; its id."""
        import json

        values = found._asdict()
        held = values.pop("held")
        row = {
            **{name: None if each is None else str(each) for name, each in values.items()},
            "difference_fen": found.difference_fen,
            "mch_id": ACCOUNT,
            "date": date,
            "status": "held" if held else "open",
            "proposal": "look",
            "evidence": json.dumps(found.evidence),
            "run": "r1",
            "found_at": 1,
        }
        number: int = BillDifference.insert(row).execute()
        return number

    def file(self, bill: bytes) -> Path:
        path = self.folder / f"bill{next(_NUMBERS)}.csv"
        path.write_bytes(bill)
        return path

    def task(self, bill: bytes | None, date: str = DATE, flow: bytes | None = None) -> MatchTask:
        paths = [None if each is None else self.file(each) for each in (bill, flow)]
        return MatchTask(ACCOUNT, date, *paths)

    def match(
        self, bill: bytes | None, date: str = DATE, flow: bytes | None = None
    ) -> list[MatchLine]:
        """What is told, but for the progress."""
        lines = BillMatch(Staging(self.database), self.task(bill, date, flow)).lines()
        return [line for line in lines if not isinstance(line, MatchProgress)]

    def told(self, bill: bytes | None, date: str = DATE, flow: bytes | None = None) -> list[Told]:
        """The differences."""
        found = self.match(bill, date, flow)
        return [brief(line) for line in found if isinstance(line, FoundDifference)]


def brief(found: FoundDifference) -> Told:
    kind = DifferenceKind(found.kind).value
    return kind, found.subject, found.ours, found.wechat, found.difference_fen


def _order(number: str, fen: int, at: int) -> dict[str, Any]:
    return {
        "order_num": number,
        "product_id": "p1",
        "title": "Tea",
        "total_fen": fen,
        "status": "WAIT_PAY",
        "app_id": APP,
        "mch_id": ACCOUNT,
        "status_token": "t",
        "created_at": at - 60_000,
        "updated_at": at,
        "expires_at": at + 7_200_000,
    }


@contextmanager
def opened_books(folder: Path) -> Iterator[Books]:
    with database(folder) as url:
        opened = open_database(url, patient=True)
        opened.connect()
        with closing(opened):
            Staging(opened)  # binds the models
            yield Books(folder, url, opened)


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    """Two payments and a refund of the first, which is what `DAY` has too."""
    with opened_books(tmp_path) as found:
        found.paid()
        found.paid(OTHER_TX, OTHER_ORDER, 1000, at=OTHER["交易时间"])
        found.refunded()
        yield found
