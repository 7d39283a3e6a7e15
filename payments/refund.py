"""Money going back: the states of a refund, what WeChat is asked, and what its answers mean.

A refund's number is made once and sent again unchanged whenever an answer was lost: WeChat pays
back once for a number, and a new number could pay back twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum, auto

from payments.causes import Cause
from payments.errors import PaymentError, WeChatRefused, WeChatUntrusted
from payments.merchant import Api, Merchant

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
    ENDED = "ENDED"
    """An admin ended it: WeChat has no such refund, or it was ABNORMAL and the buyer got the money
    another way."""


REFUND_MOVES: dict[RefundStatus, frozenset[RefundStatus]] = {
    RefundStatus.REQUESTED: frozenset({RefundStatus.APPROVED, RefundStatus.REJECTED}),
    RefundStatus.APPROVED: frozenset(
        {
            RefundStatus.PROCESSING,
            RefundStatus.SUCCESS,
            RefundStatus.ABNORMAL,
            RefundStatus.CLOSED,
            RefundStatus.REFUSED,
            RefundStatus.ENDED,
        }
    ),
    RefundStatus.PROCESSING: frozenset(
        {RefundStatus.SUCCESS, RefundStatus.ABNORMAL, RefundStatus.CLOSED, RefundStatus.ENDED}
    ),
    RefundStatus.ABNORMAL: frozenset(
        {RefundStatus.SUCCESS, RefundStatus.CLOSED, RefundStatus.ENDED}
    ),
    RefundStatus.SUCCESS: frozenset(),
    RefundStatus.CLOSED: frozenset(),
    RefundStatus.REFUSED: frozenset(),
    RefundStatus.REJECTED: frozenset(),
    RefundStatus.ENDED: frozenset(),
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
GIVEN_UP = frozenset({RefundStatus.REFUSED, RefundStatus.ENDED})
"""We took it that WeChat has no such refund. It is asked twice more, and where it has one after
all, the record follows."""
TAKEN = frozenset(
    {RefundStatus.PROCESSING, RefundStatus.SUCCESS, RefundStatus.ABNORMAL, RefundStatus.CLOSED}
)
"""WeChat has, or had, such a refund: it stands in the bill of the day on which WeChat took it."""


def reserves(status: RefundStatus, ended_from: RefundStatus | None) -> bool:
    """Whether the amount counts against what may still be refunded. A refund that an admin ended
    while it was ABNORMAL still does: WeChat holds its money, and the buyer has got the amount."""
    return status in RESERVING or ended_from is RefundStatus.ABNORMAL


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


# --- what WeChat's answer to a refund request means, if it is not "taken" -----------------------
#
# By the interface, the code, and whether the number was sent for the first time or again. After any
# answer but success WeChat is queried before anything else is done (M/4014959631). The amount is
# freed only when the query denies the number and the refusal came on the first send: a refusal of a
# later send says nothing of the earlier ones, one of which may have paid. `M/…` is a page of
# https://pay.weixin.qq.com/doc/v3/merchant/, 申请退款 the refund page of API v2's manual.


class Meaning(Enum):
    ACCEPTED = auto()
    """WeChat is taking it: only the query says more."""
    OPEN = auto()
    """WeChat may have it."""
    WAITS = auto()
    """Not taken by this send; the same number is sent again, after the query."""
    NOT_TAKEN = auto()
    """Not taken, and no repeat helps: ends the refund once the query denies the number."""


@dataclass(frozen=True)
class AnswerMeaning:
    """`first` and `again`: what it means after the first send of the number and after a later one.
    `cure`: the cause of the case that tells a person what to do when it comes again and again."""

    first: Meaning
    again: Meaning
    cure: Cause
    source: str

    def of(self, sends: int) -> Meaning:
        return self.first if sends == 1 else self.again


_ENDS = (Meaning.NOT_TAKEN, Meaning.WAITS)
_WAITS = (Meaning.WAITS, Meaning.WAITS)
_OPEN = (Meaning.OPEN, Meaning.OPEN)
_ACCEPTED = (Meaning.ACCEPTED, Meaning.ACCEPTED)
_PAGE = {Api.V2: "申请退款, 错误码", Api.V3: "M/4013071036"}
_PRACTICE = "M/4014959631"

ANSWERS: dict[tuple[Api, str], AnswerMeaning] = {}
"""By the interface and the code, in API v2's word for it."""


