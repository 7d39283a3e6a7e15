"""The tables of bench/peers/schema.sql for SQLAlchemy, and its connections: synchronous=FULL, and
BEGIN IMMEDIATE, without which SQLite refuses a transaction that reads before it writes."""

from __future__ import annotations

import json
import os
from typing import Any

from sqlalchemy import Engine, Select, Update, event, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE = os.environ["PEER_DATABASE"]
WAIT_S = 30
"""For another writer of the file."""


class Base(DeclarativeBase):
    pass


class PeerOrder(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_num: Mapped[str]
    total_fen: Mapped[int]
    status: Mapped[str]
    transaction_id: Mapped[str | None]
    paid_at: Mapped[int | None]


class PeerEvent(Base):
    __tablename__ = "events"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    order_num: Mapped[str]
    at: Mapped[int]
    data: Mapped[str]


def prepare(engine: Engine) -> None:
    """Set up every connection of the engine."""

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def began(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def order_of(fields: dict[str, str]) -> Select[tuple[PeerOrder]]:
    return select(PeerOrder).where(PeerOrder.order_num == fields["out_trade_no"])


def paid(order: PeerOrder, fields: dict[str, str], now: int) -> Update:
    """Pays the order if nobody else has."""
    values = {"status": "PAID", "transaction_id": fields["transaction_id"], "paid_at": now}
    still_open = PeerOrder.id == order.id, PeerOrder.status == "INIT"
    changed = update(PeerOrder).where(*still_open).values(values)
    return changed.execution_options(synchronize_session=False)


def event_of(order: PeerOrder, fields: dict[str, str], now: int) -> PeerEvent:
    data = json.dumps({"totalFen": order.total_fen, "openId": fields["openid"]})
    return PeerEvent(kind="order.paid", order_num=order.order_num, at=now, data=data)
