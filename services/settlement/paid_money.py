"""The payments that WeChat holds or held for us, by transaction: one that is booked on an order, or
one behind a receipt; and when WeChat is asked for their refunds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models import Order, OutsideLook, Receipt
from models.base import locked, rows
from models.money_totals import refundable, returning_of
from models.transaction import Batch
from payments.outcomes import Outcome
from payments.payment_rules import Verdict
from payments.refund import RefundStatus
from payments.refund_rules import RefundFacts
from services.settlement.refund_store import LockedRefunds
from services.settlement.snapshots import Incoming


@dataclass(frozen=True)
class PaidMoney:
    """One payment. `receipt_id` is None where an order holds it; `order_num` is the number that
    WeChat named, which may be no order of ours."""

    transaction_id: str
    order_num: str
    receipt_id: int | None
    app_id: str
    mch_id: str
    total_fen: int

    def facts(self, book: LockedRefunds, refund_num: str) -> RefundFacts:
        """Those of a refund of it that we did not ask for."""
        return RefundFacts(
            refund_num,
            self.order_num,
            self.transaction_id,
            self.mch_id,
            self.total_fen,
            0,
            RefundStatus.APPROVED,
            book.given_back_fen(self.transaction_id),
        )


def read_paid(transactions: Iterable[str]) -> dict[str, PaidMoney]:
    """A read for the store: the payments with these transaction ids, of those that there are. In
    an op the rows of the receipts are locked, so the orders are to be locked before."""
    wanted = sorted(set(transactions))
    receipts = (
        Receipt.select(
            Receipt.transaction_id,
            Receipt.order_num,
            Receipt.id,
            Receipt.app_id,
            Receipt.mch_id,
            Receipt.amount_fen,
        )
        .where(Receipt.transaction_id.in_(wanted), refundable())
        .order_by(Receipt.id)
    )
    orders = Order.select(
        Order.transaction_id, Order.order_num, Order.app_id, Order.mch_id, Order.total_fen
    ).where(Order.transaction_id.in_(wanted))
    found = {row[0]: PaidMoney(*row) for row in rows(receipts)}
    for tx, order_num, app_id, mch_id, total_fen in rows(orders):
        found[tx] = PaidMoney(tx, order_num, None, app_id, mch_id, total_fen)
    return found


def left_of(receipt: Receipt) -> int:
    """The amount (fen) that did not go back and is not on its way."""
    returning = returning_of([receipt.id]).get(receipt.id, 0)
    left: int = receipt.amount_fen - receipt.refunded_fen - returning
    return left


def lock_receipts(paid: Iterable[PaidMoney]) -> None:
    """Lock the receipts among these; their orders are to be locked before."""
    ids = sorted(money.receipt_id for money in paid if money.receipt_id is not None)
    if ids:
        rows(locked(Receipt.select(Receipt.id).where(Receipt.id.in_(ids)).order_by(Receipt.id)))


def plan_looks(batch: Batch, incoming: Sequence[Incoming], verdicts: Sequence[Verdict]) -> None:
    """A payment of which WeChat says that money goes back: its refunds are asked for, once it is
    booked on its order or kept as a receipt."""
    kept = (Outcome.BOOKED, Outcome.DUPLICATE)
    for item, verdict in zip(incoming, verdicts, strict=True):
        if item.news.goes_back and (verdict.outcome in kept or verdict.receipt):
            plan_look(batch, item.transaction_id or "", item.order_num or "")


def plan_look(
    batch: Batch, transaction_id: str, order_num: str, refund_num: str = "", due_at: int = 0
) -> None:
    """WeChat is asked for the refunds of this payment at `due_at` (ms), or now."""
    look = OutsideLook
    row = {
        "transaction_id": transaction_id,
        "refund_num": refund_num,
        "order_num": order_num,
        "due_at": due_at or batch.now,
        "tries": 0,
    }
    batch.sql.insert(look, [row], ignore=True)
    same = look.transaction_id == transaction_id, look.refund_num == refund_num
    look.update(due_at=row["due_at"]).where(*same, look.due_at > row["due_at"]).execute()
