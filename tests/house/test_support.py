"""What the tests themselves stand on: ports that runs beside each other do not share, and commands
that end as those of a process of their own do."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from tests.support.command_process import ROOT
from tests.support.shell import Shell

RUNS, PORTS = 4, 200
TAKE = f"""
import sys
from tests.support.ports import free_port
print(*(free_port() for _ in range({PORTS})), flush=True)
sys.stdin.read()
"""


def test_runs_beside_each_other_never_take_the_same_port() -> None:
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", TAKE],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(RUNS)
    ]
    lines = [run.stdout.readline() for run in runs]  # all have taken theirs, and none has ended
    for run in runs:
        run.communicate()
    ports = [port for line in lines for port in line.split()]
    assert len(ports) == RUNS * PORTS
    assert len(set(ports)) == len(ports)


@pytest.mark.parametrize(
    ("arguments", "more"),
    [
        (("--help",), {}),
        (("nosuch",), {}),
        (("migrate",), {}),
        (("serve",), {"PAYWATCH_WECHAT_APP_ID": ""}),
        (("create-user", "bob", "--role", "viewer", "--password-stdin"), {}),
        (("list-api-keys",), {"PAYWATCH_DATABASE_URL": "nonsense"}),
    ],
)
def test_a_forked_command_ends_as_one_of_its_own_process(tmp_path, arguments, more) -> None:
    """Status, output and files."""
    results, files = [], []
    for kind in ("command", "process"):
        folder = tmp_path / kind
        folder.mkdir()
        run = getattr(Shell(folder, 1), kind)
        results.append(run(*arguments, stdin=b"correct horse battery\n", **more))
        files.append(sorted((file.name, file.stat().st_mode) for file in folder.iterdir()))
    assert results[0] == results[1]
    assert files[0] == files[1]


@pytest.mark.gen_test
async def test_forked_commands_run_at_once_and_each_answers_its_own_caller(shell) -> None:
    shell.command("migrate")
    names = [f"key-{number}" for number in range(8)]
    made = await asyncio.gather(
        *(asyncio.to_thread(shell.command, "create-api-key", name) for name in names)
    )
    assert [status for status, _, _ in made] == [0] * len(names)
    listed = shell.command("list-api-keys")[1]
    assert all(name in listed for name in names)
    assert len({out for _, out, _ in made}) == len(names)
