"""The calls that both of WeChat's interfaces offer, as values. This module uses no socket: the
client sends a `WireRequest` and gives the `WireAnswer` to the matching reader.

`payments.v2.api` and `payments.v3.api` are the two; nobody above the gateway knows which one a
merchant uses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from payments.errors import WeChatUntrusted
from payments.merchant import Merchant
from payments.payment_result import PAID_STATES, UNPAID_STATES, PaymentResult
from payments.refund import RefundOrder, RefundResult
from payments.states import TradeType

PlatformKeys = Mapping[str, RSAPublicKey]
"""WeChat's own keys, by the serial of a platform certificate or by `PUB_KEY_ID_…`."""
KeysOf = Callable[[Merchant], PlatformKeys]


LIFETIME_S = {
    TradeType.JSAPI: 7200,
    TradeType.NATIVE: 7200,
    TradeType.APP: 7200,
    TradeType.MWEB: 300,
}
"""How long WeChat honours what a prepay gave, in seconds."""
SHORTEST_LIFE_MS = 6 * 60_000
"""WeChat refuses a time_expire that is nearer than five minutes (in its newer manual, one)."""
MAX_REQUEST_ID = 128
MAX_PREPAY_ID, MAX_URL = 128, 512
"""WeChat's tables say 64 for both; its real addresses are longer."""


@dataclass(frozen=True)
class Moment:
    """When a request is made (seconds since 1970 UTC), and its nonce (≤ 32 characters)."""

    now_s: int
    nonce: str


@dataclass(frozen=True)
class WireRequest:
    """One request to WeChat: `path` (with its query) below the base address, signed.
    `client_cert` and `client_key` are PEM, for the few calls that need them."""

    path: str
    body: bytes = field(repr=False)
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    client_cert: str = field(default="", repr=False)
    client_key: str = field(default="", repr=False)


@dataclass(frozen=True)
class WireAnswer:
    """An answer as it came, not verified yet. Header names are in lower case."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def request_id(self) -> str | None:
        """WeChat's own number of the call, by which its support finds it; None where it sent none
        (API v2 sends none in its manual)."""
        return self.headers.get("request-id", "")[:MAX_REQUEST_ID] or None


def unexpected(status: int) -> WeChatUntrusted:
    """The error for an answer of a status that no answer of WeChat's has here."""
    return WeChatUntrusted(f"WeChat's address answered with the unexpected status {status}.")


@dataclass(frozen=True)
class Proof:
    """The values with which an answer is verified: WeChat's keys as this merchant knows them, and
    the time. API v2 needs neither."""

    keys: PlatformKeys
    now_s: int


@dataclass(frozen=True)
class Prepay:
    """WeChat's result of a prepay: a prepay id ('' for MWEB and NATIVE of API v3, which have none),
    and the text of a QR code (NATIVE) or the address of its own page (MWEB). `request_id` is by
    what WeChat finds the call in its own log; API v2 sends none."""

    prepay_id: str
    url: str | None = None
    request_id: str | None = None


@dataclass(frozen=True)
class PrepayOrder:
    """One order as WeChat is asked to take it. Times in ms UTC; `client_ip` is the buyer's,
    `origin` our public address; `notify_url` is where WeChat tells us of the payment."""

    order_num: str
    product_id: str
    title: str
    total_fen: int
    trade_type: TradeType
    open_id: str | None
    client_ip: str
    origin: str
    notify_url: str
    nonce: str
    now_ms: int
    created_ms: int
    expires_ms: int


_BLANK = re.compile("[\xa0\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]+")
_UNSENT = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"  # seen by nobody
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"  # no characters; XML cannot carry the last two
    "\U00010000-\U0010ffff]"  # four bytes of UTF-8, as emoji have
)


def sendable(text: str, longest: int, otherwise: str = "") -> str:
    """A text of ours as WeChat takes it (description, body, attach, reason): within so many bytes,
    cut between characters; `otherwise` where nothing is left of it.

    API v3 supports characters of one to three bytes only, and answers invisible ones and the wide
    blank with PARAM_ERROR (WeChat: 基本规则 4012081709, 错误码 268435461). The others are dropped,
    blanks become plain ones. API v2 gets the same text."""
    kept = _BLANK.sub(" ", _CONTROL.sub(" ", _UNSENT.sub("", text))).strip()
    return kept.encode()[:longest].decode(errors="ignore").rstrip() or otherwise


def holds_money(trade_state: str | None) -> bool:
    """Whether WeChat's word for the state of a trade means money. Raises WeChatUntrusted
    (odd_state) for a word that its manual does not have: it is neither paid nor unpaid."""
    if trade_state in PAID_STATES:
        return True
    if trade_state in UNPAID_STATES:
        return False
    words = "WeChat's answer names no state that a payment may have."
    raise WeChatUntrusted(words, doubt="odd_state", claimed=(trade_state, None))


class WeChatApi(Protocol):
    """Every reader raises WeChatRefused (with API v2's word for the reason, whichever interface
    said it), WeChatUntrusted or WeChatUnreachable."""

    def order_fields(self, merchant: Merchant, order: PrepayOrder) -> dict[str, Any]:
        """The parameters that are stored before the call and sent unchanged with every repeat."""
        ...

    def prepay_request(
        self, fields: Mapping[str, Any], merchant: Merchant, trade_type: TradeType, moment: Moment
    ) -> WireRequest: ...

    def read_prepay(
        self, answer: WireAnswer, merchant: Merchant, trade_type: TradeType, proof: Proof
    ) -> Prepay: ...

    def page_parameters(
        self,
        merchant: Merchant,
        trade_type: TradeType,
        given: Prepay,
        fields: Mapping[str, Any],
        moment: Moment,
    ) -> dict[str, str]:
        """The parameters that the page or the app passes to WeChat; `fields` are those of
        `order_fields`."""
        ...

    def query_request(self, merchant: Merchant, order_num: str, moment: Moment) -> WireRequest: ...

    def read_query(
        self, answer: WireAnswer, merchant: Merchant, proof: Proof
    ) -> PaymentResult | None:
        """The payment behind an order number, or None while WeChat holds none (not paid, or
        closed unpaid). WeChatRefused ORDERNOTEXIST: WeChat never had the order."""
        ...

    def close_request(self, merchant: Merchant, order_num: str, moment: Moment) -> WireRequest: ...

    def read_close(self, answer: WireAnswer, merchant: Merchant, proof: Proof) -> None:
        """WeChatRefused ORDERPAID: it was paid meanwhile."""
        ...

    def refund_request(
        self, merchant: Merchant, refund: RefundOrder, moment: Moment
    ) -> WireRequest: ...

    def read_refund(self, answer: WireAnswer, merchant: Merchant, proof: Proof) -> RefundResult:
        """WeChat took the request; that is not yet money with the buyer."""
        ...

    def abnormal_request(
        self, merchant: Merchant, refund_num: str, refund_id: str, moment: Moment
    ) -> WireRequest:
        """Have an abnormal refund paid to the merchant's own bank account. NotOffered: the
        interface has no such call."""
        ...

    def read_abnormal(
        self, answer: WireAnswer, merchant: Merchant, proof: Proof
    ) -> RefundResult: ...

    def refund_query_request(
        self, merchant: Merchant, refund_num: str, moment: Moment
    ) -> WireRequest: ...

    def read_refund_query(
        self, answer: WireAnswer, merchant: Merchant, refund_num: str, proof: Proof
    ) -> RefundResult:
        """WeChatRefused REFUNDNOTEXIST: WeChat never had a refund with this number."""
        ...
