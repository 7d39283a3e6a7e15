"""The migrations on every database: from nothing, after a cut, and what they leave."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from peewee import Database, MySQLDatabase, PeeweeException
from playhouse.migrations import Runner

import models
from models.base import folded, head_of
from models.database import is_sqlite, migrate, open_database, pending_migrations
from models.store import Store
from payments.encryption import Sealer
from services.live.event_chain import ChainCheck, EventChain
from tests.live.test_event_chain import tell
from tests.support.databases import KINDS, empty_database

pytestmark = pytest.mark.one_database

MIGRATIONS = Path(models.__file__).parent / "migrations"


@pytest.fixture(params=KINDS)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without a table."""
    with empty_database(tmp_path, request.param) as url:
        database = open_database(url, patient=True)
        try:
            yield database
        finally:
            database.close()


def test_a_database_is_migrated_once(empty: Database) -> None:
    assert len(migrate(empty)) == len(list(MIGRATIONS.glob("0*.py")))
    assert (migrate(empty), pending_migrations(empty)) == ([], [])
    assert {table._meta.table_name for table in models.TABLES} <= set(empty.get_tables())


def test_a_migration_that_was_cut_off_goes_on(empty: Database) -> None:
    """MySQL commits each change of a table by itself, so half of one can be there."""
    if isinstance(empty, MySQLDatabase):
        empty.execute_sql("ALTER DATABASE CHARACTER SET utf8mb4")
    Runner(empty, str(MIGRATIONS)).up(target="0001_initial")
    mark = empty.param
    for i in range(3):
        empty.execute_sql(
            "INSERT INTO raw_notices (id, source, authentic, outcome, body, received_at)"
            f" VALUES ({mark}, 's', {mark}, 'booked', {mark}, 1)",
            (f"{i:024d}", True, f"深圳 {i}"),
        )
    blob = "BYTEA" if "Postgres" in type(empty).__name__ else "MEDIUMBLOB"
    empty.execute_sql(f"ALTER TABLE raw_notices ADD COLUMN sealed {blob} NULL")
    assert migrate(empty)[0] == "0002_sealed_notices"
    rows = empty.execute_sql("SELECT id, sealed FROM raw_notices ORDER BY id").fetchall()
    opened = [Sealer(("x" * 32,)).open(bytes(sealed), name) for name, sealed in rows]
    assert opened == ["深圳 0", "深圳 1", "深圳 2"]


def test_open_orders_from_before_are_looked_at_when_they_expire(empty: Database) -> None:
    Runner(empty, str(MIGRATIONS)).up(target="0002_sealed_notices")
    for number, status in (
        ("ORDER-OPEN", "INIT"),
        ("ORDER-WAIT", "WAIT_PAY"),
        ("GONE-1", "CLOSED"),
    ):
        put_order(empty, number, status)
    migrate(empty)
    found = empty.execute_sql("SELECT order_num, due_at FROM order_checks ORDER BY order_num")
    assert [tuple(row) for row in found.fetchall()] == [("ORDER-OPEN", 9), ("ORDER-WAIT", 9)]


def test_open_orders_from_before_that_wechat_may_know_are_asked_about_soon(
    empty: Database,
) -> None:
    Runner(empty, str(MIGRATIONS)).up(target="0003_leases_and_checks")
    mark = empty.param
    for number, state in (("SENT-1", "unknown"), ("SENT-2", "refused"), ("UNSENT", None)):
        put_order(empty, number, "WAIT_PAY")
        empty.execute_sql(f"INSERT INTO order_checks VALUES ({mark}, 9, 0)", (number,))
        if state:
            empty.execute_sql(
                "INSERT INTO prepay_attempts (order_num, trade_type, parameters, state, calls,"
                f" created_at) VALUES ({mark}, 'NATIVE', '', {mark}, 1, 1)",
                (number, state),
            )
    migrate(empty)
    found = empty.execute_sql("SELECT order_num, due_at FROM order_checks ORDER BY order_num")
    assert [tuple(row) for row in found.fetchall()] == [("SENT-1", 0), ("SENT-2", 9), ("UNSENT", 9)]


def test_numbers_are_told_apart_by_their_bytes(empty: Database) -> None:
    migrate(empty)
    numbers = ["order-1", "ORDER-1", "order-1 ", "order_1", "órder-1"]
    for number in numbers:
        put_order(empty, number, "INIT")
    for number in numbers:
        query = f"SELECT order_num FROM orders WHERE order_num = {empty.param}"
        assert list(empty.execute_sql(query, (number,)).fetchall()) == [(number,)]
    ordered = empty.execute_sql("SELECT order_num FROM orders ORDER BY order_num").fetchall()
    if not is_sqlite(empty):  # SQLite compares bytes by itself
        assert [number for (number,) in ordered] == sorted(numbers)


