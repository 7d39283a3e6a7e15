"""Raw notifies at rest: encrypted in the table, readable by staff, gone when they are old."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playhouse.migrations import Runner

from models import Alert, RawNotify, Receipt
from models.base import rows
from models.database import migrate, open_database
from services.notify.retention import CHUNK, Retention
from services.runtime.clock import DAY_MS
from services.runtime.ids import raw_notify_id, sealing_nonce
from tests.support.notify_rig import SEALER, alerts
from tests.support.rig import (
    KEY,
    OPEN_ID,
    Product,
    notify_fields,
    product,
    signed,
    transaction,
    until,
)

NOW = 1_800_000_000_000
MIGRATIONS = Path(__file__).parents[2] / "models" / "migrations"
SECRET = "a secret of its own that is long enough".replace(" ", "-")


class HeldClock:
    """Stands still at NOW."""

    def now_ms(self) -> int:
        return NOW

    def monotonic(self) -> float:
        return 0.0


async def sealed_bytes(shop: Product) -> list[bytes]:
    found = await shop.running.store.read(lambda: rows(RawNotify.select(RawNotify.sealed)))
    return [bytes(sealed) for (sealed,) in found]


async def put_notices(shop: Product, ages_days: list[float]) -> list[str]:
    """Notices that came so many days before NOW; their ids."""
    names = [raw_notify_id(NOW - int(age * DAY_MS)) for age in ages_days]
    await put_named(shop, names)
    return names


async def put_named(shop: Product, names: list[str]) -> None:
    row = {
        "order_num": None,
        "transaction_id": None,
        "source": "s",
        "authentic": True,
        "outcome": "booked",
        "sealed": b"\x00<xml/>",
        "received_at": 1,
    }

    def insert(batch: Any, items: Any) -> list[None]:
        batch.sql.insert(RawNotify, [{"id": name, **row} for name in names])
        return [None] * len(items)

    await shop.running.store.write(insert, 0)


async def kept(shop: Product) -> set[str]:
    found = await shop.running.store.read(lambda: rows(RawNotify.select(RawNotify.id)))
    return {name for (name,) in found}


async def clean(shop: Product, days: int) -> None:
    await Retention(shop.running.store, HeldClock(), days).step()


# --- encrypted -----------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_no_raw_notice_lies_readable_in_the_table(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        order = await shop.order()
        good = signed(notify_fields(order["orderNum"], transaction()))
        forged = signed(notify_fields(order["orderNum"], transaction()), "0" * 32)
        for body in (good, good, forged):
            await shop.notify(body)
        kept_bytes = await sealed_bytes(shop)
        assert len(kept_bytes) == 3
        for sealed in kept_bytes:
            assert sealed[:1] == b"\x01"
            for secret in (OPEN_ID, order["orderNum"], KEY, "<xml>"):
                assert secret.encode() not in sealed


@pytest.mark.gen_test
async def test_staff_read_it_masked(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        alice = await shop.user()
        order = await shop.order()
        await shop.pay(order["orderNum"])
        (notify,) = (await alice.get(f"orders/{order['orderNum']}"))["notifies"]
        body = (await alice.get(f"notifies/{notify['id']}"))["notify"]["body"]
        assert order["orderNum"] in body
        assert OPEN_ID not in body


@pytest.mark.gen_test
async def test_a_key_of_its_own_seals_and_the_api_v2_key_still_opens(tmp_path: Path) -> None:
    async with product(tmp_path, NOTICE_KEY=SECRET) as shop:
        alice = await shop.user()
        order = await shop.order()
        await shop.pay(order["orderNum"])
        (sealed,) = await sealed_bytes(shop)
        (name,) = await kept(shop)
        assert SEALER.open(sealed, name) is None
        again = SEALER.seal("<xml>before</xml>", name, b"1" * 12)
        assert (await alice.get(f"notifies/{name}"))["notify"]["body"].startswith("<xml>")
        await replace_sealed(shop, name, again)
        assert (await alice.get(f"notifies/{name}"))["notify"]["body"] == "<xml>before</xml>"


@pytest.mark.gen_test
async def test_what_no_key_opens_is_said_to_be_so_and_breaks_nothing(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        alice = await shop.user()
        order = await shop.order()
        await shop.pay(order["orderNum"])
        (name,) = await kept(shop)
        for sealed in (b"", b"\x01", b"\x01" + b"x" * 60, b"\x09" * 60):
            await replace_sealed(shop, name, sealed)
            found = (await alice.get(f"notifies/{name}"))["notify"]
            assert (found["body"], found["verdict"]) == (None, "booked")
        assert len((await alice.get(f"orders/{order['orderNum']}"))["notifies"]) == 1


async def replace_sealed(shop: Product, name: str, sealed: bytes) -> None:
    def update(_batch: Any, items: Any) -> list[None]:
        RawNotify.update(sealed=sealed).where(RawNotify.id == name).execute()
        return [None] * len(items)

    await shop.running.store.write(update, 0)


def test_a_text_from_before_the_encryption_stays_readable(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/old.db")
    Runner(database, str(MIGRATIONS)).up(target="0001_initial")
    texts = {f"{i:024d}": f"<xml>深圳 {i}</xml>" for i in range(1201)}
    for name, text in texts.items():
        database.execute_sql(
            "insert into raw_notices (id, source, authentic, outcome, body, received_at) "
            "values (?, 's', 1, 'booked', ?, 1)",
            (name, text),
        )
    assert migrate(database)[0] == "0002_sealed_notices"
    found = database.execute_sql("select id, sealed from raw_notices").fetchall()
    assert {name: SEALER.open(sealed, name) for name, sealed in found} == texts
    database.close()


# --- retention -----------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_what_is_older_than_the_days_goes_and_the_rest_stays(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        *old, edge, young = await put_notices(shop, [900, 181, 180.001, 180, 1])
        await clean(shop, 0)
        assert len(await kept(shop)) == 5
        await clean(shop, 180)
        assert await kept(shop) == {edge, young}
        assert set(old).isdisjoint(await kept(shop))
        await clean(shop, 1)
        assert await kept(shop) == {young}


@pytest.mark.gen_test
async def test_many_go_in_pieces(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        await put_notices(shop, [200] * (2 * CHUNK))
        (young,) = await put_notices(shop, [1])
        await clean(shop, 180)
        assert await kept(shop) == {young}


@pytest.mark.gen_test
async def test_the_evidence_of_an_unresolved_alert_stays_until_it_is_resolved(
    tmp_path: Path,
) -> None:
    async with product(tmp_path) as shop:
        alice = await shop.user()
        for _ in range(2):
            order = await shop.order()
            await shop.pay(order["orderNum"], total_fee="1")
        taken, open_ = await alerts(shop)
        other, *shown = await put_notices(shop, [200, 200, 200])
        await name_evidence(shop, {taken["id"]: shown[0], open_["id"]: shown[1]})
        await alice.post(f"alerts/{taken['id']}/acknowledge", {"version": taken["version"]})
        await clean(shop, 180)
        assert set(shown) <= await kept(shop)
        assert other not in await kept(shop)
        decision = {"version": open_["version"], "reason": "settled"}
        assert (await alice.post(f"alerts/{open_['id']}/resolve", decision)).code == 200
        await clean(shop, 180)
        assert shown[0] in await kept(shop)
        assert shown[1] not in await kept(shop)


@pytest.mark.gen_test
async def test_the_proof_of_money_that_waits_for_a_decision_stays(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        order = await shop.order()
        await shop.pay(order["orderNum"], total_fee="1")
        other, proof = await put_notices(shop, [200, 200])

        def name(_batch: Any, items: Any) -> list[None]:
            Receipt.update(notice_id=items[0]).execute()
            return [None]

        await shop.running.store.write(name, proof)
        await clean(shop, 180)
        left = await kept(shop)
        assert (proof in left, other in left) == (True, False)


async def name_evidence(shop: Product, names: dict[int, str]) -> None:
    def update(_batch: Any, items: Any) -> list[None]:
        for id_, name in names.items():
            evidence = f'{{"rule":"","fields":[],"notifyId":"{name}"}}'
            Alert.update(evidence=evidence).where(Alert.id == id_).execute()
        return [None] * len(items)

    await shop.running.store.write(update, 0)


@pytest.mark.gen_test
async def test_the_pages_live_without_a_notice_that_is_gone(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        alice = await shop.user()
        order = await shop.order()
        await shop.pay(order["orderNum"], total_fee="1")
        (case,) = await alerts(shop)
        name = case["evidence"]["notifyId"]

        def delete(_batch: Any, items: Any) -> list[None]:
            RawNotify.delete().where(RawNotify.id == name).execute()
            return [None] * len(items)

        await shop.running.store.write(delete, 0)
        assert (await alice.fetch(f"notifies/{name}")).code == 404
        page = await alice.get(f"orders/{order['orderNum']}")
        assert (page["notifies"], len(page["alerts"])) == ([], 1)
        assert (await alice.get(f"alerts/{case['id']}"))["alert"]["count"] == 1


@pytest.mark.gen_test
async def test_the_service_cleans_by_itself(tmp_path: Path) -> None:
    async with product(tmp_path, NOTICE_DAYS="1") as shop:
        young = await put_notices(shop, [0])
        await put_named(shop, ["0" * 11 + "f" * 13])  # of 1970
        await shop.running.jobs.stop()
        shop.running.jobs.start()  # as an hour later

        async def gone() -> bool:
            return await kept(shop) == set(young)

        await until(gone)


def test_no_two_texts_are_sealed_with_one_nonce_also_after_a_fork() -> None:
    ours = [sealing_nonce() for _ in range(300)]
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, b"".join(sealing_nonce() for _ in range(300)))
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        drawn = pipe.read()
    os.waitpid(child, 0)
    theirs = [drawn[at : at + 12] for at in range(0, len(drawn), 12)]
    ours += [sealing_nonce() for _ in range(300)]
    assert len({*ours, *theirs}) == 900
