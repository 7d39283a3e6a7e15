"""The events and alerts of payment results that were not booked, and of every refund result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.transaction import Batch, NewEvent
from payments.alert_kinds import AlertKind, Severity
from payments.masking import mask_text
from payments.money import parse_fen, parse_received
from payments.notify_replies import REPLIES
from payments.outcomes import Outcome
from payments.payment_rules import SHOWN, Verdict, cut
from payments.refund_rules import RefundVerdict
from services.alerts.cases import Cases, Finding, Raised
from services.runtime.counters import count_failed
from services.settlement.refund_news import tell_refund
from services.settlement.refund_store import LockedRefunds, RefundView
from services.settlement.report_counts import report_failed
from services.settlement.snapshots import Incoming, IncomingRefund, OrderSnapshot


def tell(
    batch: Batch, pairs: Sequence[tuple[Incoming, Verdict]], snapshots: dict[str, OrderSnapshot]
) -> None:
    """The events and alerts of everything that was not booked, in the order in which it came."""
    findings = [_finding(item, verdict, snapshots) for item, verdict in pairs]
    cases = Cases(batch, [finding.key for finding in findings if finding])
    for (item, verdict), finding in zip(pairs, findings, strict=True):
        if finding:
            _refuse(batch, cases, item, finding, snapshots)
        elif verdict.outcome is Outcome.DUPLICATE:
            _emit(batch, "notify.duplicate", item, snapshots)
        elif verdict.outcome is Outcome.NOT_SUCCESSFUL:
            failure = {
                "code": (item.news.failure_code or "")[:SHOWN],
                "words": mask_text((item.news.failure_words or "")[:128]),
            }
            _emit(batch, "payment.failed", item, snapshots, failure)
            _count_failed(batch, item, snapshots)
    cases.flush()


def _announce_refusal(batch: Batch, severity: Severity, finding: Finding, notice_id: str) -> None:
    data = {**finding.told(), "notifyId": notice_id}
    batch.emit(NewEvent("notify.refused", finding.order_num, data, severity))


def _refuse(
    batch: Batch,
    cases: Cases,
    item: Incoming,
    finding: Finding,
    snapshots: dict[str, OrderSnapshot],
) -> None:
    _announce_refusal(batch, cases.severity(finding), finding, item.id)
    if cases.raise_(finding) is Raised.OPENED:
        _count_failed(batch, item, snapshots)


def _count_failed(batch: Batch, item: Incoming, snapshots: dict[str, OrderSnapshot]) -> None:
    count_failed(batch, item.order_num, item.received_at)
    report_failed(batch, item, snapshots.get(item.order_num or ""))


def _finding(
    item: Incoming, verdict: Verdict, snapshots: dict[str, OrderSnapshot]
) -> Finding | None:
    kind = REPLIES[verdict.outcome].alert
    if kind is None or verdict.cause is None:
        return None
    snapshot = snapshots.get(item.order_num or "")
    return Finding(
        kind=kind,
        subject=item.order_num or f"{kind.value}:no order number",
        order_num=item.order_num,
        cause=verdict.cause,
        expected=verdict.expected,
        actual=verdict.actual,
        fields=verdict.fields,
        values=verdict.values,
        notice_id=item.id,
        event_data={
            **(snapshot.shown if snapshot else {}),
            **amount_told(parse_received(item.news.total_text), item.news.currency),
            "transactionId": item.transaction_id,
        },
    )


def amount_told(amount: int | None, currency: str) -> dict[str, Any]:
    """The amount of a payment in the data of an event. Fen are of yuan alone: an amount in another
    currency is told apart from them."""
    if currency == "CNY":
        return {"amountFen": amount}
    return {"amountFen": None, "amount": amount, "currency": cut(currency)}


def _emit(
    batch: Batch,
    kind: str,
    item: Incoming,
    snapshots: dict[str, OrderSnapshot],
    more: dict[str, Any] | None = None,
) -> None:
    snapshot = snapshots.get(item.order_num or "")
    data = {
        **(snapshot.shown if snapshot else {}),
        "transactionId": item.transaction_id,
        "notifyId": item.id,
        **(more or {}),
    }
    batch.emit(NewEvent(kind, item.order_num, data))


def tell_refunds(
    batch: Batch,
    book: LockedRefunds,
    incoming: Sequence[IncomingRefund],
    verdicts: list[RefundVerdict],
    views: list[RefundView | None],
) -> None:
    """The event of every refund that moved, and the case of every one that a person must see."""
    told = list(zip(incoming, verdicts, views, strict=True))
    findings = [_refund_finding(book, *each) for each in told]
    cases = Cases(batch, [finding.key for finding in findings if finding])
    for (item, verdict, view), finding in zip(told, findings, strict=True):
        if view and verdict.moves_to:
            tell_refund(batch, book, view, None, item.id)
        if finding and not REPLIES[verdict.outcome].success:
            _announce_refusal(batch, cases.severity(finding), finding, item.id)
        if finding:
            cases.raise_(finding)
    cases.flush()


def _refund_finding(
    book: LockedRefunds, item: IncomingRefund, verdict: RefundVerdict, view: RefundView | None
) -> Finding | None:
    if not verdict.cause:
        return None
    snapshot = book.snapshot(view) if view else None
    order_num = (view.order_num if view else item.order_num) or None
    return Finding(
        kind=REPLIES[verdict.outcome].alert or AlertKind.REFUND_ANOMALY,
        subject=order_num or (item.refund_num or "refund without a number"),
        order_num=order_num,
        cause=verdict.cause,
        expected=verdict.expected,
        actual=verdict.actual,
        fields=verdict.fields,
        values=verdict.values,
        notice_id=item.id,
        event_data={
            **(snapshot.shown if snapshot else {}),
            "amountFen": parse_fen(item.news.refund_text),
            "transactionId": item.transaction_id,
            "refundNum": item.refund_num,
        },
    )
