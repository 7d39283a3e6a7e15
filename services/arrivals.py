"""A proven payment result on its way, and the order of ours that it meets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from models import settling as sql
from models.stream import Batch
from payments.masking import mask_text
from payments.notice import Notice
from payments.refund import RefundResult
from payments.refunding import RefundVerdict
from payments.rules import SHOWN, OrderFacts, Verdict
from payments.states import OrderStatus

News = TypeVar("News", Notice, RefundResult)


@dataclass(frozen=True)
class _News(Generic[News]):
    """Something that WeChat says, on its way to an order. `received_at` in ms UTC; `sealed` is the
    text that came, encrypted, kept with the decision. `asked`: we asked WeChat, nobody told us."""

    news: News
    sealed: bytes
    source: str
    received_at: int
    id: str
    asked: bool = False

    @property
    def order_num(self) -> str | None:
        return _shown(self.news.order_num)

    @property
    def transaction_id(self) -> str | None:
        return _shown(self.news.transaction_id)


class Arrival(_News[Notice]):
    """One proven payment result."""


class RefundArrival(_News[RefundResult]):
    """What is said of one refund."""

    @property
    def refund_num(self) -> str | None:
        return _shown(self.news.refund_num)


def _shown(text: str | None) -> str | None:
    return text[:SHOWN] if text else None


@dataclass
class Standing:
    """An order as the batch sees it, with what the events about it show."""

    facts: OrderFacts
    shown: dict[str, Any]
    trade_type: str | None


def about(title: str, customer: str | None, amount_fen: int) -> dict[str, Any]:
    """What every event about an order shows of it. Every role reads events, so an openid or a
    phone that somebody wrote into a title or a name is masked."""
    return {"title": mask_text(title), "customer": mask_text(customer), "amountFen": amount_fen}


def load_standings(batch: Batch, order_nums: list[str]) -> dict[str, Standing]:
    rows = batch.sql.fetch(sql.select_orders, sorted(set(order_nums)))
    return {row[0]: _standing(*row) for row in rows}


def _standing(
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
) -> Standing:
    facts = OrderFacts(
        order_num, total_fen, OrderStatus(status), app_id, mch_id, transaction_id, open_id
    )
    return Standing(facts, about(title, customer, total_fen), trade_type)


def notice_row(
    arrival: Arrival | RefundArrival, verdict: Verdict | RefundVerdict, order_num: str | None
) -> dict[str, Any]:
    """What is kept of it; `order_num` is the order that it turned out to be about."""
    return {
        "id": arrival.id,
        "order_num": order_num or arrival.order_num,
        "transaction_id": arrival.transaction_id,
        "source": arrival.source,
        "authentic": True,
        "outcome": verdict.outcome.value,
        "sealed": arrival.sealed,
        "received_at": arrival.received_at,
    }
