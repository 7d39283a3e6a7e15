"""The audit log: one chain of rows, written with the deed."""

from __future__ import annotations

import pytest

from models import AuditEntry, AuditHead
from services.audit import Deed, chained, record
from tests.rig import product


@pytest.mark.gen_test
async def test_deeds_are_numbered_and_chained_in_the_order_they_were_done(tmp_path):
    def write(batch, deeds):
        record(batch, *deeds)
        return [None] * len(deeds)

    def read():
        return list(AuditEntry.select().order_by(AuditEntry.seq)), AuditHead.get_by_id(1)

    async with product(tmp_path) as shop:
        store = shop.running.store
        await store.write(write, Deed("alice", "user.created", "bob", {"role": "viewer"}))
        await store.write(write, Deed("alice", "user.disabled", "bob"))
        rows, head = await store.read(read)
    assert [(row.seq, row.by, row.action) for row in rows] == [
        (1, "alice", "user.created"), (2, "alice", "user.disabled"),
    ]  # fmt: skip
    last = ""
    for row in rows:
        last = chained(last, row.seq, row.at, row.by, row.action, row.subject, row.detail)
        assert row.hash == last
    assert (head.seq, head.hash) == (2, last)
