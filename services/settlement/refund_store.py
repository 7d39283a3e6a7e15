"""The refunds of some orders inside a transaction: read under lock, moved, and told of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from models import Receipt, Refund, RefundCheck
from models.base import locked, rows
from models.notify import ReceiptState
from models.transaction import Batch
from payments.masking import mask_text
from payments.refund import GIVEN_UP, TAKEN, UNDER_WAY, RefundOrigin, RefundStatus, reserves
from payments.refund_rules import OVER, RefundFacts
from services.alerts.money_thread import follow_money
from services.runtime.clock import HOUR_MS, rfc3339
from services.settlement.report_counts import report_refunded
from services.settlement.snapshots import OrderSnapshot, load_snapshots


@dataclass(frozen=True)
class RefundView:
    """One refund, read. Times in ms UTC."""

    id: int
    refund_num: str
    order_num: str
    receipt_id: int | None
    app_id: str
    mch_id: str
    transaction_id: str
    total_fen: int
    amount_fen: int
    reason: str
    status: RefundStatus
    refund_id: str | None
    requested_by: str
    decided_by: str | None
    failure: str | None
    ended_from: RefundStatus | None
    created_at: int
    updated_at: int
    succeeded_at: int | None
    origin: RefundOrigin = RefundOrigin.PAYWATCH
    first_by: str | None = None
    accepted_at: int | None = None

    @property
    def was_entered(self) -> bool:
        """A person told us of this outside refund, not WeChat."""
        return self.origin is RefundOrigin.WECHAT and self.requested_by != BY_WECHAT

    @property
    def reserves(self) -> bool:
        """Whether its amount counts against what may still be refunded."""
        return reserves(self.status, self.ended_from)

    @property
    def failure_code(self) -> str | None:
        """WeChat's code, which stands before its words; a person's note has none."""
        code = (self.failure or "").partition(":")[0]
        told = self.status not in _SAID_BY_US and _CODE.fullmatch(code)
        return code if told else None


BY_WECHAT = "wechat"
"""The name in `requested_by` of an outside refund of which WeChat told us."""
_SAID_BY_US = frozenset({RefundStatus.REJECTED, RefundStatus.ENDED})
_CODE = re.compile(r"[A-Z][A-Z0-9_]*", re.ASCII)
_FIELDS = tuple(RefundView.__dataclass_fields__)
COLUMNS = tuple(getattr(Refund, name) for name in _FIELDS)


def to_view(row: tuple[Any, ...]) -> RefundView:
    values = dict(zip(_FIELDS, row, strict=True))
    read = {
        "status": RefundStatus(values["status"]),
        "origin": RefundOrigin(values["origin"]),
        "ended_from": RefundStatus(values["ended_from"]) if values["ended_from"] else None,
    }
    return RefundView(**{**values, **read})


def read_refund(refund_num: str) -> RefundView | None:
    """A read for the store: the refund with this number."""
    found = rows(Refund.select(*COLUMNS).where(Refund.refund_num == refund_num))
    return to_view(found[0]) if found else None


def read_refunds_of(order_num: str) -> list[RefundView]:
    """A read for the store: all refunds about an order number, newest first."""
    query = Refund.select(*COLUMNS).where(Refund.order_num == order_num)
    return [to_view(row) for row in rows(query.order_by(Refund.id.desc()))]


def public(view: RefundView) -> dict[str, Any]:
    """The refund as everybody sees it; free text is masked."""
    return {
        "refundNum": view.refund_num,
        "orderNum": view.order_num or None,
        "amountFen": view.amount_fen,
        "reason": mask_text(view.reason),
        "status": view.status.value,
        "origin": view.origin.value,
        "requestedBy": view.requested_by,
        "firstBy": view.first_by,
        "decidedBy": view.decided_by,
        "refundId": view.refund_id,
        "transactionId": view.transaction_id,
        "failure": mask_text(view.failure),
        "failureCode": view.failure_code,
        "endedFrom": view.ended_from.value if view.ended_from else None,
        "createdAt": rfc3339(view.created_at),
        "updatedAt": rfc3339(view.updated_at),
        "succeededAt": rfc3339(view.succeeded_at),
        "receiptId": view.receipt_id,
    }


class LockedRefunds:
    """The refunds with these numbers, and all refunds of these orders and receipts: locked, the
    orders first. A refund of a receipt belongs to the receipt and does not count on the order."""

    def __init__(
        self,
        batch: Batch,
        order_nums: Iterable[str] = (),
        refund_nums: Iterable[str] = (),
        receipt_ids: Iterable[int] = (),
    ) -> None:
        self._batch = batch
        chosen = (Refund.refund_num, Refund.order_num, Refund.receipt_id)
        named = rows(Refund.select(*chosen).where(Refund.refund_num.in_(list(refund_nums))))
        wanted = {*order_nums, *(order_num for _, order_num, _ in named)}
        self.snapshots: dict[str, OrderSnapshot] = load_snapshots(batch, sorted(wanted - {""}))
        stray = {id_ for _, order_num, id_ in named if order_num not in self.snapshots}
        receipts = sorted(stray | set(receipt_ids))
        query = Refund.select(*COLUMNS).where(
            Refund.order_num.in_(sorted(self.snapshots)) | Refund.receipt_id.in_(receipts)
        )
        found = [to_view(row) for row in rows(locked(query.order_by(Refund.id)))]
        self.refunds = {view.refund_num: view for view in found}
        self.touched: set[str] = set()
        self.begun: set[str] = set()
        """Refunds whose money WeChat began to give back in this transaction without our asking."""

    def of_order(self, order_num: str) -> list[RefundView]:
        return [v for v in self.refunds.values() if v.order_num == order_num and not v.receipt_id]

    def snapshot(self, view: RefundView) -> OrderSnapshot | None:
        return self.snapshots.get(view.order_num)

    def facts(self, view: RefundView) -> RefundFacts:
        own = view.amount_fen if view.status is RefundStatus.SUCCESS else 0
        return RefundFacts(
            view.refund_num,
            view.order_num,
            view.transaction_id,
            view.mch_id,
            view.total_fen,
            view.amount_fen,
            view.status,
            self.given_back_fen(view.transaction_id) - own,
            view.ended_from,
        )

    def given_back_fen(self, transaction_id: str) -> int:
        """The amount that went back of a payment."""
        return sum(
            view.amount_fen
            for view in self.refunds.values()
            if view.transaction_id == transaction_id and view.status is RefundStatus.SUCCESS
        )

    def add(self, **values: Any) -> RefundView:
        """Write a new refund; the receipt that it is of follows."""
        now = self._batch.now
        row = Refund.create(**values, created_at=now, updated_at=now)
        view = to_view(tuple(getattr(row, name) for name in _FIELDS))
        if view.status is RefundStatus.SUCCESS and view.receipt_id is not None:
            view = self._follow_receipt(view)
        if view.status in UNDER_WAY:
            self.begun.add(view.refund_num)
        self._remember(view)
        return view

    def learn_id(self, view: RefundView, refund_id: str) -> RefundView:
        """WeChat's number of a refund that a person entered without it."""
        Refund.update(refund_id=refund_id).where(Refund.id == view.id).execute()
        view = self.refunds[view.refund_num] = replace(view, refund_id=refund_id)
        return view

    def move(self, view: RefundView, after: RefundStatus, **changes: Any) -> RefundView:
        """Change the state, and with it the receipt that the refund is of."""
        revived = view.status in GIVEN_UP and after in UNDER_WAY
        changed: dict[str, Any] = {"status": after, "updated_at": self._batch.now, **changes}
        where = (Refund.refund_num == view.refund_num, Refund.status == view.status)
        if after in TAKEN and view.accepted_at is None:
            changed["accepted_at"] = self._batch.now
        if Refund.update(changed).where(*where).execute() != 1:
            raise RuntimeError("a refund changed under its lock; the batch is run again")
        view = replace(view, **changed)
        if after in GIVEN_UP:
            plan_recheck(self._batch, view.refund_num)
        elif after in OVER:
            unclaimed = RefundCheck.claimed.is_null()
            RefundCheck.delete().where(_check_of(view.refund_num), unclaimed).execute()
        if revived:
            self.begun.add(view.refund_num)
        if view.receipt_id is not None:
            view = self._follow_receipt(view, revived=revived)
        self._remember(view)
        return view

    def _remember(self, view: RefundView) -> None:
        self.refunds[view.refund_num] = view
        if view.receipt_id is None:
            self.touched.add(view.order_num)
            if view.status is RefundStatus.SUCCESS:  # the last state, so it comes here once
                of, at = self.snapshots.get(view.order_num), view.accepted_at or view.succeeded_at
                report_refunded(self._batch, of, view.amount_fen, at or self._batch.now)

    def _follow_receipt(self, view: RefundView, *, revived: bool = False) -> RefundView:
        """The money behind a receipt went back, is on its way after all, or is to be decided on
        again. Should it be on its order by now, the refund is the order's."""
        query = Receipt.select().where(Receipt.id == view.receipt_id)
        receipt = locked(query).get()
        goes = revived or view.status is RefundStatus.SUCCESS
        if goes and receipt.state == ReceiptState.BOOKED:
            Refund.update(receipt_id=None).where(Refund.id == view.id).execute()
            return replace(view, receipt_id=None)
        if revived and receipt.state == ReceiptState.WAITING:
            _update_receipt(receipt, state=ReceiptState.REFUNDING, refund_num=view.refund_num)
        elif view.status is RefundStatus.SUCCESS:
            if _give_back(receipt, view):
                follow_money(self._batch, receipt.order_num, receipt.transaction_id)
        elif view.status in OVER and _is_sending(receipt, view):
            _update_receipt(receipt, **_WAITING_AGAIN)
        return view


