"""What `make test` says when a run of pytest is red, or ends before its summary."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.phases import fewer_workers

ROOT = Path(__file__).parents[2]
TESTS = """
import os

def test_good():
    pass

def test_of_one_database():
    assert os.environ["PAYWATCH_TEST_DATABASE"] != "{red}"

def test_that_ends_pytest():
    if os.environ["PAYWATCH_TEST_DATABASE"] == "{ending}":
        os._exit(9)
"""


def phases(folder: Path, red: str, ending: str) -> tuple[int, list[str]]:
    tests = folder / "test_small.py"
    tests.write_text(TESTS.format(red=red, ending=ending))
    command = [sys.executable, "-m", "tests.support.phases", "-q", str(tests)]
    # The run that this test is part of has workers; the small one has none.
    environment = {n: v for n, v in os.environ.items() if not n.startswith("PYTEST_XDIST")}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # it needs none, and starts nine times
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout.splitlines()


def test_a_red_database_is_named_at_the_end_and_the_others_run_all_the_same(tmp_path):
    status, lines = phases(tmp_path, red="sqlite", ending="")
    assert status == 1
    assert lines[-2].startswith("FAILED on sqlite: ")
    assert lines[-2].endswith("test_small.py::test_of_one_database (call)")
    assert lines[-1] == "8 passed, 1 failed"


def test_failures_are_named_also_when_pytest_ends_before_its_summary(tmp_path):
    status, lines = phases(tmp_path, red="mariadb", ending="mariadb")
    assert status == 1
    assert lines[-3].endswith("test_small.py::test_of_one_database (call)")
    assert lines[-2] == "PYTEST on mariadb ended with status 9."
    assert lines[-1] == "7 passed, 1 failed"


def test_all_databases_green_is_status_0(tmp_path):
    assert phases(tmp_path, red="", ending="")[0] == 0


def test_the_other_databases_have_fewer_workers():
    given = ["-n", "6", "--dist", "worksteal"]
    assert fewer_workers(given) == ["-n", "3", "--dist", "worksteal"]
    assert (fewer_workers(["-n", "1"]), fewer_workers(["-x"])) == (["-n", "1"], ["-x"])
