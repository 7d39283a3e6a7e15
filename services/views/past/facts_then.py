"""What was known about an order at a moment of the past, by its events up to that moment. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from models.alert import AlertStatus
from models.notify import ReceiptState
from payments.refund import UNDER_WAY, RefundStatus
from payments.refund_rules import status_of_order
from payments.states import SETTLED, OrderStatus, ServiceStatus
from services.orders.orders import OrderView
from services.runtime.clock import rfc3339
from services.settlement.refund_store import RefundView
from services.views.explain_facts import Event, ExplainFacts, UnmatchedMoney

_MOVES = {
    "order.created": OrderStatus.INIT,
    "prepay.created": OrderStatus.WAIT_PAY,
    "order.closed": OrderStatus.CLOSED,
    "order.paid": OrderStatus.PAID,
}
_ALERT_STATUS = {
    "alert.raised": AlertStatus.OPEN,
    "alert.reopened": AlertStatus.OPEN,
    "alert.acknowledged": AlertStatus.ACKNOWLEDGED,
    "alert.assigned": AlertStatus.ACKNOWLEDGED,
    "alert.resolved": AlertStatus.RESOLVED,
}
_REFUND_EVENTS = ("refund.requested", "refund.approved", "refund.succeeded", "refund.failed")


def facts_then(facts: ExplainFacts, moment: int) -> ExplainFacts:
    """`facts` are those of now, but for `timeline` and `sent`, which are of `moment` (ms). The
    buyer's values are those of now; when WeChat is asked next, that it said that nothing is paid,
    and forged messages are left out, as no event tells of them."""
    story = sorted(facts.timeline, key=lambda event: int(event["seq"]))
    refunds = tuple(_refunds(facts.refunds, story))
    return ExplainFacts(
        order=_order(facts.order, refunds, story),
        now=moment,
        timeline=facts.timeline,
        alerts=tuple(_alerts(facts.alerts, story, moment)),
        refunds=refunds,
        receipts=tuple(_receipts(facts.receipts, refunds, story, moment)),
        sent=facts.sent,
        lists_refunds=facts.lists_refunds,
    )


def _order(order: OrderView, refunds: Iterable[RefundView], story: list[Event]) -> OrderView:
    status, service, trade_type = OrderStatus.INIT, None, None
    paid: Event | None = None
    for event in story:
        kind, data = event["kind"], event["data"]
        if kind in _MOVES:
            status = _MOVES[kind]
            trade_type = data.get("tradeType", trade_type)
        if kind == "order.paid":
            paid, service = event, ServiceStatus.SERVICE_WAIT.value
        if kind == "service.changed":
            service = data["to"]
    refunded_fen = 0
    if status in SETTLED:
        own = [(each.status, each.amount_fen) for each in refunds if each.receipt_id is None]
        status, refunded_fen = status_of_order(order.total_fen, own)
    return order._replace(
        status=status,
        service_status=service,
        trade_type=trade_type,
        refunded_fen=refunded_fen,
        transaction_id=paid["data"]["transactionId"] if paid else None,
        paid_at=order.paid_at if paid else None,
        wechat_paid_at=order.wechat_paid_at if paid else None,
    )


def _refunds(refunds: Iterable[RefundView], story: list[Event]) -> Iterable[RefundView]:
    for refund in refunds:
        told = [event for event in story if _tells(event, refund.refund_num)]
        if told:
            yield _refund(refund, told)


def _tells(event: Event, refund_num: str) -> bool:
    return event["kind"] in _REFUND_EVENTS and event["data"]["refundNum"] == refund_num


def _refund(refund: RefundView, told: list[Event]) -> RefundView:
    """`told`: its events, at least one."""
    states = [RefundStatus(event["data"]["status"]) for event in told]
    status, last = states[-1], told[-1]
    decided = [e for e in told if e["kind"] == "refund.approved" or e["data"]["by"]]
    before = states[-2] if len(states) > 1 else None
    if refund.status is RefundStatus.ENDED:  # PROCESSING has no event
        before = refund.ended_from
    return replace(
        refund,
        status=status,
        failure=last["data"]["failure"],
        decided_by=decided[-1]["data"]["by"] if len(decided) > 1 else None,
        refund_id=refund.refund_id if status is RefundStatus.SUCCESS else None,
        ended_from=before if status is RefundStatus.ENDED else None,
        succeeded_at=refund.succeeded_at if status is RefundStatus.SUCCESS else None,
    )


def _alerts(
    alerts: Iterable[dict[str, Any]], story: list[Event], moment: int
) -> Iterable[dict[str, Any]]:
    until = rfc3339(moment) or ""
    for alert in alerts:
        told = [e for e in story if e["data"].get("alertId") == alert["id"]]
        seen = [event for event in told if "count" in event["data"]]
        if seen:
            # A clock that went back dates events, and does not reorder them.
            last = max(until, told[-1]["at"])
            history = [entry for entry in alert["history"] if entry["at"] <= last]
            yield _alert(alert, told, seen[-1]) | {"history": history}


def _alert(alert: dict[str, Any], told: list[Event], seen: Event) -> dict[str, Any]:
    """`told`: its events; `seen`: the newest that says what was wrong. The compared fields are kept
    of the newest message alone, so they are told while no later one had come."""
    moves = [event for event in told if event["kind"] in _ALERT_STATUS]
    data = seen["data"]
    assignee = None
    for event in told:
        freed = event["kind"] == "alert.reopened"
        assignee = None if freed else event["data"].get("assignee", assignee)
    is_newest = data["count"] == alert["count"]
    evidence = {
        "code": data.get("code"),
        "values": data.get("values"),
        "rule": alert["evidence"]["rule"] if is_newest else "",
        "fields": alert["evidence"]["fields"] if is_newest else [],
        "notifyId": data.get("notifyId") or (alert["evidence"]["notifyId"] if is_newest else None),
    }
    return alert | {
        "severity": seen["severity"],
        "status": _ALERT_STATUS[moves[-1]["kind"]].value if moves else AlertStatus.OPEN.value,
        "count": data["count"],
        "lastSeen": seen["at"],
        "assignee": assignee,
        "expected": data.get("expected"),
        "actual": data.get("actual"),
        "evidence": evidence,
    }


def _receipts(
    receipts: Iterable[UnmatchedMoney],
    refunds: Sequence[RefundView],
    story: list[Event],
    moment: int,
) -> Iterable[UnmatchedMoney]:
    for money in receipts:
        if money.received_at <= moment:
            own = [refund for refund in refunds if refund.receipt_id == money.id]
            yield replace(money, state=_after_refunds(money, _decided(money, story), own))


def _decided(money: UnmatchedMoney, story: list[Event]) -> ReceiptState:
    """Its state by what was decided, and by where it was booked."""
    state = ReceiptState.WAITING
    for event in story:
        kind, data = event["kind"], event["data"]
        if kind == "order.paid" and data["transactionId"] == money.transaction_id:
            state = ReceiptState.BOOKED
        elif data.get("receiptId") != money.id:
            continue
        elif kind == "receipt.decided":
            state = ReceiptState(data["state"])
        elif kind == "refund.failed" and data["status"] != RefundStatus.ABNORMAL:
            state = ReceiptState.WAITING if state is ReceiptState.REFUNDING else state
    return state


def _after_refunds(
    money: UnmatchedMoney, state: ReceiptState, own: Sequence[RefundView]
) -> ReceiptState:
    """`own`: the refunds that give back this money."""
    back = sum(each.amount_fen for each in own if each.status is RefundStatus.SUCCESS)
    going = sum(each.amount_fen for each in own if each.status in UNDER_WAY)
    if own and back >= money.amount_fen:
        return ReceiptState.REFUNDED
    if own and state is ReceiptState.WAITING and back + going >= money.amount_fen:
        return ReceiptState.REFUNDING
    return state
