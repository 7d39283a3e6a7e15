"""The one door: an order changes its state here, by `judge` and one conditional UPDATE.

A notify, the answer to a query and our own decisions all use it; the second one finds the state
that the first one left. The lock only spares work; the conditional UPDATE decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models import RawNotify
from models import settlement_sql as sql
from models.store import Done, Store
from models.transaction import Batch, NewEvent
from payments.causes import Cause
from payments.encryption import Sealer
from payments.outcomes import Outcome
from payments.payment_result import PaymentResult
from payments.payment_rules import SHOWN, Verdict
from payments.refund import RefundResult, RefundStatus
from payments.refund_rules import RefundVerdict, judge_refund, status_of_order
from payments.states import SETTLED, OrderStatus, may_move
from services.runtime.audit_log import Deed, record
from services.runtime.clock import Clock, rfc3339
from services.runtime.counters import count_paid, count_pending, count_prepay, count_reopened
from services.runtime.ids import raw_notify_id, sealing_nonce
from services.runtime.locks import Locks
from services.settlement.announcements import tell, tell_refunds
from services.settlement.evidence import keep_evidence
from services.settlement.outside_refund_ops import open_book, take_outside
from services.settlement.paid_money import plan_looks
from services.settlement.refund_store import (
    LockedRefunds,
    RefundView,
    drop_claims,
    forget_refusals,
    plan_check,
    read_claims,
)
from services.settlement.report_counts import report_paid
from services.settlement.snapshots import (
    Incoming,
    IncomingRefund,
    OrderSnapshot,
    load_context,
    load_snapshots,
    raw_notify_row,
)
from services.settlement.waits import Waits

REPLAY = "replay"
"""The source of a notify that was kept and is settled again."""


class Settlement:
    def __init__(
        self,
        store: Store,
        locks: Locks,
        sealer: Sealer,
        clock: Clock,
    ) -> None:
        self._store = store
        self._waits = Waits(store, locks)
        self._sealer = sealer
        self._clock = clock

    async def settle(
        self, notice: PaymentResult, body: str, source: str, *, asked: bool = False
    ) -> Verdict:
        """Judge a proven payment result and book it if the rules allow; `asked` when it is the
        answer to a question of ours. Raises Busy."""
        received_at = self._clock.now_ms()
        name, sealed = self._sealed(body, received_at)
        item = Incoming(notice, sealed, source, received_at, name, asked)
        return await self._waits.write(settle, item)

    def settle_told(self, notice: PaymentResult, body: str, source: str, done: Done) -> None:
        """As `settle` for a notify, without a task: `done` is called once, with the verdict or with
        what `settle` would raise."""
        received_at = self._clock.now_ms()
        name, sealed = self._sealed(body, received_at)
        self._waits.begin(settle, Incoming(notice, sealed, source, received_at, name), done)

    async def replay(self, notice: PaymentResult, body: str, by: str) -> Verdict:
        """Settle a payment result that was kept, once more, because a person wants it. Raises
        Busy."""
        received_at = self._clock.now_ms()
        name, sealed = self._sealed(body, received_at)
        item = Incoming(notice, sealed, REPLAY, received_at, name, replayed_by=by)
        return await self._waits.write(settle, item)

    async def settle_refund(
        self,
        result: RefundResult,
        body: str,
        source: str,
        *,
        asked: bool = False,
        claimed: RefundStatus | None = None,
    ) -> RefundVerdict:
        """Judge WeChat's report of a refund and move it, and its order, if the rules allow. An
        unproven report moves nothing and makes the query due at once; `asked` when this is the
        answer to one, and `claimed` what such a report had said before it was sent. An answer
        confirms no report that came after its question. Raises Busy."""
        received_at = self._clock.now_ms()
        name, sealed = self._sealed(body, received_at)
        item = IncomingRefund(result, sealed, source, received_at, name, asked, claimed=claimed)
        return await self._waits.write(settle_refunds, item)

    def _sealed(self, body: str, received_at: int) -> tuple[str, bytes]:
        name = raw_notify_id(received_at)
        return name, self._sealer.seal(body, name, sealing_nonce())

    async def mark_prepaid(self, prepaid: Prepaid) -> OrderStatus:
        """INIT → WAIT_PAY; returns the status that the order has now."""
        return await self._store.write(mark_prepaid, prepaid)

    async def mark_closed(self, closing: OrderClosing) -> OrderStatus:
        """INIT or WAIT_PAY → CLOSED; returns the status that the order has now."""
        return await self._store.write(mark_closed, closing)


@dataclass(frozen=True)
class Prepaid:
    """WeChat's result of the prepay of this order; `valid_until` in ms UTC. `call` is the number
    of the call that brought it, `payer` the openid that it is for, which the order keeps."""

    order_num: str
    trade_type: str
    prepay_id: str
    code_url: str | None
    valid_until: int
    call: int
    payer: str | None = None
    request_id: str | None = None


@dataclass(frozen=True)
class OrderClosing:
    """This order is closed at WeChat, or never was there. `by` says who asked."""

    order_num: str
    by: str
    reason: str


# --- ops: one transaction, many items ------------------------------------------------------------


def settle(batch: Batch, incoming: Sequence[Incoming]) -> list[Verdict]:
    """Judge in sequence, then write in one go: orders, receipts, alerts, counters, events."""
    context = load_context(batch, incoming)
    verdicts: list[Verdict] = []
    paid: list[dict[str, Any]] = []
    for item in incoming:
        snapshot, verdict = context.snapshot(item), context.judge(item)
        verdicts.append(verdict)
        if verdict.outcome is Outcome.BOOKED and snapshot:
            paid.append(_paid_row(batch, item, snapshot))
            _book(batch, item, snapshot, verdict)
            context.booked_on[item.news.transaction_id] = snapshot.facts.order_num
    batch.sql.must(sql.update_paid, paid)
    keep_evidence(batch, incoming, verdicts, set(context.receipts))
    plan_looks(batch, incoming, verdicts)
    others = [
        (item, verdict)
        for item, verdict in zip(incoming, verdicts, strict=True)
        if verdict.outcome is not Outcome.BOOKED and not context.is_old_news(item, verdict)
    ]
    if others:
        tell(batch, others, context.snapshots)
    record(
        batch, *(_replayed(a, v) for a, v in zip(incoming, verdicts, strict=True) if a.replayed_by)
    )
    return verdicts


def mark_prepaid(batch: Batch, items: Sequence[Prepaid]) -> list[OrderStatus]:
    snapshots = load_snapshots(batch, [item.order_num for item in items])
    results = []
    for item in items:
        batch.sql.write(sql.update_attempt, [{**vars(item), "answered_at": batch.now}])
        if item.payer:
            payer = {"order_num": item.order_num, "payer": item.payer}
            batch.sql.write(sql.update_payer, [payer])
        count_prepay(batch, item.order_num, taken=True)
        snapshot = snapshots[item.order_num]
        if may_move(snapshot.facts.status, OrderStatus.WAIT_PAY):
            where = {"order_num": item.order_num, "updated_at": batch.now}
            batch.sql.write(sql.update_prepaid, [{**where, "trade_type": item.trade_type}])
            snapshot.facts = snapshot.facts._replace(status=OrderStatus.WAIT_PAY)
            told = {"requestId": item.request_id} if item.request_id else {}
            data = {**snapshot.shown, "tradeType": item.trade_type, **told}
            batch.emit(NewEvent("prepay.created", item.order_num, data))
        results.append(snapshot.facts.status)
    return results


def mark_closed(batch: Batch, items: Sequence[OrderClosing]) -> list[OrderStatus]:
    snapshots = load_snapshots(batch, [item.order_num for item in items])
    results = []
    for item in items:
        snapshot = snapshots[item.order_num]
        if may_move(snapshot.facts.status, OrderStatus.CLOSED):
            where = {"order_num": item.order_num, "updated_at": batch.now}
            batch.sql.write(sql.update_closed, [where])
            snapshot.facts = snapshot.facts._replace(status=OrderStatus.CLOSED)
            data = {**snapshot.shown, "by": item.by, "reason": item.reason}
            batch.emit(NewEvent("order.closed", item.order_num, data))
            record(batch, Deed(item.by, "order.closed", item.order_num))
            count_pending(batch, item.order_num, -1)
        results.append(snapshot.facts.status)
    return results


def settle_refunds(batch: Batch, incoming: Sequence[IncomingRefund]) -> list[RefundVerdict]:
    """Judge in sequence and move: orders, refunds, receipts, alerts, events."""
    outside = open_book(batch, incoming)
    book = outside.refunds
    claims = read_claims([a.refund_num for a in incoming if a.asked and a.refund_num])
    verdicts: list[RefundVerdict] = []
    views: list[RefundView | None] = []
    for item in incoming:
        view = outside.find(item)
        claim = claims.get(item.refund_num or "")
        if claim and not item.confirms(claim.status):
            claim = None
        facts = book.facts(view) if view else None
        verdict = judge_refund(facts, item.news, claim.status if claim else None)
        if view:
            if claim:
                drop_claims(batch, [claim])
                del claims[claim.refund_num]
            if item.asked:
                forget_refusals(batch, view.refund_num)
            view = _apply(batch, book, view, item, verdict)
        elif verdict.cause is Cause.REFUND_UNKNOWN:
            view, judged = take_outside(batch, outside, item)
            verdict = judged or verdict
        verdicts.append(verdict)
        views.append(view)
    follow_refunds(batch, book)
    kept = [
        raw_notify_row(item, verdict, view.order_num if view else None)
        for item, verdict, view in zip(incoming, verdicts, views, strict=True)
        if verdict.cause or not (item.asked and verdict.outcome is Outcome.REFUND_REPEATED)
    ]
    batch.sql.insert(RawNotify, kept)
    tell_refunds(batch, book, incoming, verdicts, views)
    return verdicts


def follow_refunds(batch: Batch, book: LockedRefunds) -> None:
    """Bring each order whose refunds changed into the state that they make."""
    for order_num in sorted(book.touched & set(book.snapshots)):
        snapshot = book.snapshots[order_num]
        before, total_fen = snapshot.facts.status, snapshot.facts.total_fen
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
        batch.sql.must(sql.update_refunded, [row])
        snapshot.facts = snapshot.facts._replace(status=after)


def _leads_to(before: OrderStatus, after: OrderStatus) -> bool:
    """True for one allowed move, or for two at once through REFUNDING."""
    middle = OrderStatus.REFUNDING
    both = may_move(before, middle) and may_move(middle, after)
    return after is before or may_move(before, after) or both


@dataclass(frozen=True)
class Reopening:
    """An admin's decision that late money pays its closed order after all."""

    transaction_id: str
    notice_id: str
    by: str
    wechat_paid_at: int | None


