"""The outcomes of a notify; payments/notify_replies.py has the reply to each."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """The outcome of the checks of one message."""

    BOOKED = "booked"
    DUPLICATE = "duplicate"
    NOT_SUCCESSFUL = "not_successful"
    UNREADABLE = "unreadable"
    INCOMPLETE = "incomplete"
    UNPROVEN = "unproven"
    THROTTLED = "throttled"
    FOREIGN_MERCHANT = "foreign_merchant"
    MISSING_ORDER = "missing_order"
    NEGATIVE_TOTAL = "negative_total"
    AMOUNT_MISMATCH = "amount_mismatch"
    ILLEGAL_TRANSITION = "illegal_transition"
    BUSY = "busy"
    PROBE = "probe"
    IGNORED = "ignored"
    REFUND_TAKEN = "refund_taken"
    REFUND_REPEATED = "refund_repeated"
    REFUND_UNKNOWN = "refund_unknown"
    REFUND_MISMATCH = "refund_mismatch"
    REFUND_EXCESS = "refund_excess"
