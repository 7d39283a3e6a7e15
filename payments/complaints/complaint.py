"""A complaint as WeChat tells it (WeChat: 消费者投诉 2.0). Times are ms UTC, amounts fen."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

COMPLAINT_ID = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)
LONGEST_REPLY = 500
LONGEST_REASON = 200
MOST_IMAGES = 4
LONGEST_MEDIA_ID = 512


class ComplaintState(StrEnum):
    """WeChat's words: not answered yet, answered, over."""

    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    PROCESSED = "PROCESSED"


class ComplaintAction(StrEnum):
    """The entries of a history that Paywatch decides by, spelt as WeChat sends them."""

    CREATED = "USER_CREATE_COMPLAINT"
    CONTINUED = "USER_CONTINUE_COMPLAINT"
    REPLIED = "MERCHANT_RESPONSE"
    FINISHED = "MERCHANT_CONFIRM_COMPLETE"
    APPROVED = "MERCHANT_APPROVE_REFUND"
    REJECTED = "MERCHANT_REFUSE_RERUND"


COMES = frozenset({ComplaintAction.CREATED.value, ComplaintAction.CONTINUED.value})
"""Entries from which the deadlines are counted anew."""


class RefundAction(StrEnum):
    """What a merchant says to a buyer who complains in order to be refunded."""

    APPROVE = "APPROVE"
    REJECT = "REJECT"


@dataclass(frozen=True)
class ComplainedOrder:
    """One payment that the complaint is about."""

    transaction_id: str | None
    order_num: str | None
    amount_fen: int | None


@dataclass(frozen=True)
class ImageAddress:
    """An image at WeChat: of the complaint itself, or of an entry of its history (`log_id`)."""

    kind: str
    url: str
    log_id: str | None = None


@dataclass(frozen=True)
class ComplaintDetail:
    """`phone` and `open_id` are the payer's, in full. `problem` is WeChat's word for what the buyer
    wants (REFUND, SERVICE_NOT_WORK, OTHERS), `title` its text."""

    complaint_id: str
    state: ComplaintState
    created_at: int
    text: str
    problem: str | None
    title: str | None
    orders: tuple[ComplainedOrder, ...]
    images: tuple[ImageAddress, ...]
    user_waits: bool
    times: int
    fully_refunded: bool
    refund_fen: int | None
    tags: tuple[str, ...]
    in_platform: bool
    is_immediate: bool
    phone: str | None = field(default=None, repr=False)
    open_id: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class ComplaintEntry:
    """One line of the history. `more` is what WeChat sends beside the text, as JSON; '' for
    nothing."""

    log_id: str
    at: int
    operator: str
    action: str
    text: str
    images: tuple[ImageAddress, ...] = ()
    more: str = ""


@dataclass(frozen=True)
class ListedComplaint:
    """What a list says of one: enough to see whether it has moved."""

    complaint_id: str
    state: str
    times: int
    user_waits: bool


@dataclass(frozen=True)
class ReplyText:
    """An answer to the buyer. `images` are media ids of WeChat's."""

    text: str
    images: tuple[str, ...] = ()


@dataclass(frozen=True)
class RefundDecision:
    """`reason` is for the buyer, and needed to reject."""

    action: RefundAction
    reason: str = ""
