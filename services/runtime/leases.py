"""A leased job runs in the one process that holds its lease and renews it.

A lease proves nothing, as a lock proves nothing: the work of a leased job is safe to be done
twice.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from models import Lease
from models.store import Store
from models.transaction import Batch
from services.runtime.clock import MINUTE_MS, Clock

LONGEST_MS = 2 * MINUTE_MS
"""No lease is taken for longer. One that ends later was written by a clock that was ahead, and is
not believed."""


@dataclass(frozen=True)
class _Claim:
    name: str
    owner: str
    until: int


class Leases:
    """`owner` names this process; no other may have the same."""

    def __init__(self, store: Store, clock: Clock, owner: str) -> None:
        self._store = store
        self._clock = clock
        self._owner = owner
        self._turns = itertools.count(1)

    async def claim(self, name: str, ms: int) -> bool:
        """Take or renew the lease `name` for `ms` (up to LONGEST_MS) from now; False while another
        has it."""
        return await self._store.write(claim, _Claim(name, self._owner, self._clock.now_ms() + ms))

    async def turn(self, name: str, ms: int) -> bool:
        """True for one caller every `ms`, over all processes; nobody can renew or release it."""
        owner = f"{self._owner}.{next(self._turns)}"
        return await self._store.write(claim, _Claim(name, owner, self._clock.now_ms() + ms))

    async def release(self) -> None:
        """Give back whatever we hold, so that another need not wait for its end."""
        await self._store.write(release, self._owner)


def claim(batch: Batch, claims: Sequence[_Claim]) -> list[bool]:
    return [_claim(batch, each) for each in claims]


def _claim(batch: Batch, wanted: _Claim) -> bool:
    over = (Lease.until <= batch.now) | (Lease.until > batch.now + LONGEST_MS)
    free = (Lease.owner == wanted.owner) | over
    taken = (
        Lease.update(owner=wanted.owner, until=wanted.until)
        .where(Lease.name == wanted.name, free)
        .execute()
    )
    if taken:
        return True
    if Lease.select().where(Lease.name == wanted.name).exists():
        return False
    # Two at once: the key lets one of them through, the other's batch is run again and finds it.
    Lease.create(name=wanted.name, owner=wanted.owner, until=wanted.until)
    return True


def release(batch: Batch, owners: Sequence[str]) -> list[None]:
    Lease.delete().where(Lease.owner.in_(list(owners))).execute()
    return [None] * len(owners)
