"""Explains an order by its refunds: the part of `explain` about money that went back. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from models.alert import AlertStatus
from payments.alert_kinds import AlertKind
from payments.causes import Cause
from payments.masking import mask_text
from payments.refund import ANSWERS, RefundOrigin, RefundStatus
from payments.states import OrderStatus
from services.runtime.clock import rfc3339
from services.settlement.outside_refund_ops import TAKEN
from services.settlement.refund_store import RefundView
from services.views.explain_facts import ExplainFacts, Explanation

_UNFINISHED = (
    (RefundStatus.ABNORMAL, "refund_stuck", "act_at_wechat"),
    (RefundStatus.APPROVED, "refund_sent", "wait"),
    (RefundStatus.PROCESSING, "refund_underway", "wait"),
    (RefundStatus.REQUESTED, "refund_requested", "decide_refund"),
)
_CURES = frozenset(row.cure for row in ANSWERS.values())
"""The causes of a case about a refund that WeChat refuses again and again."""
_FAILED = {
    RefundStatus.REFUSED: ("refund_refused", "refund_again"),
    RefundStatus.CLOSED: ("refund_closed", "refund_again"),
    RefundStatus.REJECTED: ("refund_rejected", "none"),
    RefundStatus.ENDED: ("refund_ended", "refund_again"),
}


def _own(facts: ExplainFacts) -> list[RefundView]:
    """The refunds of the order itself; what a receipt gives back is the receipt's. One that was
    made outside and moved no money says nothing of the order."""
    return [
        refund
        for refund in facts.refunds
        if refund.receipt_id is None
        and (refund.origin is RefundOrigin.PAYWATCH or refund.status is not RefundStatus.CLOSED)
    ]


def unlisted(facts: ExplainFacts) -> Explanation | None:
    """WeChat says that money went back, and nothing that is recorded says how much."""
    anomaly = _anomaly(facts, _own(facts))
    if anomaly is None or anomaly["evidence"].get("code") != Cause.REFUND_UNLISTED:
        return None
    both, id_ = (anomaly["expected"], anomaly["actual"]), anomaly["id"]
    return Explanation(
        "refund_unlisted", "enter_outside_refund", *both, anomaly["lastSeen"], alert_id=id_
    )


def outside_unknown(facts: ExplainFacts) -> bool:
    """More may have gone back than is recorded: WeChat's word REFUND is explained by a refund of
    ours, and WeChat does not tell this account of others."""
    if facts.lists_refunds or facts.order.status is OrderStatus.REFUNDED:
        return False
    return any(refund.status in TAKEN for refund in _own(facts))


def refund_of(facts: ExplainFacts) -> Explanation | None:
    own = _own(facts)
    if not own:
        return None
    for status, code, after in _UNFINISHED:
        if found := next((refund for refund in own if refund.status is status), None):
            return _unfinished(facts, code, after, found)
    if anomaly := _anomaly(facts, own):
        both, id_ = (anomaly["expected"], anomaly["actual"]), anomaly["id"]
        return Explanation(
            "refund_anomaly", "check_alert", *both, anomaly["lastSeen"], alert_id=id_
        )
    if own[0].ended_from is RefundStatus.ABNORMAL:
        return _of_refund("refund_settled", "none", own[0])
    if own[0].status in _FAILED:
        return _of_refund(*_FAILED[own[0].status], own[0])
    whole = facts.order.status is OrderStatus.REFUNDED
    done = next((refund for refund in own if refund.status is RefundStatus.SUCCESS), own[0])
    code = "refunded" if whole else "partly_refunded"
    outside = "_outside" if done.origin is RefundOrigin.WECHAT else ""
    return _of_refund(code + outside, "none", done)


def _unfinished(facts: ExplainFacts, code: str, after: str, refund: RefundView) -> Explanation:
    """Of a refund that WeChat refuses again and again the open case says what to do."""
    why = _of_refund(code, after, refund)
    case = facts.alert(AlertKind.REFUND_ANOMALY)
    waits = refund.status is RefundStatus.APPROVED and refund.failure is not None
    if not waits or case is None or case["status"] == AlertStatus.RESOLVED:
        return why
    if case["evidence"].get("code") not in _CURES:
        return why
    return replace(why, next="check_alert", alert_id=case["id"])


def _anomaly(facts: ExplainFacts, own: list[RefundView]) -> dict[str, Any] | None:
    """The open refund alert, unless a refund has changed after it was last raised; None
    otherwise."""
    alert = facts.alert(AlertKind.REFUND_ANOMALY)
    if alert is None or alert["status"] == AlertStatus.RESOLVED:
        return None
    moved_at = rfc3339(max((refund.updated_at for refund in own), default=0)) or ""
    return alert if str(alert["lastSeen"]) >= moved_at else None


def _of_refund(code: str, after: str, refund: RefundView) -> Explanation:
    at = refund.succeeded_at or refund.updated_at
    return Explanation(
        code,
        after,
        at=rfc3339(at),
        amount_fen=refund.amount_fen,
        refund_num=refund.refund_num,
        wechat_code=refund.failure_code,
        words=mask_text(refund.failure),
        by=refund.decided_by or refund.requested_by,
    )
