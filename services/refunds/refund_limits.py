"""The sums that bound refunds of one asker on one day."""

from __future__ import annotations

from collections.abc import Iterable

from models import ApiKey, Refund
from models.base import locked, rows, total
from models.transaction import Batch
from payments.errors import PaymentError
from payments.refund import RefundStatus
from services.runtime.clock import day_start

_NO_MONEY = (RefundStatus.REJECTED.value, RefundStatus.REFUSED.value)


class RefundLimit(PaymentError):
    """`detail["leftFen"]` is what the key may still refund today."""

    code = "refund_limit"
    message = "This API key has refunded today what it may refund on one day."


def lock_keys(askers: Iterable[str]) -> None:
    """Inside a transaction, before an order is locked: no other process adds up for these API keys
    meanwhile."""
    prefix = "api key "
    names = sorted({asker.removeprefix(prefix) for asker in askers if asker.startswith(prefix)})
    if names:
        query = ApiKey.select(ApiKey.name).where(ApiKey.name.in_(names)).order_by(ApiKey.name)
        rows(locked(query))


def asked_today(batch: Batch, asker: str) -> int:
    """The fen that this asker has asked to refund since midnight (Asia/Shanghai), without what was
    rejected or refused."""
    query = Refund.select(total(Refund.amount_fen)).where(
        Refund.requested_by == asker,
        Refund.created_at >= day_start(batch.now),
        Refund.status.not_in(_NO_MONEY),
    )
    ((fen,),) = rows(query)
    return int(fen or 0)


def over_key_limit(
    batch: Batch, asker: str, amount_fen: int, day_fen: int | None
) -> RefundLimit | None:
    """`day_fen` is what an API key may refund on one day; None without such a bound."""
    if day_fen is None:
        return None
    left = day_fen - asked_today(batch, asker)
    return RefundLimit(leftFen=max(left, 0)) if amount_fen > left else None
