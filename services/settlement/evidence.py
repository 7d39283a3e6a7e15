"""Writes the notifies of a batch: their text, and a receipt for money on no order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models import RawNotify, Receipt
from models import settlement_sql as sql
from models.base import rows
from models.notify import OPEN
from models.transaction import Batch
from payments.money import parse_received
from payments.outcomes import Outcome
from payments.payment_rules import ReceiptReason, Verdict
from services.alerts.money_thread import follow_money
from services.settlement.snapshots import Incoming, raw_notify_row


def keep_evidence(
    batch: Batch,
    incoming: Sequence[Incoming],
    verdicts: list[Verdict],
    known: set[tuple[str, str]],
) -> None:
    """Every notify in its own words; and a receipt for each payment that is on no order. `known`
    are the receipts there already, by transaction and order."""
    notices, receipts, mended = [], [], []
    for item, verdict in zip(incoming, verdicts, strict=True):
        notices.append(raw_notify_row(item, verdict, None))
        where = (item.news.transaction_id or "", item.order_num or "")
        if verdict.receipt and (fen := parse_received(item.news.total_text)):
            receipts.append(_receipt_row(item, verdict.receipt, fen))
            known.add(where)
        elif verdict.outcome is Outcome.BOOKED and where in known:
            mended.append({"transaction_id": where[0], "order_num": where[1]})
    batch.sql.insert(RawNotify, notices)
    receipts.sort(key=lambda row: (row["transaction_id"], row["order_num"]))
    batch.sql.insert(Receipt, receipts, ignore=True)
    # Money that was unexplained and is booked now (its cause was mended) waits no longer.
    batch.sql.must(sql.settle_receipt, mended)
    for row in mended:
        follow_money(batch, row["order_num"], row["transaction_id"])


def money_is_decided(order_num: str) -> bool:
    """A read for the store: whether WeChat has money under this number that is not on the order,
    and a decision on all of it."""
    query = Receipt.select(Receipt.state).where(Receipt.order_num == order_num)
    states = {state for (state,) in rows(query)}
    return bool(states) and not states & set(OPEN)


def _receipt_row(item: Incoming, reason: ReceiptReason, fen: int) -> dict[str, Any]:
    return {
        "transaction_id": item.news.transaction_id,
        "order_num": item.order_num or "",
        "amount_fen": fen,
        "currency": item.news.currency[:16],
        "reason": reason.value,
        "state": "waiting",
        "notice_id": item.id,
        "received_at": item.received_at,
        "wechat_paid_at": item.news.paid_ms,
        "app_id": (item.news.app_id or "")[:32],
        "mch_id": (item.news.mch_id or "")[:32],
        "refunded_fen": 0,
        "version": 1,
    }
