"""The browser's pure modules, tested in Node: their promises stand in tests/node/."""

from __future__ import annotations

import subprocess

import pytest

from tests.house.test_house import ROOT


@pytest.mark.one_database
def test_the_pure_modules_of_the_browser_keep_their_promises() -> None:
    files = sorted((ROOT / "tests" / "node").glob("*.test.mjs"))
    done = subprocess.run(
        ["node", "--test", *files], cwd=ROOT, capture_output=True, text=True, check=False
    )
    print(done.stdout, done.stderr)
    assert files
    assert done.returncode == 0
