"""The audit log: one chain of rows, written with the deed; and whatever breaks it is found."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from models import AuditEntry, AuditHead
from models.audit import chained
from models.user import Role
from services.runtime import audit_log
from services.runtime.audit_log import AuditLog, Deed, record
from tests.support.rig import PASSWORD, Console, Product, product
from tests.support.shell import failed

SWAP = (
    "update audit set seq = -1 where seq = 2; update audit set seq = 2 where seq = 3;"
    " update audit set seq = 3 where seq = -1;"
)
FORGED = (
    'insert into audit select 7, at, "by", action, subject, detail, hash from audit where seq=6'
)
HARMS = [
    ("delete from audit where seq = 4;", "Row 4 is missing"),
    ("delete from audit where seq = 1;", "Row 1 is missing"),
    ("update audit set detail = '{\"amountFen\":1}' where seq = 3;", "Row 3 was changed"),
    ("update audit set at = at + 1 where seq = 5;", "Row 5 was changed"),
    (SWAP, "Row 2 was changed"),
    ("delete from audit where seq >= 6;", "Row 6 is missing"),
    ("delete from audit;", "Row 1 is missing"),
    ("delete from audit where seq = 6; update audit_head set seq = 5;", "Row 5 is not the one"),
    (f"{FORGED};", "Row 7 is behind"),
]
KEEP = (
    "create table kept as select * from audit; create table kept_head as select * from audit_head;"
)
RESTORE = """
delete from audit; insert into audit select * from kept; drop table kept;
delete from audit_head; insert into audit_head select * from kept_head; drop table kept_head;
"""


def write(batch: Any, deeds: Any) -> list[None]:
    record(batch, *deeds)
    return [None] * len(deeds)


def read() -> tuple[list[AuditEntry], AuditHead]:
    return list(AuditEntry.select().order_by(AuditEntry.seq)), AuditHead.get_by_id(1)


@pytest.mark.gen_test
async def test_deeds_are_numbered_and_chained_in_the_order_they_were_done(tmp_path):
    async with product(tmp_path) as shop:
        store = shop.running.store
        await store.write(write, Deed("alice", "user.created", "bob", {"role": "viewer"}))
        await store.write(write, Deed("expiry", "order.closed", "ORDER-1"))  # ours, not a person's
        await store.write(write, Deed("alice", "user.disabled", "bob"))
        rows, head = await store.read(read)
    assert [(row.seq, row.by, row.action) for row in rows] == [
        (1, "command line", "key.created"),  # the rig's own
        (2, "alice", "user.created"),
        (3, "alice", "user.disabled"),
    ]
    last = ""
    for row in rows:
        last = chained(last, row.seq, row.at, row.by, row.action, row.subject, row.detail)
        assert row.hash == last
    assert (head.seq, head.hash) == (3, last)


@pytest.mark.gen_test
async def test_a_chain_is_whole_over_many_chunks_and_from_any_row_on(tmp_path, monkeypatch):
    monkeypatch.setattr(audit_log, "CHUNK", 3)
    async with product(tmp_path) as shop:
        for number in range(10):
            await shop.running.store.write(write, Deed("alice", "order.noted", f"ORDER-{number}"))
        log = AuditLog(shop.running.store)
        assert (await log.verify()).rows == 11
        for newest in (1, 3, 10, 11, 50):
            verdict = await log.verify(newest)
            assert (verdict.flaw, verdict.rows, verdict.seq) == ("", min(newest, 11), 11)


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_what_is_done_to_the_log_behind_its_back_is_found(tmp_path):
    async with product(tmp_path) as shop:
        log, path = AuditLog(shop.running.store), tmp_path / "paywatch.db"
        for number in range(5):
            await shop.running.store.write(write, Deed("alice", "refund.approved", f"O-{number}"))
        for harm, flaw in HARMS:
            with closing(sqlite3.connect(path)) as database:
                database.executescript(f"{KEEP} {harm}")
                verdict = await log.verify()
                assert flaw in verdict.flaw, harm
                database.executescript(RESTORE)
            assert (await log.verify()).flaw == ""


@pytest.mark.one_database
def test_the_command_says_whether_the_log_is_whole(shell):
    for name in ("shop", "erp"):
        shell.command("create-api-key", name)
    status, out, err = shell.command("verify-audit")
    assert (status, err) == (0, "")
    assert re.search(r"whole: 2 rows, the last hash is [0-9a-f]{64}\.", out)
    with closing(sqlite3.connect(shell.folder / "paywatch.db")) as database, database:
        database.execute("update audit set subject = 'other' where seq = 1")
    assert "Row 1 was changed" in failed(shell.command("verify-audit"))


# --- what is written -----------------------------------------------------------------------------


def error(response: HTTPResponse) -> tuple[int, str]:
    return response.code, json.loads(response.body)["error"]


async def deeds(console: Console, query: str = "") -> list[tuple[str, str, str]]:
    """The newest first."""
    entries = (await console.get(f"audit?{query}"))["entries"]
    return [(entry["by"], entry["action"], entry["subject"]) for entry in entries]


@pytest.mark.gen_test
async def test_every_deed_of_a_person_is_in_the_log_with_its_subject(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        alice, bob = await shop.user(), await shop.user("bob", Role.SUPPORT)
        order = (await shop.order(phone="19900000003"))["orderNum"]
        await shop.pay(order)
        await shop.pay(order, total_fee="1")
        await bob.post(f"orders/{order}/note", {"note": "call 19900000003"})
        await bob.post(f"orders/{order}/service", {"to": "IN_SERVICE"})
        await bob.post(f"orders/{order}/query", {})
        await bob.post(f"orders/{order}/refunds", {"amountFen": 100, "reason": "x"})
        refund = (await alice.get("refunds"))["refunds"][0]["refundNum"]
        await alice.post(f"refunds/{refund}/reject", {"note": "no"})
        alert = (await alice.get("alerts"))["alerts"][0]
        await alice.post(f"alerts/{alert['id']}/acknowledge", {"version": alert["version"]})
        other = (await shop.order())["orderNum"]
        await alice.post(f"orders/{other}/close", {})
        await alice.post("users", {"name": "carol", "role": "viewer", "password": PASSWORD})
        await bob.post("logout", {})
        assert (await deeds(alice))[:10] == [
            ("bob", "session.closed", "bob"),
            ("alice", "user.created", "carol"),
            ("alice", "order.closed", other),
            ("alice", "alert.acknowledged", order),
            ("alice", "refund.rejected", order),
            ("bob", "refund.requested", order),
            ("bob", "order.queried", order),
            ("bob", "order.service_moved", order),
            ("bob", "order.noted", order),
            ("bob", "session.opened", "bob"),
        ]
        assert len(await deeds(alice, f"subject={order}")) == 6
        assert await deeds(alice, f"subject={order}&by=alice&action=refund.rejected") == [
            ("alice", "refund.rejected", order)
        ]
        assert await deeds(alice, "until=1000") == []
        assert len(await deeds(alice, "since=1000")) == len(await deeds(alice))
        first = await alice.get("audit?limit=3")
        second = await alice.get(f"audit?limit=3&before={first['next']}")
        assert second["entries"][0]["seq"] == first["entries"][-1]["seq"] - 1
        text = json.dumps(await alice.get("audit?limit=100"))
        assert not any(each in text for each in ("19900000003", PASSWORD, shop.api_key))
        assert (await alice.get("audit/verify"))["whole"] is True


@pytest.mark.gen_test
async def test_failed_sign_ins_are_told_at_the_first_and_at_each_doubling(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        await shop.running.services.users.create_user("bob", Role.SUPPORT, PASSWORD)
        for _ in range(5):
            await wrong(shop, "bob")
        for number in range(9):
            await wrong(shop, f"my-password-{number}")
        found = (await alice.get("audit?action=session.refused"))["entries"]
        told = [(entry["by"], entry["detail"]["times"]) for entry in reversed(found)]
        nobody = "unknown account"
        assert told == [
            ("bob", 1),
            ("bob", 2),
            ("bob", 4),
            (nobody, 1),
            (nobody, 2),
            (nobody, 4),
            (nobody, 8),
        ]
        assert "my-password" not in json.dumps(found)
        assert {entry["detail"]["network"] for entry in found} == {"127.0.***"}


async def wrong(shop: Product, name: str) -> None:
    body = {"username": name, "password": "wrong password!!"}
    assert error(await shop.fetch("/api/v1/login", "POST", body))[0] == 401
