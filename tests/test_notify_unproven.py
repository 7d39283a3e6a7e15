"""What nobody can read and what proves nothing: refused, counted, and no order touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from payments.merchant import HMAC_SHA256, MD5
from payments.v2 import signing, wire
from tests.rig import (
    KEY,
    SUCCESS,
    UNPROVEN,
    UNREADABLE,
    Product,
    notify_fields,
    product,
    signed,
    transaction,
)
from tests.test_notify_rig import alerts, deliver, raw_notices

NUMBER = "ORD20250102000001"
GOOD = signed(notify_fields(NUMBER, "42001"))
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


UNREADABLE_BODIES: dict[str, bytes] = {
    "nothing": b"",
    "one byte": b"x",
    "JSON": b"{}",
    "a form": b"total_fee=8800&sign=" + SIGN.encode(),
    "two totals": signed_text("<total_fee>1</total_fee><total_fee>8800</total_fee>"),
    "two totals, the right one first": signed_text(
        "<total_fee>8800</total_fee><total_fee>1</total_fee>"
    ),
    "an unknown field twice": replaced("</xml>", "<zz>1</zz><zz>1</zz></xml>"),
    "two signatures": replaced("</xml>", f"<sign>{SIGN}</sign></xml>"),
    "a total in pieces": signed_text("<total_fee>88<![CDATA[00]]></total_fee>"),
    "a comment in the total": signed_text("<total_fee>88<!--x-->00</total_fee>"),
    "a nested total": signed_text("<total_fee><v>8800</v></total_fee>"),
    "an attribute": signed_text('<total_fee t="1">8800</total_fee>'),
    "an attribute of the root": b"<xml a='1'>" + GOOD[5:],
    "another root": b"<root>" + GOOD[5:-6] + b"</root>",
    "a namespace": b"<x:xml xmlns:x='urn:x'>" + GOOD[5:-6] + b"</x:xml>",
    "a bare DOCTYPE": b"<!DOCTYPE xml>" + GOOD,
    "an outer entity": b'<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + GOOD,
    "an undeclared entity": signed_text("<total_fee>88&foo;00</total_fee>"),
    "a default attribute": b"<!DOCTYPE xml [<!ATTLIST total_fee t CDATA 'x'>]>" + GOOD,
    "a processing instruction": b"<?php ?>" + GOOD,
    "XML 1.1": b'<?xml version="1.1"?>' + GOOD,
    "standalone": b'<?xml version="1.0" standalone="yes"?>' + GOOD,
    "a second root": GOOD + GOOD,
    "junk after it": GOOD + b"x",
    "UTF-16 with its mark": GOOD.decode().encode("utf-16"),
    "UTF-16 without its mark": GOOD.decode().encode("utf-16-le"),
    "Latin-1 declared": b'<?xml version="1.0" encoding="ISO-8859-1"?>' + GOOD,
    "GBK declared": b'<?xml version="1.0" encoding="GBK"?>' + GOOD,
    "half a character": replaced("CMB_DEBIT", "x").replace(b"x", b"\xe4\xb8", 1),
    "NUL": replaced("CMB_DEBIT", "\x00"),
    "a reference to a surrogate": replaced("<![CDATA[CMB_DEBIT]]>", "&#xD800;"),
    "two byte order marks": b"\xef\xbb\xbf\xef\xbb\xbf" + GOOD,
    "an unknown algorithm, rightly signed": signed({**FIELDS, "sign": "", "sign_type": "RSA"}),
    "an algorithm in small letters": signed({**FIELDS, "sign": "", "sign_type": "md5"}),
    "exactly 64 KiB of one value": b"<xml><a>" + b"x" * (65_536 - 18) + b"</a></xml>",
}

UNPROVEN_BODIES: dict[str, bytes] = {
    "forged, MD5": with_sign("0" * 32),
    "forged, HMAC": with_sign("0" * 64),
    "no signature": wire.write({n: v for n, v in FIELDS.items() if n != "sign"}),
    "an empty signature": with_sign(""),
    "a signature of 8 KB": with_sign("A" * 8000),
    "a signature that is not ASCII": with_sign("é" * 32),
    "small letters": with_sign(SIGN.lower()),
    "a line end after it": with_sign(SIGN + "\n"),
    "the other algorithm's length": with_sign(SIGN + SIGN),
    "another merchant's key": signed({**FIELDS, "sign": ""}, "0" * 32),
    "an empty key": signed({**FIELDS, "sign": ""}, ""),
    "a changed total": signed_text("<total_fee>1</total_fee>"),
    "a changed order": replaced(NUMBER, "ORD20250102000002"),
    "a changed transaction": replaced("42001", "42002"),
    "an unsigned field more": replaced("</xml>", "<attach>1</attach></xml>"),
    "a signed field less": replaced("<is_subscribe><![CDATA[N]]></is_subscribe>", ""),
    "a blank more": replaced("<![CDATA[CMB_DEBIT]]>", "<![CDATA[ CMB_DEBIT]]>"),
    "a value that imitates an amount, rightly signed": signed(
        {**FIELDS, "sign": "", "attach": "1&total_fee=1"}
    ),
    "return_code FAIL": wire.write({"return_code": "FAIL", "return_msg": "签名失败"}),
    "no field at all": b"<xml/>",
}

STILL_GOOD: dict[str, bytes] = {
    "a byte order mark": b"\xef\xbb\xbf" + GOOD,
    "a declaration": b'<?xml version="1.0" encoding="UTF-8"?>\n' + GOOD,
    "no CDATA": GOOD.replace(b"<![CDATA[", b"").replace(b"]]>", b""),
    "digits by reference": signed_text("<total_fee>&#56;&#x38;00</total_fee>"),
    "an empty field more, as nobody signs those": replaced("</xml>", "<attach></attach></xml>"),
    "HMAC": signed({**FIELDS, "sign": ""}, KEY, HMAC_SHA256),
}


@pytest.mark.gen_test
async def test_what_cannot_be_read_leaves_nothing_behind(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        await shop.order(orderNum=NUMBER)
        for name, body in UNREADABLE_BODIES.items():
            done = await deliver(shop, body)
            assert (done.status, done.body) == (200, UNREADABLE), name
            assert (done.kinds, done.orders_same) == ([], True), name
        assert (await alerts(shop), await raw_notices(shop)) == ([], [])
        assert await counted(shop, "unreadable") == len(UNREADABLE_BODIES)
        assert await shop.pay(NUMBER) == SUCCESS


@pytest.mark.gen_test
async def test_what_proves_nothing_opens_one_case_for_its_source(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        await shop.order(orderNum=NUMBER)
        kinds = []
        for name, body in UNPROVEN_BODIES.items():
            done = await deliver(shop, body)
            assert (done.status, done.body) == (200, UNPROVEN), name
            assert done.orders_same, name
            kinds += done.kinds
        assert kinds == ["alert.raised", *["alert.repeated"] * 4]  # at 2, 4, 8 and 16
        (case,) = await alerts(shop)
        assert (case["kind"], case["orderNum"]) == ("bad_signature", None)
        assert (case["count"], case["status"]) == (len(UNPROVEN_BODIES), "open")
        assert {"source", "sign"} == {row["name"] for row in case["evidence"]["fields"]}
        assert await counted(shop, "unproven") == len(UNPROVEN_BODIES)
        assert await shop.pay(NUMBER) == SUCCESS


@pytest.mark.gen_test
async def test_the_case_of_a_source_keeps_the_text_that_its_evidence_names(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        alice = await shop.user()
        for _ in range(3):
            await shop.notify(with_sign("0" * 32))
        (case,) = await alerts(shop)
        response = await alice.fetch(f"notifies/{case['evidence']['notifyId']}")
        assert response.code == 200, response.body


@pytest.mark.gen_test
async def test_a_forger_neither_fills_the_tables_nor_the_stream(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        order = await shop.order()
        for _ in range(200):
            forged = signed(notify_fields(order["orderNum"], transaction()), "0" * 32)
            response = await shop.notify(forged)
            assert response.body == UNPROVEN or response.code == 429
        assert len(await raw_notices(shop)) <= 1 + 7  # those that the case showed: 1, 2, 4, … 128
        assert len(await shop.events()) <= 1 + 1 + 7  # the order, the case, 2, 4, … 128
        assert await shop.pay(order["orderNum"]) == SUCCESS


@pytest.mark.gen_test
@pytest.mark.parametrize("body", STILL_GOOD.values(), ids=list(STILL_GOOD))
async def test_other_bytes_with_the_same_meaning_pay(tmp_path: Path, body: bytes) -> None:
    async with product(tmp_path) as shop:
        await shop.order(orderNum=NUMBER)
        done = await deliver(shop, body)
        assert (done.body, done.kinds) == (SUCCESS, ["order.paid"])
        again = await deliver(shop, body)
        assert (again.body, again.kinds, again.orders_same) == (
            SUCCESS,
            ["notify.duplicate"],
            True,
        )


@pytest.mark.gen_test
async def test_no_answer_and_no_event_shows_a_key_or_a_right_signature(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        alice = await shop.user()
        await shop.order(orderNum=NUMBER)
        for body in (*UNPROVEN_BODIES.values(), GOOD, signed(notify_fields("NOBODYS-ORDER", "1"))):
            await shop.notify(body)
        told = json.dumps([await shop.events(), await alerts(shop), await alice.get("orders")])
        secrets = (KEY, SIGN, signing.sign(FIELDS, KEY, MD5), FIELDS["openid"])
        assert not [secret for secret in secrets if secret in told]


async def counted(shop: Product, outcome: str) -> int:
    text = (await shop.fetch("/metrics")).body.decode()
    line = f'paywatch_notifies_total{{outcome="{outcome}"}} '
    return int(float(text.split(line)[1].split("\n")[0]))
