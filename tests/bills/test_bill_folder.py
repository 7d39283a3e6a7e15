"""The folder in which bills are worked on: ours alone, and no reason not to start."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import pytest

from assembly.bills import OLD_S, bill_folder
from services.runtime.clock import DAY_MS
from tests.support.rig import MovedClock, product

URL = "sqlite:///somewhere"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_what_a_killed_process_left_is_removed_and_the_rest_stays(place: Path) -> None:
    folder = bill_folder(URL)
    for name, age_s in (("left", OLD_S + 60), ("worked on", OLD_S - 60), ("of a clock ahead", -60)):
        (folder / name).touch()
        at = time.time() - age_s
        os.utime(folder / name, (at, at))
    assert bill_folder(URL) == folder
    assert sorted(path.name for path in folder.iterdir()) == ["of a clock ahead", "worked on"]
    assert folder.parent == place


@pytest.mark.gen_test
async def test_a_clock_that_is_not_the_disks_removes_no_bill(tmp_path: Path, place: Path) -> None:
    """As a simulated one that has jumped: two days later by it, a bill of now is not old."""
    clock = MovedClock(int(time.time() * 1000) + 2 * DAY_MS)
    url = f"sqlite:///{tmp_path}/paywatch.db"
    (bill_folder(url) / "worked on").touch()
    async with product(tmp_path, clock=clock):
        assert (bill_folder(url) / "worked on").exists()


def test_two_processes_that_start_at_once_may_remove_the_same_file(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = bill_folder(URL)
    monkeypatch.setattr(Path, "iterdir", lambda _self: iter([folder / "gone"]))
    assert bill_folder(URL) == folder


def test_a_file_of_that_name_is_left_alone(place: Path) -> None:
    folder = bill_folder(URL)
    folder.rmdir()
    folder.write_text("somebody else's")
    other = bill_folder(URL)
    assert other != folder
    assert other.is_dir()
    assert folder.read_text() == "somebody else's"


def test_a_disk_that_takes_no_folder_keeps_nobody_from_starting(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(place / "not there"))
    assert not bill_folder("sqlite:///nobody's").exists()
