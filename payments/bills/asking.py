"""Asking WeChat for a bill: which one is wanted, and one word for each thing it may answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from payments.errors import WeChatRefused

OK = 200
ENOUGH_TO_TELL = 4
"""So many bytes tell a bill from an error: a byte order mark (3) and one character."""
BOM = b"\xef\xbb\xbf"
SHA1 = re.compile(r"[0-9A-Fa-f]{40}", re.ASCII)


class BillKind(StrEnum):
    TRADE = "trade"
    """交易账单: the payments and refunds of a day."""
    FUND_FLOW = "fund_flow"
    """资金账单: what moved on the merchant's account."""


@dataclass(frozen=True)
class WantedBill:
    """The bill of one of WeChat's days (UTC+8), which is over. WeChat keeps 90 of them."""

    kind: BillKind
    day: date


@dataclass(frozen=True)
class BillOffer:
    """Where WeChat has put a bill for five minutes, and the SHA1 of its text in hex. The answer
    that said so was signed; the bill itself is not."""

    origin: str
    path: str = field(repr=False)
    """With its query, which holds a token."""
    sha1: str


class BillOutcome(StrEnum):
    """Why there is no bill now."""

    NONE = "none"
    """Nothing happened that day: there will be none, and that is no fault."""
    BEING_MADE = "being_made"
    TOO_OLD = "too_old"
    NOT_ENTITLED = "not_entitled"
    """The account may not have it, or the token is another merchant's."""
    TOO_OFTEN = "too_often"
    EXPIRED = "expired"
    """The token of a BillOffer is used up or too old: apply again."""
    SYSTEM_ERROR = "system_error"
    """WeChat's own."""
    REFUSED = "refused"
    """Anything else; WeChat's words say what. Nothing else is concluded from it."""


AGAIN_AFTER_S = {
    BillOutcome.BEING_MADE: 30 * 60,
    BillOutcome.TOO_OFTEN: 60,
    BillOutcome.SYSTEM_ERROR: 60,
}
"""When WeChat wants to be asked again (FAQ M/4013071254). The pause after TOO_OFTEN grows: 1, 3 and
10 minutes. For what is not here a repeat brings the same."""


class BillNotGiven(WeChatRefused):
    """WeChat has answered, and with no bill."""

    def __init__(self, outcome: BillOutcome, refusal: WeChatRefused) -> None:
        super().__init__(
            refusal.wechat_code,
            refusal.wechat_words,
            refusal.said,
            issue=refusal.issue,
            request_id=refusal.request_id,
        )
        self.outcome = outcome


def is_bill(status: int, start: bytes) -> bool:
    """Whether an answer of this status that begins with these bytes (ENOUGH_TO_TELL, or all of
    them) is a bill: an error is XML on API v2, with status 200, and JSON on API v3. A bill is gzip,
    or text that begins with the name of a column."""
    return status == OK and not start.removeprefix(BOM).lstrip().startswith((b"<", b"{"))


def sha1_of(text: str | None) -> str | None:
    """A SHA1 that WeChat names, in lower-case hex; None for what is none."""
    return text.lower() if text and SHA1.fullmatch(text) else None


def outcome_in(words: str, known: Mapping[str, BillOutcome]) -> BillOutcome | None:
    """The outcome of the first of these texts (in small letters, with blanks) that WeChat's words
    hold, in whatever case, with blanks or underscores."""
    said = words.casefold().replace("_", " ")
    return next((outcome for text, outcome in known.items() if text in said), None)
