"""All tests on each of the databases, one run of pytest after the other, and then one verdict.

`python -m tests.support.phases [PYTEST'S ARGUMENTS]` is what `make test` calls. A red run does not
keep the next one from starting. As a plugin of pytest, this module notes each failure in a file at
once, so that its name is known even when pytest itself ends before its summary.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

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


def run_phase(database: str, arguments: list[str]) -> Phase:
    if database != DATABASES[0]:
        arguments = fewer_workers(arguments)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pytest", "-p", "tests.support.phases", *arguments]
        environment = {**os.environ, "PAYWATCH_TEST_DATABASE": database, NOTES: folder}
        environment.pop("PYTEST_XDIST_WORKER", None)  # where a worker of another run starts us
        print(f"Tests on {database}: {' '.join(command[1:])}", flush=True)
        status = subprocess.run(command, env=environment, check=False).returncode
        return Phase(database, status, len(_lines(folder, "passed")), _lines(folder, "failed"))


def fewer_workers(arguments: list[str]) -> list[str]:
    """Two thirds of the workers: the tests that need a database wait little, and each worker starts
    anew."""
    if "-n" not in arguments:
        return arguments
    at = arguments.index("-n") + 1
    return [*arguments[:at], str(max(1, int(arguments[at]) * 2 // 3)), *arguments[at + 1 :]]


def _lines(folder: str, kind: str) -> tuple[str, ...]:
    notes = Path(folder, kind)
    return tuple(notes.read_text("utf-8").splitlines()) if notes.exists() else ()


def main(arguments: list[str]) -> int:
    """The status for the shell: 0 when all passed on all databases, else 1."""
    phases = [run_phase(database, arguments) for database in DATABASES]
    complaints = [line for phase in phases for line in phase.complaints()]
    print("\n".join(["", *complaints]))
    passed = sum(phase.passed for phase in phases)
    failed = sum(len(phase.failed) for phase in phases)
    print(f"{passed} passed, {failed} failed")
    return 0 if all(phase.is_good for phase in phases) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
