"""The product while it runs: what starts, in which order, and how it stops without a loss."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Protocol

from assembly.complaints import ComplaintRoom
from handlers.front_door import FrontDoor
from handlers.listener import Listener
from handlers.notifies.fast_door import FastDoor
from handlers.notifies.notify import MAX_BODY
from handlers.services import Services
from models.store import Store
from payments.errors import Busy
from services.bills.bills import Bills
from services.checks.clock_watch import ClockWatch
from services.checks.http_probe import HttpProbe
from services.live.bus import Bus
from services.notify.unverified import Unverified
from services.orders.reconciler import Reconciler
from services.runtime.counters import count_by_mode
from services.runtime.jobs import Jobs
from services.runtime.leases import Leases
from services.runtime.locks import Locks
from services.settlement.outside_refunds import OutsideRefunds
from services.wechat.backup_domain import Transport
from services.wechat.platform_keys import PlatformKeyring


class Closable(Protocol):
    def aclose(self) -> Awaitable[None]: ...


@dataclass
class Running:
    """The built product, and the order in which its parts start and stop."""

    front_door: FrontDoor
    services: Services
    store: Store
    bus: Bus
    locks: Locks
    jobs: Jobs
    leases: Leases
    reconciler: Reconciler
    outside_refunds: OutsideRefunds
    bills: Bills
    complaints: ComplaintRoom
    unverified: Unverified
    platform_keys: PlatformKeyring
    transport: Transport
    probe: HttpProbe
    redis_clients: Sequence[Closable]
    clock_watch: ClockWatch
    server: Listener | None = None

    async def start(self, sock: socket.socket, *, shared: bool = False) -> None:
        """Serve on a listening socket, which is ours from now on; `shared` with other processes."""
        self.store.open()
        with contextlib.suppress(Busy):  # a later start does it
            await self.store.write(count_by_mode, None)
        await self.bus.look()
        await self.platform_keys.look()
        self.jobs.start()
        self.server = Listener(self.front_door, **SERVER_LIMITS)
        self.server.shared = shared
        self.server.fast_door = FastDoor(self.front_door.notifies, self.server.hand_on, IDLE_S)
        sock.setblocking(False)
        self.server.add_socket(sock)

    async def stop(self) -> None:
        """Take nothing new, answer what was taken, tell the dashboards, let go."""
        self.services.health.stopping = True
        self.services.waiters.release()
        self.services.dashboards.end_all()
        if self.server:
            await self.server.drain(self.front_door.is_answering)
        await self.jobs.stop()
        await self.platform_keys.close()
        await self.unverified.close()
        with contextlib.suppress(Busy):  # they end by themselves
            await self.leases.release()
        await self.store.close()
        await self.bus.close()
        await self.locks.close()
        for client in self.redis_clients:
            await client.aclose()
        self.transport.close()
        self.complaints.close()
        self.probe.close()
        self.services.passwords.close()


IDLE_S = 10
SERVER_LIMITS: dict[str, int | bool] = {
    "xheaders": False,
    "decompress_request": False,
    "max_header_size": 16 * 1024,
    "max_body_size": MAX_BODY,
    "max_buffer_size": 256 * 1024,
    "chunk_size": 16 * 1024,
    "idle_connection_timeout": IDLE_S,
}
