"""A second factor and preferences of each user; where a session was opened; the first set-up."""

from peewee import (
    BigIntegerField,
    BlobField,
    BooleanField,
    CharField,
    CompositeKey,
    Field,
    IntegerField,
    Model,
)

COLUMNS: dict[str, dict[str, Field]] = {
    "users": {
        "password_once": BooleanField(default=False),
        "totp_secret": BlobField(null=True),
        "totp_pending": BlobField(null=True),
        "totp_step": BigIntegerField(default=0),
        "preferences": CharField(max_length=255, default="{}"),
    },
    "sessions": {
        "network": CharField(max_length=64, default=""),
        "agent": CharField(max_length=160, default=""),
    },
}


def up(migrator, db):
    class RecoveryCode(Model):
        user_id = BigIntegerField(index=True)
        code_hash = CharField(max_length=64)
        used_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "recovery_codes"
            primary_key = CompositeKey("user_id", "code_hash")

    class SetupToken(Model):
        id = IntegerField(primary_key=True)
        token_hash = CharField(max_length=64)
        created_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "setup_tokens"

    db.create_tables([RecoveryCode, SetupToken])
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
    if not any(index.columns == ["at"] for index in db.get_indexes("audit")):
        migrator.migrate(migrator.add_index("audit", ("at",)))


def down(migrator, db):
    migrator.migrate(migrator.drop_index("audit", "audit_at"))
    for table, columns in COLUMNS.items():
        for name in columns:
            migrator.migrate(migrator.drop_column(table, name))
    for table in ("setup_tokens", "recovery_codes"):
        migrator.migrate(migrator.drop_table(table))
