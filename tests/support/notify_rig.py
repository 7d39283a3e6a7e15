"""Eyes for the tests of the notify: what a delivery left in the tables and in the stream. For
tests; holds none itself."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from peewee import Database

from models import TABLES, AlertMessage, Lease, Order, RawNotify, Receipt
from models.base import rows
from payments.encryption import Sealer
from payments.notify_replies import NotifyReply
from payments.states import OrderStatus
from services.notify.inbound import Rest
from tests.support.patience import PATIENCE_S
from tests.support.rig import KEY, Product

SEALER = Sealer((KEY,))
STREAM = {"events", "event_head"}
CAPPED = STREAM | {"raw_notices", "alerts", "alert_entries", "counters"}
"""Where a message that proves nothing may be counted; every other table stays as it was."""
NOT_PAID = frozenset({OrderStatus.INIT, OrderStatus.WAIT_PAY, OrderStatus.CLOSED})


@dataclass(frozen=True)
class Delivered:
    """One answer, and what has changed since the moment before."""

    status: int
    body: bytes
    headers: dict[str, str]
    events: list[dict[str, Any]]
    changed: set[str]
    """The tables in which anything is different."""

    @property
    def kinds(self) -> list[str]:
        return [event["kind"] for event in self.events]

    @property
    def orders_same(self) -> bool:
        return "orders" not in self.changed


async def deliver(shop: Product, body: bytes, **headers: str) -> Delivered:
    """Post one notify and look at what it did."""
    before, seq = await digests(shop), await head(shop)
    response = await shop.notify(body, **headers)
    return Delivered(
        response.code,
        response.body,
        dict(response.headers.get_all()),
        await shop.events(seq),
        changes(before, await digests(shop)),
    )


def changes(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """The tables of two looks that are not the same."""
    return {table for table, digest in before.items() if after[table] != digest}


async def head(shop: Product) -> int:
    """The number of the newest event."""
    page = json.loads((await shop.merchant("events?after=0&limit=1")).body)
    return int(page["head"])


async def digests(shop: Product) -> dict[str, str]:
    """Every column of every row of every table, so that "unchanged" means all of it; but the
    leases of the jobs and the outbox, which move by themselves."""

    def read() -> dict[str, str]:
        tables = [table._meta for table in TABLES if table not in (Lease, AlertMessage)]
        return {each.table_name: _digest(each.database, each.table_name) for each in tables}

    return await shop.running.store.read(read)


def _digest(database: Database, table: str) -> str:
    """Of what the database itself holds: the models' way to it would take most of a test."""
    found = database.execute_sql(f"SELECT * FROM {table}").fetchall()
    return hashlib.sha256(repr(sorted(map(repr, found))).encode()).hexdigest()


async def receipts(shop: Product, transaction_id: str) -> list[tuple[str, int, str, str]]:
    """Unexplained money of a transaction: order number, fen, reason, state."""

    def read() -> list[Any]:
        query = Receipt.select(
            Receipt.order_num, Receipt.amount_fen, Receipt.reason, Receipt.state
        ).where(Receipt.transaction_id == transaction_id)
        return rows(query.order_by(Receipt.id))

    return await shop.running.store.read(read)


async def raw_notices(shop: Product) -> list[tuple[str, bool, str]]:
    """The stored deliveries: outcome, authentic, text."""

    def read() -> list[Any]:
        query = RawNotify.select(
            RawNotify.outcome, RawNotify.authentic, RawNotify.sealed, RawNotify.id
        )
        return [
            (outcome, authentic, SEALER.open(bytes(sealed), name))
            for outcome, authentic, sealed, name in rows(
                query.order_by(RawNotify.received_at, RawNotify.id)
            )
        ]

    return await shop.running.store.read(read)


async def alerts(shop: Product, **query: str) -> list[dict[str, Any]]:
    """The cases, oldest first."""
    page = await shop.running.services.alerts.page(**query)
    found: list[dict[str, Any]] = page["alerts"]
    return found[::-1]


async def put(shop: Product, order_num: str, status: OrderStatus, transaction_id: str) -> None:
    """Bring an order into a state that no address reaches yet, paid by `transaction_id`."""

    def update(_batch: Any, items: Any) -> list[None]:
        paid: dict[str, Any] = {"status": status.value}
        if status not in NOT_PAID:
            paid |= {"transaction_id": transaction_id, "paid_at": 1, "service_status": "SERVED"}
        Order.update(paid).where(Order.order_num == order_num).execute()
        return [None] * len(items)

    await shop.running.store.write(update, order_num)


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close a connection, and wait until it is: the loop of a test may end right afterwards."""
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def reply_to(take: Callable[..., Rest | None], body: bytes, source: str) -> bytes:
    """The XML that one method of `Inbound` has for a message without headers."""
    told: asyncio.Future[NotifyReply] = asyncio.get_running_loop().create_future()
    rest = take(body, {}, source, told.set_result)
    return (await (rest or told)).xml


async def raw_http(shop: Product, request: bytes, *, seconds: float = PATIENCE_S) -> bytes:
    """Bytes to the product's port, and everything that comes back until it hangs up."""
    host, port = shop.origin.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(request)
        async with asyncio.timeout(seconds):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        await hang_up(writer)


def post(body: bytes, *headers: str) -> bytes:
    """A whole HTTP request by hand, with its length and no second one after it."""
    lines = ["POST /pay/notify HTTP/1.1", "Host: shop", "Connection: close", *headers]
    if not any(header.lower().startswith(("content-length", "transfer")) for header in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body