def put_order(database: Database, number: str, status: str) -> None:
    values = (number, "p1", "Tea", 1, 8800, status, "wx1", "1", 0, "token", 1, 1, 9)
    marks = ", ".join([database.param] * len(values))
    database.execute_sql(
        "INSERT INTO orders (order_num, product_id, title, quantity, total_fen, status, app_id,"
        " mch_id, refunded_fen, status_token, created_at, updated_at, expires_at)"
        f" VALUES ({marks})",
        values,
    )


def test_phones_from_before_are_found_by_their_end(empty: Database) -> None:
    Runner(empty, str(MIGRATIONS)).up(target="0005_audit")
    phones = {"A-1": "13812345678", "A-2": "911", "A-3": None}
    for number, phone in phones.items():
        put_order(empty, number, "WAIT_PAY")
        mark = empty.param
        empty.execute_sql(
            f"UPDATE orders SET phone = {mark} WHERE order_num = {mark}", (phone, number)
        )
    migrate(empty)
    rows = empty.execute_sql("SELECT order_num, phone_tail FROM orders ORDER BY order_num")
    tails = [tuple(row) for row in rows.fetchall()]
    assert tails == [("A-1", "5678"), ("A-2", "911"), ("A-3", None)]


def test_phones_from_before_get_the_one_form_and_numbers_their_indexes(empty: Database) -> None:
    before, last = "0028_bills_from_files", "0029_numbers_as_they_are_said"
    if isinstance(empty, MySQLDatabase):
        empty.execute_sql("ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin")
    Runner(empty, str(MIGRATIONS)).up(target=before)
    had, mark = _indexes(empty), empty.param
    phones = ["+86 138 1234 5670", "13812345670", "１３８－1234－5670", "+852 9123 4567", "call me"]
    for n, phone in enumerate(phones):
        put_order(empty, f"Order-{n}", "WAIT_PAY")
        update = f"UPDATE orders SET phone = {mark}, phone_tail = {mark} WHERE order_num = {mark}"
        empty.execute_sql(update, (phone, phone[-4:], f"Order-{n}"))
    migrate(empty)
    rows = empty.execute_sql("SELECT phone, phone_tail FROM orders ORDER BY id").fetchall()
    same = ("13812345670", "5670")
    kept = [same, same, same, ("+85291234567", "4567"), ("call me", "l me")]
    assert [tuple(row) for row in rows] == kept
    with empty.bind_ctx(models.TABLES):
        query = models.Order.select(models.Order.order_num)
        found = query.where(folded(models.Order.order_num) == "order-3").tuples()
        assert list(found) == [("Order-3",)]
    Runner(empty, str(MIGRATIONS)).down(target=last)
    assert _indexes(empty) == had
    migrate(empty)


def test_a_column_that_was_added_but_not_filled_is_filled(empty: Database) -> None:
    """MySQL commits a new column before its value is written into the rows that are there."""
    Runner(empty, str(MIGRATIONS)).up(target="0005_audit")
    mark = empty.param
    no = "FALSE" if "Postgres" in type(empty).__name__ else "0"
    empty.execute_sql(
        "INSERT INTO users (name, password_hash, role, disabled, created_at)"
        f" VALUES ({mark}, 'h', 'admin', {no}, 1)",
        ("alice",),
    )
    empty.execute_sql(
        "INSERT INTO sessions (token_hash, user_id, xsrf, created_at, seen_at, confirmed_at)"
        " SELECT 't', id, 'x', 1, 1, 1 FROM users"
    )
    empty.execute_sql("ALTER TABLE users ADD COLUMN totp_step BIGINT NULL")
    migrate(empty)
    rows = empty.execute_sql("SELECT name, password_once, totp_step, preferences FROM users")
    assert [tuple(row) for row in rows.fetchall()] == [("alice", False, 0, "{}")]
    rows = empty.execute_sql("SELECT token_hash, network FROM sessions")
    assert [tuple(row) for row in rows.fetchall()] == [("t", "")]
    assert not next(c for c in empty.get_columns("users") if c.name == "totp_step").null


