"""A refund can be ended by an admin; how often its number was sent, and what was answered. Refunds
that nobody was asked about any more are asked about again."""

from typing import Any

from peewee import CharField, Field, IntegerField, PostgresqlDatabase, SqliteDatabase

COLUMNS: dict[str, dict[str, Field]] = {
    "refunds": {"ended_from": CharField(max_length=12, null=True)},
    "refund_checks": {
        "sends": IntegerField(default=0),
        "refusals": IntegerField(default=0),
        "answer": CharField(max_length=32, null=True),
    },
}
BEFORE = "'REFUSED', 'REJECTED')"
AFTER = "'REFUSED', 'REJECTED', 'ENDED')"
STATES = (
    "status IN ('REQUESTED', 'APPROVED', 'PROCESSING', 'SUCCESS', 'ABNORMAL', 'CLOSED', 'REFUSED',"
    " 'REJECTED', 'ENDED')"
)
POSTGRES = (
    "SELECT conname FROM pg_constraint WHERE conrelid = 'refunds'::regclass AND contype = 'c'"
    " AND position('REJECTED' IN pg_get_constraintdef(oid)) > 0"
)
MYSQL = (
    "SELECT c.CONSTRAINT_NAME FROM information_schema.CHECK_CONSTRAINTS c"
    " JOIN information_schema.TABLE_CONSTRAINTS t"
    " ON t.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA AND t.CONSTRAINT_NAME = c.CONSTRAINT_NAME"
    " WHERE t.CONSTRAINT_SCHEMA = DATABASE() AND t.TABLE_NAME = 'refunds'"
    " AND LOCATE('REJECTED', c.CHECK_CLAUSE) > 0"
)


def up(migrator, db):
    _allow_ended(db)
    for table, columns in COLUMNS.items():
        known = {column.name: column for column in db.get_columns(table)}
        for name, field in columns.items():
            # MySQL commits each change by itself: this may be a second try, also between the new
            # column and its values.
            if name not in known:
                migrator.migrate(migrator.add_column(table, name, field))
            elif known[name].null and not field.null:
                migrator.migrate(
                    migrator.apply_default(table, name, field), migrator.add_not_null(table, name)
                )
    # All that are approved may have been sent.
    db.execute_sql("UPDATE refund_checks SET sends = 1 WHERE sends = 0")
    db.execute_sql(
        "INSERT INTO refund_checks (refund_num, due_at, tries, sends, refusals)"
        " SELECT refund_num, 0, 0, 1, 0 FROM refunds"
        " WHERE status IN ('APPROVED', 'PROCESSING', 'ABNORMAL')"
        " AND refund_num NOT IN (SELECT refund_num FROM refund_checks)"
    )


def _allow_ended(db: Any) -> None:
    """The database refuses a state that it does not know, by a rule without a name of ours."""
    if isinstance(db, SqliteDatabase):
        _rebuild(db)
        return
    postgres = isinstance(db, PostgresqlDatabase)
    found = db.execute_sql(POSTGRES if postgres else MYSQL).fetchall()
    quote = '"' if postgres else "`"
    for (name,) in found:
        db.execute_sql(f"ALTER TABLE refunds DROP CONSTRAINT {quote}{name}{quote}")
    db.execute_sql(f"ALTER TABLE refunds ADD CONSTRAINT refunds_states CHECK ({STATES})")


def _rebuild(db: Any) -> None:
    """SQLite changes no rule of a table: a new table takes the rows of the old one."""
    objects = db.execute_sql(
        "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'refunds' AND sql IS NOT NULL"
    ).fetchall()
    (table,) = (sql for kind, sql in objects if kind == "table")
    if BEFORE not in table:
        return
    made = table.replace(BEFORE, AFTER).replace('"refunds"', '"refunds_new"', 1)
    db.execute_sql(made)
    db.execute_sql("INSERT INTO refunds_new SELECT * FROM refunds")
    db.execute_sql("DROP TABLE refunds")
    db.execute_sql("ALTER TABLE refunds_new RENAME TO refunds")
    for kind, sql in objects:
        if kind == "index":
            db.execute_sql(sql)


def down(migrator, db):
    """The rule of the states stays as it is: no row has the state before it is used."""
    for table, columns in COLUMNS.items():
        for name in columns:
            migrator.migrate(migrator.drop_column(table, name))
