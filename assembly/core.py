"""The objects that most services need: store, locks, bus, clock, keys and the client of WeChat."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from peewee import Database

from assembly.network import build_redis, ca_certs
from models.store import Store
from payments.causes import Cause
from payments.encryption import Sealer
from payments.merchant import Merchants
from services.alerts.recovery import REDIS
from services.alerts.triage import Alerts
from services.auth.passwords import Passwords
from services.live.bus import Bus
from services.live.waiters import Waiters
from services.runtime.clock import Clock
from services.runtime.counters import SIMULATED
from services.runtime.ids import PROCESS
from services.runtime.leases import Leases
from services.runtime.locks import Locks
from services.runtime.metrics import FOLDER_VARIABLE, Metrics
from services.settlement.settlement import Settlement
from services.wechat.backup_domain import Transport, transport_to
from services.wechat.client import WeChatClient
from services.wechat.platform_keys import PlatformKeyring
from settings import Settings

if TYPE_CHECKING:
    import redis.asyncio as aioredis


@dataclass
class Core:
    """The objects that most services need."""

    settings: Settings
    clock: Clock
    metrics: Metrics
    store: Store
    locks: Locks
    bus: Bus
    waiters: Waiters
    alerts: Alerts
    sealer: Sealer
    leases: Leases
    transport: Transport
    platform_keys: PlatformKeyring
    wechat: WeChatClient
    settlement: Settlement
    passwords: Passwords
    redis_clients: list[aioredis.Redis]

    @property
    def merchants(self) -> Merchants:
        return self.settings.merchants


def build_core(settings: Settings, database: Database, clock: Clock, passwords: Passwords) -> Core:
    lock_redis, bus_redis = build_redis(settings.redis_url), build_redis(settings.redis_url)
    store = Store(database, clock.now_ms, SIMULATED if settings.simulated else "")
    bus = Bus(store, bus_redis)
    store.on_commit = bus.committed
    locks, sealer = Locks(lock_redis, clock), Sealer(settings.notice_secrets)
    transport = transport_to(settings.wechat_base_url, ca_certs(), clock)
    leases, alerts = Leases(store, clock, PROCESS), Alerts(store)
    platform_keys = PlatformKeyring(store, leases, transport, settings.merchants, clock, alerts)
    locks.on_trouble = redis_trouble(alerts)
    locks.can_wait, store.on_batch = lambda: store.waiting > 0, locks.wait_no_more
    return Core(
        settings=settings,
        clock=clock,
        metrics=Metrics(os.environ.get(FOLDER_VARIABLE)),
        store=store,
        locks=locks,
        bus=bus,
        waiters=Waiters(),
        alerts=alerts,
        sealer=sealer,
        leases=leases,
        transport=transport,
        platform_keys=platform_keys,
        wechat=WeChatClient(transport, clock, platform_keys.keys_of, platform_keys.renew),
        settlement=Settlement(store, locks, sealer, clock),
        passwords=passwords,
        redis_clients=[client for client in (lock_redis, bus_redis) if client],
    )


def redis_trouble(alerts: Alerts) -> Callable[[bool], None]:
    """One `system` case says that Redis is away, and then that it is back; the payments do not wait
    for it."""
    telling: set[asyncio.Task[None]] = set()

    def tell(down: bool) -> None:
        told = alerts.system("redis", Cause.REDIS_AWAY, "away") if down else alerts.recovered(REDIS)
        task = asyncio.create_task(told)
        telling.add(task)
        task.add_done_callback(telling.discard)

    return tell
