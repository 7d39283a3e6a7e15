"""What admins set, and the messages about alerts."""

from peewee import (
    BigAutoField,
    BigIntegerField,
    CharField,
    Check,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)


def up(migrator, db):
    class Knob(Model):
        name = CharField(primary_key=True, max_length=40)
        value = TextField()
        version = BigIntegerField(default=1)
        changed_by = CharField(max_length=80)
        changed_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "knobs"

    class Alert(Model):
        id = BigAutoField()

        class Meta:
            database = db
            table_name = "alerts"

    class Message(Model):
        id = BigAutoField()
        alert = ForeignKeyField(Alert, index=True)
        channel = CharField(max_length=40, default="")
        cause = CharField(max_length=10)
        count = BigIntegerField()
        state = CharField(max_length=10, default="new")
        attempts = IntegerField(default=0)
        created_at = BigIntegerField()
        due_at = BigIntegerField()
        ended_at = BigIntegerField(null=True)
        reason = CharField(max_length=20, null=True)

        class Meta:
            database = db
            table_name = "outbox"
            constraints = (Check("state IN ('new', 'waiting', 'sent', 'failed', 'dropped')"),)
            indexes = ((("state", "due_at"), False),)

    db.create_tables([Knob, Message])


def down(migrator, db):
    for table in ("outbox", "knobs"):
        migrator.migrate(migrator.drop_table(table))