def _rows(
    meanings: tuple[Meaning, Meaning], cure: Cause, apis: tuple[Api, ...], source: str, *codes: str
) -> None:
    for api in apis:
        for code in codes:
            ANSWERS[api, code] = AnswerMeaning(*meanings, cure, source or _PAGE[api])


_BOTH = (Api.V2, Api.V3)
# The merchant's balance: recharge, then the same number.
_rows(_WAITS, Cause.REFUND_NO_BALANCE, _BOTH, _PRACTICE, "NOTENOUGH")
# The money cannot go back this way.
_rows(_ENDS, Cause.REFUND_NO_WAY_BACK, _BOTH, "", "USER_ACCOUNT_ABNORMAL")
_rows(_ENDS, Cause.REFUND_NO_WAY_BACK, (Api.V2,), "", "TRADE_OVERDUE")
# The trade or the request: what is wrong with it stays wrong.
_rows(_ENDS, Cause.REFUND_NOT_TAKEN, _BOTH, "", "PARAM_ERROR", "INVALID_REQUEST", "ORDERNOTEXIST")
_rows(
    _ENDS,
    Cause.REFUND_NOT_TAKEN,
    (Api.V2,),
    "",
    "ERROR",
    "INVALID_TRANSACTIONID",
    "LACK_PARAMS",
    "XML_FORMAT_ERROR",
    "REQUIRE_POST_METHOD",
)
# The account: a definite no.
_rows(
    _ENDS,
    Cause.REFUND_NOT_PERMITTED,
    _BOTH,
    "",
    "NOAUTH",
    "APPID_NOT_EXIST",
    "MCHID_NOT_EXIST",
    "APPID_MCHID_NOT_MATCH",
)
# The account: a limit or a key, which a person can mend.
_rows(_WAITS, Cause.REFUND_NOT_PERMITTED, _BOTH, "M/4012081717", "RULE_LIMIT", "SIGNERROR")
_rows(_WAITS, Cause.REFUND_NOT_PERMITTED, _BOTH, "unsigned: proves nothing", "FAIL")
# Too many: API v3 says so of a refund that it is taking, API v2 of one that it is not.
_rows(_ACCEPTED, Cause.REFUND_NOT_TAKEN, (Api.V3,), "", "FREQUENCY_LIMITED")
_rows(
    _WAITS,
    Cause.REFUND_NOT_TAKEN,
    (Api.V2,),
    "",
    "FREQUENCY_LIMITED",
    "INVALID_REQ_TOO_MUCH",
)
# WeChat does not know itself.
_rows(_OPEN, Cause.REFUND_NOT_TAKEN, _BOTH, "", "SYSTEMERROR")
_rows(_OPEN, Cause.REFUND_NOT_TAKEN, (Api.V2,), "", "BIZERR_NEED_RETRY")

UNKNOWN_WORD = AnswerMeaning(*_OPEN, Cause.REFUND_NOT_TAKEN, "M/4014959631")
"""A word that is not in the table decides nothing."""
NO_PROOF = AnswerMeaning(*_OPEN, Cause.REFUND_NOT_PERMITTED, "M/4012081717")
"""An answer that proves nothing, such as a page of HTML with status 400; or none at all."""


def answer_meaning(api: Api, error: PaymentError) -> AnswerMeaning:
    """The row of a failed call."""
    if isinstance(error, WeChatRefused):
        return ANSWERS.get((api, error.wechat_code), UNKNOWN_WORD)
    return NO_PROOF


def said_of(error: PaymentError) -> tuple[str, str]:
    """WeChat's code and words, or ours where it said nothing that can be read."""
    if isinstance(error, WeChatRefused):
        return error.said, error.wechat_words
    if isinstance(error, WeChatUntrusted):
        return error.doubt.upper(), error.message
    return error.code.upper(), error.message


def ends(api: Api, code: str | None, sends: int) -> bool:
    """Whether a refund whose number was sent so often, and whose last answer had this code, is over
    when WeChat's query denies the number. `code` is in API v2's word."""
    row = ANSWERS.get((api, code or ""))
    return row is not None and row.of(sends) is Meaning.NOT_TAKEN
