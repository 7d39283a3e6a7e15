"""What the faults change in a bill, row by row, and the difference that each must show.

A fault takes the first rows that fit and that no other has taken, in the order in which they came:
the same rows, when the bill is made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from typing import Any

from simulator.bills.bill_faults import ON_ROWS, PlantedFault
from simulator.bills.books import BookedRow, Books, RowKey, RowState
from simulator.bills.trade_bill import signed_fee
from simulator.state.trades import china
from simulator.v2.envelope import OTHER_APP_ID, OTHER_MCH_ID

TITLE = "鞋,42码 `新` 'a' \"b\" \\ c"
"""Every character that is escaped within a line."""
_PREFIX = {"row_added": "NOTOURS", "foreign_row": "FOREIGN"}


@dataclass(frozen=True)
class PlantedChange:
    """One change; `kind` is the difference that a merchant must find, None for none. Amounts are
    fen, states words; `difference_fen` is what WeChat's row moves beyond what is true."""

    fault: str
    kind: str | None
    order_num: str | None = None
    transaction_id: str | None = None
    refund_num: str | None = None
    ours: int | str | None = None
    wechat: int | str | None = None
    bill: str = "both"
    note: str = ""

    @property
    def difference_fen(self) -> int | None:
        if isinstance(self.ours, str) or isinstance(self.wechat, str):
            return None
        return (self.wechat or 0) - (self.ours or 0)

    def as_json(self) -> dict[str, Any]:
        return {
            "fault": self.fault,
            "kind": self.kind,
            "orderNum": self.order_num,
            "transactionId": self.transaction_id,
            "refundNum": self.refund_num,
            "ours": self.ours,
            "wechat": self.wechat,
            "differenceFen": self.difference_fen,
            "bill": self.bill,
            "note": self.note,
        }


@dataclass
class RowEdit:
    """What one fault does to the rows."""

    fault: PlantedFault
    drop: set[RowKey] = field(default_factory=set)
    instead: dict[RowKey, BookedRow] = field(default_factory=dict)
    add: list[BookedRow] = field(default_factory=list)
    changes: list[PlantedChange] = field(default_factory=list)


