"""The one door: an order changes its state here, by `judge` and one conditional UPDATE.

A notify, a query's answer and our own decisions all come through; whoever comes second finds
the state as the first left it. The lock spares work, the UPDATE is the law.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from models import RawNotify, Receipt
from models import settlement_sql as sql
from models.store import Item, Op, Result, Store
from models.transaction import Batch, NewEvent
from payments.encryption import Sealer
from payments.errors import Busy
from payments.money import parse_fen
from payments.outcomes import Outcome
from payments.payment_result import PaymentResult
from payments.payment_rules import SHOWN, ReceiptReason, Verdict
from payments.refund import RefundResult, RefundStatus
from payments.refund_rules import RefundVerdict, judge_refund, status_of_order
from payments.states import SETTLED, OrderStatus, may_move
from services.runtime.audit_log import Deed, record
from services.runtime.clock import Clock, rfc3339
from services.runtime.counters import count_paid, count_pending, count_reopened
from services.runtime.ids import notice_id, sealing_nonce
from services.runtime.locks import Locks
from services.settlement.announcements import tell, tell_refunds
from services.settlement.refund_store import (
    LockedRefunds,
    RefundView,
    drop_claims,
    plan_check,
    read_claims,
)
from services.settlement.snapshots import (
    Incoming,
    IncomingRefund,
    OrderSnapshot,
    load_standings,
    load_world,
    notice_row,
)

ORDER_LOCK = "order:"
REPLAY = "replay"
"""The source of a notify that was kept and is settled again."""
PATIENCE_S = 4.0
"""WeChat waits five seconds; an answer after that is no answer."""


class Settlement:
    def __init__(
        self,
        store: Store,
        locks: Locks,
        sealer: Sealer,
        clock: Clock,
    ) -> None:
        self._store = store
        self._locks = locks
        self._sealer = sealer
        self._clock = clock

    async def settle(
        self, notice: PaymentResult, body: str, source: str, *, asked: bool = False
    ) -> Verdict:
        """Judge a proven payment result and book it if the rules allow; `asked` when it is the
        answer to a question of ours. Raises Busy."""
        received_at = self._clock.now_ms()
        name, sealed = self._sealed(body, received_at)
        arrival = Incoming(notice, sealed, source, received_at, name, asked)
        return await self._patiently(settle, arrival)

    async def replay(self, notice: PaymentResult, body: str, by: str) -> Verdict:
        """Settle a payment result that was kept, once more, because a person wants it. Raises
        Busy."""
        received_at = self._clock.now_ms()
        name, sealed = self._sealed(body, received_at)
        arrival = Incoming(notice, sealed, REPLAY, received_at, name, replayed_by=by)
        return await self._patiently(settle, arrival)

    async def settle_refund(
        self, result: RefundResult, body: str, source: str, *, asked: bool = False
    ) -> RefundVerdict:
        """Judge what WeChat says of a refund and move it, and its order, if the rules allow. What
        is not proven moves nothing and makes the question due at once; `asked` when this is the
        answer to it; the answer to our request may be older than a notify, and confirms none.
        Raises Busy."""
        received_at = self._clock.now_ms()
        name, sealed = self._sealed(body, received_at)
        arrival = IncomingRefund(result, sealed, source, received_at, name, asked)
        return await self._patiently(settle_refunds, arrival)

    def _sealed(self, body: str, received_at: int) -> tuple[str, bytes]:
        name = notice_id(received_at)
        return name, self._sealer.seal(body, name, sealing_nonce())

    async def _patiently(self, op: Op[Item, Result], arrival: Item) -> Result:
        order_num = getattr(arrival, "order_num", None) or ""
        try:
            async with (
                asyncio.timeout(PATIENCE_S),
                self._locks.hold(ORDER_LOCK + order_num),
            ):
                return await self._store.write(op, arrival)
        except TimeoutError as error:
            raise Busy("The database did not take it in time.") from error

    async def mark_prepaid(self, prepaid: Prepaid) -> OrderStatus:
        """INIT → WAIT_PAY; returns the status that the order has now."""
        return await self._store.write(mark_prepaid, prepaid)

    async def mark_closed(self, closing: OrderClosing) -> OrderStatus:
        """INIT or WAIT_PAY → CLOSED; returns the status that the order has now."""
        return await self._store.write(mark_closed, closing)


@dataclass(frozen=True)
class Prepaid:
    """What WeChat gave for this order; `valid_until` in ms UTC."""

    order_num: str
    trade_type: str
    prepay_id: str
    code_url: str | None
    valid_until: int


@dataclass(frozen=True)
class OrderClosing:
    """This order is closed at WeChat, or never was there. `by` says who asked."""

    order_num: str
    by: str
    reason: str


# --- ops: one transaction, many items ------------------------------------------------------------


def settle(batch: Batch, arrivals: Sequence[Incoming]) -> list[Verdict]:
    """Judge in sequence, then write in one go: orders, receipts, alerts, counters, events."""
    world = load_world(batch, arrivals)
    verdicts: list[Verdict] = []
    paid: list[dict[str, Any]] = []
    for arrival in arrivals:
        standing, verdict = world.standing(arrival), world.judge(arrival)
        verdicts.append(verdict)
        if verdict.outcome is Outcome.BOOKED and standing:
            paid.append(_paid_row(batch, arrival, standing))
            _book(batch, arrival, standing, verdict)
            world.booked_on[arrival.news.transaction_id] = standing.facts.order_num
    if batch.sql.update(sql.update_paid, paid) != len(paid):
        raise RuntimeError("an order changed under its lock; the batch is run again")
    _record(batch, arrivals, verdicts, set(world.receipts))
    tell(batch, arrivals, verdicts, world.standings)
    record(
        batch, *(_replayed(a, v) for a, v in zip(arrivals, verdicts, strict=True) if a.replayed_by)
    )
    return verdicts


def mark_prepaid(batch: Batch, items: Sequence[Prepaid]) -> list[OrderStatus]:
    standings = load_standings(batch, [item.order_num for item in items])
    results = []
    for item in items:
        batch.sql.run(sql.update_attempt, {**vars(item), "answered_at": batch.now})
        standing = standings[item.order_num]
        if may_move(standing.facts.status, OrderStatus.WAIT_PAY):
            where = {"order_num": item.order_num, "updated_at": batch.now}
            batch.sql.run(sql.update_prepaid, {**where, "trade_type": item.trade_type})
            standing.facts = replace(standing.facts, status=OrderStatus.WAIT_PAY)
            data = {**standing.shown, "tradeType": item.trade_type}
            batch.emit(NewEvent("prepay.created", item.order_num, data))
        results.append(standing.facts.status)
    return results


def mark_closed(batch: Batch, items: Sequence[OrderClosing]) -> list[OrderStatus]:
    standings = load_standings(batch, [item.order_num for item in items])
    results = []
    for item in items:
        standing = standings[item.order_num]
        if may_move(standing.facts.status, OrderStatus.CLOSED):
            where = {"order_num": item.order_num, "updated_at": batch.now}
            batch.sql.run(sql.update_closed, where)
            standing.facts = replace(standing.facts, status=OrderStatus.CLOSED)
            data = {**standing.shown, "by": item.by, "reason": item.reason}
            batch.emit(NewEvent("order.closed", item.order_num, data))
            record(batch, Deed(item.by, "order.closed", item.order_num))
            count_pending(batch, item.order_num, -1)
        results.append(standing.facts.status)
    return results


def settle_refunds(batch: Batch, arrivals: Sequence[IncomingRefund]) -> list[RefundVerdict]:
    """Judge in sequence and move: orders, refunds, receipts, alerts, events."""
    book = LockedRefunds(batch, refund_nums=[a.refund_num for a in arrivals if a.refund_num])
    claims = read_claims([a.refund_num for a in arrivals if a.asked and a.refund_num])
    verdicts: list[RefundVerdict] = []
    views: list[RefundView | None] = []
    for arrival in arrivals:
        view = book.refunds.get(arrival.refund_num or "")
        claim = claims.pop(arrival.refund_num or "", None) if arrival.asked else None
        facts = book.facts(view) if view else None
        verdict = judge_refund(facts, arrival.news, claim.status if claim else None)
        if view:
            if claim:
                drop_claims(batch, [claim])
            view = _apply(batch, book, view, arrival, verdict)
        verdicts.append(verdict)
        views.append(view)
    follow_refunds(batch, book)
    kept = [
        notice_row(arrival, verdict, view.order_num if view else None)
        for arrival, verdict, view in zip(arrivals, verdicts, views, strict=True)
        if verdict.rule or not (arrival.asked and verdict.outcome is Outcome.REFUND_REPEATED)
    ]
    batch.sql.insert(RawNotify, kept)
    tell_refunds(batch, book, arrivals, verdicts, views)
    return verdicts


def follow_refunds(batch: Batch, book: LockedRefunds) -> None:
    """Bring each order whose refunds changed into the state that they make."""
    for order_num in sorted(book.touched & set(book.standings)):
        standing = book.standings[order_num]
        before, total_fen = standing.facts.status, standing.facts.total_fen
        refunds = [(view.status, view.amount_fen) for view in book.of_order(order_num)]
        after, refunded_fen = status_of_order(total_fen, refunds)
        if before not in SETTLED or not _leads_to(before, after):
            raise RuntimeError(f"refunds cannot make order {order_num} {after}; it is {before}")
        row = {
            "order_num": order_num,
            "before": before.value,
            "after": after.value,
            "refunded_fen": refunded_fen,
            "updated_at": batch.now,
        }
        if batch.sql.run(sql.update_refunded, row) != 1:
            raise RuntimeError("an order changed under its lock; the batch is run again")
        standing.facts = replace(standing.facts, status=after)


def _leads_to(before: OrderStatus, after: OrderStatus) -> bool:
    """By one legal move, or by two at once through REFUNDING."""
    middle = OrderStatus.REFUNDING
    both = may_move(before, middle) and may_move(middle, after)
    return after is before or may_move(before, after) or both


@dataclass(frozen=True)
class Reopening:
    """An admin's decision that late money pays its closed order after all."""

    transaction_id: str
    notice_id: str
    by: str


