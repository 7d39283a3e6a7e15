"""In what a bill and our books may differ, and what can be done about it."""

from __future__ import annotations

from enum import StrEnum


class BillStatus(StrEnum):
    """Of one day of one account."""

    WAITING = "waiting"
    """Not matched yet: it is not fetched, or WeChat is still making it."""
    NONE = "none"
    """WeChat says that nothing moved on that day."""
    MATCHED = "matched"
    DIFFERENCES = "differences"
    FAILED = "failed"


class DifferenceKind(StrEnum):
    MISSING_HERE = "missing_here"
    MISSING_AT_WECHAT = "missing_at_wechat"
    AMOUNT_DIFFERS = "amount_differs"
    STATUS_DIFFERS = "status_differs"
    REFUND_MISSING_HERE = "refund_missing_here"
    REFUND_MISSING_AT_WECHAT = "refund_missing_at_wechat"
    REFUND_AMOUNT_DIFFERS = "refund_amount_differs"
    REFUND_STATUS_DIFFERS = "refund_status_differs"
    FEE_DIFFERS = "fee_differs"
    DUPLICATE_ROW = "duplicate_row"
    FOREIGN_ROW = "foreign_row"
    SUMMARY_DIFFERS = "summary_differs"


NOT_COUNTED = frozenset({DifferenceKind.FEE_DIFFERS, DifferenceKind.SUMMARY_DIFFERS})
"""They add nothing to what is unexplained."""


TEXTS = frozenset(
    {
        DifferenceKind.STATUS_DIFFERS,
        DifferenceKind.REFUND_STATUS_DIFFERS,
        DifferenceKind.SUMMARY_DIFFERS,
    }
)
"""Both sides of these are texts; those of all others are fen."""


def side(kind: str, text: str | None) -> int | str | None:
    """One side of a difference, from the text of its column: fen, or a text."""
    return text if text is None or kind in TEXTS else int(text)


class DifferenceStatus(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"
    HELD = "held"
    """Booked here within minutes of midnight and not in this day's bill: told once the bill of the
    day beside is there and has not got it either. Nobody sees it until then."""


class Resolution(StrEnum):
    HEALED = "healed"
    """The books were put right by what WeChat proved, or a corrected bill explains it."""
    EXPLAINED = "explained"
    CORRECTED = "corrected"
    ACCEPTED = "accepted"


BY_PEOPLE = (Resolution.EXPLAINED, Resolution.CORRECTED, Resolution.ACCEPTED)


class Proposal(StrEnum):
    ASK_WECHAT = "ask_wechat"
    CHECK_FEE = "check_fee"
    RECORD_OUTSIDE_REFUND = "record_outside_refund"
    LOOK = "look"


PROPOSALS = {
    DifferenceKind.MISSING_HERE: Proposal.ASK_WECHAT,
    DifferenceKind.STATUS_DIFFERS: Proposal.ASK_WECHAT,
    DifferenceKind.FEE_DIFFERS: Proposal.CHECK_FEE,
    DifferenceKind.REFUND_MISSING_HERE: Proposal.RECORD_OUTSIDE_REFUND,
}
"""Every other kind: LOOK."""
ASKED = (
    DifferenceKind.MISSING_HERE,
    DifferenceKind.REFUND_MISSING_HERE,
    DifferenceKind.STATUS_DIFFERS,
)
"""A run asks WeChat about these by itself."""
