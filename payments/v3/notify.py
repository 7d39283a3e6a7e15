"""The notifies of API v3 (WeChat: 支付成功回调通知, 退款结果回调通知): bytes in, proof out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from payments.errors import BadSignature, Malformed
from payments.merchant import Merchant, Merchants
from payments.payment_result import PAID_STATES, UNPAID_STATES, V3_NAMES, PaymentResult
from payments.protocol import KeysOf
from payments.refund import RefundResult, RefundStatus
from payments.v3 import resource, signing, wire

PAYMENTS = frozenset(f"TRANSACTION.{state}" for state in ("SUCCESS", *UNPAID_STATES))
"""The kinds that tell of a payment of ours. TRANSACTION.FAIL, PAY_BACK and others belong to
products that we do not use."""
REFUND = "REFUND."
COMPLAINT = "COMPLAINT."
ECHO = "SECURITY_ECHO."
ALGORITHM = "AEAD_AES_256_GCM"
_SEALED = ("ciphertext", "nonce", "associated_data")

REFUND_STATES = {
    "SUCCESS": RefundStatus.SUCCESS,
    "PROCESSING": RefundStatus.PROCESSING,
    "CLOSED": RefundStatus.CLOSED,
    "ABNORMAL": RefundStatus.ABNORMAL,
}


@dataclass(frozen=True)
class OtherEvent:
    """Authentic, and of a kind that we do not use."""

    merchant: Merchant
    event_type: str
    text: str
    echo: str | None = None
    """What `paywatch check` asked WeChat to send back."""


@dataclass(frozen=True)
class ComplaintNews:
    """A buyer's complaint was made or has moved (WeChat: 投诉通知回调, M/4012289719). Without an id
    of WeChat's it is told all the same. `action` says what happened to it."""

    merchant: Merchant
    event_type: str
    complaint_id: str | None
    action: str | None
    text: str


@dataclass(frozen=True)
class Opened:
    """A proven notify: the news in it, and the plain text to keep."""

    news: PaymentResult | RefundResult | OtherEvent | ComplaintNews
    text: str


def read(
    body: bytes, headers: Mapping[str, str], merchants: Merchants, keys_of: KeysOf, now_s: int
) -> Opened:
    """Read, prove and open one notify. Raises Malformed, then BadSignature; nothing else.

    Header names are in lower case. The API v3 key that decrypts the resource tells the account of
    the notify, whichever of WeChat's keys signed it.
    """
    outer = wire.read(body)
    known = {serial: key for m in merchants for serial, key in keys_of(m).items()}
    serial = signing.verify(headers, body, known, now_s)
    trusting = [m for m in merchants if m.v3_keys and serial in keys_of(m)]
    event_type = wire.text(outer, "event_type")
    sealed = outer.get("resource")
    if event_type is None or not isinstance(sealed, dict):
        raise Malformed("The notify has no event_type or no resource.")
    plain, owners = _open(sealed, trusting)
    text = plain.decode("utf-8", "replace")
    if event_type.startswith(COMPLAINT):
        return Opened(complaint_of(plain, owners[0], event_type[:64], text), text)
    if event_type not in PAYMENTS and not event_type.startswith(REFUND):
        echo = _echoed(plain) if event_type.startswith(ECHO) else None
        return Opened(OtherEvent(owners[0], event_type[:64], text, echo), text)
    fields = wire.read(plain)
    signer = _named(owners, _named_in(fields, "mchid"))
    if event_type in PAYMENTS:
        return Opened(notice_of(fields, merchants, signer), text)
    return Opened(refund_of(fields, merchants, signer, "refund_status"), text)


def _echoed(plain: bytes) -> str | None:
    try:
        return (wire.text(wire.read(plain), "echo_message") or "")[:64] or None
    except Malformed:
        return None


def complaint_of(plain: bytes, merchant: Merchant, event_type: str, text: str) -> ComplaintNews:
    """Whatever is in it: WeChat counts it as delivered, so nothing of it may be lost."""
    try:
        fields = wire.read(plain)
    except Malformed:
        fields = {}
    complaint, action = wire.text(fields, "complaint_id"), wire.text(fields, "action_type")
    return ComplaintNews(merchant, event_type, complaint, action, text)


def _named(owners: list[Merchant], mch_id: str | None) -> Merchant:
    """Accounts may share a key: it then speaks for the one of them that the message names."""
    return next((m for m in owners if m.mch_id == mch_id), owners[0])


