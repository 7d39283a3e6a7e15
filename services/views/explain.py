"""Explains an order: its state and the reason, in one code with its values. Pure: equal facts,
equal answer; the words are the console's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from models.alert import AlertStatus
from models.notify import UNDECIDED, ReceiptState
from payments.alert_kinds import AlertKind
from payments.causes import Cause
from payments.payment_rules import ReceiptReason
from payments.states import SETTLED, OrderStatus, ServiceStatus
from services.runtime.clock import rfc3339
from services.views.explain_facts import Event, ExplainFacts, Explanation, UnmatchedMoney, Value
from services.views.explain_refunds import outside_unknown, refund_of, unlisted
from services.wechat.call_failures import MISCONFIGURED, RESTRICTED, names_key


def explain(facts: ExplainFacts) -> Explanation:
    """The most pressing thing first: money that is on no order, then a refusal, then a refund,
    then the plain state."""
    why = _settled(facts) if facts.order.status in SETTLED else _unsettled(facts)
    return replace(why, notes=tuple(_notes(facts, why)))


def _settled(facts: ExplainFacts) -> Explanation:
    open_money = [money for money in facts.receipts if money.state in UNDECIDED]
    return _stray(facts, open_money) or unlisted(facts) or refund_of(facts) or _service(facts)


def _unsettled(facts: ExplainFacts) -> Explanation:
    stray = [money for money in facts.receipts if money.state != ReceiptState.BOOKED]
    why = _stray(facts, stray) or _refused(facts) or _forged(facts)
    return why or (_closed(facts) if facts.order.status == OrderStatus.CLOSED else _unpaid(facts))


# --- money on no order -----------------------------------------------------------------------

_STRAY = {
    ReceiptReason.LATE: "late_money",
    ReceiptReason.PAID_TWICE: "paid_twice",
    ReceiptReason.WRONG_AMOUNT: "amount_mismatch",
    ReceiptReason.REUSED_ID: "reused_transaction",
    ReceiptReason.UNKNOWN_ORDER: "early_money",
    ReceiptReason.OLDER_THAN_ORDER: "number_used_before",
    ReceiptReason.FOREIGN_CURRENCY: "amount_mismatch",
    ReceiptReason.PARTNER: "foreign_merchant",
}
_CASE_OF = dict.fromkeys(ReceiptReason, AlertKind.ILLEGAL_TRANSITION) | {
    ReceiptReason.WRONG_AMOUNT: AlertKind.AMOUNT_MISMATCH,
    ReceiptReason.UNKNOWN_ORDER: AlertKind.MISSING_ORDER,
    ReceiptReason.FOREIGN_CURRENCY: AlertKind.AMOUNT_MISMATCH,
    ReceiptReason.PARTNER: AlertKind.FOREIGN_MERCHANT,
}
_AFTER = {
    ReceiptState.WAITING: "decide_receipt",
    ReceiptState.PROPOSED: "second_admin",
    ReceiptState.REFUNDING: "wait",
    ReceiptState.REFUNDED: "new_order",
    ReceiptState.ACCEPTED: "none",
}


def _stray(facts: ExplainFacts, receipts: list[UnmatchedMoney]) -> Explanation | None:
    """The newest that is still to be decided, else the newest."""
    waiting = [money for money in receipts if money.state in UNDECIDED]
    if not receipts:
        return None
    money = max(waiting or receipts, key=lambda each: each.id)
    kind, code = _CASE_OF[money.reason], _STRAY[money.reason]
    if _is_elsewhere(facts, money):
        kind, code = AlertKind.FOREIGN_MERCHANT, AlertKind.FOREIGN_MERCHANT.value
    if money.currency != "CNY":
        code = _STRAY[ReceiptReason.FOREIGN_CURRENCY]
    alert = facts.alert(kind) or {}
    expected, actual = _compared(facts, money, alert)
    settled = facts.order.status in SETTLED
    after = "none" if settled and money.state is ReceiptState.REFUNDED else _AFTER[money.state]
    return Explanation(
        code,
        after,
        expected,
        actual,
        rfc3339(money.received_at),
        amount_fen=money.amount_fen if money.currency == "CNY" else None,
        alert_id=alert.get("id"),
        receipt_id=money.id,
        receipt_state=money.state.value,
        notice_id=money.notice_id,
    )


def _is_elsewhere(facts: ExplainFacts, money: UnmatchedMoney) -> bool:
    """It names this order and came to another app of ours."""
    own = ("", ""), (facts.order.mch_id, facts.order.app_id)
    return money.reason is ReceiptReason.UNKNOWN_ORDER and money.account not in own


def _compared(
    facts: ExplainFacts, money: UnmatchedMoney, alert: dict[str, Any]
) -> tuple[Value, Value]:
    order = facts.order
    if money.currency != "CNY":
        return "CNY", money.currency
    if money.reason is ReceiptReason.WRONG_AMOUNT:
        return order.total_fen, money.amount_fen
    if money.reason is ReceiptReason.PAID_TWICE:
        return order.transaction_id, money.transaction_id
    if money.reason is ReceiptReason.REUSED_ID:
        return order.order_num, alert.get("actual")
    if money.reason is ReceiptReason.PARTNER or _is_elsewhere(facts, money):
        return alert.get("expected"), alert.get("actual")
    if money.reason is ReceiptReason.UNKNOWN_ORDER:
        return None, None
    if money.reason is ReceiptReason.OLDER_THAN_ORDER:
        return rfc3339(order.created_at), rfc3339(money.wechat_paid_at)
    return OrderStatus.CLOSED.value, OrderStatus.PAID.value


# --- what a rule refused ---------------------------------------------------------------------

_NEXT = {
    AlertKind.AMOUNT_MISMATCH: "check_alert",
    AlertKind.NEGATIVE_TOTAL: "ask_wechat",
    AlertKind.FOREIGN_MERCHANT: "check_settings",
    AlertKind.ILLEGAL_TRANSITION: "check_alert",
    AlertKind.SYSTEM: "ask_wechat",
}
"""The kinds that are about a payment of one order, and what is best done then."""


def _open_refusals(facts: ExplainFacts) -> list[dict[str, Any]]:
    """The cases about a payment that nobody has resolved, newest first."""
    found = [
        alert
        for alert in facts.alerts
        if alert["kind"] in _NEXT and alert["status"] != AlertStatus.RESOLVED
    ]
    return sorted(found, key=lambda alert: str(alert["lastSeen"]), reverse=True)


def _refused(facts: ExplainFacts) -> Explanation | None:
    refusals = _open_refusals(facts)
    if not refusals:
        return None
    alert = refusals[0]
    return Explanation(
        _code_of(alert),
        _NEXT[AlertKind(alert["kind"])],
        alert["expected"],
        alert["actual"],
        alert["lastSeen"],
        alert_id=alert["id"],
        notice_id=alert["evidence"].get("notifyId"),
    )


_TRANSITIONS = {
    Cause.ODD_RESULT: "odd_result",
    Cause.REUSED_TRANSACTION: "reused_transaction",
    Cause.GIVEN_BACK: "reused_transaction",
    Cause.PAID_TWICE: "paid_twice",
    Cause.NUMBER_USED_BEFORE: "number_used_before",
}


def _code_of(alert: dict[str, Any]) -> str:
    kind = AlertKind(alert["kind"])
    if kind is AlertKind.SYSTEM:
        return "notify_incomplete"
    if kind is not AlertKind.ILLEGAL_TRANSITION:
        return kind.value
    cause = alert["evidence"].get("code")
    return _TRANSITIONS.get(cause, "late_money") if cause else _code_by_sides(alert)


def _code_by_sides(alert: dict[str, Any]) -> str:
    """Of a case from before causes had codes: its two sides tell them apart."""
    expected = alert["expected"]
    if expected == "SUCCESS":
        return "odd_result"
    if expected in {status.value for status in OrderStatus}:
        return "late_money"
    return "reused_transaction" if expected == alert["orderNum"] else "paid_twice"


def _forged(facts: ExplainFacts) -> Explanation | None:
    forged = facts.forged
    if forged is None or not forged.named:
        return None
    return Explanation(
        "bad_signature",
        "check_keys",
        "valid",
        forged.actual,
        forged.last_seen,
        alert_id=forged.alert_id,
        notice_id=forged.notice_id,
    )


# --- not paid --------------------------------------------------------------------------------

_AFTER_REFUSAL = {
    **dict.fromkeys(MISCONFIGURED, "check_settings"),
    RESTRICTED: "lift_restriction",
    **dict.fromkeys(("ORDERCLOSED", "OUT_TRADE_NO_USED"), "new_order"),
    "ORDERPAID": "ask_wechat",
    **dict.fromkeys(("SYSTEMERROR", "FREQUENCY_LIMITED", "BANKERROR"), "try_again"),
    "NOTENOUGH": "ask_buyer",
}
"""What a refused prepay asks for: mend the settings, take another number, come again; after any
other word only WeChat's support can say."""
_NO_ANSWER = frozenset({"wechat_unreachable", "wechat_untrusted", "busy"})
"""Our words for a prepay that WeChat did not refuse: what it did is not known."""


