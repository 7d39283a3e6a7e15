"""Which buyer stands in the parameters of a prepay. The order keeps that openid only when WeChat has
taken them; one from before was kept by the order at once."""

from peewee import CharField


def up(migrator, db):
    # MySQL commits each change by itself, so it may be there: this may be a second try.
    if not any(column.name == "open_id" for column in db.get_columns("prepay_attempts")):
        payer = CharField(max_length=128, null=True)
        migrator.migrate(migrator.add_column("prepay_attempts", "open_id", payer))


def down(migrator, db):
    migrator.migrate(migrator.drop_column("prepay_attempts", "open_id"))