_WAITING_AGAIN: dict[str, Any] = {
    "state": ReceiptState.WAITING,
    **dict.fromkeys(("action", "proposed_by", "decided_by", "decided_at")),
}


def _is_sending(receipt: Receipt, view: RefundView) -> bool:
    sending: bool = receipt.state == ReceiptState.REFUNDING
    return sending and receipt.refund_num == view.refund_num


def _give_back(receipt: Receipt, view: RefundView) -> bool:
    """Returns whether the receipt is REFUNDED now: once all of it went back. Before that it waits
    with what is left, also when our refund of it is done: that was of what WeChat was not giving
    back already."""
    fen = receipt.refunded_fen + view.amount_fen
    changes: dict[str, Any] = {"refunded_fen": fen}
    if fen >= receipt.amount_fen:
        changes |= {"state": ReceiptState.REFUNDED, "refund_num": view.refund_num}
    elif _is_sending(receipt, view):
        changes |= _WAITING_AGAIN
    _update_receipt(receipt, **changes)
    return changes.get("state") is ReceiptState.REFUNDED


def _update_receipt(receipt: Receipt, **changes: Any) -> None:
    query = Receipt.update(version=receipt.version + 1, **changes)
    query.where(Receipt.id == receipt.id).execute()


@dataclass(frozen=True)
class RefundSends:
    """How often a refund's number was sent, and WeChat's code in the last answer to that."""

    count: int
    answer: str | None


