"""The sums from which one person is not enough, and the sum that an API key may refund on a day."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from models import ApiKey, Refund
from models.base import locked, rows, total
from models.transaction import Batch
from payments.errors import PaymentError
from payments.refund import GIVEN_UP, RefundOrigin, RefundStatus
from services.refunds.independence import is_key, key_name
from services.runtime.clock import DAY_MS, day_start
from services.settlement.refund_store import LockedRefunds, RefundView

_NO_MONEY = tuple(status.value for status in (RefundStatus.REJECTED, *GIVEN_UP))


@dataclass(frozen=True)
class RefundLimits:
    """From these sums on a refund needs a second person: `alone_fen` for one order,
    `alone_day_fen` for all that one asker gets without another person on one day."""

    alone_fen: int
    alone_day_fen: int


class RefundLimit(PaymentError):
    """`detail["leftFen"]` is what the key may still refund today."""

    code = "refund_limit"
    message = "This API key has refunded today what it may refund on one day."


def lock_keys(askers: Iterable[str]) -> None:
    """Inside a transaction, before an order is locked: no other process adds up for these API keys
    meanwhile."""
    names = sorted({key_name(asker) for asker in askers if is_key(asker)})
    if names:
        query = ApiKey.select(ApiKey.name).where(ApiKey.name.in_(names)).order_by(ApiKey.name)
        rows(locked(query))


def over_key_limit(
    batch: Batch, asker: str, amount_fen: int, day_fen: int | None
) -> RefundLimit | None:
    """`day_fen` is what an API key may refund on one day; None without such a bound. What was
    rejected or refused is not spent."""
    if day_fen is None:
        return None
    left = day_fen - _on_day(batch.now, Refund.requested_by == asker)
    return RefundLimit(leftFen=max(left, 0)) if amount_fen > left else None


def is_too_much_alone(
    book: LockedRefunds, view: RefundView, accounts: Collection[str], limits: RefundLimits
) -> bool:
    """Whether this refund needs another person than who stands behind `accounts`: with what they
    asked for and approved themselves, for this order or on the day of the request, it reaches a
    limit. All API keys together count for one order."""

    def alone(other: RefundView) -> bool:
        who = (other.requested_by, other.decided_by or "")
        if other.origin is not RefundOrigin.PAYWATCH:
            return False
        by_keys = is_key(view.requested_by) and all(is_key(each) for each in who)
        return by_keys or all(each in accounts for each in who)

    others = [o for o in book.of_order(view.order_num) if o.refund_num != view.refund_num]
    of_order = sum(o.amount_fen for o in others if o.reserves and alone(o))
    if of_order + view.amount_fen >= limits.alone_fen:
        return True
    return is_too_much_a_day(view.created_at, view.amount_fen, accounts, limits)


def is_too_much_a_day(
    at: int, amount_fen: int, accounts: Collection[str], limits: RefundLimits
) -> bool:
    """The same, for the sum of the day of `at` (ms) alone."""
    alone = Refund.requested_by.in_(accounts) & Refund.decided_by.in_(accounts)
    return _on_day(at, alone) + amount_fen >= limits.alone_day_fen


def _on_day(at: int, condition: object) -> int:
    """The fen of such refunds that were asked for on one day (Asia/Shanghai), in ms."""
    start = day_start(at)
    query = Refund.select(total(Refund.amount_fen)).where(
        condition,
        Refund.created_at >= start,
        Refund.created_at < start + DAY_MS,
        Refund.status.not_in(_NO_MONEY),
        Refund.origin == RefundOrigin.PAYWATCH.value,
    )
    ((fen,),) = rows(query)
    return int(fen or 0)
