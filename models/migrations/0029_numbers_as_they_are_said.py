"""Order and refund numbers are found whatever their case, refunds by WeChat's number, payments by
WeChat's time. Phone numbers that are there get the one form in which they are looked for."""

from __future__ import annotations

import re
from typing import Any

from peewee import MySQLDatabase

CHUNK, TAIL = 5_000, 4
FOLDED = {"orders": "order_num", "refunds": "refund_num"}
INDEXES = {
    "orders_order_num_folded": ("orders", "lower(order_num)"),
    "refunds_refund_num_folded": ("refunds", "lower(refund_num)"),
    "refunds_refund_id": ("refunds", "refund_id"),
    "orders_wechat_paid_at": ("orders", "wechat_paid_at"),
}
ON_MYSQL = {
    "orders_order_num_folded": ("orders", "order_num_folded"),
    "refunds_refund_num_folded": ("refunds", "refund_num_folded"),
}
"""MariaDB indexes no expression."""
LENGTHS = {"orders": 32, "refunds": 64}
READ = "SELECT id, phone FROM orders WHERE id > ? AND phone IS NOT NULL ORDER BY id LIMIT ?"
WRITE = "UPDATE orders SET phone = ?, phone_tail = ? WHERE id = ?"
_PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_BETWEEN = re.compile(r"[\s().\u00a0\u00b7\u2010-\u2015\u200b-\u200f\u202a-\u202e\u2060\ufeff-]+")
_NUMBER = re.compile(r"\+?[0-9]{5,20}", re.ASCII)
_CHINA = re.compile(r"(?:\+|00)?86(1[3-9][0-9]{9})", re.ASCII)


def up(migrator, db):
    """MySQL commits each change by itself, so any of this may be there: this may be a second try."""
    if isinstance(db, MySQLDatabase):
        for table, name in FOLDED.items():
            if not any(column.name == f"{name}_folded" for column in db.get_columns(table)):
                db.execute_sql(
                    f"ALTER TABLE {table} ADD COLUMN {name}_folded VARCHAR({LENGTHS[table]})"
                    f" GENERATED ALWAYS AS (lower({name})) VIRTUAL"
                )
    for name, (table, column) in _wanted(db).items():
        if name not in {index.name for index in db.get_indexes(table)}:
            db.execute_sql(f"CREATE INDEX {name} ON {table} ({column})")
    last = 0
    while found := db.execute_sql(READ.replace("?", db.param), (last, CHUNK)).fetchall():
        for row_id, phone in found:
            if (plain := _plain(phone)) != phone:
                db.execute_sql(WRITE.replace("?", db.param), (plain, plain[-TAIL:], row_id))
        last = found[-1][0]


def _wanted(db: Any) -> dict[str, tuple[str, str]]:
    return INDEXES | (ON_MYSQL if isinstance(db, MySQLDatabase) else {})


def _plain(text: str) -> str:
    number = _BETWEEN.sub("", text.translate(_PLAIN))
    if not _NUMBER.fullmatch(number):
        return text
    found = _CHINA.fullmatch(number)
    return found[1] if found else number


def down(migrator, db):
    """The phones keep their form."""
    for name, (table, _) in _wanted(db).items():
        migrator.migrate(migrator.drop_index(table, name))
    if isinstance(db, MySQLDatabase):
        for table, name in FOLDED.items():
            migrator.migrate(migrator.drop_column(table, f"{name}_folded"))