def reopen_order(batch: Batch, standing: OrderSnapshot, reopening: Reopening) -> bool:
    """CLOSED → PAID; False when the order is not CLOSED any more. Only a decision on a receipt
    leads here, never a message."""
    order_num = standing.facts.order_num
    if standing.facts.status is not OrderStatus.CLOSED:
        return False
    row = {
        "order_num": order_num,
        "transaction_id": reopening.transaction_id,
        "paid_at": batch.now,
        "updated_at": batch.now,
    }
    if batch.sql.run(sql.update_reopened, row) != 1:
        raise RuntimeError("an order changed under its lock; the batch is run again")
    standing.facts = standing.facts.paid_by(reopening.transaction_id)
    data = {
        **standing.shown,
        "tradeType": standing.trade_type,
        "transactionId": reopening.transaction_id,
        "wechatPaidAt": None,
        "notifyId": reopening.notice_id,
        "from": OrderStatus.CLOSED.value,
        "reopened": True,
        "by": reopening.by,
    }
    batch.emit(NewEvent("order.paid", order_num, data))
    count_reopened(batch, order_num, standing.facts.total_fen)
    return True


# --- the steps of `settle_refunds` -------------------------------------------------------------


def _apply(
    batch: Batch,
    book: LockedRefunds,
    view: RefundView,
    arrival: IncomingRefund,
    verdict: RefundVerdict,
) -> RefundView:
    result = arrival.news
    if verdict.confirm:
        plan_check(batch, view.refund_num, batch.now, result.status)
    if verdict.moves_to is None:
        return view
    changes: dict[str, Any] = {"failure": None}
    if result.refund_id:
        changes["refund_id"] = result.refund_id[:SHOWN]
    if verdict.moves_to is RefundStatus.SUCCESS:
        told = result.succeeded_at
        changes["succeeded_at"] = int(told.timestamp() * 1000) if told else arrival.received_at
    elif verdict.moves_to is not RefundStatus.PROCESSING:
        changes["failure"] = f"WeChat says {(result.said or '')[:SHOWN]}."
    return book.move(view, verdict.moves_to, **changes)


