"""A machine for each test, whose programs end with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.documents.machine import Machine


@pytest.fixture
def machine(tmp_path) -> Iterator[Machine]:
    made = Machine(tmp_path)
    yield made
    made.close()
