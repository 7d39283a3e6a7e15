"""What is told of the payment results that were not booked: events, and alerts with evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.stream import Batch, NewEvent
from payments.answers import ANSWERS, SEVERITY, Outcome
from payments.masking import mask_text
from payments.money import parse_fen
from payments.rules import SHOWN, Verdict
from services.arrivals import Arrival, Standing
from services.cases import Cases, Finding, Raised
from services.counting import count_failed


def tell(
    batch: Batch,
    arrivals: Sequence[Arrival],
    verdicts: list[Verdict],
    standings: dict[str, Standing],
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
                "code": (arrival.notice.failure_code or "")[:SHOWN],
                "words": mask_text((arrival.notice.failure_words or "")[:128]),
            }
            _emit(batch, "payment.failed", arrival, standings, failure)
            count_failed(batch, arrival.received_at)
    cases.flush()


def _refuse(batch: Batch, cases: Cases, arrival: Arrival, finding: Finding) -> None:
    data = {
        **finding.event_data,
        "alertKind": finding.kind.value,
        "expected": finding.expected,
        "actual": finding.actual,
        "notifyId": arrival.id,
    }
    batch.emit(NewEvent("notify.refused", arrival.order_num, data, SEVERITY[finding.kind]))
    if cases.raise_(finding) is Raised.OPENED:
        count_failed(batch, arrival.received_at)


def _finding(arrival: Arrival, verdict: Verdict, standings: dict[str, Standing]) -> Finding | None:
    kind = ANSWERS[verdict.outcome].alert
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
            "amountFen": parse_fen(arrival.notice.total_text),
            "transactionId": arrival.transaction_id,
        },
    )


def _emit(
    batch: Batch,
    kind: str,
    arrival: Arrival,
    standings: dict[str, Standing],
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