# --- the steps of `settle` -------------------------------------------------------------------


def _paid_row(batch: Batch, arrival: Incoming, standing: OrderSnapshot) -> dict[str, Any]:
    notice = arrival.news
    return {
        "order_num": standing.facts.order_num,
        "transaction_id": notice.transaction_id,
        "trade_type": standing.trade_type or (notice.trade_type or "")[:10] or None,
        "paid_at": arrival.received_at,
        "updated_at": batch.now,
    }


def _book(batch: Batch, arrival: Incoming, standing: OrderSnapshot, verdict: Verdict) -> None:
    before, notice = standing.facts, arrival.news
    standing.facts = before.paid_by(notice.transaction_id)
    wechat_ms = int(notice.paid_at.timestamp() * 1000) if notice.paid_at else None
    data = {
        **standing.shown,
        "tradeType": standing.trade_type or (notice.trade_type or "")[:10] or None,
        "transactionId": notice.transaction_id,
        "wechatPaidAt": rfc3339(wechat_ms),
        "notifyId": arrival.id,
        "from": before.status.value,
    }
    if verdict.payer_differs:
        data["payerDiffers"] = True
    if arrival.replayed_by:
        data |= {"replayed": True, "by": arrival.replayed_by}
    batch.emit(NewEvent("order.paid", before.order_num, data))
    if arrival.asked:
        batch.emit(NewEvent("order.healed", before.order_num, data))
    prompt = None if arrival.replayed_by else wechat_ms  # how long a person took is no delay
    told, total = not (arrival.asked or arrival.replayed_by), before.total_fen
    count_paid(batch, before.order_num, total, arrival.received_at, prompt, told=told)


