"""WeChat's report of one payment, verified and in the product's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

from payments.merchant import Merchant

CHINA = timezone(timedelta(hours=8))
"""WeChat's API v2 writes times without a zone; they are UTC+8, and China has no summer time."""


@dataclass(frozen=True)
class FieldNames:
    """WeChat's names of the fields that decide, on the interface of the message."""

    order_num: str
    total: str
    currency: str
    result: str
    mch_id: str
    app_id: str
    open_id: str
    paid_at: str
    sub_mch_id: str


PAID_STATES = ("SUCCESS", "REFUND")
"""WeChat's words for a trade that was paid (trade_state of both interfaces). REFUND: something of
it went back since."""
UNPAID_STATES = ("NOTPAY", "CLOSED", "REVOKED", "USERPAYING", "PAYERROR", "ACCEPT")
"""Its words for one that holds no money. Any other word is neither."""

V2_NAMES = FieldNames(
    "out_trade_no",
    "total_fee",
    "fee_type",
    "result_code",
    "mch_id",
    "appid",
    "openid",
    "time_end",
    "sub_mch_id",
)
V3_NAMES = FieldNames(
    "out_trade_no",
    "amount.total",
    "amount.currency",
    "trade_state",
    "mchid",
    "appid",
    "payer.openid",
    "success_time",
    "sub_mchid",
)


class PaymentResult(NamedTuple):
    """A payment result that carried a valid signature.

    Only the readers of payments/v2 (and v3) make one, after verification, so whoever holds a
    PaymentResult holds proof. Amounts stay the text that was signed: the rules read them.
    """

    signer: Merchant
    """The owner of the key that the signature proved; of several, the one that is named."""
    merchant: Merchant | None
    """The account of the payment; None when the message names a merchant or app that is not
    ours, or a merchant below ours."""
    app_id: str | None
    mch_id: str | None
    result: str | None
    """`SUCCESS`, `FAIL`, another word, or None when the message lacks it."""
    order_num: str | None
    transaction_id: str | None
    amounts: Mapping[str, str]
    """Every amount field that came, under WeChat's name, e.g. `total_fee` or `amount.total`."""
    currency: str
    open_id: str | None
    trade_type: str | None
    paid_at: datetime | None
    """WeChat's time of payment (UTC); None when absent or not a time."""
    failure_code: str | None = None
    failure_words: str | None = None
    goes_back: bool = False
    """WeChat says REFUND: the payment was made, and something of it goes or went back since."""
    names: FieldNames = V2_NAMES
    sub_mch_id: str | None = None
    """The merchant below ours for whom a service provider took the money."""
    too_large: bool = False
    """It has more fields, or a longer value, than any message of WeChat's should have."""

    @property
    def is_in_our_account(self) -> bool:
        """WeChat holds the money for us: the key speaks for the account that is named."""
        return self.mch_id is not None and self.mch_id == self.signer.mch_id

    @property
    def paid_ms(self) -> int | None:
        """WeChat's time of payment in ms UTC."""
        return int(self.paid_at.timestamp() * 1000) if self.paid_at else None

    @property
    def total_text(self) -> str | None:
        return self.amounts.get(self.names.total)


@lru_cache(maxsize=256)
def china_time(text: str | None) -> datetime | None:
    """Read WeChat's `yyyyMMddHHmmss` (UTC+8) as UTC; None for what is not a time.

    A leap second (`…60`) is taken as the second before it.
    """
    if text is None or len(text) != 14 or not (text.isascii() and text.isdigit()):
        return None
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:8])
    second = 59 if text.endswith("60") else int(text[12:])
    try:
        local = datetime(year, month, day, int(text[8:10]), int(text[10:12]), second, tzinfo=CHINA)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
