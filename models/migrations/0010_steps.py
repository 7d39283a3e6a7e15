"""From when on the steps of the running figures are counted minute by minute: what was pending or
open before that is not known. Nothing moves without an event, so that is the last event's time."""


def up(migrator, db):
    db.execute_sql(
        "INSERT INTO counters (name, at, value) "
        "SELECT 'steps_since', 0, COALESCE((SELECT at FROM events ORDER BY seq DESC LIMIT 1), 0) "
        # MySQL wants a table before a condition. This may be the second try.
        "FROM event_head WHERE id = 1 "
        "AND NOT EXISTS (SELECT 1 FROM counters WHERE name = 'steps_since' AND at = 0)"
    )


def down(migrator, db):
    db.execute_sql(
        "DELETE FROM counters WHERE name IN ('steps_since', 'pending_steps', 'alert_steps')"
    )
