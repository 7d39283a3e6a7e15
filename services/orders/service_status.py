"""The service status of a paid order, and notes of the staff on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models import Order
from models.base import locked
from models.store import Store
from models.transaction import Batch, NewEvent
from payments.errors import OrderNotFound, PaymentError
from payments.masking import mask_text
from payments.states import SERVICE_MOVES, OrderStatus, ServiceStatus
from services.runtime.audit_log import Deed, record
from services.settlement.snapshots import about


class ServiceConflict(PaymentError):
    code = "conflict"
    message = "This step is not possible from the present service status."


@dataclass(frozen=True)
class ServiceMove:
    """The service of an order moves on; `by` is who said so."""

    order_num: str
    to: ServiceStatus
    by: str


@dataclass(frozen=True)
class Note:
    order_num: str
    text: str
    by: str


class ServiceStatuses:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def move(self, order_num: str, to: ServiceStatus, by: str) -> None:
        """Raises OrderNotFound, ServiceConflict (not from this state, or not paid), Busy."""
        await self._store.write(move_services, ServiceMove(order_num, to, by))

    async def note(self, order_num: str, text: str, by: str) -> None:
        """Raises OrderNotFound, Busy."""
        await self._store.write(add_notes, Note(order_num, text, by))


def move_services(batch: Batch, steps: Sequence[ServiceMove]) -> list[Exception | None]:
    return [_move(batch, step) for step in steps]


def _move(batch: Batch, step: ServiceMove) -> Exception | None:
    row = locked(Order.select().where(Order.order_num == step.order_num)).first()
    if row is None:
        return OrderNotFound()
    before = row.service_status
    if before is None or step.to not in SERVICE_MOVES[ServiceStatus(before)]:
        return ServiceConflict()
    if row.status == OrderStatus.REFUNDED and step.to is ServiceStatus.IN_SERVICE:
        return ServiceConflict("This order was refunded in full, so its service does not begin.")
    where = (Order.id == row.id, Order.service_status == before)
    changed = {"service_status": step.to, "updated_at": batch.now}
    if Order.update(changed).where(*where).execute() != 1:
        return ServiceConflict()
    data = {
        **about(row.title, row.customer, row.total_fen),
        "from": before,
        "to": step.to.value,
        "by": step.by,
    }
    batch.emit(NewEvent("service.changed", step.order_num, data))
    detail = {"from": before, "to": step.to.value}
    record(batch, Deed(step.by, "order.service_moved", step.order_num, detail))
    return None


def add_notes(batch: Batch, notes: Sequence[Note]) -> list[Exception | None]:
    return [_add_note(batch, note) for note in notes]


def _add_note(batch: Batch, note: Note) -> Exception | None:
    row = Order.get_or_none(Order.order_num == note.order_num)
    if row is None:
        return OrderNotFound()
    shown = about(row.title, row.customer, row.total_fen)
    data = {**shown, "note": mask_text(note.text), "by": note.by}
    batch.emit(NewEvent("note.added", note.order_num, data))
    record(batch, Deed(note.by, "order.noted", note.order_num))
    return None
