"""Notifies of every kind, each about an order of one lane: no two lanes ever tell of the same
order, payment or refund, so what one does is no matter of another's. For tests; holds none itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import Any

from payments.merchant import HMAC_SHA256, MD5
from tests.notify.corpus import BOOKED, REFUSED, UNPROVEN_BODIES, UNREADABLE_BODIES, Row
from tests.support.fake_refunds import refund_notify
from tests.support.rig import notify_fields, signed
from tests.support.v3_keys import (
    NOW_S,
    OTHER_V3_KEY,
    notify_body,
    signed_headers,
    transaction_of,
)
from tests.support.v3_material import REFUND

ORDERS_OF_A_LANE = 6
PAID = "20250102110405"
V2, REFUND_V2, V3 = "/pay/notify", "/pay/notify/refund", "/pay/notify/v3"
Headers = tuple[tuple[str, str], ...]
XML: Headers = (("Content-Type", "text/xml"),)


@dataclass(frozen=True, slots=True)
class Message:
    path: str
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Sale:
    """One order of a lane, and its payment."""

    lane: int
    number: int

    @property
    def order_num(self) -> str:
        return f"ORD2025010{self.lane:03}{self.number:04}"

    @property
    def transaction_id(self) -> str:
        return f"420000000120250102{self.lane:05}{self.number:05}"

    @property
    def refund_num(self) -> str:
        return f"RF20250102{self.lane:03}{self.number:03}"

    def fields(self, **changes: str | None) -> dict[str, str]:
        given = {"time_end": PAID, "nonce_str": "n" * 16, **changes}
        transaction_id = given.pop("transaction_id", None) or self.transaction_id
        return notify_fields(self.order_num, transaction_id, **given)


def sales(lane: int) -> list[Sale]:
    return [Sale(lane, number) for number in range(ORDERS_OF_A_LANE)]


Maker = Callable[[Sale, int], Message]


# --- API v2 --------------------------------------------------------------------------------------


def paid(sale: Sale, algorithm: str = MD5, /, **changes: str | None) -> Message:
    return Message(V2, XML, signed(sale.fields(**changes), sign_type=algorithm))


def paid_by_hmac(sale: Sale) -> Message:
    return paid(sale, HMAC_SHA256, sign_type=HMAC_SHA256)


def forged(sale: Sale) -> Message:
    return Message(V2, (), signed(sale.fields(), "0" * 32))


def misplaced(sale: Sale) -> Message:
    """A payment at the address of the refunds."""
    return Message(REFUND_V2, (), paid(sale).body)


def refunded(sale: Sale, **more: str) -> Message:
    """It names no payment, so WeChat is not asked."""
    named = {"out_trade_no": sale.order_num, "out_refund_no": sale.refund_num, **more}
    return Message(REFUND_V2, XML, refund_notify(**named, refund_status="SUCCESS"))


def refunded_outside(sale: Sale) -> Message:
    """WeChat is asked, and does not answer."""
    return refunded(sale, transaction_id=sale.transaction_id)


ODD_FORMS: tuple[Callable[[bytes], bytes], ...] = (
    lambda body: b"\xef\xbb\xbf" + body,
    lambda body: b'<?xml version="1.0" encoding="UTF-8"?>\n' + body,
    lambda body: body.replace(b"<![CDATA[", b"").replace(b"]]>", b""),
    lambda body: body.replace(b"><", b">\n<"),
    lambda body: body.replace(b"><", b">\r\n\t<"),
    lambda body: body + b"\n",
    lambda body: b"\n" + body,
    lambda body: body.replace(b"[8800]", b"[88]]><![CDATA[00]"),
    lambda body: body.replace(b"<![CDATA[8800]]>", b"&#56;&#x38;00"),
    lambda body: body.replace(b"</xml>", b"<!-- x --></xml>"),
    lambda body: body.replace(b"</xml>", b"<attach></attach></xml>"),
    lambda body: body.replace(b"</xml>", b"<attach/></xml>"),
    lambda body: body.replace(b"</xml>", b"<attach>1</attach></xml>"),
    lambda body: body.replace(b"<total_fee>", b"<total_fee >"),
    lambda body: body.replace(b"<xml>", b"<xml >"),
    lambda body: body.replace(b"xml>", b"XML>"),
    lambda body: body.replace(b"</xml>", b"<sign>0</sign></xml>"),
)


def odd(sale: Sale, which: int) -> Message:
    """A payment in other XML: proven, not proven or not readable."""
    return Message(V2, XML, ODD_FORMS[which % len(ODD_FORMS)](paid(sale).body))


def _rows() -> list[Row]:
    """Of the corpus those that name no order and no payment themselves."""
    among = [*BOOKED.values(), *(row for row, _ in REFUSED.values())]
    named = {"transaction_id", "sub_mch_id"}
    return [row for row in among if not named & row.changes.keys()]


ROWS = _rows()
NOISE = [b"<xml>", b"x", *UNREADABLE_BODIES.values(), *UNPROVEN_BODIES.values()]


def row(sale: Sale, which: int) -> Message:
    found = ROWS[which % len(ROWS)]
    return paid(sale, found.sign_type, **found.changes)


def noise(_sale: Sale, which: int) -> Message:
    return Message((V2, V2, REFUND_V2)[which % 3], (), NOISE[which % len(NOISE)])


# --- API v3 --------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _v3(sale: Sale, kind: str) -> Message:
    """A signature takes a millisecond, so each is made once."""
    event_type, fields = _TOLD[kind](sale)
    body = notify_body(fields, event_type, *([OTHER_V3_KEY] if kind == "not ours" else []))
    over = b"{}" if kind == "forged" else body
    headers = signed_headers(over, NOW_S - 4000 if kind == "stale" else NOW_S)
    return Message(V3, tuple(headers.items()), body)


def _payment(sale: Sale) -> tuple[str, dict[str, Any]]:
    return "TRANSACTION.SUCCESS", transaction_of(sale.order_num, sale.transaction_id)


def _refund(sale: Sale) -> tuple[str, dict[str, Any]]:
    named = {
        "out_trade_no": sale.order_num,
        "transaction_id": sale.transaction_id,
        "out_refund_no": sale.refund_num,
        "refund_id": f"5{sale.transaction_id}",
        "mchid": "1900000109",
        "refund_status": "SUCCESS",
    }
    return "REFUND.SUCCESS", {**REFUND, **named}


def _complaint(sale: Sale) -> tuple[str, dict[str, Any]]:
    return "COMPLAINT.CREATE", {"complaint_id": sale.refund_num, "action_type": "CREATE_COMPLAINT"}


_TOLD: dict[str, Callable[[Sale], tuple[str, dict[str, Any]]]] = {
    **dict.fromkeys(("paid", "forged", "stale", "not ours"), _payment),
    "refunded": _refund,
    "complaint": _complaint,
    "other": lambda sale: ("COUPON.USE", {"coupon": sale.order_num}),
}


def v3(kind: str) -> Maker:
    return lambda sale, _which: _v3(sale, kind)


def unsigned(sale: Sale) -> Message:
    return Message(V3, (), _v3(sale, "paid").body)


# --- all of them ---------------------------------------------------------------------------------


def _one(make: Callable[[Sale], Message]) -> Maker:
    return lambda sale, _which: make(sale)


KINDS: tuple[tuple[int, Maker], ...] = (
    (24, _one(paid)),
    (8, _one(paid_by_hmac)),
    (4, _one(lambda sale: paid(sale, total_fee="1"))),
    (4, _one(lambda sale: paid(sale, transaction_id=f"{sale.transaction_id}2"))),
    (10, odd),
    (8, row),
    (5, _one(forged)),
    (6, noise),
    (4, _one(refunded)),
    (2, _one(refunded_outside)),
    (2, _one(misplaced)),
    (14, v3("paid")),
    (3, _one(unsigned)),
    (3, v3("forged")),
    (1, v3("stale")),
    (1, v3("not ours")),
    (3, v3("refunded")),
    (2, v3("complaint")),
    (2, v3("other")),
)
"""With their weights."""
_MAKERS = [maker for _, maker in KINDS]
_SUMS = list(accumulate(weight for weight, _ in KINDS))


def message(random: Random, lane: int) -> Message:
    """One about an order of this lane."""
    sale, which = Sale(lane, random.randrange(ORDERS_OF_A_LANE)), random.randrange(1 << 16)
    return random.choices(_MAKERS, cum_weights=_SUMS)[0](sale, which)
