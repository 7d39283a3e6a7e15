"""The commands as a person runs them, in a folder of their own. For tests; holds none itself."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.support.command_process import command_process
from tests.support.patience import PATIENCE_S
from tests.support.rig import environment

ROOT = Path(__file__).parents[2]
SCRIPT = (sys.executable, str(ROOT / "server.py"))


@dataclass
class Shell:
    """A working folder of its own, with the settings of a whole product."""

    folder: Path
    port: int
    program: tuple[str, ...] = SCRIPT

    def command(self, *arguments: str, stdin: bytes = b"", **more: str) -> tuple[int, str, str]:
        """The exit status, standard output and standard error; in `more`, '' unsets. In a child of
        a process that has imported the product already."""
        return command_process().run(
            arguments, self.folder, self.environment(**more), stdin, PATIENCE_S
        )

    def process(self, *arguments: str, stdin: bytes = b"", **more: str) -> tuple[int, str, str]:
        """As `command`, in a process of its own: where the umask, a lease or the program itself is
        what the test is about."""
        done = subprocess.run(
            [*self.program, *arguments],
            cwd=self.folder,
            env=self.environment(**more),
            input=stdin,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def environment(self, **more: str) -> dict[str, str]:
        plain = {n: v for n, v in os.environ.items() if not n.startswith("PAYWATCH_")}
        values = {**environment(self.folder, self.port), "PYTHONIOENCODING": "utf-8", **more}
        return {**plain, **{name: value for name, value in values.items() if value}}

    def rows(self, query: str) -> list[tuple]:
        """Committed; `with` a connection alone would leave it open."""
        with closing(sqlite3.connect(self.folder / "paywatch.db")) as database, database:
            return database.execute(query).fetchall()


def failed(result: tuple[int, str, str]) -> str:
    """One line on standard error, nothing else, status 1; the line."""
    status, out, err = result
    assert (status, out) == (1, ""), err
    assert err.endswith("\n")
    assert err.count("\n") == 1, err
    assert err.startswith("paywatch: ")
    return err