def reopen_order(batch: Batch, snapshot: OrderSnapshot, reopening: Reopening) -> bool:
    """CLOSED → PAID; False when the order is not CLOSED any more. Only a decision on a receipt
    leads here, never a message."""
    order_num = snapshot.facts.order_num
    if snapshot.facts.status is not OrderStatus.CLOSED:
        return False
    row = {
        "order_num": order_num,
        "transaction_id": reopening.transaction_id,
        "paid_at": batch.now,
        "wechat_paid_at": reopening.wechat_paid_at,
        "updated_at": batch.now,
    }
    batch.sql.must(sql.update_reopened, [row])
    snapshot.facts = snapshot.facts.paid_by(reopening.transaction_id)
    data = {
        **snapshot.shown,
        "tradeType": snapshot.trade_type,
        "transactionId": reopening.transaction_id,
        "wechatPaidAt": rfc3339(reopening.wechat_paid_at),
        "notifyId": reopening.notice_id,
        "from": OrderStatus.CLOSED.value,
        "reopened": True,
        "by": reopening.by,
    }
    batch.emit(NewEvent("order.paid", order_num, data))
    count_reopened(batch, order_num, snapshot.facts.total_fen)
    paid_at = reopening.wechat_paid_at
    report_paid(batch, snapshot, batch.now if paid_at is None else paid_at)
    return True


