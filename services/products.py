"""What is sold, and for how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models import Product
from models.store import Store
from models.stream import Batch
from payments.errors import BadRequest, ProductNotFound

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


class Products:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def all(self) -> list[dict[str, Any]]:
        return await self._store.read(read_products)

    async def save(self, change: ProductChange) -> dict[str, Any]:
        """Raises ProductNotFound, BadRequest (the id is taken), Busy."""
        return await self._store.write(save_products, change)


def read_products() -> list[dict[str, Any]]:
    rows = Product.select().order_by(Product.id).limit(MAX_PRODUCTS)
    return [_public(row) for row in rows]


def save_products(
    batch: Batch, changes: Sequence[ProductChange]
) -> list[dict[str, Any] | Exception]:
    return [_save(batch, change) for change in changes]


def _save(batch: Batch, change: ProductChange) -> dict[str, Any] | Exception:
    product = Product.get_or_none(Product.id == change.id)
    if product is None:
        if change.must_exist:
            return ProductNotFound("There is no product with this id.")
        if change.title is None or change.price_fen is None:
            return BadRequest("A new product needs a title and a price.")
        product = Product(id=change.id, active=True, created_at=batch.now)
    elif change.must_be_new:
        return BadRequest("This product id is taken.")
    is_new = product.updated_at is None
    for name in ("title", "price_fen", "active"):
        value = getattr(change, name)
        if value is not None:
            setattr(product, name, value)
    product.updated_at = batch.now
    product.save(force_insert=is_new)
    return _public(product)


def _public(row: Product) -> dict[str, Any]:
    return {"id": row.id, "title": row.title, "priceFen": row.price_fen, "active": row.active}
