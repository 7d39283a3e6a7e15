"""What a new shop has to do before it can rely on its payments: each step is done by what is there,
not by a click."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models import Counter, Order, Product, User
from models.base import rows
from models.store import Store
from models.transaction import Batch
from models.user import Role
from services.runtime.counters import TOLD_COUNT

BACKUPS = "backups"
"""A running figure: how often `paywatch backup` was done."""
STEPS = ("account", "product", "order", "notify", "person", "channel", "backup")


class FirstSteps:
    """`has_account` and `has_channel`: what the settings have."""

    def __init__(self, store: Store, *, has_account: bool, has_channel: bool) -> None:
        self._store = store
        self._settings = {"account": has_account, "channel": has_channel}

    async def all(self) -> list[dict[str, Any]]:
        """`name` and `done`, in the order in which they are best taken. Raises Busy."""
        done = self._settings | await self._store.read(_read_done)
        return [{"name": name, "done": done[name]} for name in STEPS]


def count_backups(batch: Batch, made: Sequence[int]) -> list[None]:
    """So many backups were made."""
    batch.add(BACKUPS, 0, sum(made))
    return [None] * len(made)


def _read_done() -> dict[str, bool]:
    backups = Counter.select(Counter.value).where(Counter.at == 0, Counter.name == BACKUPS)
    people = User.select().where(~User.disabled, User.role != Role.VIEWER.value).count()
    return {
        "product": _any(Product.select(Product.id).where(Product.active)),
        "order": _any(Order.select(Order.id)),
        "notify": _any(Counter.select(Counter.value).where(Counter.name == TOLD_COUNT)),
        "person": people > 1,
        "backup": _any(backups),
    }


def _any(query: Any) -> bool:
    return bool(rows(query.limit(1)))
