"""`paywatch backup`: a whole copy while it serves, that nobody else reads and nothing replaces."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.rig import SUCCESS, Product, product, until
from tests.support.shell import Shell, failed

pytestmark = pytest.mark.one_database

ORDERS_FIRST = 40


def rows(file: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return database.execute(query).fetchall()


def everything(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the epoch and the number of backups, in one order."""
    names = rows(file, "select name from sqlite_master where type = 'table' order by name")
    found = {name: sorted(rows(file, f"select * from {name}"), key=repr) for (name,) in names}
    found["event_head"] = [row[:2] for row in found["event_head"]]
    found["counters"] = [row for row in found["counters"] if row[0] != "backups"]
    return found


async def keep_paying(shop: Product, paid: list[str], enough: asyncio.Event) -> None:
    while not enough.is_set():
        order_num = (await shop.order())["orderNum"]
        assert await shop.pay(order_num) == SUCCESS
        paid.append(order_num)


@pytest.mark.gen_test
async def test_a_copy_made_in_the_middle_of_payments_is_whole(tmp_path):
    async with product(tmp_path) as shop:
        paid: list[str] = []
        enough = asyncio.Event()
        buyers = [asyncio.create_task(keep_paying(shop, paid, enough)) for _ in range(8)]
        await until(lambda: asyncio.sleep(0, len(paid) >= ORDERS_FIRST))
        before = list(paid)
        shell = Shell(tmp_path, int(shop.origin.rpartition(":")[2]))
        status, out, err = await asyncio.to_thread(shell.command, "backup", "copy.db")
        enough.set()
        await asyncio.gather(*buyers)

    copy = tmp_path / "copy.db"
    assert (status, err) == (0, "")
    assert rows(copy, "pragma integrity_check") == [("ok",)]
    in_copy = {num for (num,) in rows(copy, "select order_num from orders where status = 'PAID'")}
    assert set(before) <= in_copy <= set(paid)
    numbers = [seq for (seq,) in rows(copy, "select seq from events order by seq")]
    ((head,),) = rows(copy, "select seq from event_head")
    assert numbers == list(range(1, head + 1))
    told = rows(copy, "select order_num from events where kind = 'order.paid'")
    assert {num for (num,) in told} == in_copy
    assert str(head) in out.split()[-1]


@pytest.mark.gen_test
async def test_a_copy_holds_everything_and_serves_under_another_epoch(tmp_path):
    """So a dashboard that knew the original starts over when the copy is put in its place."""
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    async with product(old) as shop:
        order_num = (await shop.order())["orderNum"]
        await shop.pay(order_num)
        monitor = await (await shop.user("alice")).live(0)
        hello = await monitor.read_message()
    shell = Shell(old, 1)
    assert shell.command("backup", str(new / "paywatch.db"))[0] == 0
    assert everything(new / "paywatch.db") == everything(old / "paywatch.db")
    count = "select value from counters where name = 'backups'"
    assert (rows(old / "paywatch.db", count), rows(new / "paywatch.db", count)) == ([(1,)], [])
    epochs = [rows(f / "paywatch.db", "select epoch from event_head")[0][0] for f in (old, new)]
    assert epochs[0] in hello
    assert epochs[0] != epochs[1]
    url = f"sqlite:///{new}/paywatch.db"
    assert shell.command("check", PAYWATCH_DATABASE_URL=url)[0] == 0


def test_a_copy_is_one_file_for_its_owner_alone(shell):
    shell.command("migrate")
    assert shell.process("backup", "copy.db")[0] == 0
    assert (shell.folder / "copy.db").stat().st_mode & 0o777 == 0o600
    assert sorted(f.name for f in shell.folder.iterdir()) == ["copy.db", "paywatch.db"]


def test_an_existing_file_is_never_overwritten(shell):
    shell.command("migrate")
    (shell.folder / "copy.db").write_text("precious")
    assert "exists" in failed(shell.command("backup", "copy.db"))
    assert (shell.folder / "copy.db").read_text() == "precious"


def test_a_copy_that_is_not_whole_leaves_nothing(shell):
    assert "paywatch migrate" in failed(shell.command("backup", "copy.db"))
    shell.rows("create table other (id integer)")
    assert "cannot be copied" in failed(shell.command("backup", "copy.db"))
    assert "cannot be written" in failed(shell.command("backup", "nowhere/copy.db"))
    shell.command("migrate")
    ends_elsewhere = "update event_head set seq = 7"
    insert = "insert into events values (1, 'system.test', 'info', null, 0, '{}', null)"
    with closing(sqlite3.connect(shell.folder / "paywatch.db")) as database, database:
        database.execute(insert)
        database.execute(ends_elsewhere)
    assert "events" in failed(shell.command("backup", "copy.db"))
    assert [f.name for f in shell.folder.glob("*copy*")] == []


def test_a_database_can_be_saved_before_it_is_migrated(shell):
    shell.command("migrate")
    with closing(sqlite3.connect(shell.folder / "paywatch.db")) as database, database:
        (history,) = database.execute(
            "select name from sqlite_master where name like '%migration%'"
        ).fetchone()
        database.execute(f"delete from {history}")
    assert "paywatch migrate" in failed(shell.command("list-api-keys"))
    assert shell.command("backup", "copy.db")[0] == 0


@pytest.mark.parametrize(
    ("url", "tool"),
    [
        ("postgresql://paywatch:hunter2@127.0.0.1:1/d", "pg_dump"),
        ("mysql://paywatch:hunter2@127.0.0.1:1/d", "mariadb-dump or mysqldump"),
    ],
)
def test_without_the_servers_own_tool_one_line_says_so(shell, url, tool):
    line = failed(
        shell.command("backup", "copy", PAYWATCH_DATABASE_URL=url, PATH=str(shell.folder))
    )
    assert f"{tool} is not on PATH" in line
    assert "hunter2" not in line
    assert list(shell.folder.iterdir()) == []


def test_bad_usage_of_backup_ends_with_2(shell):
    assert shell.command("backup")[0] == 2
    assert list(shell.folder.iterdir()) == []
