"""A refund that a person entered is expected in the bill of the day on which it was entered, until
a bill says another: without a time none would ever miss it."""


def up(migrator, db):
    db.execute_sql(
        "UPDATE refunds SET accepted_at = created_at WHERE accepted_at IS NULL"
        " AND origin = 'wechat' AND requested_by <> 'wechat'"
        " AND status IN ('PROCESSING', 'SUCCESS', 'ABNORMAL')"
    )


def down(migrator, db):
    """Nothing tells these times from others."""