# --- the steps of `settle_refunds` -------------------------------------------------------------


def _apply(
    batch: Batch,
    book: LockedRefunds,
    view: RefundView,
    item: IncomingRefund,
    verdict: RefundVerdict,
) -> RefundView:
    result = item.news
    if result.proven and result.refund_id and view.refund_id is None and view.was_entered:
        view = book.learn_id(view, result.refund_id[:SHOWN])
    if verdict.confirm:
        plan_check(batch, view.refund_num, batch.now, result.status)
    if verdict.moves_to is None:
        return view
    changes: dict[str, Any] = {"failure": None, "ended_from": None}
    if result.refund_id:
        changes["refund_id"] = result.refund_id[:SHOWN]
    if verdict.moves_to is RefundStatus.SUCCESS:
        told = result.succeeded_at
        changes["succeeded_at"] = int(told.timestamp() * 1000) if told else item.received_at
    elif verdict.moves_to is not RefundStatus.PROCESSING:
        changes["failure"] = (result.said or "")[:SHOWN]
    return book.move(view, verdict.moves_to, **changes)


# --- the steps of `settle` -------------------------------------------------------------------


def _paid_row(batch: Batch, item: Incoming, snapshot: OrderSnapshot) -> dict[str, Any]:
    notice = item.news
    return {
        "order_num": snapshot.facts.order_num,
        "transaction_id": notice.transaction_id,
        "trade_type": snapshot.trade_type or (notice.trade_type or "")[:10] or None,
        "paid_at": item.received_at,
        "wechat_paid_at": notice.paid_ms,
        "updated_at": batch.now,
    }


def _book(batch: Batch, item: Incoming, snapshot: OrderSnapshot, verdict: Verdict) -> None:
    before, notice = snapshot.facts, item.news
    snapshot.facts = before.paid_by(notice.transaction_id)
    wechat_ms = notice.paid_ms
    data = {
        **snapshot.shown,
        "tradeType": snapshot.trade_type or (notice.trade_type or "")[:10] or None,
        "transactionId": notice.transaction_id,
        "wechatPaidAt": rfc3339(wechat_ms),
        "notifyId": item.id,
        "from": before.status.value,
    }
    if verdict.payer_differs:
        data["payerDiffers"] = True
    if item.replayed_by:
        data |= {"replayed": True, "by": item.replayed_by}
    batch.emit(NewEvent("order.paid", before.order_num, data))
    if item.asked:
        batch.emit(NewEvent("order.healed", before.order_num, data))
    prompt = None if item.replayed_by else wechat_ms  # how long a person took is no delay
    told, total = not (item.asked or item.replayed_by), before.total_fen
    count_paid(batch, before.order_num, total, item.received_at, prompt, told=told)
    report_paid(batch, snapshot, item.received_at if wechat_ms is None else wechat_ms)


def _replayed(item: Incoming, verdict: Verdict) -> Deed:
    detail = {"orderNum": item.order_num, "verdict": verdict.outcome.value}
    return Deed(item.replayed_by or "", "notify.replayed", item.id, detail)
