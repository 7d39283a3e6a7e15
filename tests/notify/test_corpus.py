"""The whole corpus in one product: the answer to each message, and that no kind of threat is left
out."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.notify.corpus import (
    BOOKED,
    NUMBER,
    REFUSED,
    STILL_GOOD,
    STRANGE_NUMBERS,
    UNPROVEN_BODIES,
    UNREADABLE_BODIES,
)
from tests.notify.test_rows import prepared
from tests.notify.test_samples import MANIFEST, SAMPLES, expected_answer, make_orders
from tests.notify.test_transport import BROKEN_HTTP, is_refusal
from tests.support.notify_rig import CAPPED, changes, digests, post, raw_http
from tests.support.rig import (
    ABNORMAL,
    SUCCESS,
    UNPROVEN,
    UNREADABLE,
    Product,
    notify_fields,
    product,
    signed,
    transaction,
)
from tests.support.v3_keys import HeldClock

HERE = Path(__file__).parent

ELSEWHERE = {
    "N12": "test_rows.py:test_every_payment_that_fits_is_booked_once",
    "N13": "test_settlement.py:test_64_deliveries_at_once_pay_once",
    "N47": "test_transport.py:test_who_sends_too_slowly_is_cut_off",
    "N48": "test_transport.py:test_who_sends_too_slowly_is_cut_off",
    "N49": "test_transport.py:test_a_compressed_body_is_never_unpacked",
    "N51": "test_transport.py:test_forms_and_uploads_are_unreadable",
    "N52": "test_transport.py:test_the_body_decides_whatever_its_type_is_called",
    "N53": "test_transport.py:test_nothing_but_post_is_taken",
    "N56": "test_rows.py:test_a_failed_payment_is_noted",
    "N60": "test_rows.py:test_a_late_repeat_of_a_refunded_payment_is_a_success",
    "N64": "test_rows.py:test_another_payer_is_booked_and_the_event_says_so",
    "N74": "test_transport.py:test_who_hangs_up_before_the_answer_has_paid",
    "N75": "test_flood.py:test_in_a_flood_of_forgeries_every_real_payment_is_booked",
}
"""Kinds that are no message but a way of sending it, or a state that it meets."""

NOT_MET = {
    "N06": "a merchant has one API v2 key",
    **{f"N{number}": "API v3" for number in range(68, 74)},
    "N76": "refund notifies",
    "N77": "refund notifies",
}


@dataclass(frozen=True)
class Input:
    name: str
    body: bytes
    answer: bytes


async def inputs(shop: Product) -> list[Input]:
    """Every message, with the orders that it needs made before."""
    found = []
    for name, row in BOOKED.items():
        _, _, body = await prepared(shop, row)
        found += [Input(name, body, SUCCESS), Input(f"N12 {name}, again", body, SUCCESS)]
    for name, (row, refusal) in REFUSED.items():
        _, _, body = await prepared(shop, row)
        found += [Input(name, body, refusal.answer), Input(f"{name}, again", body, refusal.answer)]
    for name, number in STRANGE_NUMBERS.items():
        body = signed(notify_fields(number, transaction()))
        found += [Input(name, body, ABNORMAL), Input(f"{name}, again", body, ABNORMAL)]
    found += [Input(name, body, UNREADABLE) for name, body in UNREADABLE_BODIES.items()]
    found += [Input(name, body, UNPROVEN) for name, body in UNPROVEN_BODIES.items()]
    found += [Input(name, body, SUCCESS) for name, body in STILL_GOOD.items()]
    return found


@pytest.mark.gen_test
async def test_no_message_of_the_corpus_gets_another_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unexpected = []
    async with product(tmp_path / "messages") as shop:
        await shop.order(orderNum=NUMBER)
        messages = await inputs(shop)
        for message in messages:
            response = await shop.notify(message.body)
            if (response.code, response.body) != (200, message.answer):
                unexpected.append((message.name, response.code, response.body))
        for name, request in BROKEN_HTTP.items():
            if not is_refusal(answer := await raw_http(shop, request)):
                unexpected.append((name, 0, answer))
        assert [event["seq"] for event in await shop.events()] == list(
            range(1, len(await shop.events()) + 1)
        )
    async with product(tmp_path / "samples", clock=HeldClock()) as shop:
        await make_orders(shop)
        for sample in MANIFEST["v2"]:
            response = await shop.notify((SAMPLES / sample["file"]).read_bytes())
            if (response.code, response.body) != (200, expected_answer(sample)):
                unexpected.append((sample["file"], response.code, response.body))
    count = len(messages) + len(BROKEN_HTTP) + len(MANIFEST["v2"])
    with capsys.disabled():
        print(f"\nnotify corpus: {count} inputs, {len(unexpected)} unexpected answers")
    assert unexpected == []


@pytest.mark.gen_test
async def test_what_is_not_signed_changes_nothing_but_capped_counts(tmp_path: Path) -> None:
    bodies = [*UNREADABLE_BODIES.values(), *UNPROVEN_BODIES.values()]
    async with product(tmp_path) as shop:
        await shop.order(orderNum=NUMBER)
        before = await digests(shop)
        await asyncio.gather(*(shop.notify(body) for body in bodies * 5))
        await shop.running.jobs.stop()
        await shop.running.unverified.flush(final=True)
        assert changes(before, await digests(shop)) == CAPPED


@pytest.mark.gen_test
async def test_nobody_is_called_and_no_file_is_read_for_an_entity(tmp_path: Path) -> None:
    callers: list[object] = []

    async def called(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        callers.append(writer)
        writer.close()

    canary = await asyncio.start_server(called, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{canary.sockets[0].getsockname()[1]}/x"
    secret = tmp_path / "secret"
    secret.write_text("CANARY", "utf-8")
    good = signed(notify_fields(NUMBER, "42001"))
    heads = (
        f'<!DOCTYPE xml SYSTEM "{address}">',
        f'<!DOCTYPE xml PUBLIC "x" "{address}">',
        f'<!DOCTYPE xml [<!ENTITY % f SYSTEM "{address}"> %f;]>',
        f'<!DOCTYPE xml [<!ENTITY f SYSTEM "{address}">]>',
        f'<!DOCTYPE xml [<!ENTITY f SYSTEM "file://{secret}">]>',
    )
    async with product(tmp_path / "shop") as shop:
        for head in heads:
            for body in (good, good.replace(b"<![CDATA[CMB_DEBIT]]>", b"&f;")):
                answer = await raw_http(shop, post(head.encode() + body))
                assert answer.endswith(UNREADABLE)
                assert b"CANARY" not in answer
    canary.close()
    await canary.wait_closed()
    assert callers == []


# --- nothing is left out -------------------------------------------------------------------------


def numbered() -> set[str]:
    tables = (
        BOOKED,
        REFUSED,
        STRANGE_NUMBERS,
        UNREADABLE_BODIES,
        UNPROVEN_BODIES,
        STILL_GOOD,
        BROKEN_HTTP,
    )
    names = [name for table in tables for name in table]
    assert [name for name in names if not re.match(r"N\d\d ", name)] == []
    return {name[:3] for name in names}


def test_every_kind_of_threat_is_in_the_corpus_or_said_to_be_elsewhere() -> None:
    every = {f"N{number:02}" for number in range(1, 78)}
    assert numbered() | set(ELSEWHERE) | set(NOT_MET) == every
    assert (numbered() | set(ELSEWHERE)).isdisjoint(NOT_MET)


def test_what_is_said_to_be_elsewhere_is_there() -> None:
    for place in ELSEWHERE.values():
        file, name = place.split(":")
        assert f"def {name}" in (HERE / file).read_text("utf-8"), place
