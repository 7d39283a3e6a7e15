"""Cases of complaints: the table of cases takes one kind more."""

from typing import Any

from peewee import MySQLDatabase, PostgresqlDatabase

BEFORE = (
    "kind IN ('amount_mismatch', 'negative_total', 'illegal_transition', 'missing_order',"
    " 'bad_signature', 'foreign_merchant', 'refund_anomaly', 'reconcile_gap', 'system')"
)
AFTER = BEFORE.replace("'system')", "'system', 'complaint')")


def up(migrator, db):
    _check(db, AFTER)


def down(migrator, db):
    db.execute_sql("UPDATE alerts SET kind = 'system' WHERE kind = 'complaint'")
    _check(db, BEFORE)


def _check(db: Any, wanted: str) -> None:
    if isinstance(db, PostgresqlDatabase):
        db.execute_sql("ALTER TABLE alerts DROP CONSTRAINT IF EXISTS alerts_kind_check")
        db.execute_sql(f"ALTER TABLE alerts ADD CONSTRAINT alerts_kind_check CHECK ({wanted})")
    elif isinstance(db, MySQLDatabase):
        for name in _names(db):
            db.execute_sql(f"ALTER TABLE alerts DROP CONSTRAINT `{name}`")
        db.execute_sql(f"ALTER TABLE alerts ADD CONSTRAINT alerts_kind_check CHECK ({wanted})")
    else:
        _rewrite(db, wanted)


def _names(db: Any) -> list[str]:
    """The checks of the kind, by the names that the server gave them. This may be the second try."""
    query = (
        "SELECT c.CONSTRAINT_NAME FROM information_schema.CHECK_CONSTRAINTS c"
        " JOIN information_schema.TABLE_CONSTRAINTS t"
        " ON t.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA AND t.CONSTRAINT_NAME = c.CONSTRAINT_NAME"
        " WHERE c.CONSTRAINT_SCHEMA = DATABASE() AND t.TABLE_NAME = 'alerts'"
        " AND c.CHECK_CLAUSE LIKE '%%reconcile_gap%%'"
    )
    return sorted({name for (name,) in db.execute_sql(query).fetchall()})


def _rewrite(db: Any, wanted: str) -> None:
    """SQLite cannot change a check. Its text alone is changed, as sqlite.org/lang_altertable.html
    describes for what does not touch the rows: others refer to this table."""
    (made,) = db.execute_sql("SELECT sql FROM sqlite_master WHERE name = 'alerts'").fetchone()
    start = made.index("kind IN (")
    made = made[:start] + wanted + made[made.index(")", start) + 1 :]
    (version,) = db.execute_sql("PRAGMA schema_version").fetchone()
    db.execute_sql("PRAGMA writable_schema = ON")
    db.execute_sql("UPDATE sqlite_master SET sql = ? WHERE name = 'alerts'", (made,))
    db.execute_sql(f"PRAGMA schema_version = {version + 1}")
    db.execute_sql("PRAGMA writable_schema = OFF")
