"""The composition root: builds every object once, wires them, starts and stops them; and the
commands. Nothing below reads a setting or makes its own collaborator."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import certifi
import redis.asyncio as aioredis
from peewee import Database
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from tornado.httputil import ParseBodyConfig, ParseMultipartConfig, set_parse_body_config
from tornado.web import Application

from commands import admin, serve
from commands.line import Root, parser, run
from handlers.base import Site
from handlers.listener import Listener
from handlers.notify import Door
from handlers.pages import AssetHandler
from handlers.routes import House, fallback, routes
from models.store import Store
from payments.errors import Busy
from payments.masking import mask_mch_id
from payments.merchant import Api, Merchants
from payments.sealing import Sealer
from services.access import Access
from services.accounts import Accounts
from services.alerts import Alerts
from services.bus import Bus
from services.certificates import Certificates
from services.checkout import Checkout
from services.clock import Clock, SystemClock
from services.events import Feed
from services.fanout import Fanout
from services.forgeries import Forgeries
from services.gateway import CurlTransport, Gateway
from services.health import Health
from services.identity import PROCESS
from services.ignored import Ignored
from services.inquiry import Inquiry
from services.intake import Intake
from services.jobs import Job, Jobs
from services.leases import Leases
from services.lock import Locks
from services.metrics import FOLDER_VARIABLE, Metrics, Sample
from services.orders import Orders
from services.pace import Paced
from services.products import Products
from services.receipts import Receipts
from services.reception import Reception
from services.reconciler import QUERIES_A_SECOND, Reconciler
from services.refunds import Refunds
from services.retention import Retention
from services.search import Search
from services.settlement import Settlement
from services.sockets import Sockets
from services.summary import Summary
from services.waiting import Waiting
from settings import SettingError, Settings

VERSION = "0.1.0"
HERE = Path(__file__).parent
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")

log = logging.getLogger("paywatch")


@dataclass
class Running:
    """What was built, and the order in which it starts and stops."""

    app: Application
    house: House
    store: Store
    bus: Bus
    jobs: Jobs
    leases: Leases
    reconciler: Reconciler
    forgeries: Forgeries
    certificates: Certificates
    transport: CurlTransport
    redis_clients: list[aioredis.Redis]
    server: Listener | None = None
    door: Door | None = None

    async def start(self, sock: socket.socket, *, shared: bool = False) -> None:
        """Serve on a listening socket, which is ours from now on; `shared` with other processes."""
        self.store.open()
        await self.bus.look()
        await self.certificates.look()
        self.jobs.start()
        self.door = Door(self.app, self.house.intake, self.house.site)
        self.server = Listener(self.door, **SERVER_LIMITS)
        self.server.shared = shared
        sock.setblocking(False)
        self.server.add_socket(sock)

    async def stop(self) -> None:
        """Take nothing new, answer what was taken, tell the dashboards, let go."""
        self.house.health.stopping = True
        self.house.waiting.release()
        self.house.sockets.end_all()
        if self.server and self.door:
            await self.server.drain(self.door.is_answering)
        await self.jobs.stop()
        await self.certificates.close()
        await self.forgeries.close()
        with contextlib.suppress(Busy):  # they end by themselves
            await self.leases.release()
        await self.store.close()
        await self.bus.deafen()
        for client in self.redis_clients:
            await client.aclose()
        self.transport.close()
        self.house.access.close()


SERVER_LIMITS: dict[str, int | bool] = {
    "xheaders": False,
    "decompress_request": False,
    "max_header_size": 16 * 1024,
    "max_body_size": 64 * 1024,
    "max_buffer_size": 256 * 1024,
    "chunk_size": 16 * 1024,
    "idle_connection_timeout": 10,
}


def build(settings: Settings, database: Database, clock: Clock | None = None) -> Running:
    """Make every object. Call on the running loop; nothing runs before `Running.start`. A test
    may pass a `clock` of its own."""
    set_parse_body_config(ParseBodyConfig(multipart=ParseMultipartConfig(enabled=False)))
    clock, merchants = clock or SystemClock(), settings.merchants
    metrics = Metrics(os.environ.get(FOLDER_VARIABLE))
    lock_redis, bus_redis = build_redis(settings.redis_url), build_redis(settings.redis_url)
    store = Store(database, clock.now_ms)
    locks, bus, waiting = Locks(lock_redis, clock), Bus(store, bus_redis), Waiting()
    fanout = Fanout(store, bus, waiting)
    store.on_commit = bus.committed
    transport = CurlTransport(settings.wechat_base_url, _certificates())
    leases, alerts = Leases(store, clock, PROCESS), Alerts(store)
    certificates = Certificates(store, leases, transport, merchants, clock, alerts)
    gateway = Gateway(transport, clock, certificates.keys_of, certificates.renew)
    sealer = Sealer(settings.notice_secrets)
    forgeries, ignored = Forgeries(store, sealer, clock), Ignored(store, sealer, clock)
    settlement = Settlement(store, locks, sealer, clock)
    intake = Intake(settlement, forgeries, ignored, certificates, merchants, clock, metrics)
    inquiry, access = Inquiry(gateway, settlement), Access(store, clock)
    orders = Orders(
        store, settlement, gateway, inquiry, merchants, clock, settings.public_origin, waiting
    )
    checkout = Checkout(
        store, locks, settlement, gateway, inquiry, merchants, clock, settings.public_origin,
        settings.notify_urls,
    )  # fmt: skip
    refunds = _refunds(settings, store, locks, settlement, gateway, clock)
    house = House(
        site=_site(settings),
        intake=intake,
        checkout=checkout,
        orders=orders,
        products=Products(store),
        access=access,
        feed=Feed(store, waiting, clock),
        fanout=fanout,
        sockets=Sockets(access, clock, metrics),
        alerts=alerts,
        search=Search(store, sealer),
        summary=Summary(store, clock),
        health=Health(store, locks, bool(settings.redis_url)),
        metrics=metrics,
        waiting=waiting,
        refunds=refunds,
        receipts=Receipts(store, refunds, merchants, settings.second_admin_fen),
        reception=Reception(store),
        accounts=Accounts(merchants),
    )
    reconciler = _reconciler(settings, store, locks, settlement, transport, certificates, clock)
    jobs = Jobs(
        [
            Job("events", bus.look, 1.0, bus.woken),
            Job("sockets", house.sockets.check, 1.0),
            Job("writer", store.supervise, 1.0),
            Job("figures", sampling(metrics, store, waiting, bus, locks), 1.0),
            Job("reconcile", reconciler.step, 2.0, leased=True),
            Job("forgeries", forgeries.flush, 1.0),
            *key_jobs(certificates, merchants),
            Job("retention", Retention(store, clock, settings.notice_days).step, 3600.0),
            *([Job("redis", bus.listen, 0.0)] if bus_redis else []),
        ],
        leases,
    )
    locks.on_trouble = redis_trouble(alerts)
    clients = [client for client in (lock_redis, bus_redis) if client]
    return Running(
        _application(house), house, store, bus, jobs, leases, reconciler, forgeries, certificates,
        transport, clients,
    )  # fmt: skip


def _reconciler(
    settings: Settings,
    store: Store,
    locks: Locks,
    settlement: Settlement,
    transport: CurlTransport,
    certificates: Certificates,
    clock: Clock,
) -> Reconciler:
    """It asks at a pace of its own, which buyers and staff do not share."""
    paced = Paced(transport, clock, QUERIES_A_SECOND)
    gateway = Gateway(paced, clock, certificates.keys_of, certificates.renew)
    refunds = _refunds(settings, store, locks, settlement, gateway, clock)
    inquiry = Inquiry(gateway, settlement)
    return Reconciler(store, settlement, gateway, inquiry, settings.merchants, clock, refunds.ask)


@contextlib.asynccontextmanager
async def reconciling(settings: Settings, database: Database) -> AsyncIterator[Reconciler]:
    """The product over this database, for one pass of its reconciler: no jobs, no server."""
    running = build(settings, database)
    running.store.open()
    try:
        yield running.reconciler
    finally:
        await running.stop()


def key_jobs(certificates: Certificates, merchants: Merchants) -> list[Job]:
    """None where no merchant has API v3."""
    if not any(merchant.api_v3_key for merchant in merchants):
        return []
    return [
        Job("keys", certificates.look, 5.0),
        Job("certificates", certificates.refresh, 5.0, leased=True),
    ]


def sampling(
    metrics: Metrics, store: Store, waiting: Waiting, bus: Bus, locks: Locks
) -> Callable[[], Awaitable[None]]:
    async def sample() -> None:
        metrics.sample(Sample(store.waiting, len(waiting), bus.head, locks.is_away))

    return sample


def _application(house: House) -> Application:
    return Application(
        routes(house),
        site=house.site,
        template_path=str(HERE / "templates"),
        static_path=str(HERE / "static"),
        static_handler_class=AssetHandler,
        websocket_max_message_size=4096,
        websocket_ping_interval=20,
        websocket_ping_timeout=15,
        compiled_template_cache=True,
        serve_traceback=False,
        **fallback(house),
    )


def redis_trouble(alerts: Alerts) -> Callable[[bool], None]:
    """One `system` case says that Redis is away; the payments do not wait for it."""
    telling: set[asyncio.Task[None]] = set()

    def tell(down: bool) -> None:
        if down:
            rule = "Redis is away; payments go on without its lock."
            task = asyncio.create_task(alerts.system("redis", rule, "away"))
            telling.add(task)
            task.add_done_callback(telling.discard)

    return tell


def _refunds(
    settings: Settings,
    store: Store,
    locks: Locks,
    settlement: Settlement,
    gateway: Gateway,
    clock: Clock,
) -> Refunds:
    """API v2 tells of a refund at an address of its own."""
    urls = settings.notify_urls
    told_at = {**urls, Api.V2: f"{urls[Api.V2]}/refund"}
    return Refunds(
        store, locks, settlement, gateway, settings.merchants, clock, told_at,
        settings.second_admin_fen,
    )  # fmt: skip


def _site(settings: Settings) -> Site:
    return Site(
        origin=settings.public_origin,
        https=settings.public_origin.startswith("https://"),
        trusted_proxies=settings.trusted_proxies,
        shop_origins=settings.shop_origins,
        simulated=settings.simulated,
        version=VERSION,
        merchant=mask_mch_id(settings.merchants.default.mch_id),
        metrics_token=settings.metrics_token,
    )


def build_redis(url: str) -> aioredis.Redis | None:
    """redis-py's own defaults wait seconds for a server that is gone; a payment cannot."""
    if not url:
        return None
    client: aioredis.Redis = aioredis.from_url(
        url,
        socket_timeout=0.3,
        socket_connect_timeout=0.3,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=15,
        max_connections=32,
    )
    return client


def _certificates() -> str | None:
    return None if SYSTEM_CERTIFICATES.exists() else certifi.where()


# --- commands ----------------------------------------------------------------------------------


def run_serve(
    settings: Settings, listen_fd: int | None = None, tether_fd: int | None = None
) -> None:
    """Serve until SIGTERM or SIGINT; see commands/serve.py."""
    serve.run_serve(settings, build, Path(__file__), VERSION, listen_fd, tether_fd)


def main() -> None:
    """`paywatch COMMAND`: exits 0, 2 on bad usage, 1 on failure with one line that says why."""
    given = parser().parse_args()
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    os.umask(0o077)  # what we write holds payments and people
    try:
        run(given, Root(run_serve, build_redis, _certificates(), reconciling))
    except KeyboardInterrupt:
        sys.exit(130)
    except (SettingError, admin.CommandError) as error:
        print(f"paywatch: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