def _replayed(arrival: Incoming, verdict: Verdict) -> Deed:
    detail = {"orderNum": arrival.order_num, "verdict": verdict.outcome.value}
    return Deed(arrival.replayed_by or "", "notify.replayed", arrival.id, detail)


def _record(
    batch: Batch,
    arrivals: Sequence[Incoming],
    verdicts: list[Verdict],
    known: set[tuple[str, str]],
) -> None:
    notices, receipts, mended = [], [], []
    for arrival, verdict in zip(arrivals, verdicts, strict=True):
        notices.append(notice_row(arrival, verdict, None))
        fen = parse_fen(arrival.news.total_text)
        where = (arrival.news.transaction_id or "", arrival.order_num or "")
        if verdict.receipt and fen:
            receipts.append(_receipt_row(arrival, verdict.receipt, fen))
            known.add(where)
        elif verdict.outcome is Outcome.BOOKED and where in known:
            mended.append({"transaction_id": where[0], "order_num": where[1]})
    batch.sql.insert(RawNotify, notices)
    receipts.sort(key=lambda row: (row["transaction_id"], row["order_num"]))
    batch.sql.insert(Receipt, receipts, ignore=True)
    # Money that was unexplained and is booked now (its cause was mended) waits no longer.
    if batch.sql.run_many(sql.settle_receipt, mended) != len(mended):
        raise RuntimeError("a receipt changed under its lock; the batch is run again")


def _receipt_row(arrival: Incoming, reason: ReceiptReason, fen: int) -> dict[str, Any]:
    return {
        "transaction_id": arrival.news.transaction_id,
        "order_num": arrival.order_num or "",
        "amount_fen": fen,
        "reason": reason.value,
        "state": "waiting",
        "notice_id": arrival.id,
        "received_at": arrival.received_at,
        "app_id": (arrival.news.app_id or "")[:32],
        "mch_id": (arrival.news.mch_id or "")[:32],
        "version": 1,
    }
