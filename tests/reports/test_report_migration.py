"""What was there before the reports is in them, on every database."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from peewee import Database
from playhouse.migrations import Runner

import models
from models.database import migrate, open_database
from tests.reports.recount import kept, recounted
from tests.support.databases import KINDS, empty_database

pytestmark = pytest.mark.one_database

MIDNIGHT = 1_795_104_000_000
"""Midnight in China."""


@pytest.fixture(params=KINDS)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database from before the reports."""
    with empty_database(tmp_path, request.param) as url:
        database = open_database(url, patient=True)
        folder = str(Path(models.__file__).parent / "migrations")
        Runner(database, folder).up(target="0022_bills")
        try:
            yield database
        finally:
            database.close()


def put(database: Database, table: str, **values: Any) -> None:
    marks = ", ".join([database.param] * len(values))
    names = ", ".join(values)
    database.execute_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values()))


def put_order(database: Database, number: str, **more: Any) -> None:
    paid = {"status": "PAID", "transaction_id": f"42-{number}", "service_status": "SERVED"}
    always = {
        "order_num": number,
        "product_id": "p1",
        "title": "Tea",
        "quantity": 1,
        "total_fen": 8800,
        "app_id": "wx1",
        "mch_id": "19",
        "refunded_fen": 0,
        "status_token": "t",
        "created_at": 1,
        "updated_at": 1,
        "expires_at": 9,
    }
    state = paid if more.get("paid_at") else {"status": "CLOSED"}
    put(database, "orders", **always | state | more)


def put_refund(database: Database, number: str, order_num: str, **more: Any) -> None:
    always = {
        "refund_num": number,
        "order_num": order_num,
        "app_id": "wx1",
        "mch_id": "19",
        "transaction_id": f"42-{order_num}",
        "total_fen": 8800,
        "amount_fen": 800,
        "reason": "",
        "status": "SUCCESS",
        "requested_by": "alice",
        "created_at": 1,
        "updated_at": 1,
        "succeeded_at": MIDNIGHT + 5,
        "origin": "paywatch",
    }
    put(database, "refunds", **always | more)


def looked(database: Database) -> Any:
    return lambda text: [tuple(row) for row in database.execute_sql(text).fetchall()]


def test_orders_and_refunds_from_before_are_counted_once_also_at_a_second_try(old: Database):
    put_order(old, "A-1", paid_at=MIDNIGHT + 1, wechat_paid_at=MIDNIGHT - 1)
    put_order(old, "A-2", paid_at=MIDNIGHT + 2, product_id="p2")
    put_order(old, "A-3", paid_at=MIDNIGHT + 3)
    put_order(old, "A-4")
    put_order(old, "SIM-1", paid_at=MIDNIGHT + 3)
    put_refund(old, "R-1", "A-1", accepted_at=MIDNIGHT - 1)
    put_refund(old, "R-2", "A-2")
    put_refund(old, "R-3", "A-3", status="PROCESSING", accepted_at=MIDNIGHT)
    put_refund(old, "R-4", "A-4", receipt_id=1)
    for minute, failed in ((MIDNIGHT, 2), (MIDNIGHT + 60_000, 1), (MIDNIGHT + 3_600_000, 4)):
        put(old, "counters", name="failed_count", at=minute, value=failed)
    put(old, "counters", name="simulated_orders", at=0, value=2)
    migrate(old)
    look = looked(old)
    counted = recounted(look, "SIM-")
    assert kept(look) == counted
    of_day = counted[24, "", MIDNIGHT, "19"], counted[24, "", MIDNIGHT - 86_400_000, "19"]
    assert of_day == ([2, 17600, 1, 800], [1, 8800, 1, 800])
    failed = "SELECT at, failed_count FROM report_sums WHERE failed_count > 0 AND hours = {}"
    assert sorted(look(failed.format(1))) == [(MIDNIGHT, 3), (MIDNIGHT + 3_600_000, 4)]
    assert look(failed.format(24)) == [(MIDNIGHT, 7)]
    before = sorted(look("SELECT * FROM report_sums"))
    import_module("models.migrations.0024_reports").up(None, old)
    assert sorted(look("SELECT * FROM report_sums")) == before


def test_a_database_without_an_order_has_empty_sums(old: Database):
    put(old, "counters", name="failed_count", at=MIDNIGHT, value=1)
    migrate(old)
    assert looked(old)("SELECT hours, mch_id, failed_count FROM report_sums ORDER BY hours") == [
        (1, "", 1),
        (24, "", 1),
    ]
