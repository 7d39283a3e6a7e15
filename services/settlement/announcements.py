"""What is told of the payment results that were not booked, and of every refund result: events,
and alerts with evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.transaction import Batch, NewEvent
from payments.alert_kinds import AlertKind, Severity
from payments.masking import mask_text
from payments.money import parse_fen
from payments.notify_replies import REPLIES
from payments.outcomes import Outcome
from payments.payment_rules import SHOWN, Verdict
from payments.refund_rules import RefundVerdict
from services.alerts.cases import Cases, Finding, Raised
from services.runtime.counters import count_failed
from services.settlement.refund_store import LockedRefunds, RefundView, tell_refund
from services.settlement.snapshots import Incoming, IncomingRefund, OrderSnapshot


def tell(
    batch: Batch,
    arrivals: Sequence[Incoming],
    verdicts: list[Verdict],
    standings: dict[str, OrderSnapshot],
) -> None:
    """The events and alerts of everything that was not booked, in the order of arrival."""
    pairs = list(zip(arrivals, verdicts, strict=True))
    findings = [_finding(arrival, verdict, standings) for arrival, verdict in pairs]
    cases = Cases(batch, [finding.key for finding in findings if finding])
    for (arrival, verdict), finding in zip(pairs, findings, strict=True):
        if finding:
            _refuse(batch, cases, arrival, finding)
        elif verdict.outcome is Outcome.DUPLICATE:
            _emit(batch, "notify.duplicate", arrival, standings)
        elif verdict.outcome is Outcome.NOT_SUCCESSFUL:
            failure = {
                "code": (arrival.news.failure_code or "")[:SHOWN],
                "words": mask_text((arrival.news.failure_words or "")[:128]),
            }
            _emit(batch, "payment.failed", arrival, standings, failure)
            count_failed(batch, arrival.order_num, arrival.received_at)
    cases.flush()


def _announce_refusal(batch: Batch, severity: Severity, finding: Finding, notice_id: str) -> None:
    data = {
        **finding.event_data,
        "alertKind": finding.kind.value,
        "expected": finding.expected,
        "actual": finding.actual,
        "notifyId": notice_id,
    }
    batch.emit(NewEvent("notify.refused", finding.order_num, data, severity))


def _refuse(batch: Batch, cases: Cases, arrival: Incoming, finding: Finding) -> None:
    _announce_refusal(batch, cases.severity(finding), finding, arrival.id)
    if cases.raise_(finding) is Raised.OPENED:
        count_failed(batch, arrival.order_num, arrival.received_at)


def _finding(
    arrival: Incoming, verdict: Verdict, standings: dict[str, OrderSnapshot]
) -> Finding | None:
    kind = REPLIES[verdict.outcome].alert
    if kind is None:
        return None
    standing = standings.get(arrival.order_num or "")
    return Finding(
        kind=kind,
        subject=arrival.order_num or f"{kind.value}:no order number",
        order_num=arrival.order_num,
        rule=verdict.rule,
        expected=verdict.expected,
        actual=verdict.actual,
        fields=verdict.fields,
        notice_id=arrival.id,
        event_data={
            **(standing.shown if standing else {}),
            "amountFen": parse_fen(arrival.news.total_text),
            "transactionId": arrival.transaction_id,
        },
    )


def _emit(
    batch: Batch,
    kind: str,
    arrival: Incoming,
    standings: dict[str, OrderSnapshot],
    more: dict[str, Any] | None = None,
) -> None:
    standing = standings.get(arrival.order_num or "")
    data = {
        **(standing.shown if standing else {}),
        "transactionId": arrival.transaction_id,
        "notifyId": arrival.id,
        **(more or {}),
    }
    batch.emit(NewEvent(kind, arrival.order_num, data))


def tell_refunds(
    batch: Batch,
    book: LockedRefunds,
    arrivals: Sequence[IncomingRefund],
    verdicts: list[RefundVerdict],
    views: list[RefundView | None],
) -> None:
    """The event of every refund that moved, and the case of every one that a person must see."""
    told = list(zip(arrivals, verdicts, views, strict=True))
    findings = [_refund_finding(book, *each) for each in told]
    cases = Cases(batch, [finding.key for finding in findings if finding])
    for (arrival, verdict, view), finding in zip(told, findings, strict=True):
        if view and verdict.moves_to:
            tell_refund(batch, book, view, None, arrival.id)
        if finding and not REPLIES[verdict.outcome].success:
            _announce_refusal(batch, cases.severity(finding), finding, arrival.id)
        if finding:
            cases.raise_(finding)
    cases.flush()


def _refund_finding(
    book: LockedRefunds, arrival: IncomingRefund, verdict: RefundVerdict, view: RefundView | None
) -> Finding | None:
    if not verdict.rule:
        return None
    standing = book.standing(view) if view else None
    order_num = (view.order_num if view else arrival.order_num) or None
    return Finding(
        kind=REPLIES[verdict.outcome].alert or AlertKind.REFUND_ANOMALY,
        subject=order_num or (arrival.refund_num or "refund without a number"),
        order_num=order_num,
        rule=verdict.rule,
        expected=verdict.expected,
        actual=verdict.actual,
        fields=verdict.fields,
        notice_id=arrival.id,
        event_data={
            **(standing.shown if standing else {}),
            "amountFen": parse_fen(arrival.news.refund_text),
            "transactionId": arrival.transaction_id,
            "refundNum": arrival.refund_num,
        },
    )
