"""How many rows of tables and indexes a database reads for some statements. For tests; holds none
itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from peewee import Database, PostgresqlDatabase

from models.database import is_sqlite

STEPS_A_ROW = 12
"""Of SQLite's machine, at least, to read a row and look at it."""


def rows_read(found: Database, ask: Callable[[], object]) -> int:
    """Of all statements of `ask` together."""
    if is_sqlite(found):
        return _steps(found, ask) // STEPS_A_ROW
    if isinstance(found, PostgresqlDatabase):
        return _planned(found, ask)
    before = _handled(found)
    ask()
    return _handled(found) - before


def _steps(found: Database, ask: Callable[[], object]) -> int:
    counted = 0

    def count() -> None:
        nonlocal counted
        counted += 1

    found.connection().set_progress_handler(count, STEPS_A_ROW)
    ask()
    found.connection().set_progress_handler(None, 0)
    return counted * STEPS_A_ROW


def _planned(found: Database, ask: Callable[[], object]) -> int:
    """What EXPLAIN ANALYZE says of each statement."""
    statements: list[tuple[str, Any]] = []
    run = found.execute_sql

    def spy(sql: str, params: Any = None) -> Any:
        statements.append((sql, params))
        return run(sql, params)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(found, "execute_sql", spy)
        ask()
    total = 0
    for sql, params in statements:
        (plan,) = run(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params).fetchone()
        total += _scanned((plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"])
    return total


def _scanned(node: dict[str, Any]) -> int:
    below = sum(_scanned(each) for each in node.get("Plans", ()))
    if "Scan" not in node["Node Type"] or node["Node Type"] == "Subquery Scan":
        return below
    kinds = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    return below + round(sum(node.get(kind, 0) for kind in kinds) * node["Actual Loops"])


def _handled(found: Database) -> int:
    query = "SHOW SESSION STATUS LIKE 'Handler_read%%'"
    rows = found.execute_sql(query).fetchall()
    return sum(int(value) for name, value in rows if "tmp" not in name)
