"""The differences of bills about one order, for its page."""

from __future__ import annotations

from typing import Any

from models import BillDifference
from payments.bills.differences import DifferenceStatus
from services.recon.bill_views import public_differences

MOST = 50


def read_differences_of(order_num: str) -> list[dict[str, Any]]:
    """A read: the newest, as `GET /api/v1/bills/{date}` shows them. None that is held."""
    query = BillDifference.select().where(
        BillDifference.order_num == order_num,
        BillDifference.status != DifferenceStatus.HELD.value,
    )
    return public_differences(list(query.order_by(BillDifference.id.desc()).limit(MOST)))
