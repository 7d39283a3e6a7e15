"""One complaint at the simulated WeChat, with its history."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from payments.complaints.complaint import ComplaintState
from payments.merchant import Merchant
from simulator.state.trades import MAX_DELIVERIES, Delivery

Json = dict[str, Any]


@dataclass(frozen=True)
class HistoryRow:
    """One line; `at` is true time, `images` are media ids, `more` are fields beside the text."""

    id: str
    at: float
    operator: str
    type: str
    text: str = ""
    images: tuple[str, ...] = ()
    more: Json = field(default_factory=dict)


@dataclass
class SimulatedComplaint:
    """`problem` is REFUND, SERVICE_NOT_WORK or OTHERS; `images` are media ids. `decision` is what
    the merchant said to a wish for a refund."""

    id: str
    merchant: Merchant
    created_at: float
    text: str
    title: str
    problem: str
    phone: str
    open_id: str
    order_num: str
    transaction_id: str
    amount_fen: int
    refund_fen: int | None = None
    images: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    state: ComplaintState = ComplaintState.PENDING
    user_waits: bool = True
    times: int = 1
    fully_refunded: bool = False
    in_platform: bool = False
    is_immediate: bool = False
    decision: str = ""
    unanswered: int = 0
    """Messages of the merchant's since the buyer's last word."""
    rows: list[HistoryRow] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)
    """The lines of answers in the immediate service, by the number that the merchant gave."""
    deliveries: deque[Delivery] = field(default_factory=lambda: deque(maxlen=MAX_DELIVERIES))
