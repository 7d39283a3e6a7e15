"""Money going back: the states of a refund, what WeChat is asked, and what it says.

A refund's number is made once and sent again unchanged whenever an answer was lost: WeChat pays
back once for a number, and a new number could pay back twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from payments.merchant import Merchant

MAX_REASON_BYTES = 80
"""WeChat's limit of `refund_desc` and `reason`."""


class RefundStatus(StrEnum):
    REQUESTED = "REQUESTED"
    """The refund was asked for and waits for an admin."""
    APPROVED = "APPROVED"
    """Decided; WeChat is asked, and its answer is not known yet."""
    PROCESSING = "PROCESSING"
    """WeChat took it."""
    SUCCESS = "SUCCESS"
    """The money went back."""
    ABNORMAL = "ABNORMAL"
    """WeChat could not deliver it (a closed card): the merchant must act on WeChat's platform.
    The money stays reserved; it may still become SUCCESS or CLOSED."""
    CLOSED = "CLOSED"
    """WeChat gave it up; no money moved."""
    REFUSED = "REFUSED"
    """WeChat did not take it; no money moved."""
    REJECTED = "REJECTED"
    """An admin said no."""


REFUND_MOVES: dict[RefundStatus, frozenset[RefundStatus]] = {
    RefundStatus.REQUESTED: frozenset({RefundStatus.APPROVED, RefundStatus.REJECTED}),
    RefundStatus.APPROVED: frozenset(
        {
            RefundStatus.PROCESSING,
            RefundStatus.SUCCESS,
            RefundStatus.ABNORMAL,
            RefundStatus.CLOSED,
            RefundStatus.REFUSED,
        }
    ),
    RefundStatus.PROCESSING: frozenset(
        {RefundStatus.SUCCESS, RefundStatus.ABNORMAL, RefundStatus.CLOSED}
    ),
    RefundStatus.ABNORMAL: frozenset({RefundStatus.SUCCESS, RefundStatus.CLOSED}),
    RefundStatus.SUCCESS: frozenset(),
    RefundStatus.CLOSED: frozenset(),
    RefundStatus.REFUSED: frozenset(),
    RefundStatus.REJECTED: frozenset(),
}

RESERVING = frozenset(
    {
        RefundStatus.REQUESTED,
        RefundStatus.APPROVED,
        RefundStatus.PROCESSING,
        RefundStatus.ABNORMAL,
        RefundStatus.SUCCESS,
    }
)
"""Their amounts count against what may still be refunded."""
UNDER_WAY = frozenset({RefundStatus.APPROVED, RefundStatus.PROCESSING, RefundStatus.ABNORMAL})
"""While one of these is there, the order is REFUNDING."""
ASKED_ABOUT = frozenset({RefundStatus.APPROVED, RefundStatus.PROCESSING, RefundStatus.ABNORMAL})
"""WeChat may have news of these."""


@dataclass(frozen=True)
class RefundOrder:
    """The refund that WeChat is asked for. `total_fen` is the whole transaction's amount; `reason`
    is shown to the buyer, `notify_url` is told the result."""

    refund_num: str
    transaction_id: str
    total_fen: int
    refund_fen: int
    reason: str
    notify_url: str


class RefundOrigin(StrEnum):
    """Who made a refund."""

    PAYWATCH = "paywatch"
    WECHAT = "wechat"
    """Made on WeChat's merchant platform, without a request of ours: an outside refund."""


@dataclass(frozen=True)
class RefundResult:
    """WeChat's report of one refund. Amounts stay the text that came; the rules read them.

    `proven` is False for a refund notify of API v2, whose encryption proves the sender only weakly:
    it is confirmed by a query before it counts.
    """

    signer: Merchant
    """The owner of the key that it came with."""
    merchant: Merchant | None
    """The account of the refund; None when the message names an account that is not ours."""
    mch_id: str | None
    refund_num: str | None
    refund_id: str | None
    order_num: str | None
    transaction_id: str | None
    status: RefundStatus | None
    """PROCESSING, SUCCESS, ABNORMAL or CLOSED; None for a word that WeChat does not have."""
    said: str | None
    """WeChat's own word."""
    total_text: str | None
    refund_text: str | None
    succeeded_at: datetime | None = None
    proven: bool = True


@dataclass(frozen=True)
class ListedRefunds:
    """One page of a transaction's refunds; `total` counts those of all pages."""

    refunds: list[RefundResult]
    total: int
