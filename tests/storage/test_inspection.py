"""Who looks at a database from outside leaves the service alone that runs in the same process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models import TABLES
from models.database import open_database
from models.inspection import event_head, has_echo, inspect
from tests.support.rig import product


@pytest.mark.gen_test
async def test_the_models_stay_with_the_service_while_a_database_is_looked_at(
    tmp_path: Path,
) -> None:
    """The checks of the console's page look while payments are booked. A model that was bound to
    their connection would write past the transaction of the service."""
    async with product(tmp_path, by_hand=True) as shop:
        await shop.order()
        ours = TABLES[0]._meta.database
        other = open_database(shop.settings.database_url)
        asked: list[str] = []
        ask = other.execute_sql

        def watched(sql: str, *given: Any) -> Any:
            asked.append(sql)
            assert {table._meta.database for table in TABLES} == {ours}, sql
            return ask(sql, *given)

        other.execute_sql = watched
        try:
            assert inspect(other).products == 1
            assert has_echo(other, "nobody said this") is False
            assert event_head(other) >= 1
        finally:
            other.close()
        assert len(asked) > 8
