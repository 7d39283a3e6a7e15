"""WeChat's own time of the payments that were booked before orders kept it: their events tell it."""

import json
from datetime import datetime

A_PASS = 1000


def up(migrator, db):
    mark, after = db.param, 0
    while found := db.execute_sql(
        f"SELECT seq, order_num, data FROM events WHERE kind = 'order.paid' AND seq > {mark}"  # noqa: S608 - the driver's mark
        f" ORDER BY seq LIMIT {A_PASS}",
        (after,),
    ).fetchall():
        after = found[-1][0]
        for _, order_num, data in found:
            if told := json.loads(data).get("wechatPaidAt"):
                db.execute_sql(
                    f"UPDATE orders SET wechat_paid_at = {mark} WHERE order_num = {mark}"  # noqa: S608
                    " AND wechat_paid_at IS NULL AND paid_at IS NOT NULL",
                    (_ms(told), order_num),
                )


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def down(migrator, db):
    """What was filled in is not told apart from what came later, and harms nobody."""
