"""A day on disk: the bill with its planted differences, and a SQLite file with the bookings."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from bench.bills.data import fill, write_bill
from bench.bills.planted import WRONG_SUM, PlantedBill
from models.database import open_database


class BillDay:
    """Some 0.8 GB for a million rows, in `folder`."""

    def __init__(self, folder: Path, count: int) -> None:
        self.count = count
        self.bill, self.path = folder / "bill.csv", folder / "paywatch.db"
        self.url = f"sqlite:///{self.path}"
        planted = PlantedBill(count)
        write_bill(self.bill, count, planted.edit, off={WRONG_SUM: 1})
        self.expected = planted.expected
        """Kind and subject of each difference."""
        database = open_database(self.url, patient=True)
        fill(database, count)
        database.close()

    def kinds(self) -> dict[str, int]:
        """How many differences of each kind there are."""
        return dict(Counter(kind for kind, _ in self.expected))
