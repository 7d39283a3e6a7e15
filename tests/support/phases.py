"""All tests on each of the databases, a run of pytest for each, and then one verdict.

`python -m tests.support.phases [PYTEST'S ARGUMENTS]` is what `make test` calls. The run on the
first database has the machine to itself; the others, which have fewer tests, run side by side. A
red run does not keep the next one from starting. As a plugin of pytest, this module notes each
failure in a file at once, so that its name is known even when pytest itself ends before its
summary.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

DATABASES = ("sqlite", "postgresql", "mariadb")
NOTES = "PAYWATCH_TEST_NOTES"
"""Names the folder of the notes of one run: `passed` has a line a test, `failed` too."""


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        _note("failed", f"{report.nodeid} ({report.when})")
    elif report.passed and report.when == "call":
        _note("passed", report.nodeid)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.failed:
        _note("failed", f"{report.nodeid} (collection)")


def _note(kind: str, line: str) -> None:
    """A worker's reports come to the process that started it, which alone writes them down."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        with Path(os.environ[NOTES], kind).open("a", encoding="utf-8") as notes:
            notes.write(f"{line}\n")


@dataclass(frozen=True)
class Phase:
    """How the tests went on one database."""

    database: str
    status: int
    passed: int
    failed: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        return self.status == pytest.ExitCode.OK and not self.failed

    def complaints(self) -> list[str]:
        """The failures by name; and what pytest says of itself where that is more."""
        named = [f"FAILED on {self.database}: {line}" for line in self.failed]
        if self.status == pytest.ExitCode.OK or (named and self.status == 1):
            return named
        return [*named, f"PYTEST on {self.database} ended with status {self.status}."]


def run_phase(database: str, arguments: list[str], output: IO[str] | None = None) -> Phase:
    """`output` takes what pytest prints; None: our own does."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pytest", "-p", "tests.support.phases", *arguments]
        environment = {**os.environ, "PAYWATCH_TEST_DATABASE": database, NOTES: folder}
        environment.pop("PYTEST_XDIST_WORKER", None)  # where a worker of another run starts us
        print(f"Tests on {database}: {' '.join(command[1:])}", file=output, flush=True)
        done = subprocess.run(command, check=False, env=environment, stdout=output, stderr=output)
        passed, failed = _lines(folder, "passed"), _lines(folder, "failed")
        return Phase(database, done.returncode, len(passed), failed)


def run_side_by_side(databases: Sequence[str], arguments: list[str]) -> list[Phase]:
    """What a run prints is kept until it ends, so that no line is mixed with another run's."""
    print(f"Tests on {' and '.join(databases)}, side by side.", flush=True)

    def run(database: str) -> Phase:
        with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
            phase = run_phase(database, fewer_workers(arguments), output)
            output.seek(0)
            print(output.read(), flush=True)
            return phase

    with ThreadPoolExecutor(len(databases)) as threads:
        return list(threads.map(run, databases))


def fewer_workers(arguments: list[str]) -> list[str]:
    """Half of the workers, for two runs side by side."""
    if "-n" not in arguments:
        return arguments
    at = arguments.index("-n") + 1
    return [*arguments[:at], str(max(1, int(arguments[at]) // 2)), *arguments[at + 1 :]]


def _lines(folder: str, kind: str) -> tuple[str, ...]:
    notes = Path(folder, kind)
    return tuple(notes.read_text("utf-8").splitlines()) if notes.exists() else ()


def main(arguments: list[str]) -> int:
    """The status for the shell: 0 when all passed on all databases, else 1."""
    phases = [
        run_phase(DATABASES[0], arguments),
        *run_side_by_side(DATABASES[1:], arguments),
    ]
    complaints = [line for phase in phases for line in phase.complaints()]
    print("\n".join(["", *complaints]))
    passed = sum(phase.passed for phase in phases)
    failed = sum(len(phase.failed) for phase in phases)
    print(f"{passed} passed, {failed} failed")
    return 0 if all(phase.is_good for phase in phases) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
