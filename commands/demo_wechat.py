"""Tells the demo's simulated WeChat the invented history: its bills are to have what the database
has, but for the gaps; and a few of its buyers complain."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from http.client import HTTPConnection, HTTPException
from typing import Any

from assembly.database import CommandError
from commands.demo_complaints import complain
from services.demo.seed_history import Gap, PastOrder, PastRefund
from services.runtime.clock import rfc3339

AT_ONCE = 200
"""Payments of one request; the simulator takes no more."""
ANSWERS_S = 30
GIVES_BILLS_AFTER_S = 10 * 3600
"""WeChat gives the bills of a day at ten in the morning of the day after."""


def tell_wechat(port: int, orders: Sequence[PastOrder]) -> None:
    """Before anybody asks for a bill. Raises CommandError."""
    connection = HTTPConnection("127.0.0.1", port, timeout=ANSWERS_S)
    try:
        paid = [order for order in orders if order.is_paid_at_wechat]
        for at in range(0, len(paid), AT_ONCE):
            payments = [_payment(order) for order in paid[at : at + AT_ONCE]]
            pull(connection, "books", {"payments": payments})
        for order in orders:
            if order.gap in (Gap.WRONG_FEE, Gap.DOUBLE_BOOKING):
                pull(connection, "gaps", {"gap": order.gap, "orderNum": order.order_num})
        # Whoever starts the demo before ten would not find yesterday's differences. So its WeChat's
        # clock of waits is ahead by just so much that a day's bill is there at midnight, today and
        # on every day that the demo runs; the times in messages do not follow that clock.
        pull(connection, "clock", {"jumpSeconds": GIVES_BILLS_AFTER_S})
        complain(partial(pull, connection), [order for order in paid if not order.gap])
    except (OSError, HTTPException) as error:
        raise CommandError("The simulated WeChat does not take the invented history.") from error
    finally:
        connection.close()


def pull(connection: HTTPConnection, lever: str, wanted: dict[str, Any]) -> Any:
    """The answer of one of the simulator's levers. Raises CommandError, OSError, HTTPException."""
    body = json.dumps(wanted, ensure_ascii=False, separators=(",", ":")).encode()
    connection.request("POST", f"/_control/{lever}", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    told = answer.read()
    if answer.status not in (200, 201):
        words = told.decode(errors="replace")
        raise CommandError(f"The simulated WeChat does not take the invented history: {words}")
    return json.loads(told)


def _payment(order: PastOrder) -> dict[str, Any]:
    return {
        "orderNum": order.order_num,
        "transactionId": order.transaction_id,
        "totalFen": order.total_fen,
        "paidAt": rfc3339(order.wechat_paid_at),
        "openId": order.open_id,
        "title": order.title,
        "unheard": order.gap is Gap.UNHEARD_PAYMENT,
        "refunds": [_refund(each, order.gap) for each in order.refunds],
    }


def _refund(refund: PastRefund, gap: Gap | None) -> dict[str, Any]:
    return {
        "refundNum": refund.refund_num,
        "refundId": refund.refund_id,
        "amountFen": refund.amount_fen,
        "acceptedAt": rfc3339(refund.accepted_at),
        "endedAt": rfc3339(refund.succeeded_at),
        "outside": gap is Gap.OUTSIDE_REFUND,
    }