def test_a_case_of_a_complaint_is_taken_and_an_unknown_kind_is_not(empty: Database) -> None:
    Runner(empty, str(MIGRATIONS)).up(target="0010_steps")
    put_case(empty, "system", "redis")
    empty.execute_sql("INSERT INTO alert_entries (alert_id, at, action) VALUES (1, 1, 'raised')")
    migrate(empty)
    put_case(empty, "complaint", "200201820200101080076610000")
    put_case(empty, "reconcile_gap", "2026-11-29")
    with pytest.raises(PeeweeException):
        put_case(empty, "nonsense", "x")
    kinds = empty.execute_sql("SELECT kind FROM alerts ORDER BY id").fetchall()
    assert [kind for (kind,) in kinds] == ["system", "complaint", "reconcile_gap"]
    (entries,) = empty.execute_sql("SELECT count(*) FROM alert_entries").fetchone()
    assert entries == 1
    if is_sqlite(empty):
        assert empty.execute_sql("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert empty.execute_sql("PRAGMA foreign_key_check").fetchall() == []


def put_case(database: Database, kind: str, subject: str) -> None:
    values = (kind, subject, "high", "open", 1, 1, 1, 1, "null", "null", "{}")
    marks = ", ".join([database.param] * len(values))
    database.execute_sql(
        "INSERT INTO alerts (kind, subject, severity, status, count, first_seen, last_seen,"
        f" version, expected, actual, evidence) VALUES ({marks})",
        values,
    )


def test_payments_from_before_keep_the_time_that_wechat_told(empty: Database) -> None:
    Runner(empty, str(MIGRATIONS)).up(target="0010_steps")
    mark = empty.param
    paid = {
        "A-1": '{"wechatPaidAt": "2026-11-29T15:59:40.000Z"}',
        "A-2": '{"wechatPaidAt": null}',
        "A-3": None,
    }
    for seq, (number, data) in enumerate(paid.items(), 1):
        put_order(empty, number, "WAIT_PAY")
        if data is None:
            continue
        empty.execute_sql(
            "UPDATE orders SET status = 'PAID', paid_at = 1, transaction_id = order_num"
            f" WHERE order_num = {mark}",
            (number,),
        )
        empty.execute_sql(
            "INSERT INTO events (seq, kind, severity, order_num, at, data)"
            f" VALUES ({mark}, 'order.paid', 'info', {mark}, 1, {mark})",
            (seq, number, data),
        )
    migrate(empty)
    rows = empty.execute_sql("SELECT order_num, wechat_paid_at FROM orders ORDER BY order_num")
    times = [tuple(row) for row in rows.fetchall()]
    assert times == [("A-1", 1795967980000), ("A-2", None), ("A-3", None)]


def test_an_unmatched_payment_from_before_is_in_yuan_and_new_reasons_are_taken(
    empty: Database,
) -> None:
    Runner(empty, str(MIGRATIONS)).up(target="0010_steps")
    mark = empty.param

    def put(transaction_id: str, reason: str, name: str = "", value: str = "") -> None:
        empty.execute_sql(
            "INSERT INTO receipts (transaction_id, order_num, amount_fen, reason, state, notice_id,"
            f" received_at, app_id, mch_id, version{name}) VALUES ({mark}, 'A-1', 8800, {mark},"
            f" 'waiting', 'n', 1, '', '', 1{value})",
            (transaction_id, reason),
        )

    put("42001", "late")
    Runner(empty, str(MIGRATIONS)).up(target="0011_wechats_word")
    dollars = ", currency", ", 'USD'"
    for reason in ("older_than_order", "foreign_currency", "partner"):
        put(reason, reason, *dollars)
    for transaction_id, reason in (("42009", "whim"), ("42001", "late")):
        # No other word; and a transaction names an order once, as before.
        with pytest.raises(PeeweeException), empty.atomic():
            put(transaction_id, reason, *dollars)
    rows = empty.execute_sql("SELECT id, reason, currency FROM receipts ORDER BY id").fetchall()
    assert [(reason, currency) for _, reason, currency in rows] == [
        ("late", "CNY"),
        ("older_than_order", "USD"),
        ("foreign_currency", "USD"),
        ("partner", "USD"),
    ]


def test_orders_from_before_are_found_by_their_new_indexes(empty: Database) -> None:
    """Also where the migration was cut off half way, and after it was taken back."""
    before, last = "0020_second_people", "0021_searches_at_any_size"
    Runner(empty, str(MIGRATIONS)).up(target=before)
    had = _indexes(empty)
    for number, phone in (("A-1", "13812345678"), ("A-2", None)):
        put_order(empty, number, "WAIT_PAY")
        mark = empty.param
        update = f"UPDATE orders SET phone = {mark} WHERE order_num = {mark}"
        empty.execute_sql(update, (phone, number))
    empty.execute_sql("CREATE INDEX orders_phone_created_at_id ON orders (phone, created_at, id)")
    empty.execute_sql(f"DROP INDEX {_name_of(empty, ('phone', 'id'))}{_of_orders(empty)}")
    assert last in migrate(empty)
    has = _indexes(empty)
    ends = {columns[1:] for columns in has - had if len(columns) > 1}
    assert ends == {("created_at", "id"), ("created_at", "id", "phone")}
    assert {columns for columns in had - has if columns[1:] == ("id",)} == {
        (name, "id") for name in ("status", "open_id", "phone", "mch_id", "customer", "phone_tail")
    }
    with empty.bind_ctx(models.TABLES):
        query = models.Order.select(models.Order.order_num)
        found = query.where(head_of(models.Order.phone, 3) == "138").tuples()
        assert [number for (number,) in found] == ["A-1"]
    Runner(empty, str(MIGRATIONS)).down(target=last)
    assert _indexes(empty) == had
    migrate(empty)
    assert _indexes(empty) == has


def _indexes(database: Database) -> set[tuple[str, ...]]:
    return {tuple(index.columns) for index in database.get_indexes("orders")}


def _name_of(database: Database, columns: tuple[str, ...]) -> str:
    found = (i.name for i in database.get_indexes("orders") if tuple(i.columns) == columns)
    return next(found)


def _of_orders(database: Database) -> str:
    return " ON orders" if isinstance(database, MySQLDatabase) else ""


def test_refunds_from_before_are_missed_where_no_bill_has_them(empty: Database) -> None:
    """WeChat took them on the day on which they were asked for or entered, until a bill says
    another."""
    (before,) = MIGRATIONS.glob("0021_*.py")
    Runner(empty, str(MIGRATIONS)).up(target=before.stem)
    refunds = [
        ("SUCCESS", "paywatch", "a"),
        ("REJECTED", "paywatch", "a"),
        ("SUCCESS", "wechat", "wechat"),
        ("SUCCESS", "wechat", "a"),
        ("CLOSED", "wechat", "a"),
    ]
    for number, (status, origin, by) in enumerate(refunds):
        values = (f"R{number}", "O1", "wx1", "1", "4200", 10, 1, "", status, by, 77, 99, origin)
        empty.execute_sql(
            "INSERT INTO refunds (refund_num, order_num, app_id, mch_id, transaction_id, total_fen,"
            " amount_fen, reason, status, requested_by, created_at, updated_at, origin)"
            f" VALUES ({', '.join([empty.param] * len(values))})",
            values,
        )
    assert migrate(empty)[0].startswith("0022_")
    found = empty.execute_sql("SELECT refund_num, accepted_at FROM refunds ORDER BY refund_num")
    times = [77, None, None, 77, None]
    assert [tuple(row) for row in found.fetchall()] == [
        (f"R{number}", at) for number, at in enumerate(times)
    ]


def test_differences_are_told_apart_by_their_bytes(empty: Database) -> None:
    migrate(empty)
    for subject in ("refund-1", "REFUND-1", "refund-1 "):
        text = ("1", "2026-11-20", "missing_here", subject, "look", "null", "r1")
        values = (*text, 1, 0, "open", False)
        empty.execute_sql(
            "INSERT INTO bill_differences (mch_id, date, kind, subject, proposal, evidence, run,"
            " found_at, difference_fen, status, told)"
            f" VALUES ({', '.join([empty.param] * len(values))})",
            values,
        )


def test_events_from_before_are_chained(empty: Database) -> None:
    """A hundred at a time; the stream goes on behind them and is whole."""
    if isinstance(empty, MySQLDatabase):
        empty.execute_sql("ALTER DATABASE CHARACTER SET utf8mb4")
    names = sorted(path.stem for path in MIGRATIONS.glob("0*.py"))
    before = names[names.index("0025_chain_of_events") - 1]
    Runner(empty, str(MIGRATIONS)).up(target=before)
    rows = [(seq, "note.added", "info", f"单号{seq}", seq, '{"a":1}') for seq in range(1, 251)]
    rows[7] = (8, "system.started", "info", None, 8, "{}")
    given = ", ".join([empty.param] * 6)
    for row in rows:
        text = f"INSERT INTO events (seq, kind, severity, order_num, at, data) VALUES ({given})"
        empty.execute_sql(text, row)
    empty.execute_sql("UPDATE event_head SET seq = 250")
    assert "0025_chain_of_events" in migrate(empty)
    held = empty.execute_sql("SELECT seq FROM events WHERE chain IS NOT NULL ORDER BY seq")
    assert [seq for (seq,) in held.fetchall()] == [100, 200, 250]

    async def look() -> ChainCheck:
        store = Store(empty, lambda: 251)
        store.open()
        try:
            await store.write(tell, 2)
            return await EventChain(store).verify()
        finally:
            await store.close()

    found = asyncio.run(look())
    assert (found.flaw, found.events) == ("", 252)
