"""The products and their prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models import Product
from models.base import locked
from models.store import Store
from models.transaction import Batch
from payments.errors import BadRequest, PaymentError, ProductNotFound
from services.runtime.audit_log import Deed, record
from services.runtime.clock import rfc3339

MAX_PRODUCTS = 1000


@dataclass(frozen=True)
class ProductChange:
    """A product to make or change; None leaves a value as it is. `must_exist` for a change,
    `must_be_new` for a creation; neither: whichever it is."""

    id: str
    title: str | None = None
    price_fen: int | None = None
    active: bool | None = None
    must_exist: bool = False
    must_be_new: bool = False
    by: str | None = None
    """The user who does it; the audit log then tells what was before and after."""
    seen: str | None = None
    """`updatedAt` as the caller saw it, so that a change by another person is not overwritten."""


class ProductConflict(PaymentError):
    code = "conflict"
    message = "Somebody else has changed this product; the answer has its present state."


class ProductTaken(PaymentError):
    code = "product_exists"
    message = "This product id is taken."


class Products:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def all(self) -> list[dict[str, Any]]:
        return await self._store.read(read_products)

    async def save(self, change: ProductChange) -> dict[str, Any]:
        """Raises ProductNotFound, ProductTaken, ProductConflict (as it is in `detail`), BadRequest
        (a new one without title or price), Busy."""
        return await self._store.write(save_products, change)


def read_products() -> list[dict[str, Any]]:
    rows = Product.select().order_by(Product.id).limit(MAX_PRODUCTS)
    return [_public(row) for row in rows]


def save_products(
    batch: Batch, changes: Sequence[ProductChange]
) -> list[dict[str, Any] | Exception]:
    deeds: list[Deed] = []
    results = [_save(batch, change, deeds) for change in changes]
    record(batch, *deeds)
    return results


def _save(batch: Batch, change: ProductChange, deeds: list[Deed]) -> dict[str, Any] | Exception:
    product = locked(Product.select().where(Product.id == change.id)).first()
    if product is None:
        if change.must_exist:
            return ProductNotFound("There is no product with this id.")
        if change.title is None or change.price_fen is None:
            return BadRequest("A new product needs a title and a price.")
        product = Product(id=change.id, active=True, created_at=batch.now)
    elif change.must_be_new:
        return ProductTaken()
    elif change.seen not in (None, rfc3339(product.updated_at)):
        return ProductConflict(product=_public(product))
    is_new = product.updated_at is None
    before = {} if is_new else _values(product)
    for name in ("title", "price_fen", "active"):
        value = getattr(change, name)
        if value is not None:
            setattr(product, name, value)
    # Two changes within one millisecond are told apart too.
    product.updated_at = batch.now if is_new else max(batch.now, product.updated_at + 1)
    product.save(force_insert=is_new)
    if change.by and before != _values(product):
        action = "product.created" if is_new else "product.changed"
        deeds.append(
            Deed(change.by, action, product.id, {"before": before, "after": _values(product)})
        )
    return _public(product)


def _values(row: Product) -> dict[str, Any]:
    return {"title": row.title, "priceFen": row.price_fen, "active": row.active}


def _public(row: Product) -> dict[str, Any]:
    return {"id": row.id, **_values(row), "updatedAt": rfc3339(row.updated_at)}