def read_sends(refund_num: str) -> RefundSends:
    """A read for the store. A refund without a row was sent by a version that kept none."""
    query = RefundCheck.select(RefundCheck.sends, RefundCheck.answer)
    found = rows(query.where(_check_of(refund_num)))
    return RefundSends(*found[0]) if found else RefundSends(1, None)


def forget_refusals(batch: Batch, refund_num: str) -> None:
    """WeChat answered as it should: what it refused before is told no more."""
    refused = _check_of(refund_num), RefundCheck.refusals > 0
    RefundCheck.update(refusals=0).where(*refused).execute()


@dataclass(frozen=True)
class RefundClaim:
    """The state that an unproven notify claimed for a refund; WeChat is asked to confirm it."""

    refund_num: str
    status: RefundStatus


def read_claims(refund_nums: Sequence[str]) -> dict[str, RefundClaim]:
    """A read for the store: what is claimed of these refunds, by their numbers."""
    query = RefundCheck.select(RefundCheck.refund_num, RefundCheck.claimed).where(
        RefundCheck.refund_num.in_(refund_nums), RefundCheck.claimed.is_null(False)
    )
    return {number: RefundClaim(number, RefundStatus(claimed)) for number, claimed in rows(query)}


def drop_claims(batch: Batch, claims: Sequence[RefundClaim]) -> list[None]:
    """These are answered, whatever the answer was. One that came since stays."""
    for claim in claims:
        RefundCheck.update(claimed=None).where(
            _check_of(claim.refund_num), RefundCheck.claimed == claim.status
        ).execute()
    return [None] * len(claims)


def _check_of(refund_num: str) -> Any:
    return RefundCheck.refund_num == refund_num


def plan_check(
    batch: Batch, refund_num: str, due_at: int, claimed: RefundStatus | None = None
) -> None:
    """WeChat is asked about this refund at `due_at` (ms)."""
    check = RefundCheck.get_or_none(_check_of(refund_num))
    if check is None:
        row = {
            "refund_num": refund_num,
            "due_at": due_at,
            "tries": 0,
            "claimed": claimed,
            "sends": 0,
            "refusals": 0,
            "answer": None,
        }
        batch.sql.insert(RefundCheck, [row])
        return
    earlier = min(due_at, check.due_at)
    changed = RefundCheck.update(due_at=earlier, claimed=claimed or check.claimed)
    changed.where(_check_of(refund_num)).execute()


FIRST_RECHECK_MS = HOUR_MS
"""A refund that was given up is asked about after an hour, and once more a day after its end."""


def plan_recheck(batch: Batch, refund_num: str) -> None:
    """It was given up just now; what an unproven notify claims of it is asked about at once."""
    due_at = batch.now + FIRST_RECHECK_MS
    plan_check(batch, refund_num, due_at)
    unclaimed = RefundCheck.claimed.is_null()
    changed = RefundCheck.update(due_at=due_at, tries=0, refusals=0)
    changed.where(_check_of(refund_num), unclaimed).execute()