class Planter:
    """Plans the faults of one bill; `rows` as they came."""

    def __init__(self, books: Books, account: str, app_id: str, day: date, rate: int) -> None:
        self._books = books
        self._account = account
        self._app_id = app_id
        self._day = day
        self._rate = rate
        self._rows = books.rows(account, day)
        self._taken: set[RowKey] = set()
        self._plans: dict[str, Callable[[RowEdit, Random], None]] = {
            "row_dropped": self._drop_payment,
            "refund_missing": self._drop_refund,
            "row_added": self._add_payment,
            "foreign_row": self._add_payment,
            "refund_added": self._add_refund,
            "yesterdays_refund": self._add_refund,
            "amount_changed": self._change_amount,
            "refund_amount_changed": self._change_amount,
            "refund_state": self._change_state,
            "revoked": self._revoke,
            "wrong_fee": self._change_fee,
            "duplicate_row": self._repeat,
            "comma_and_backtick": self._retitle,
            "midnight": self._move,
        }

    def planned(self, faults: Iterable[PlantedFault]) -> list[RowEdit]:
        return [self._planned(fault) for fault in faults if fault.kind in ON_ROWS]

    def _planned(self, fault: PlantedFault) -> RowEdit:
        edit = RowEdit(fault)
        chance = Random(f"{fault.number} {self._account} {self._day}")
        self._plans[fault.kind](edit, chance)
        return edit

    def _drop_payment(self, edit: RowEdit, _chance: Random) -> None:
        for row in self._picked(edit.fault, refunds=False):
            edit.drop.add(row.key)
            self._note(edit, row, ours=row.total_fen)

    def _drop_refund(self, edit: RowEdit, _chance: Random) -> None:
        for row in self._picked(edit.fault, refunds=True):
            edit.drop.add(row.key)
            self._note(edit, row, ours=row.total_fen)

    def _add_payment(self, edit: RowEdit, chance: Random) -> None:
        """Of a number that nobody here gave out; for `foreign_row` of another merchant."""
        for _ in range(edit.fault.count):
            row = self._invented(chance, _PREFIX[edit.fault.kind], self._day)
            if edit.fault.kind == "foreign_row":
                row = replace(row, mch_id=OTHER_MCH_ID, app_id=OTHER_APP_ID)
            edit.add.append(row)
            self._note(edit, row, wechat=row.total_fen)

    def _add_refund(self, edit: RowEdit, chance: Random) -> None:
        """Of a payment of the day, or of the day before; of an invented one where none fits."""
        yesterday = self._day - timedelta(days=1)
        old = edit.fault.kind == "yesterdays_refund"
        rows = self._books.rows(self._account, yesterday) if old else None
        found = list(self._picked(edit.fault, refunds=False, among=rows))
        day = yesterday if old else self._day
        found += [
            self._invented(chance, "NOTOURS", day) for _ in range(edit.fault.count - len(found))
        ]
        for paid in found:
            row = replace(
                paid,
                state=RowState.REFUND,
                at=_moment(self._day, chance) if old else paid.at,
                total_fen=max(1, paid.total_fen // 3),
                coupon_fen=0,
                refund_id=f"5030{chance.randrange(10**24):024d}",
                refund_num=f"NOTOURS{chance.randrange(10**12):012d}",
                refund_state="SUCCESS",
            )
            row = replace(row, ended_at=row.at)
            edit.add.append(row)
            self._note(edit, row, wechat=row.total_fen)

    def _change_amount(self, edit: RowEdit, _chance: Random) -> None:
        refunds = edit.fault.kind == "refund_amount_changed"
        for row in self._picked(edit.fault, refunds=refunds):
            fen = max(row.coupon_fen + 1, row.total_fen + edit.fault.fen)
            edit.instead[row.key] = replace(row, total_fen=fen)
            self._note(edit, row, ours=row.total_fen, wechat=fen)

    def _change_state(self, edit: RowEdit, _chance: Random) -> None:
        state = edit.fault.state
        for row in self._picked(edit.fault, refunds=True):
            edit.instead[row.key] = replace(row, refund_state=state)
            differs = state != "PROCESSING" and row.refund_state == "SUCCESS"
            kind = ON_ROWS["refund_state"] if differs else None
            self._note(edit, row, ours=row.refund_state, wechat=state, kind=kind)

    def _revoke(self, edit: RowEdit, chance: Random) -> None:
        """The payment's row stays; one that takes it back comes after it."""
        for row in self._picked(edit.fault, refunds=False):
            number = f"5030{chance.randrange(10**24):024d}"
            back = replace(
                row, state=RowState.REVOKED, refund_id=number, refund_state="SUCCESS", ended_at=None
            )
            edit.add.append(back)
            self._note(edit, row, ours="SUCCESS", wechat="REVOKED")

    def _change_fee(self, edit: RowEdit, _chance: Random) -> None:
        for row in self._picked(edit.fault, refunds=edit.fault.refund_num is not None):
            wrong = replace(row, fee_off_fen=edit.fault.fen)
            edit.instead[row.key] = wrong
            fees = {
                "ours": signed_fee(row, self._rate),
                "wechat": signed_fee(wrong, self._rate),
            }
            self._note(edit, row, **fees)

    def _repeat(self, edit: RowEdit, _chance: Random) -> None:
        for row in self._picked(edit.fault, refunds=edit.fault.refund_num is not None):
            edit.add.append(row)
            self._note(edit, row, wechat=row.total_fen)

    def _retitle(self, edit: RowEdit, _chance: Random) -> None:
        for row in self._picked(edit.fault, refunds=None):
            edit.instead[row.key] = replace(row, title=TITLE, attach=TITLE)
            self._note(edit, row)

    def _move(self, edit: RowEdit, _chance: Random) -> None:
        """Once: a bill that is made again finds the row gone already."""
        next_day = self._day + timedelta(days=1)
        place = (self._account, self._day)
        if place not in edit.fault.moved:
            for row in list(self._picked(edit.fault, refunds=False)):
                self._books.move(row, self._day, next_day)
                self._note(edit, row, note=f"in the bill of {next_day.isoformat()}")
            edit.fault.moved[place] = edit.changes
        edit.changes = edit.fault.moved[place]
        edit.drop = {(c.transaction_id or "", "") for c in edit.changes}

    def _picked(
        self, fault: PlantedFault, *, refunds: bool | None, among: list[BookedRow] | None = None
    ) -> Iterator[BookedRow]:
        """As many as the fault wants; `refunds` None is any row."""
        left = fault.count
        for row in self._rows if among is None else among:
            if not left:
                return
            if row.key in self._taken or refunds not in (None, not row.is_payment):
                continue
            if fault.order_num in (None, row.order_num) and (
                fault.refund_num in (None, row.refund_num)
            ):
                left -= 1
                self._taken.add(row.key)
                yield row

    def _note(self, edit: RowEdit, row: BookedRow, **given: Any) -> None:
        fault = edit.fault
        kind = given.pop("kind", ON_ROWS[fault.kind])
        numbers = (row.order_num, row.transaction_id, row.refund_num or None)
        edit.changes.append(PlantedChange(fault.kind, kind, *numbers, bill=fault.bill, **given))

    def _invented(self, chance: Random, prefix: str, day: date) -> BookedRow:
        """A payment that nobody here made."""
        return BookedRow(
            RowState.SUCCESS,
            _moment(day, chance),
            self._app_id,
            self._account,
            f"4200{chance.randrange(10**6):06d}{day:%Y%m%d}{chance.randrange(10**10):010d}",
            f"{prefix}{chance.randrange(10**12):012d}",
            f"oSim{chance.randrange(16**24):024x}",
            "JSAPI",
            "CMB_DEBIT",
            chance.randrange(100, 50_000),
            title="(no order of the shop)",
        )


def edited(rows: Iterable[BookedRow], edits: Iterable[RowEdit], bill: str) -> list[BookedRow]:
    """The rows of one of the two bills, by time."""
    acting = [edit for edit in edits if edit.fault.is_on(bill)]
    drop = {key for edit in acting for key in edit.drop}
    instead = {key: row for edit in acting for key, row in edit.instead.items()}
    kept = [instead.get(row.key, row) for row in rows if row.key not in drop]
    return sorted([*kept, *(row for edit in acting for row in edit.add)], key=lambda row: row.at)


def _moment(day: date, chance: Random) -> float:
    """A second of this China day, not near its ends."""
    noon = china(0).replace(year=day.year, month=day.month, day=day.day, hour=12)
    return noon.timestamp() + chance.randrange(-36_000, 36_000)
