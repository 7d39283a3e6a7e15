"""What a start of `paywatch` loads: packages that this installation does not use cost nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE_S
from tests.support.processes import Service
from tests.support.rig import until

ROOT = Path(__file__).parents[2]
TELLING = """
import atexit, pathlib, sys
atexit.register(lambda: pathlib.Path("loaded").write_text(" ".join(sys.modules)))
import server
server.main()
"""
HEAVY = {"peewee", "tornado", "redis", "psycopg", "pymysql", "cryptography", "asyncio"}


def loaded(folder: Path) -> set[str]:
    return {name.split(".")[0] for name in (folder / "loaded").read_text().split()}


@pytest.mark.gen_test
async def test_a_server_on_sqlite_without_redis_loads_neither_redis_nor_other_drivers(tmp_path):
    url = f"sqlite:///{tmp_path}/paywatch.db"
    service = Service(
        tmp_path, PAYWATCH_DATABASE_URL=url, PAYWATCH_REDIS_URL="", PYTHONPATH=str(ROOT)
    )
    subprocess.run(
        [sys.executable, "-c", TELLING, "migrate"],
        cwd=tmp_path,
        env=service.variables,
        check=True,
        timeout=PATIENCE_S,
    )
    service.program = (sys.executable, "-c", TELLING)
    service.start()
    try:
        await until(service.is_ready)
    finally:
        service.send(15)
        assert await service.ended() == 0
    found = loaded(tmp_path)
    assert {"peewee", "tornado"} <= found
    assert found & {"redis", "psycopg", "pymysql", "apprise", "requests", "simulator"} == set()


def test_the_version_is_told_without_loading_what_serves(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", TELLING, "--version"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_S,
    )
    assert done.stdout.startswith("paywatch ")
    assert loaded(tmp_path) & HEAVY == set()
