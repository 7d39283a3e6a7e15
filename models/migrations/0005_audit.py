"""The log of what people did, chained row by row."""

from peewee import BigIntegerField, CharField, IntegerField, Model, TextField


def up(migrator, db):
    class AuditEntry(Model):
        seq = BigIntegerField(primary_key=True)
        at = BigIntegerField()
        by = CharField(max_length=80)
        action = CharField(max_length=40)
        subject = CharField(max_length=128)
        detail = TextField()
        hash = CharField(max_length=64)

        class Meta:
            database = db
            table_name = "audit"
            indexes = (
                (("by", "seq"), False),
                (("action", "seq"), False),
                (("subject", "seq"), False),
            )

    class AuditHead(Model):
        id = IntegerField(primary_key=True)
        seq = BigIntegerField()
        hash = CharField(max_length=64)

        class Meta:
            database = db
            table_name = "audit_head"

    db.create_tables([AuditEntry, AuditHead])
    if not AuditHead.select().exists():
        AuditHead.insert(id=1, seq=0, hash="").execute()


def down(migrator, db):
    for table in ("audit_head", "audit"):
        migrator.migrate(migrator.drop_table(table))
