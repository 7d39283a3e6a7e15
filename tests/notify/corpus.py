"""The corpus: every message that may come to the notify of API v2, and what is said to it. Tables;
the tests that send them are beside. Holds none itself.

A row's name begins with the number of its kind in the list of threats (N01 to N77), so that a
reader finds it; `test_notify_corpus.py` says which number is where.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from payments.merchant import HMAC_SHA256, MD5
from payments.states import OrderStatus
from payments.v2 import signing, wire
from tests.support.rig import (
    ABNORMAL,
    APP_ID,
    KEY,
    MCH_ID,
    PRICE,
    UNREADABLE,
    later_text,
    notify_fields,
    signed,
)

INIT, PAID, CLOSED = OrderStatus.INIT, OrderStatus.PAID, OrderStatus.CLOSED
ORDER, OTHER_ORDER = "<order>", "<another order>"
TX, FIRST_TX = "<transaction>", "<first transaction>"
"""Stand for what is new with every row."""


@dataclass(frozen=True)
class Row:
    """What came, over the fields of a good notify, for an order in the state `before`; its
    transaction is booked on another order already if it is `reused`."""

    changes: dict[str, str | None] = field(default_factory=dict)
    before: OrderStatus = INIT
    sign_type: str = MD5
    reused: bool = False


@dataclass(frozen=True)
class Refusal:
    """The case that is raised, and the receipt for the money if it is unexplained."""

    kind: str
    expected: Any
    actual: Any
    rule: str = ""
    receipt: str | None = None
    answer: bytes = ABNORMAL


def amount(actual: Any, receipt: str | None = None) -> Refusal:
    return Refusal("amount_mismatch", PRICE, actual, "to the fen", receipt)


def negative(actual: Any) -> Refusal:
    return Refusal("negative_total", PRICE, actual, "may be negative")


def foreign(actual: str, receipt: str | None = None) -> Refusal:
    ours = "mch_id 1900000109, appid wx8888888888888888"
    return Refusal("foreign_merchant", ours, actual, "must be ours", receipt)


def incomplete(name: str) -> Refusal:
    return Refusal("system", name, None, f"usable {name}", answer=UNREADABLE)


def late(status: str) -> Refusal:
    return Refusal("illegal_transition", status, "PAID", "Late money", "late")


REUSED = Refusal("illegal_transition", ORDER, OTHER_ORDER, "Reused id", "reused_id")
TOO_LARGE = Refusal("system", None, "too_large", "more fields", answer=UNREADABLE)
TWICE = Refusal("illegal_transition", FIRST_TX, TX, "Paid twice", "paid_twice")


# --- booked --------------------------------------------------------------------------------------

BOOKED = {
    "N01 the plain case": Row(),
    "N67 before our prepay was stored": Row(before=INIT),
    "N01 an order that waits": Row(before=OrderStatus.WAIT_PAY),
    "N07 HMAC, not named": Row(sign_type=HMAC_SHA256),
    "N07 HMAC, named": Row({"sign_type": HMAC_SHA256}, sign_type=HMAC_SHA256),
    "N07 MD5, named": Row({"sign_type": MD5}),
    "N07 HMAC named, MD5 used": Row({"sign_type": HMAC_SHA256}),
    "N54 no currency": Row({"fee_type": None}),
    "N55 an empty currency": Row({"fee_type": ""}),
    "N28 a field that nobody knows": Row({"new_field": "x"}),
    "N27 a hundred fields": Row({f"f{i}": "1" for i in range(100)}),
    "N24 no nonce": Row({"nonce_str": None}),
    "N25 an empty nonce": Row({"nonce_str": ""}),
    "N24 no openid": Row({"openid": None}),
    "N25 an empty openid": Row({"openid": ""}),
    "N24 no trade type": Row({"trade_type": None}),
    "N25 an empty trade type": Row({"trade_type": ""}),
    "N24 no bank": Row({"bank_type": None}),
    "N25 an empty bank": Row({"bank_type": ""}),
    "N24 no cash": Row({"cash_fee": None}),
    "N25 an empty cash": Row({"cash_fee": ""}),
    "N24 no time": Row({"time_end": None}),
    "N25 an empty time": Row({"time_end": ""}),
    "N66 no time at all": Row({"time_end": "yesterday"}),
    "N66 a time in 2099": Row({"time_end": "20990101000000"}),
    "N66 the year 1": Row({"time_end": "00010101000000"}),
    "N66 a leap second": Row({"time_end": "20981231235960"}),
    "N43 blanks around a value": Row({"attach": "  shop 1 \n"}),
    "N65 a Chinese value": Row({"attach": "深圳分店😀"}),
    "N65 markup in a value": Row({"attach": "<script>alert(1)</script>]]>&amp;"}),
    "N65 a formula in a value": Row({"bank_type": "=cmd|' /C calc'!A0"}),
    "N65 a right-to-left mark": Row({"attach": "\u202e0088"}),
    "N65 a long value": Row({"attach": "x" * 8000}),
    "N19 a coupon": Row({"cash_fee": "7800", "coupon_fee": "1000", "coupon_fee_0": "1000"}),
    "N19 a settlement below the total": Row({"settlement_total_fee": "7800"}),
    "N19 cash above the total": Row({"cash_fee": "9999"}),
    "N19 coupons that do not add up": Row({"cash_fee": "1", "coupon_fee": "2"}),
    "N19 another amount that is malformed": Row({"cash_fee": "88.00"}),
    "N65 an odd trade type": Row({"trade_type": "MICROPAY_OF_THE_FUTURE"}),
}

# --- refused -------------------------------------------------------------------------------------

OTHER = "1900000999"
REFUSED: dict[str, tuple[Row, Refusal]] = {
    "N09 another merchant": (Row({"mch_id": OTHER}), foreign(f"mch_id {OTHER}, appid {APP_ID}")),
    "N24 no merchant": (Row({"mch_id": None}), foreign(f"mch_id -, appid {APP_ID}")),
    "N25 an empty merchant": (Row({"mch_id": ""}), foreign(f"mch_id -, appid {APP_ID}")),
    "N10 another app": (
        Row({"appid": "wx0"}),
        foreign(f"mch_id {MCH_ID}, appid wx0", "unknown_order"),
    ),
    "N24 no app": (Row({"appid": None}), foreign(f"mch_id {MCH_ID}, appid -", "unknown_order")),
    "N25 an empty app": (Row({"appid": ""}), foreign(f"mch_id {MCH_ID}, appid -", "unknown_order")),
    "N11 a merchant below ours": (
        Row({"sub_mch_id": "1900000555"}),
        Refusal("foreign_merchant", None, "1900000555", "is not served", "partner"),
    ),
    "N57 return_code FAIL, rightly signed": (
        Row({"return_code": "FAIL"}),
        incomplete("result_code"),
    ),
    "N24 no return_code, rightly signed": (Row({"return_code": None}), incomplete("result_code")),
    "N24 no result": (Row({"result_code": None}), incomplete("result_code")),
    "N25 an empty result": (Row({"result_code": ""}), incomplete("result_code")),
    "N24 no transaction": (Row({"transaction_id": None}), incomplete("transaction_id")),
    "N25 an empty transaction": (Row({"transaction_id": ""}), incomplete("transaction_id")),
    "N63 a transaction id without end": (
        Row({"transaction_id": "4" * 65}),
        incomplete("transaction_id"),
    ),
    "N58 a result in small letters": (
        Row({"result_code": "success"}),
        Refusal("illegal_transition", "SUCCESS", "success"),
    ),
    "N58 a result of another word": (
        Row({"result_code": "OK"}),
        Refusal("illegal_transition", "SUCCESS", "OK"),
    ),
    "N65 a value of 60 KB": (Row({"attach": "x" * 60_000}), TOO_LARGE),
    "N27 a thousand and more fields": (Row({f"f{i}": "1" for i in range(1024)}), TOO_LARGE),
    "N18 a negative total": (Row({"total_fee": "-8800"}), negative(-8800)),
    "N18 negative cash": (Row({"cash_fee": "-1"}), negative(-1)),
    "N18 a negative coupon": (Row({"coupon_fee": "-1"}), negative(-1)),
    "N18 a negative third coupon": (Row({"coupon_fee_2": "-1"}), negative(-1)),
    "N18 a negative settlement": (Row({"settlement_total_fee": "-1"}), negative(-1)),
    "N18 minus zero": (Row({"cash_fee": "-0"}), negative("-0")),
    "N18 a negative number without end": (
        Row({"total_fee": "-" + "9" * 5000}),
        negative("-" + "9" * 63),
    ),
    "N18 a negative total on a paid order": (Row({"total_fee": "-8800"}, PAID), negative(-8800)),
    "N16 one fen more": (Row({"total_fee": "8801"}), amount(8801, "wrong_amount")),
    "N16 one fen less": (Row({"total_fee": "8799"}), amount(8799, "wrong_amount")),
    "N16 one fen": (Row({"total_fee": "1"}), amount(1, "wrong_amount")),
    "N17 nothing": (Row({"total_fee": "0"}), amount(0)),
    "N24 no total": (Row({"total_fee": None}), amount(None)),
    "N25 an empty total": (Row({"total_fee": ""}), amount("")),
    "N20 above 31 bits": (Row({"total_fee": str(2**31)}), amount(2**31, "wrong_amount")),
    "N20 above 63 bits": (Row({"total_fee": str(2**63)}), amount(str(2**63))),
    "N20 twenty digits": (Row({"total_fee": "9" * 20}), amount("9" * 20)),
    "N20 five thousand digits": (Row({"total_fee": "9" * 5000}), amount("9" * 64)),
    **{
        f"{number} the total {text!r}": (Row({"total_fee": text}), amount(text))
        for number, texts in (
            (
                "N21",
                (
                    "88.00",
                    "8800.0",
                    "88e2",
                    "0x2260",
                    "8_800",
                    "+8800",
                    " 8800",
                    "8800 ",
                    "8800\n",
                    "8,800",
                    "NaN",
                    "8800&x=1",
                ),
            ),
            ("N22", ("08800", "00")),
            ("N23", ("８８００", "٨٨٠٠", "8800²", "⑧")),
        )
        for text in texts
    },
    "N16 the booked transaction with another total": (
        Row({"total_fee": "8801", "transaction_id": FIRST_TX}, PAID),
        amount(8801),
    ),
    **{
        f"N55 the currency {currency}": (
            Row({"fee_type": currency}),
            Refusal("amount_mismatch", "CNY", currency, "currency", "foreign_currency"),
        )
        for currency in ("USD", "cny")
    },
    "N15 a transaction of another order": (Row(reused=True), REUSED),
    "N59 a closed order": (Row(before=CLOSED), late("CLOSED")),
    "N14 a second transaction on an order that is PAID": (Row(before=PAID), TWICE),
    **{
        f"N61 a second transaction on an order that is {status}": (Row(before=status), TWICE)
        for status in (OrderStatus.REFUNDING, OrderStatus.PARTIALLY_REFUNDED, OrderStatus.REFUNDED)
    },
}

STRANGE_NUMBERS = {
    "N62 unknown": "ORDER-OF-NOBODY",
    "N63 too short": "x",
    "N63 wildcards": "%__%",
    "N63 quotes": "' OR '1'='1' --",
    "N63 a path": "../../etc/passwd",
    "N63 markup": "<img src=x onerror=alert(1)>",
    "N63 an emoji": "😀" * 8,
    "N63 a trailing blank": "ORD20250102000001 ",
    "N63 a tag": "</out_trade_no><total_fee>1</total_fee>",
    "N63 without end": "x" * 8000,
}


# --- not readable, not proven, and still good ---

NUMBER = "ORD20250102000001"
GOOD = signed(notify_fields(NUMBER, "42001", time_end=later_text()))
FIELDS = wire.read(GOOD)
SIGN = FIELDS["sign"]
SOURCE = "127.0.0.0/24"


def with_sign(sign: str) -> bytes:
    return wire.write({**FIELDS, "sign": sign})


def replaced(old: str, new: str) -> bytes:
    text = GOOD.decode()
    assert text.count(old) == 1
    return text.replace(old, new).encode()


def signed_text(total_fee: str) -> bytes:
    """A notify whose signature is right for the amount 8800, with other XML around it."""
    return replaced("<total_fee><![CDATA[8800]]></total_fee>", total_fee)


def laughs() -> bytes:
    entities = '<!ENTITY a0 "ha">' + "".join(
        f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10)
    )
    return f"<!DOCTYPE xml [{entities}]><xml><attach>&a9;</attach></xml>".encode()


UNREADABLE_BODIES: dict[str, bytes] = {
    "N44 nothing": b"",
    "N44 one byte": b"x",
    "N44 JSON": b"{}",
    "N44 a form": b"total_fee=8800&sign=" + SIGN.encode(),
    "N26 two totals": signed_text("<total_fee>1</total_fee><total_fee>8800</total_fee>"),
    "N26 two totals, the right one first": signed_text(
        "<total_fee>8800</total_fee><total_fee>1</total_fee>"
    ),
    "N27 an unknown field twice": replaced("</xml>", "<zz>1</zz><zz>1</zz></xml>"),
    "N27 two signatures": replaced("</xml>", f"<sign>{SIGN}</sign></xml>"),
    "N31 a total in pieces": signed_text("<total_fee>88<![CDATA[00]]></total_fee>"),
    "N31 a comment in the total": signed_text("<total_fee>88<!--x-->00</total_fee>"),
    "N33 a nested total": signed_text("<total_fee><v>8800</v></total_fee>"),
    "N33 an attribute": signed_text('<total_fee t="1">8800</total_fee>'),
    "N33 an attribute of the root": b"<xml a='1'>" + GOOD[5:],
    "N34 another root": b"<root>" + GOOD[5:-6] + b"</root>",
    "N34 a namespace": b"<x:xml xmlns:x='urn:x'>" + GOOD[5:-6] + b"</x:xml>",
    "N35 a bare DOCTYPE": b"<!DOCTYPE xml>" + GOOD,
    "N35 a DOCTYPE with an address": b'<!DOCTYPE xml SYSTEM "http://127.0.0.1:9/x.dtd">' + GOOD,
    "N35 a public DOCTYPE": b'<!DOCTYPE xml PUBLIC "-//x//x" "http://127.0.0.1:9/x.dtd">' + GOOD,
    "N36 an outer entity that is used": b'<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    + signed_text("<total_fee>&f;</total_fee>"),
    "N36 a parameter entity": b'<!DOCTYPE xml [<!ENTITY % f SYSTEM "http://127.0.0.1:9/x"> %f;]>'
    + GOOD,
    "N37 a billion laughs": laughs(),
    "N37 one long entity many times": b'<!DOCTYPE xml [<!ENTITY a "' + b"x" * 20_000 + b'">]>'
    b"<xml><attach>" + b"&a;" * 10_000 + b"</attach></xml>",
    "N39 an undeclared entity behind a DOCTYPE": b'<!DOCTYPE xml SYSTEM "x">'
    + signed_text("<total_fee>88&foo;00</total_fee>"),
    "N40 junk before it": b"x" + GOOD,
    "N40 a blank before the declaration": b' <?xml version="1.0"?>' + GOOD,
    "N40 half of it": GOOD[: len(GOOD) // 2],
    "N34 a root of text alone": b"<xml>" + SIGN.encode() + b"</xml>",
    "N34 text between the fields": replaced("</xml>", "8800</xml>"),
    "N33 a field of another namespace": replaced("</xml>", "<a:b>1</a:b></xml>"),
    "N41 UTF-7 declared": b'<?xml version="1.0" encoding="UTF-7"?>' + GOOD,
    "N41 UTF-16 declared": b'<?xml version="1.0" encoding="UTF-16"?>' + GOOD,
    "N41 a reference to NUL": replaced("<![CDATA[CMB_DEBIT]]>", "&#0;"),
    "N41 a control character": replaced("CMB_DEBIT", "\x0b"),
    "N03 a signature of 10 KB": with_sign("A" * 10_000),
    "N65 a value of 60 KB, unsigned": replaced("CMB_DEBIT", "x" * 60_000),
    "N36 an outer entity": b'<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + GOOD,
    "N39 an undeclared entity": signed_text("<total_fee>88&foo;00</total_fee>"),
    "N38 a default attribute": b"<!DOCTYPE xml [<!ATTLIST total_fee t CDATA 'x'>]>" + GOOD,
    "N40 a processing instruction": b"<?php ?>" + GOOD,
    "N40 XML 1.1": b'<?xml version="1.1"?>' + GOOD,
    "N40 standalone": b'<?xml version="1.0" standalone="yes"?>' + GOOD,
    "N40 a second root": GOOD + GOOD,
    "N40 junk after it": GOOD + b"x",
    "N41 UTF-16 with its mark": GOOD.decode().encode("utf-16"),
    "N41 UTF-16 without its mark": GOOD.decode().encode("utf-16-le"),
    "N41 Latin-1 declared": b'<?xml version="1.0" encoding="ISO-8859-1"?>' + GOOD,
    "N41 GBK declared": b'<?xml version="1.0" encoding="GBK"?>' + GOOD,
    "N41 half a character": replaced("CMB_DEBIT", "x").replace(b"x", b"\xe4\xb8", 1),
    "N41 NUL": replaced("CMB_DEBIT", "\x00"),
    "N41 a reference to a surrogate": replaced("<![CDATA[CMB_DEBIT]]>", "&#xD800;"),
    "N42 two byte order marks": b"\xef\xbb\xbf\xef\xbb\xbf" + GOOD,
    "N07 an unknown algorithm, rightly signed": signed({**FIELDS, "sign": "", "sign_type": "RSA"}),
    "N07 an algorithm in small letters": signed({**FIELDS, "sign": "", "sign_type": "md5"}),
    "N45 exactly 64 KiB of one value": b"<xml><a>" + b"x" * (65_536 - 18) + b"</a></xml>",
}

UNPROVEN_BODIES: dict[str, bytes] = {
    "N02 forged, MD5": with_sign("0" * 32),
    "N02 forged, HMAC": with_sign("0" * 64),
    "N03 no signature": wire.write({n: v for n, v in FIELDS.items() if n != "sign"}),
    "N03 an empty signature": with_sign(""),
    "N03 a signature of 8 KB": with_sign("A" * 8000),
    "N04 a signature that is not ASCII": with_sign("é" * 32),
    "N05 small letters": with_sign(SIGN.lower()),
    "N05 a line end after it": with_sign(SIGN + "\n"),
    "N02 the other algorithm's length": with_sign(SIGN + SIGN),
    "N08 another merchant's key": signed({**FIELDS, "sign": ""}, "0" * 32),
    "N02 an empty key": signed({**FIELDS, "sign": ""}, ""),
    "N02 a changed total": signed_text("<total_fee>1</total_fee>"),
    "N02 a changed order": replaced(NUMBER, "ORD20250102000002"),
    "N02 a changed transaction": replaced("42001", "42002"),
    "N03 a signature of blanks": with_sign(" " * 32),
    "N03 one character less": with_sign(SIGN[:-1]),
    "N03 one character more": with_sign(SIGN + "0"),
    "N02 the key itself": with_sign(KEY.upper()),
    "N02 the signature of HMAC, cut": with_sign(
        signing.sign({**FIELDS, "sign": ""}, KEY, HMAC_SHA256)[:32]
    ),
    "N02 a changed appid": replaced(APP_ID, "wx0000000000000000"),
    "N25 an unsigned currency": replaced("<![CDATA[CNY]]>", "<![CDATA[USD]]>"),
    "N29 an unsigned field more": replaced("</xml>", "<attach>1</attach></xml>"),
    "N02 a signed field less": replaced("<is_subscribe><![CDATA[N]]></is_subscribe>", ""),
    "N02 a blank more": replaced("<![CDATA[CMB_DEBIT]]>", "<![CDATA[ CMB_DEBIT]]>"),
    "N30 a value that imitates an amount, rightly signed": signed(
        {**FIELDS, "sign": "", "attach": "1&total_fee=1"}
    ),
    "N57 return_code FAIL": wire.write({"return_code": "FAIL", "return_msg": "签名失败"}),
    "N44 no field at all": b"<xml/>",
}

STILL_GOOD: dict[str, bytes] = {
    "N42 a byte order mark": b"\xef\xbb\xbf" + GOOD,
    "N01 a declaration": b'<?xml version="1.0" encoding="UTF-8"?>\n' + GOOD,
    "N01 no CDATA": GOOD.replace(b"<![CDATA[", b"").replace(b"]]>", b""),
    "N32 digits by reference": signed_text("<total_fee>&#56;&#x38;00</total_fee>"),
    "N25 an empty field more, as nobody signs those": replaced("</xml>", "<attach></attach></xml>"),
    "N07 HMAC": signed({**FIELDS, "sign": ""}, KEY, HMAC_SHA256),
}
