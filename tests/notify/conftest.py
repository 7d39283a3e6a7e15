"""Every test of the notify that has a product runs twice: with the fast door, and without it."""

from __future__ import annotations

import pytest

from handlers.listener import Listener
from tests.support.databases import KIND

DOORS = ("fast", "tornado") if KIND == "sqlite" else ("fast",)
"""The doors know nothing of the database."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "tmp_path" in metafunc.fixturenames:
        metafunc.parametrize("door", DOORS, indirect=True)


@pytest.fixture(autouse=True)
def door(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Used by all by itself: a name that is only added to those of a test is dropped again."""
    chosen: str = getattr(request, "param", DOORS[0])
    if chosen == "tornado":
        monkeypatch.setattr(Listener, "fast_door", property(lambda _: None, lambda *_: None))
    return chosen
