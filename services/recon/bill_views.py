"""What the bills said, as staff and the merchant's own server read it: months, days, differences.
A difference that is held is never among them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from models import Alert, BillDay, BillDifference, Order
from models.base import how_many, rows, total
from models.store import Store
from payments.alert_kinds import AlertKind
from payments.bills.differences import (
    NOT_COUNTED,
    BillStatus,
    DifferenceKind,
    DifferenceStatus,
    Resolution,
    side,
)
from payments.errors import BadRequest, PaymentError
from payments.masking import mask_text
from payments.merchant import Merchants
from services.bills.bill_cases import subject_of
from services.bills.bill_dates import KEPT_DAYS, china_date, fetchable
from services.bills.day_counts import SETTLED, of_day
from services.runtime.clock import Clock, rfc3339

PAGE, MAX_PAGE = 50, 100
KINDS = tuple(kind.value for kind in DifferenceKind)
STATUSES = (DifferenceStatus.OPEN.value, DifferenceStatus.RESOLVED.value)
NOT_IN_SUMS = NOT_COUNTED | {DifferenceKind.REFUND_STATUS_DIFFERS}
"""A refund whose state differs is in the sums of both sides."""
DATE_RULE = "date must be a day as YYYY-MM-DD."
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)


class BillDayNotFound(PaymentError):
    code = "not_found"
    message = "There is no bill of this day: it is not over, or too long ago."


@dataclass(frozen=True)
class DifferenceFilter:
    """Which differences of a day; None leaves a condition out. `before` is an id."""

    kind: str | None = None
    status: str | None = None
    before: int | None = None
    limit: int = PAGE


def read_date(text: str) -> date:
    """`YYYY-MM-DD`. Raises BadRequest."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadRequest(DATE_RULE) from None
    if day.isoformat() != text:
        raise BadRequest(DATE_RULE)
    return day


class BillViews:
    def __init__(self, store: Store, merchants: Merchants, clock: Clock) -> None:
        self._store = store
        self._accounts = {m.mch_id: m.name for m in reversed(merchants.all)}
        self._order = list(dict.fromkeys(m.mch_id for m in merchants))
        self._clock = clock

    def account(self, given: str) -> str:
        """A merchant number of the settings; where there is only one it need not be given. Raises
        BadRequest."""
        if not given and len(self._order) == 1:
            return self._order[0]
        if given not in self._accounts:
            raise BadRequest("account must be the merchant number of a configured account.")
        return given

    async def month(self, month: str) -> dict[str, Any]:
        """The days of `YYYY-MM` that have a row, newest first; the last closed day of all; the
        accounts, and from when to when days can be fetched. "" is the month of yesterday. Raises
        BadRequest."""
        today = china_date(self._clock.now_ms())
        month = month or (today - timedelta(days=1)).isoformat()[:7]
        if not _MONTH.fullmatch(month):
            raise BadRequest("month must be a month as YYYY-MM.")
        days, last = await self._store.read(_read_month, month, tuple(self._order))
        return {
            "days": days,
            "last": last,
            "month": month,
            "accounts": [{"account": each, "name": self._accounts[each]} for each in self._order],
            "oldest": (today - timedelta(days=KEPT_DAYS)).isoformat(),
            "newest": (today - timedelta(days=1)).isoformat(),
        }

    async def day(self, account: str, date: str, wanted: DifferenceFilter) -> dict[str, Any]:
        """A day with a page of its differences, newest first, and all of them summed up by kind.
        Raises BadRequest and BillDayNotFound."""
        blank = self._blank(account, date)
        return await self._store.read(_read_day, account, date, wanted, blank)

    async def merchants_day(
        self, account: str, date: str, wanted: DifferenceFilter
    ) -> dict[str, Any]:
        """As `day`, without what staff have written and what Paywatch is doing now."""
        answer = await self.day(account, date, wanted)
        return {
            "day": {name: answer["day"][name] for name in _DAY},
            "differences": [{name: d[name] for name in _DIFFERENCE} for d in answer["differences"]],
            "next": answer["next"],
        }

    def _blank(self, account: str, date: str) -> BillDay | None:
        """What a day is before anybody has worked on it; None for one without a bill."""
        day = read_date(date)
        if not fetchable(day, self._clock.now_ms()):
            return None
        return BillDay(mch_id=account, date=date, status=BillStatus.WAITING)


