"""The one door: an order changes its state here, by `judge` and one conditional UPDATE.

A notify, a query's answer and our own decisions all come through; whoever comes second finds
the state as the first left it. The lock spares work, the UPDATE is the law.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from models import RawNotice, Receipt
from models import settling as sql
from models.store import Store
from models.stream import Batch, NewEvent
from payments.answers import Outcome
from payments.errors import Busy
from payments.money import parse_fen
from payments.notice import Notice
from payments.rules import ReceiptReason, Verdict, judge
from payments.sealing import Sealer
from payments.states import OrderStatus, may_move
from services.arrivals import Arrival, Standing, load_standings, notice_row
from services.clock import Clock, rfc3339
from services.counting import count_paid, count_pending
from services.identity import notice_id, sealing_nonce
from services.lock import Locks
from services.telling import tell

ORDER_LOCK = "order:"
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
        self, notice: Notice, body: str, source: str, *, asked: bool = False
    ) -> Verdict:
        """Judge a proven payment result and book it if the rules allow; `asked` when it is the
        answer to a question of ours. Raises Busy."""
        received_at = self._clock.now_ms()
        name = notice_id(received_at)
        sealed = self._sealer.seal(body, name, sealing_nonce())
        arrival = Arrival(notice, sealed, source, received_at, name, asked)
        try:
            async with (
                asyncio.timeout(PATIENCE_S),
                self._locks.hold(ORDER_LOCK + (arrival.order_num or "")),
            ):
                return await self._store.write(settle, arrival)
        except TimeoutError as error:
            raise Busy("The database did not take it in time.") from error

    async def mark_prepaid(self, prepaid: Prepaid) -> OrderStatus:
        """INIT → WAIT_PAY; returns the status that the order has now."""
        return await self._store.write(mark_prepaid, prepaid)

    async def mark_closed(self, closing: Closing) -> OrderStatus:
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
class Closing:
    """This order is closed at WeChat, or never was there. `by` says who asked."""

    order_num: str
    by: str
    reason: str


# --- ops: one transaction, many items ------------------------------------------------------------


def settle(batch: Batch, arrivals: Sequence[Arrival]) -> list[Verdict]:
    """Judge in sequence, then write in one go: orders, receipts, alerts, counters, events."""
    standings = load_standings(batch, [a.order_num for a in arrivals if a.order_num])
    transactions = sorted({a.notice.transaction_id for a in arrivals if a.notice.transaction_id})
    booked_on = dict(batch.sql.fetch(sql.select_booked, transactions))
    verdicts: list[Verdict] = []
    paid: list[dict[str, Any]] = []
    for arrival in arrivals:
        notice = arrival.notice
        standing = standings.get(arrival.order_num or "")
        facts = standing.facts if standing else None
        verdict = judge(facts, notice, booked_on.get(notice.transaction_id))
        verdicts.append(verdict)
        if verdict.outcome is Outcome.BOOKED and standing:
            paid.append(_paid_row(batch, arrival, standing))
            _book(batch, arrival, standing, verdict)
            booked_on[notice.transaction_id] = standing.facts.order_num
    if batch.sql.update(sql.update_paid, paid) != len(paid):
        raise RuntimeError("an order changed under its lock; the batch is run again")
    _record(batch, arrivals, verdicts)
    tell(batch, arrivals, verdicts, standings)
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


def mark_closed(batch: Batch, items: Sequence[Closing]) -> list[OrderStatus]:
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
            count_pending(batch, -1)
        results.append(standing.facts.status)
    return results


# --- the steps of `settle` -------------------------------------------------------------------


def _paid_row(batch: Batch, arrival: Arrival, standing: Standing) -> dict[str, Any]:
    notice = arrival.notice
    return {
        "order_num": standing.facts.order_num,
        "transaction_id": notice.transaction_id,
        "trade_type": standing.trade_type or (notice.trade_type or "")[:10] or None,
        "paid_at": arrival.received_at,
        "updated_at": batch.now,
    }


def _book(batch: Batch, arrival: Arrival, standing: Standing, verdict: Verdict) -> None:
    before, notice = standing.facts, arrival.notice
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
    batch.emit(NewEvent("order.paid", before.order_num, data))
    if arrival.asked:
        batch.emit(NewEvent("order.healed", before.order_num, data))
    count_paid(batch, before.total_fen, arrival.received_at, wechat_ms)


def _record(batch: Batch, arrivals: Sequence[Arrival], verdicts: list[Verdict]) -> None:
    notices, receipts, booked = [], [], {}
    for arrival, verdict in zip(arrivals, verdicts, strict=True):
        notices.append(notice_row(arrival, verdict))
        fen = parse_fen(arrival.notice.total_text)
        if verdict.receipt and fen:
            receipts.append(_receipt_row(arrival, verdict.receipt, fen))
        elif verdict.outcome is Outcome.BOOKED:
            booked[arrival.notice.transaction_id] = arrival.order_num
    batch.sql.insert(RawNotice, notices)
    receipts.sort(key=lambda row: (row["transaction_id"], row["order_num"]))
    batch.sql.insert(Receipt, receipts, ignore=True)
    # Money that was unexplained and is booked now (its cause was mended) waits no longer.
    waiting = batch.sql.fetch(sql.select_waiting, list(booked))
    mended = [{"transaction_id": tx, "order_num": n} for tx, n in waiting if booked[tx] == n]
    batch.sql.run_many(sql.settle_receipt, mended)


def _receipt_row(arrival: Arrival, reason: ReceiptReason, fen: int) -> dict[str, Any]:
    return {
        "transaction_id": arrival.notice.transaction_id,
        "order_num": arrival.order_num or "",
        "amount_fen": fen,
        "reason": reason.value,
        "state": "waiting",
        "notice_id": arrival.id,
        "received_at": arrival.received_at,
        "app_id": (arrival.notice.app_id or "")[:32],
        "mch_id": (arrival.notice.mch_id or "")[:32],
        "version": 1,
    }
