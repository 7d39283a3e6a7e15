"""A proven payment result on its way, and the order of ours that it meets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Generic, TypeVar

from models import settlement_sql as sql
from models.notify import OPEN, ReceiptState
from models.transaction import Batch
from payments.causes import Cause
from payments.masking import mask_text
from payments.payment_result import PaymentResult
from payments.payment_rules import SHOWN, OrderFacts, Verdict, judge
from payments.refund import RefundResult, RefundStatus
from payments.refund_rules import RefundVerdict
from payments.states import OrderStatus

_GIVEN_BACK = (ReceiptState.REFUNDING, ReceiptState.REFUNDED)

News = TypeVar("News", PaymentResult, RefundResult)


@dataclass(slots=True, eq=False)
class _News(Generic[News]):
    """A report of WeChat on its way to an order. `received_at` in ms UTC; `sealed` is the encrypted
    text, kept with the decision. `asked`: it is the answer to a query of ours, not a notify;
    `replayed_by`: the person who settles a kept text again. Order and transaction are as they are
    kept, so a foreign text is cut."""

    news: News
    sealed: bytes
    source: str
    received_at: int
    id: str
    asked: bool = False
    replayed_by: str | None = None
    order_num: str | None = field(init=False)
    transaction_id: str | None = field(init=False)

    def __post_init__(self) -> None:
        self.order_num = _shown(self.news.order_num)
        self.transaction_id = _shown(self.news.transaction_id)


class Incoming(_News[PaymentResult]):
    """One proven payment result."""

    __slots__ = ()


@dataclass(slots=True, eq=False, kw_only=True)
class IncomingRefund(_News[RefundResult]):
    """One report of a refund; `claimed` is what an unproven one had said when this was asked."""

    claimed: RefundStatus | None = None

    def confirms(self, claimed: RefundStatus) -> bool:
        return self.asked and self.claimed is claimed

    @property
    def refund_num(self) -> str | None:
        return _shown(self.news.refund_num)


def _shown(text: str | None) -> str | None:
    return text[:SHOWN] if text else None


@dataclass(slots=True)
class OrderSnapshot:
    """An order as the batch sees it, with what the events about it show."""

    facts: OrderFacts
    shown: dict[str, Any]
    trade_type: str | None
    product_id: str


def about(title: str, customer: str | None, amount_fen: int) -> dict[str, Any]:
    """The values of an order that every event about it shows. Every role reads events, so an openid
    or a phone number in a title or a name is masked."""
    return {"title": _shown_title(title), "customer": mask_text(customer), "amountFen": amount_fen}


_shown_title = lru_cache(maxsize=256)(mask_text)
"""A shop has few titles and many customers."""


@dataclass
class SettlementContext:
    """The facts that `judge` needs: the orders; the order on which a transaction is booked; the
    states of receipts, by transaction id and order number; and the transactions whose money was
    refunded or is being refunded."""

    snapshots: dict[str, OrderSnapshot]
    booked_on: dict[str | None, str]
    receipts: dict[tuple[str, str], str]
    given_back: set[str]

    def snapshot(self, item: Incoming) -> OrderSnapshot | None:
        return self.snapshots.get(item.order_num or "")

    def is_old_news(self, item: Incoming, verdict: Verdict) -> bool:
        """News of money that people have decided on, by a notify that comes again or the answer to
        a question of ours: it does not open their case again. A notify for an order that was made
        after the money was given back is news of that order."""
        where = item.news.transaction_id or "", item.order_num or ""
        decided = self.receipts.get(where, OPEN[0]) not in OPEN
        is_new = verdict.cause is Cause.GIVEN_BACK and not item.asked
        return bool(verdict.receipt) and decided and not is_new

    def judge(self, item: Incoming) -> Verdict:
        snapshot, told = self.snapshot(item), item.news.transaction_id
        return judge(
            snapshot.facts if snapshot else None,
            item.news,
            self.booked_on.get(told),
            given_back=told in self.given_back,
        )


def load_context(batch: Batch, incoming: Sequence[Incoming]) -> SettlementContext:
    order_nums = sorted({a.order_num for a in incoming if a.order_num})
    transactions = sorted({a.news.transaction_id for a in incoming if a.news.transaction_id})
    orders, booked, receipts = batch.sql.fetch_all(
        (sql.select_orders, order_nums),
        (sql.select_booked, transactions),
        (sql.select_receipts, transactions),
    )
    return SettlementContext(
        _snapshots(orders),
        dict(booked),
        {(tx, order_num): state for tx, order_num, state, *_ in receipts},
        {
            tx
            for tx, _, state, refunded_fen, is_returning in receipts
            if state in _GIVEN_BACK or refunded_fen or is_returning
        },
    )


def load_snapshots(batch: Batch, order_nums: list[str]) -> dict[str, OrderSnapshot]:
    return _snapshots(batch.sql.fetch(sql.select_orders, sorted(set(order_nums))))


def _snapshots(rows: Sequence[tuple[Any, ...]]) -> dict[str, OrderSnapshot]:
    return {row[0]: _snapshot(*row) for row in rows}


def _snapshot(
    order_num: str,
    total_fen: int,
    status: str,
    app_id: str,
    mch_id: str,
    transaction_id: str | None,
    open_id: str | None,
    title: str,
    customer: str | None,
    trade_type: str | None,
    created_at: int,
    product_id: str,
) -> OrderSnapshot:
    facts = OrderFacts(
        order_num,
        total_fen,
        OrderStatus(status),
        app_id,
        mch_id,
        transaction_id,
        open_id,
        created_at=created_at,
    )
    return OrderSnapshot(facts, about(title, customer, total_fen), trade_type, product_id)


def raw_notify_row(
    item: Incoming | IncomingRefund, verdict: Verdict | RefundVerdict, order_num: str | None
) -> dict[str, Any]:
    """The row that is kept of it; `order_num` is the order that it is about."""
    return {
        "id": item.id,
        "order_num": order_num or item.order_num,
        "transaction_id": item.transaction_id,
        "source": item.source,
        "authentic": True,
        "outcome": verdict.outcome.value,
        "sealed": item.sealed,
        "received_at": item.received_at,
    }