def _open(sealed: wire.Fields, trusting: list[Merchant]) -> tuple[bytes, list[Merchant]]:
    ciphertext, nonce, aad = (sealed.get(name) for name in _SEALED)
    if not (isinstance(ciphertext, str) and isinstance(nonce, str) and isinstance(aad, str | None)):
        raise Malformed("The resource of the notify is not complete.")
    if sealed.get("algorithm") != ALGORITHM:
        raise BadSignature("The resource is sealed with a foreign algorithm.", "algorithm")
    keys = tuple(dict.fromkeys(key for m in trusting for key in m.v3_keys))
    plain, key = resource.open_sealed(ciphertext, nonce, aad or "", keys)
    return plain, [m for m in trusting if key in m.v3_keys]


def notice_of(fields: wire.Fields, merchants: Merchants, signer: Merchant) -> PaymentResult:
    """Put a transaction (of a notify or of a query's answer) into our words. `signer` is the
    account that the message was proven for: it speaks for no other."""
    app_id, mch_id = _named_in(fields, "appid"), _named_in(fields, "mchid")
    below = wire.text(fields, "sub_mchid")
    merchant = None if below else merchants.find(app_id, mch_id)
    foreign = merchant is None or merchant.mch_id != signer.mch_id
    state = wire.text(fields, "trade_state")
    amounts = {
        f"amount.{name}": value
        for name in ("total", "payer_total")
        if (value := wire.amount(fields, "amount", name)) is not None
    }
    return PaymentResult(
        signer=signer,
        merchant=None if foreign else merchant,
        app_id=app_id,
        mch_id=mch_id,
        result=_result(state),
        order_num=wire.text(fields, "out_trade_no"),
        transaction_id=wire.text(fields, "transaction_id"),
        amounts=amounts,
        currency=_currency(fields),
        open_id=wire.text(fields, "payer", "openid"),
        trade_type=wire.text(fields, "trade_type"),
        paid_at=rfc3339_time(wire.text(fields, "success_time")),
        failure_code=None if state in (None, "SUCCESS") else state,
        failure_words=wire.text(fields, "trade_state_desc"),
        goes_back=state == "REFUND",
        names=V3_NAMES,
        sub_mch_id=below,
    )


def _named_in(fields: wire.Fields, name: str) -> str | None:
    """Of a service provider's payment, the service provider's."""
    return wire.first_text(fields, name, f"sp_{name}")


def _result(state: str | None) -> str | None:
    """API v2's word for it; a word that neither has stays as it is."""
    if state in PAID_STATES:
        return "SUCCESS"
    return "FAIL" if state in UNPAID_STATES else state


def _currency(fields: wire.Fields) -> str:
    if wire.text(fields, "amount", "currency") == "CNY":
        return "CNY"
    value = wire.amount(fields, "amount", "currency")
    return (value or "").strip('"') or "CNY"


def refund_of(
    fields: wire.Fields, merchants: Merchants, signer: Merchant, status_name: str
) -> RefundResult:
    """Put a refund into our words; its state is `refund_status` in a notify, `status` in an
    answer. An answer names no account: it is that of the question."""
    mch_id = wire.text(fields, "mchid") or signer.mch_id
    merchant = merchants.of_account(mch_id)
    foreign = mch_id != signer.mch_id or "sub_mchid" in fields
    said = wire.text(fields, status_name)
    return RefundResult(
        signer=signer,
        merchant=None if foreign else merchant,
        mch_id=mch_id,
        refund_num=wire.text(fields, "out_refund_no"),
        refund_id=wire.text(fields, "refund_id"),
        order_num=wire.text(fields, "out_trade_no"),
        transaction_id=wire.text(fields, "transaction_id"),
        status=REFUND_STATES.get(said or ""),
        said=said,
        total_text=wire.amount(fields, "amount", "total"),
        refund_text=wire.amount(fields, "amount", "refund"),
        succeeded_at=rfc3339_time(wire.text(fields, "success_time")),
    )


@lru_cache(maxsize=256)
def rfc3339_time(text: str | None) -> datetime | None:
    """`2015-05-20T13:29:35+08:00` as UTC; None for what is not a time with its zone."""
    try:
        found = datetime.fromisoformat(text or "")
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None
