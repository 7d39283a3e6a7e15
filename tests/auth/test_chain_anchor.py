"""The end of the audit log's chain in the log of the service, and what it proves later."""

from __future__ import annotations

import logging
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from models.audit import FIRST_HASH, chained
from services.runtime.audit_log import Deed
from services.runtime.chain_anchor import ChainAnchor
from services.runtime.clock import DAY_MS, HOUR_MS
from tests.auth.test_audit_log import write
from tests.support.rig import MovedClock, product
from tests.support.shell import Shell, failed

LINE = re.compile(r"anchor is ([0-9]+:[0-9a-f]{64})")


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return LINE.findall(caplog.text)


@pytest.mark.gen_test
async def test_the_anchor_is_written_once_a_day_and_at_the_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        clock = MovedClock(20_000 * DAY_MS)
        log = shop.running.services.audit_log
        with caplog.at_level(logging.INFO, "services.runtime.chain_anchor"):
            caplog.clear()
            await ChainAnchor("audit log", log, clock).step()
            before = lines(caplog)
            await shop.running.store.write(write, Deed("alice", "user.created", "bob"))
            anchor = ChainAnchor("audit log", log, clock)
            for _ in range(3):
                await anchor.step()
                clock.ms += HOUR_MS
            assert len(lines(caplog)) == len(before) + 1
            await shop.running.store.write(write, Deed("alice", "user.created", "carol"))
            clock.ms += DAY_MS
            await anchor.step()
            await anchor.step()
        first, second = lines(caplog)[-2:]
        assert int(second.split(":")[0]) == int(first.split(":")[0]) + 1
        rows, last = await log.anchor()
        assert second == f"{rows}:{last}"
        assert await log.keeps(rows, last)
        assert not await log.keeps(rows, "0" * 64)
        assert not await log.keeps(rows + 1, last)


def make_anew(path: Path) -> None:
    """What somebody can do who writes the database: another chain, whole in itself."""
    with closing(sqlite3.connect(path)) as database, database:
        last = FIRST_HASH
        rows: list[Any] = database.execute("select * from audit order by seq").fetchall()
        for seq, at, by, action, subject, _detail, _hash in rows:
            values = (seq, at, "mallory", action, subject, "{}")
            last = chained(last, *values)
            database.execute(
                'update audit set "by" = ?, detail = ?, hash = ? where seq = ?',
                ("mallory", "{}", last, seq),
            )
            assert by
        database.execute("update audit_head set hash = ?", (last,))


@pytest.mark.one_database
def test_a_chain_that_was_made_anew_is_found_by_the_anchor(shell: Shell, tmp_path: Path) -> None:
    for name in ("alice", "bob"):
        made = shell.command(
            "create-user", name, "--role", "admin", "--password-stdin",
            stdin=b"correct horse battery\n",
        )  # fmt: skip
        assert made[0] == 0
    path = tmp_path / "paywatch.db"
    with closing(sqlite3.connect(path)) as database:
        seq, last = database.execute("select seq, hash from audit_head").fetchone()
    anchor = f"{seq}:{last}"
    assert shell.command("verify-audit", "--anchor", anchor)[0] == 0
    make_anew(path)
    assert shell.command("verify-audit")[0] == 0, "whole in itself"
    assert "made anew" in failed(shell.command("verify-audit", "--anchor", anchor))
    assert shell.command("verify-audit", "--anchor", "1:short")[0] == 2