def _unpaid(facts: ExplainFacts) -> Explanation:
    order = facts.order
    if order.expires_at <= facts.now:
        ends = rfc3339(order.expires_at)
        return Explanation("expired", "wait", at=ends, ask_at=rfc3339(facts.ask_at))
    event = facts.newest("payment.failed", "prepay.failed", "prepay.created")
    at, data = (event["at"], event["data"]) if event else (None, {})
    if event and event["kind"] == "payment.failed":
        return _failed(event, "ask_buyer")
    if event and event["kind"] == "prepay.failed":
        return _prepay_failed(event)
    if event or facts.sent:
        since = at or rfc3339(order.created_at)
        unknown = Explanation("payment_unknown", "ask_wechat", at=since)
        denied = rfc3339(facts.unpaid_at)
        if denied and denied >= str(since):
            unknown = Explanation("not_paid", "ask_wechat", "SUCCESS", "NOTPAY", denied)
        return replace(unknown, ask_at=rfc3339(facts.ask_at), words=data.get("tradeType"))
    return Explanation("never_opened", "ask_buyer", at=rfc3339(order.created_at))


def _failed(event: Event, after: str) -> Explanation:
    data = event["data"]
    return Explanation(
        "payment_failed",
        after,
        "SUCCESS",
        "FAIL",
        event["at"],
        notice_id=data.get("notifyId"),
        wechat_code=data.get("code") or None,
        words=data.get("words") or None,
    )


