"""The folder in which bills are worked on: ours alone, and no reason not to start."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pytest

from assembly.bills import OLD_MS, bill_folder

URL = "sqlite:///somewhere"
NOW = int(time.time() * 1000)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_what_a_killed_process_left_is_removed_and_the_rest_stays(place: Path) -> None:
    folder = bill_folder(URL, NOW)
    (folder / "old").touch()
    assert bill_folder(URL, NOW) == folder
    assert (folder / "old").exists()
    assert bill_folder(URL, NOW + 2 * OLD_MS) == folder
    assert list(folder.iterdir()) == []
    assert folder.parent == place


def test_two_processes_that_start_at_once_may_remove_the_same_file(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = bill_folder(URL, NOW)
    monkeypatch.setattr(Path, "iterdir", lambda _self: iter([folder / "gone"]))
    assert bill_folder(URL, NOW) == folder


def test_a_file_of_that_name_is_left_alone(place: Path) -> None:
    folder = bill_folder(URL, NOW)
    folder.rmdir()
    folder.write_text("somebody else's")
    other = bill_folder(URL, NOW)
    assert other != folder
    assert other.is_dir()
    assert folder.read_text() == "somebody else's"


def test_a_disk_that_takes_no_folder_keeps_nobody_from_starting(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(place / "not there"))
    assert not bill_folder("sqlite:///nobody's", NOW).exists()