_DAY = (
    *("date", "account", "status", "fetchedAt", "rows", "wechat", "ours"),
    *("openDifferences", "unexplainedFen"),
)
_DIFFERENCE = (
    *("id", "date", "account", "kind", "orderNum", "transactionId", "refundNum"),
    *("ours", "wechat", "differenceFen", "status", "resolution", "alertId", "proposal"),
)


# --- reads ---------------------------------------------------------------------------------------


def _read_month(
    month: str, accounts: Sequence[str]
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    query = BillDay.select().where(
        BillDay.date >= f"{month}-01",
        BillDay.date <= f"{month}-31",
        BillDay.mch_id.in_(accounts),
    )
    days = query.order_by(BillDay.date.desc(), BillDay.mch_id)
    return [public_day(row) for row in days], _last_closed(accounts)


def _read_day(
    account: str, date: str, wanted: DifferenceFilter, blank: BillDay | None
) -> dict[str, Any]:
    row = BillDay.get_or_none(BillDay.mch_id == account, BillDay.date == date) or blank
    if row is None:
        raise BillDayNotFound
    query = BillDifference.select().where(
        *of_day(account, date), BillDifference.status != DifferenceStatus.HELD.value
    )
    if wanted.kind:
        query = query.where(BillDifference.kind == wanted.kind)
    if wanted.status:
        query = query.where(BillDifference.status == wanted.status)
    if wanted.before:
        query = query.where(BillDifference.id < wanted.before)
    found = list(query.order_by(BillDifference.id.desc()).limit(wanted.limit + 1))
    shown = found[: wanted.limit]
    return {
        "day": public_day(row),
        "differences": public_differences(shown),
        "next": str(shown[-1].id) if len(found) > wanted.limit else None,
        "parts": _parts(account, date),
    }


def _parts(account: str, date: str) -> list[dict[str, Any]]:
    """All differences of a day by kind: how many are open and resolved (`healed` of these by
    themselves), by what sum WeChat's side
    is more than ours, and by how much that moves payments less refunds; the sums are without those
    that were healed, which our side has by now."""
    of_refund = BillDifference.refund_num.is_null(False)
    groups = (BillDifference.kind, BillDifference.status, BillDifference.resolution, of_refund)
    query = (
        BillDifference.select(
            *groups, how_many(BillDifference.id), total(BillDifference.difference_fen)
        )
        .where(*of_day(account, date), BillDifference.status != DifferenceStatus.HELD.value)
        .group_by(*groups)
    )
    found: dict[str, dict[str, Any]] = {}
    for kind, status, resolution, is_refund, number, fen in rows(query):
        blank = {"kind": kind, "open": 0, "resolved": 0, "healed": 0}
        blank |= {"differenceFen": 0, "netFen": 0}
        part = found.setdefault(kind, blank)
        part["open" if status == DifferenceStatus.OPEN else "resolved"] += int(number)
        if resolution == Resolution.HEALED:
            part["healed"] += int(number)
        else:
            part["differenceFen"] += int(fen)
            part["netFen"] += int(fen) * _direction(kind, is_refund)
    return [found[kind] for kind in DifferenceKind if kind in found]


def _direction(kind: str, is_refund: bool) -> int:
    """How a difference moves payments less refunds, as services/bills/pairing/day_sums.py sums."""
    if kind in NOT_IN_SUMS:
        return 0
    return -1 if is_refund and kind != DifferenceKind.STATUS_DIFFERS else 1


def _last_closed(accounts: Sequence[str]) -> dict[str, Any] | None:
    """The newest day with a bill of any account, all accounts together; `unknown` is the number of
    accounts whose bill of that day is not there yet. None before the first bill."""
    ours = BillDay.mch_id.in_(accounts)
    newest = (
        BillDay.select(BillDay.date)
        .where(ours, BillDay.status.in_([status.value for status in SETTLED]))
        .order_by(BillDay.date.desc())
        .limit(1)
        .scalar()
    )
    if newest is None:
        return None
    days = rows(
        BillDay.select(BillDay.status, BillDay.open_count, BillDay.unexplained_fen).where(
            ours, BillDay.date == newest
        )
    )
    known = [day for day in days if day[0] in SETTLED]
    return {
        "date": newest,
        "openDifferences": sum(int(count) for _, count, _ in known),
        "unexplainedFen": sum(int(fen) for _, _, fen in known),
        "unknown": len(days) - len(known),
    }


# --- rows as JSON --------------------------------------------------------------------------------


def public_day(row: BillDay) -> dict[str, Any]:
    return {
        "date": row.date,
        "account": row.mch_id,
        "status": row.status,
        "fetchedAt": rfc3339(row.fetched_at),
        "rows": row.rows_count,
        "wechat": {
            "paidFen": row.wechat_paid_fen,
            "paidCount": row.wechat_paid_count,
            "refundedFen": row.wechat_refunded_fen,
            "refundCount": row.wechat_refund_count,
            "feeFen": row.wechat_fee_fen,
            "netFen": row.wechat_net_fen,
        },
        "ours": {
            "paidFen": row.our_paid_fen,
            "paidCount": row.our_paid_count,
            "refundedFen": row.our_refunded_fen,
            "refundCount": row.our_refund_count,
        },
        "openDifferences": row.open_count,
        "unexplainedFen": row.unexplained_fen,
        "flowNetFen": row.flow_net_fen,
        "fromFile": bool(row.from_file),
        "progress": _progress(row),
        "problem": json.loads(row.problem) if row.problem else None,
        "dueAt": rfc3339(row.due_at),
        "tries": row.tries,
    }


def _progress(row: BillDay) -> dict[str, Any] | None:
    """Where a run is; `whole` is 0 where that is not known."""
    return {"step": row.step, "done": row.done, "whole": row.whole} if row.step else None


def public_differences(found: Sequence[BillDifference]) -> list[dict[str, Any]]:
    cases, orders = _cases_of(found), _orders_of(row.order_num for row in found)
    return [
        {
            "id": row.id,
            "date": row.date,
            "account": row.mch_id,
            "kind": row.kind,
            "orderNum": row.order_num,
            "transactionId": row.transaction_id,
            "refundNum": row.refund_num,
            "ours": side(row.kind, row.ours),
            "wechat": side(row.kind, row.wechat),
            "differenceFen": row.difference_fen,
            "status": row.status,
            "resolution": row.resolution,
            "alertId": cases.get(subject_of(row.mch_id, row.date, row.kind)),
            "proposal": row.proposal,
            "orderStatus": orders.get(row.order_num or ""),
            "note": mask_text(row.note),
            "resolvedBy": row.resolved_by,
            "resolvedAt": rfc3339(row.resolved_at),
            "foundAt": rfc3339(row.found_at),
            "evidence": _masked(json.loads(row.evidence)),
        }
        for row in found
    ]


def _cases_of(found: Sequence[BillDifference]) -> dict[str, int]:
    """The numbers of the cases of these differences, by subject."""
    subjects = sorted({subject_of(row.mch_id, row.date, row.kind) for row in found})
    query = Alert.select(Alert.subject, Alert.id).where(
        Alert.kind == AlertKind.RECONCILE_GAP.value, Alert.subject.in_(subjects)
    )
    return dict(rows(query)) if subjects else {}


def _orders_of(numbers: Iterable[str | None]) -> dict[str, str]:
    """Which of these numbers are orders of ours, and the status of each."""
    wanted = sorted({number for number in numbers if number})
    query = Order.select(Order.order_num, Order.status).where(Order.order_num.in_(wanted))
    return dict(rows(query)) if wanted else {}


def _masked(told: Any) -> Any:
    """Both facts as the match wrote them, without what is personal."""
    if isinstance(told, dict):
        return {name: _masked(value) for name, value in told.items()}
    return mask_text(told) if isinstance(told, str) else told
