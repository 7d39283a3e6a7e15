"""The types of an explanation of one order: the known facts, and the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from models.notify import ReceiptState
from payments.alert_kinds import AlertKind
from payments.payment_rules import ReceiptReason
from services.orders.orders import OrderView
from services.settlement.refund_store import RefundView

Value = int | str | None
Event = dict[str, Any]


@dataclass(frozen=True)
class UnmatchedMoney:
    """A receipt: money that WeChat holds and that is booked on no order. REFUNDING is also one of
    which WeChat is giving back all without a deed of ours."""

    id: int
    transaction_id: str
    amount_fen: int
    reason: ReceiptReason
    state: ReceiptState
    notice_id: str
    received_at: int
    wechat_paid_at: int | None = None
    account: tuple[str, str] = ("", "")
    """Merchant number and app that the money came to."""
    currency: str = "CNY"


@dataclass(frozen=True)
class UnverifiedFact:
    """Messages without our key's signature: one that names this order, or how many came from
    anywhere since it was made (`named` is False)."""

    alert_id: int
    count: int
    actual: Value
    notice_id: str | None
    last_seen: str | None
    named: bool


@dataclass(frozen=True)
class OpenComplaint:
    """A complaint about the order that nobody has replied to: when the buyer made it, and until
    when the reply is due (ms)."""

    made_at: int
    reply_due_at: int


@dataclass(frozen=True)
class ExplainFacts:
    """Everything known about one order. `timeline` (newest first) and `alerts` are as the console
    gets them; `sent`: WeChat may know the order; `ask_at`: when it is asked about next (ms);
    `unpaid_at`: when WeChat said last that it holds no payment for it (ms); `lists_refunds`: WeChat
    tells the account of refunds that were made on its merchant platform; `refund_asks`: by refund
    number, when WeChat is asked about it next (ms)."""

    order: OrderView
    now: int
    timeline: tuple[Event, ...] = ()
    alerts: tuple[dict[str, Any], ...] = ()
    refunds: tuple[RefundView, ...] = ()
    receipts: tuple[UnmatchedMoney, ...] = ()
    sent: bool = False
    ask_at: int | None = None
    unpaid_at: int | None = None
    forged: UnverifiedFact | None = None
    lists_refunds: bool = True
    refund_asks: Mapping[str, int] = field(default_factory=dict)
    complaint: OpenComplaint | None = None

    def newest(self, *kinds: str) -> Event | None:
        return next((event for event in self.timeline if event["kind"] in kinds), None)

    def alert(self, kind: AlertKind) -> dict[str, Any] | None:
        return next((alert for alert in self.alerts if alert["kind"] == kind), None)


@dataclass(frozen=True)
class Explanation:
    """`code` says where the order stands, `next` what is best done now. `expected` and `actual`
    are the two values that a check compared, in fen where they are amounts; `words` are WeChat's.
    `notes` are smaller things worth telling beside."""

    code: str
    next: str = "none"
    expected: Value = None
    actual: Value = None
    at: str | None = None
    amount_fen: int | None = None
    alert_id: int | None = None
    receipt_id: int | None = None
    receipt_state: str | None = None
    refund_num: str | None = None
    notice_id: str | None = None
    wechat_code: str | None = None
    words: str | None = None
    by: str | None = None
    ask_at: str | None = None
    notes: tuple[dict[str, Any], ...] = ()

    def public(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "next": self.next,
            "expected": self.expected,
            "actual": self.actual,
            "at": self.at,
            "amountFen": self.amount_fen,
            "alertId": self.alert_id,
            "receiptId": self.receipt_id,
            "receiptState": self.receipt_state,
            "refundNum": self.refund_num,
            "notifyId": self.notice_id,
            "wechatCode": self.wechat_code,
            "words": self.words,
            "by": self.by,
            "askAt": self.ask_at,
            "notes": list(self.notes),
        }
