"""What nobody can read and what proves nothing: refused, counted, and no order touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from payments.merchant import MD5
from payments.v2 import signing
from tests.notify.corpus import (
    FIELDS,
    GOOD,
    NUMBER,
    SIGN,
    STILL_GOOD,
    UNPROVEN_BODIES,
    UNREADABLE_BODIES,
    with_sign,
)
from tests.support.notify_rig import CAPPED, STREAM, alerts, deliver, raw_notices
from tests.support.rig import (
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


@pytest.mark.gen_test
async def test_what_cannot_be_read_leaves_nothing_but_a_case_of_its_source(tmp_path: Path) -> None:
    told: list[str] = []
    async with product(tmp_path, by_hand=True) as shop:
        await shop.order(orderNum=NUMBER)
        for name, body in UNREADABLE_BODIES.items():
            done = await deliver(shop, body)
            assert (done.status, done.body) == (200, UNREADABLE), name
            if done.kinds:  # that of their source, once (test_unreadable.py)
                told.append(name)
                continue
            assert done.changed == set(), name
        assert (len(told), await raw_notices(shop)) == (1, [])
        assert [case["evidence"]["code"] for case in await alerts(shop)] == ["notifies_unreadable"]
        assert await counted(shop, "unreadable") == len(UNREADABLE_BODIES)
        assert await shop.pay(NUMBER) == SUCCESS


@pytest.mark.gen_test
async def test_what_proves_nothing_opens_one_case_for_its_source(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        await shop.order(orderNum=NUMBER)
        kinds = []
        for name, body in UNPROVEN_BODIES.items():
            done = await deliver(shop, body)
            assert (done.status, done.body) == (200, UNPROVEN), name
            assert "alerts" in done.changed <= CAPPED, name
            assert done.headers["Content-Type"] == "text/xml; charset=utf-8", name
            kinds += done.kinds
        repeated = len(UNPROVEN_BODIES).bit_length() - 1  # at 2, 4, 8 and 16
        assert kinds == ["alert.raised", *["alert.repeated"] * repeated]
        (case,) = await alerts(shop)
        assert (case["kind"], case["orderNum"]) == ("bad_signature", None)
        assert (case["count"], case["status"]) == (len(UNPROVEN_BODIES), "open")
        assert {"source", "sign"} == {row["name"] for row in case["evidence"]["fields"]}
        assert await counted(shop, "unproven") == len(UNPROVEN_BODIES)
        assert await shop.pay(NUMBER) == SUCCESS


@pytest.mark.gen_test
async def test_the_case_of_a_source_keeps_the_text_that_its_evidence_names(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        alice = await shop.user()
        for _ in range(3):
            await shop.notify(with_sign("0" * 32))
        (case,) = await alerts(shop)
        response = await alice.fetch(f"notifies/{case['evidence']['notifyId']}")
        assert response.code == 200, response.body


@pytest.mark.gen_test
async def test_a_forger_neither_fills_the_tables_nor_the_stream(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        order = await shop.order()
        for _ in range(200):
            forged = signed(notify_fields(order["orderNum"], transaction()), "0" * 32)
            response = await shop.notify(forged)
            assert response.body == UNPROVEN or response.code == 429
        assert len(await raw_notices(shop)) <= 1 + 7  # those that the case showed: 1, 2, 4, … 128
        assert len(await shop.events()) <= 1 + 1 + 7  # the order, the case, 2, 4, … 128
        assert await shop.pay(order["orderNum"]) == SUCCESS


@pytest.mark.one_case
@pytest.mark.gen_test
@pytest.mark.parametrize("body", STILL_GOOD.values(), ids=list(STILL_GOOD))
async def test_other_bytes_with_the_same_meaning_pay(tmp_path: Path, body: bytes) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        await shop.order(orderNum=NUMBER)
        done = await deliver(shop, body)
        assert (done.body, done.kinds) == (SUCCESS, ["order.paid"])
        again = await deliver(shop, body)
        assert (again.body, again.kinds) == (SUCCESS, ["notify.duplicate"])
        assert again.changed == STREAM | {"raw_notices"}


@pytest.mark.gen_test
async def test_no_answer_and_no_event_shows_a_key_or_a_right_signature(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
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