def _prepay_failed(event: Event) -> Explanation:
    code, words = event["data"].get("code"), event["data"].get("words")
    if code in _NO_ANSWER:
        return Explanation("prepay_unanswered", "try_again", "SUCCESS", code, event["at"])
    after = "check_settings" if names_key(code, words) else _AFTER_REFUSAL.get(code, "ask_support")
    return Explanation(
        "prepay_refused", after, "SUCCESS", code, event["at"], wechat_code=code, words=words or None
    )


def _closed(facts: ExplainFacts) -> Explanation:
    event = facts.newest("order.closed")
    at, data = (event["at"], event["data"]) if event else (None, {})
    code = "closed_expired" if data.get("reason") == "expired" else "closed"
    return Explanation(code, "new_order", at=at, by=data.get("by"))


# --- paid ------------------------------------------------------------------------------------

_SERVICE = {
    ServiceStatus.SERVICE_WAIT: ("waiting_service", "serve"),
    ServiceStatus.IN_SERVICE: ("in_service", "finish_service"),
    ServiceStatus.SERVED: ("served", "none"),
    ServiceStatus.SERVICE_CANCELLED: ("service_cancelled", "refund_if_asked"),
}


def _service(facts: ExplainFacts) -> Explanation:
    status = ServiceStatus(facts.order.service_status or ServiceStatus.SERVICE_WAIT)
    moved = facts.newest("service.changed")
    at = moved["at"] if moved else rfc3339(facts.order.wechat_paid_at or facts.order.paid_at)
    return Explanation(*_SERVICE[status], at=at, by=moved["data"].get("by") if moved else None)


# --- smaller things --------------------------------------------------------------------------


def _may_be_of_it(facts: ExplainFacts) -> bool:
    """Whether messages that prove nothing may be the notify of this order: somebody can pay it, and
    WeChat has not said since then that nobody has."""
    forged, denied = facts.forged, rfc3339(facts.unpaid_at)
    opened = facts.sent or facts.newest("prepay.created") is not None
    is_open = facts.order.status not in SETTLED and opened and forged is not None
    return bool(is_open and not (forged and denied and denied >= str(forged.last_seen)))


def _notes(facts: ExplainFacts, why: Explanation) -> Iterable[dict[str, Any]]:
    """Each with a code and its values."""
    repeats = sum(event["kind"] == "notify.duplicate" for event in facts.timeline)
    if repeats:
        yield {"code": "duplicate", "count": repeats, "transactionId": facts.order.transaction_id}
    if facts.newest("order.healed"):
        yield {"code": "healed"}
    paid = facts.newest("order.paid")
    data = paid["data"] if paid else {}
    if data.get("payerDiffers"):
        yield {"code": "payer_differs"}
    if data.get("reopened"):
        yield {"code": "reopened", "by": data.get("by")}
    failed = facts.newest("payment.failed")
    if failed and why.code != "payment_failed":
        data = failed["data"]
        yield {"code": "payment_failed", "wechatCode": data.get("code"), "words": data.get("words")}
    if _may_be_of_it(facts) and facts.forged and why.code != "bad_signature":
        yield {
            "code": "bad_signatures",
            "count": facts.forged.count,
            "alertId": facts.forged.alert_id,
        }
    if outside_unknown(facts):
        yield {"code": "outside_refunds_unknown"}
    for alert in _open_refusals(facts):
        if alert["id"] != why.alert_id:
            yield {
                "code": "refused",
                "kind": alert["kind"],
                "alertId": alert["id"],
                "expected": alert["expected"],
                "actual": alert["actual"],
            }
