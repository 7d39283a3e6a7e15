"""The first tables. A frozen copy: later changes of the models come as later migrations."""

import secrets

from peewee import (
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    Check,
    CompositeKey,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)


def up(migrator, db):
    class Alert(Model):
        id = BigAutoField()
        kind = CharField(max_length=20)
        subject = CharField(max_length=64)
        severity = CharField(max_length=10)
        status = CharField(max_length=15, default="open")
        order_num = CharField(index=True, null=True, max_length=64)
        count = BigIntegerField(default=1)
        first_seen = BigIntegerField()
        last_seen = BigIntegerField()
        assignee = CharField(null=True, max_length=64)
        version = BigIntegerField(default=1)
        expected = TextField()
        actual = TextField()
        evidence = TextField()

        class Meta:
            database = db
            table_name = "alerts"
            constraints = (
                Check(
                    "kind IN ('amount_mismatch', 'negative_total', 'illegal_transition', 'missing_order', 'bad_signature', 'foreign_merchant', 'refund_anomaly', 'reconcile_gap', 'system')"
                ),
                Check("severity IN ('info', 'low', 'medium', 'high', 'critical')"),
                Check("status IN ('open', 'acknowledged', 'resolved')"),
            )
            indexes = ((("kind", "subject"), True), (("status", "id"), False))

    db.create_tables([Alert])

    class AlertEntry(Model):
        id = BigAutoField()
        alert = ForeignKeyField(Alert)
        at = BigIntegerField()
        action = CharField(max_length=15)
        by = CharField(null=True, max_length=64)
        note = TextField(null=True)
        count = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "alert_entries"

    db.create_tables([AlertEntry])

    class ApiKey(Model):
        name = CharField(primary_key=True, max_length=64)
        key_hash = CharField(unique=True, max_length=64)
        created_at = BigIntegerField()
        revoked_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "api_keys"

    db.create_tables([ApiKey])

    class Counter(Model):
        name = CharField(max_length=32)
        at = BigIntegerField()
        value = BigIntegerField()

        class Meta:
            database = db
            table_name = "counters"
            primary_key = CompositeKey("at", "name")

    db.create_tables([Counter])

    class Event(Model):
        seq = BigIntegerField(primary_key=True)
        kind = CharField(max_length=32)
        severity = CharField(max_length=10)
        order_num = CharField(null=True, max_length=64)
        at = BigIntegerField()
        data = TextField()

        class Meta:
            database = db
            table_name = "events"
            indexes = ((("order_num", "seq"), False),)

    db.create_tables([Event])

    class EventHead(Model):
        id = IntegerField(primary_key=True)
        seq = BigIntegerField()
        epoch = CharField(max_length=32)

        class Meta:
            database = db
            table_name = "event_head"

    db.create_tables([EventHead])

    class IdempotentAnswer(Model):
        api_key = CharField(max_length=64)
        key = CharField(max_length=128)
        request_hash = CharField(max_length=64)
        answer = TextField()
        created_at = BigIntegerField(index=True)

        class Meta:
            database = db
            table_name = "idempotent_answers"
            primary_key = CompositeKey("api_key", "key")

    db.create_tables([IdempotentAnswer])

    class LoginFailure(Model):
        key = CharField(primary_key=True, max_length=160)
        count = IntegerField()
        last_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "login_failures"

    db.create_tables([LoginFailure])

    class Order(Model):
        id = BigAutoField()
        order_num = CharField(unique=True, max_length=32)
        product_id = CharField(max_length=32)
        title = CharField()
        quantity = IntegerField(default=1)
        total_fen = BigIntegerField()
        status = CharField(max_length=20, default="INIT")
        service_status = CharField(null=True, max_length=20)
        app_id = CharField(max_length=32)
        mch_id = CharField(max_length=32)
        trade_type = CharField(null=True, max_length=10)
        open_id = CharField(null=True, max_length=128)
        phone = CharField(null=True, max_length=32)
        customer = CharField(null=True, max_length=64)
        transaction_id = CharField(unique=True, null=True, max_length=64)
        refunded_fen = BigIntegerField(default=0)
        status_token = CharField(max_length=32)
        created_at = BigIntegerField()
        updated_at = BigIntegerField()
        paid_at = BigIntegerField(null=True)
        expires_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "orders"
            constraints = (
                Check("total_fen BETWEEN 1 AND 10000000000"),
                Check("refunded_fen BETWEEN 0 AND 10000000000"),
                Check(
                    "status IN ('INIT', 'WAIT_PAY', 'PAID', 'CLOSED', 'REFUNDING', 'PARTIALLY_REFUNDED', 'REFUNDED')"
                ),
                Check("(status IN ('INIT', 'WAIT_PAY', 'CLOSED')) = (paid_at IS NULL)"),
                Check("paid_at IS NULL OR transaction_id IS NOT NULL"),
            )
            indexes = (
                (("status", "id"), False),
                (("open_id", "id"), False),
                (("phone", "id"), False),
                (("paid_at",), False),
            )

    db.create_tables([Order])

    class PrepayAttempt(Model):
        id = BigAutoField()
        order_num = CharField(unique=True, max_length=32)
        trade_type = CharField(max_length=10)
        parameters = TextField()
        state = CharField(max_length=10, default="calling")
        prepay_id = CharField(null=True, max_length=128)
        code_url = CharField(null=True, max_length=512)
        valid_until = BigIntegerField(null=True)
        calls = IntegerField(default=0)
        created_at = BigIntegerField()
        answered_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "prepay_attempts"
            constraints = (Check("state IN ('calling', 'ready', 'refused', 'unknown')"),)

    db.create_tables([PrepayAttempt])

    class Product(Model):
        id = CharField(primary_key=True, max_length=32)
        title = CharField()
        price_fen = BigIntegerField()
        active = BooleanField(default=True)
        created_at = BigIntegerField()
        updated_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "products"
            constraints = (Check("price_fen BETWEEN 1 AND 10000000000"),)

    db.create_tables([Product])

    class RawNotice(Model):
        id = CharField(primary_key=True, max_length=24)
        order_num = CharField(null=True, max_length=64)
        transaction_id = CharField(null=True, max_length=64)
        source = CharField(max_length=64)
        authentic = BooleanField()
        outcome = CharField(max_length=20)
        body = TextField()
        received_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "raw_notices"

    db.create_tables([RawNotice])

    class Receipt(Model):
        id = BigAutoField()
        transaction_id = CharField(max_length=64)
        order_num = CharField(max_length=64)
        amount_fen = BigIntegerField()
        reason = CharField(max_length=20)
        state = CharField(max_length=10, default="waiting")
        notice_id = CharField(max_length=24)
        received_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "receipts"
            constraints = (
                Check(
                    "reason IN ('late', 'paid_twice', 'reused_id', 'wrong_amount', 'unknown_order')"
                ),
            )
            indexes = ((("transaction_id", "order_num"), True), (("state", "id"), False))

    db.create_tables([Receipt])

    class User(Model):
        id = BigAutoField()
        name = CharField(unique=True, max_length=64)
        password_hash = CharField()
        role = CharField(max_length=10)
        disabled = BooleanField(default=False)
        created_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "users"
            constraints = (Check("role IN ('admin', 'support', 'viewer')"),)

    db.create_tables([User])

    class Session(Model):
        token_hash = CharField(primary_key=True, max_length=64)
        user = ForeignKeyField(User)
        xsrf = CharField(max_length=64)
        created_at = BigIntegerField()
        seen_at = BigIntegerField()
        ended_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "sessions"

    db.create_tables([Session])

    # The one row that numbers the events; the epoch tells clients of a restored database apart.
    EventHead.insert(id=1, seq=0, epoch=secrets.token_hex(8)).execute()


def down(migrator, db):
    migrator.migrate(migrator.drop_table("sessions"))
    migrator.migrate(migrator.drop_table("users"))
    migrator.migrate(migrator.drop_table("receipts"))
    migrator.migrate(migrator.drop_table("raw_notices"))
    migrator.migrate(migrator.drop_table("products"))
    migrator.migrate(migrator.drop_table("prepay_attempts"))
    migrator.migrate(migrator.drop_table("orders"))
    migrator.migrate(migrator.drop_table("login_failures"))
    migrator.migrate(migrator.drop_table("idempotent_answers"))
    migrator.migrate(migrator.drop_table("event_head"))
    migrator.migrate(migrator.drop_table("events"))
    migrator.migrate(migrator.drop_table("counters"))
    migrator.migrate(migrator.drop_table("api_keys"))
    migrator.migrate(migrator.drop_table("alert_entries"))
    migrator.migrate(migrator.drop_table("alerts"))
